"""`envmgr import ck`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from envmgr.api.importing_ck import ImportedCollection, import_ck
from envmgr.cli.output import entries_json, print_json, print_table, say
from envmgr.cli.parser import Arguments, workspace_of
from envmgr.cli.repo_ import repository_json
from envmgr.errors import UsageError
from envmgr.importers.ck_draft import Draft
from envmgr.importers.reading import Note


def run(arguments: Arguments, incomplete: int) -> int:
    """Import collections; the exit status is *incomplete* where `--strict` asks for it."""
    directories = arguments.sources[1:]
    if not directories:
        raise UsageError(
            "import ck: which directories?", hint="envmgr import ck ctuning-programs ck-autotuning"
        )
    result = import_ck(
        workspace_of(arguments),
        directories,
        to=arguments.to,
        name=arguments.name,
        dry_run=arguments.dry_run,
    )
    if arguments.json:
        _print_json(result)
    else:
        _print_text(result)
    if result.is_empty:
        return 1
    return incomplete if arguments.strict and result.collection.left else 0


def _print_json(result: ImportedCollection) -> None:
    collection = result.collection
    print_json(
        repository=repository_json(result.repository) if result.repository else None,
        programs=[_draft_json(draft) for draft in collection.programs],
        datasets=[_draft_json(draft) for draft in collection.datasets],
        entries=entries_json(result.entries),
        left=[asdict(note) for note in collection.left],
        lost=[asdict(note) for note in collection.lost],
    )


def _draft_json(draft: Draft) -> dict[str, Any]:
    return {
        "name": draft.name,
        "commands": list(draft.commands),
        "where": draft.where,
    }


def _print_text(result: ImportedCollection) -> None:
    collection = result.collection
    drafts = (*collection.programs, *collection.datasets)
    rows = [(one.name, ", ".join(one.commands), one.where) for one in drafts]
    if rows:
        print_table(("NAME", "COMMANDS", "FROM"), rows)
    counts = f"{_count(collection.programs, 'program')}, {_count(collection.datasets, 'data set')}"
    one = result.repository
    say(f"{counts}, in the repository {one.name} at {one.root}" if one else counts)
    for what, notes, style in (
        ("note", collection.lost, "note"),
        ("not taken over", collection.left, "warn"),
    ):
        _say_notes(what, notes, style)


def _count(drafts: tuple[Draft, ...], what: str) -> str:
    return f"{len(drafts)} {what}" + ("" if len(drafts) == 1 else "s")


def _say_notes(what: str, notes: Iterable[Note], style: str) -> None:
    for note in notes:
        say(f"{what}: {note}", style=style)
