"""`envmgr refresh`."""

from __future__ import annotations

from envmgr.api import recorded
from envmgr.api.detect import detect
from envmgr.api.recorded import rejudge
from envmgr.cli.output import entries_json, print_json, tell
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.cli.progress import counting


def parser() -> Parser:
    """Its arguments."""
    return Parser(
        "refresh",
        "Judge everything recorded again: what is gone is forgotten, what changed is updated,"
        " and new versions of what is known are found.",
        ("envmgr refresh", "envmgr refresh --json"),
    ).json()


def run(arguments: Arguments) -> int:
    """Refresh and say what changed."""
    workspace = workspace_of(arguments)
    before = {entry.id: entry for entry in workspace.store.all()}
    rejudge(workspace, [e for e in before.values() if e.origin.kind == "installed"])
    names = sorted({e.name for e in before.values() if e.origin.kind == "detected"})
    known = [name for name in names if name in workspace.catalogue.known_tags()]
    if known:
        with counting("looking", "candidates") as progress:
            detect(workspace, known, progress=progress)
    after = {entry.id: entry for entry in recorded.entries(workspace)}
    gone = [before[id] for id in before.keys() - after.keys()]
    new = [after[id] for id in after.keys() - before.keys()]
    if arguments.json:
        print_json(
            entries=entries_json(after.values()),
            removed=entries_json(gone),
            added=entries_json(new),
        )
        return 0
    for entry in gone:
        tell(f"- {entry} ({entry.path})")
    for entry in new:
        tell(f"+ {entry} ({entry.path})")
    print(f"{len(after)} entries, {len(new)} new, {len(gone)} gone")
    return 0
