"""`envmgr show`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from envmgr.api import recorded
from envmgr.api.workspace import Workspace
from envmgr.cli.output import entries_json, print_entries, print_json, say, tell
from envmgr.cli.parser import Arguments, Parser, queries_of, workspace_of
from envmgr.errors import UsageError
from envmgr.model.entry import Entry
from envmgr.model.query import is_tag

_FEW = 3
"""Files that cannot be read are named one by one up to this number."""
_ID = re.compile(r"[0-9a-f]{4,16}")


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "show",
            "List recorded entries. One that changed on the disk is judged again first.",
            (
                "envmgr show",
                "envmgr show --tags=compiler,lang-c",
                "envmgr show 'compiler.gcc@>=12' --json",
                "envmgr show 3f2a91c0",
            ),
        )
        .queries("a query, or the id of an entry (its first digits are enough)")
        .json()
    )


def run(arguments: Arguments) -> int:
    """Print what fits; exit status 1 when something was asked for and nothing fits."""
    workspace = workspace_of(arguments)
    queries = queries_of(arguments)
    entries = selected(workspace, queries) if queries else list(recorded.entries(workspace))
    _say_damaged(workspace)
    if arguments.json:
        print_json(entries=entries_json(entries))
    elif len(entries) == 1 and queries:
        _print_one(entries[0])
    else:
        print_entries(entries)
    return 0 if entries or not queries else 1


def _say_damaged(workspace: Workspace) -> None:
    damaged = workspace.store.listing().damaged
    for damage in damaged[:_FEW]:
        say(f"cannot read {damage.path}: {damage.why}", style="warn")
    if len(damaged) > _FEW:
        say(f"nor {len(damaged) - _FEW} more files beside it", style="warn")


def selected(workspace: Workspace, queries: Sequence[str]) -> list[Entry]:
    """The entries that any of *queries* means, by id or by tags, each once."""
    found: dict[str, Entry] = {}
    for query in queries:
        for entry in by_id(workspace, query) or recorded.find(workspace, query):
            found[entry.id] = entry
    return list(found.values())


def by_id(workspace: Workspace, text: str) -> tuple[Entry, ...]:
    """The entry that *text* names by its id; empty when it is no id, or might be a tag."""
    if not _ID.fullmatch(text):
        return ()
    recorded.entries(workspace)  # what changed is judged again before anything is said about it
    try:
        return (workspace.store.get(text),)
    except UsageError:
        if is_tag(text) and recorded.find(workspace, text):
            return ()
        raise


def _print_one(entry: Entry) -> None:
    tell(f"{entry.name} {entry.version}")
    rows = [
        ("id", entry.id),
        ("path", entry.path),
        ("prefix", entry.prefix),
        ("tags", " ".join(entry.tags)),
        ("origin", " ".join(filter(None, (entry.origin.kind, entry.origin.recipe)))),
        ("needs", " ".join(entry.needs)),
    ]
    rows += [(name, value) for name, value in entry.delta.put.items()]
    rows += [(f"{name}+", ":".join(paths)) for name, paths in entry.delta.prepend.items()]
    for name, value in rows:
        if value:
            tell(f"  {name:<16}{value}")
