"""`envmgr remove`."""

from __future__ import annotations

from envmgr.api import recorded
from envmgr.cli.output import entries_json, print_json, say, tell
from envmgr.cli.parser import Arguments, Parser, queries_of, workspace_of
from envmgr.cli.show_ import selected
from envmgr.errors import UsageError


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "remove",
            "Forget entries. The prefix of an installed one is deleted; nothing else is.",
            ("envmgr remove tool.cmake@3.31", "envmgr remove 3f2a91c0", "envmgr remove --detected"),
        )
        .queries("what to remove, by id or by query")
        .add("--detected", action="store_true", help="forget everything that was detected")
        .json()
    )


def run(arguments: Arguments) -> int:
    """Remove what fits; exit status 1 when nothing does."""
    workspace = workspace_of(arguments)
    queries = queries_of(arguments)
    if not queries and not arguments.detected:
        raise UsageError("say what to remove: an id, a query or --detected")
    chosen = selected(workspace, queries)
    if arguments.detected:
        chosen += [e for e in workspace.store.all() if e.origin.kind == "detected"]
    removed = recorded.remove(workspace, dict.fromkeys(entry.id for entry in chosen))
    if arguments.json:
        print_json(entries=entries_json(removed))
    else:
        for entry in removed:
            tell(f"removed {entry} ({entry.path})")
    if not removed:
        say("nothing recorded fits", style="warn")
    return 0 if removed else 1
