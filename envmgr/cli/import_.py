"""`envmgr import`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from envmgr.api.importing import (
    Imported,
    import_modules,
    import_packages,
    project_file_for,
    read_wishes,
    write_wishes,
)
from envmgr.api.workspace import Workspace
from envmgr.cli.add_ import wish_json, wish_text
from envmgr.cli.asked import here
from envmgr.cli.output import entries_json, print_entries, print_json, print_table, say
from envmgr.cli.parser import Arguments, Parser, workspace_of
from envmgr.errors import UsageError
from envmgr.importers.kinds import KINDS, MODULE, kind_of
from envmgr.model.filenames import DEFAULT

if TYPE_CHECKING:
    from envmgr.importers.modules import Loaded
    from envmgr.importers.reading import Note
    from envmgr.project.edit import Edit

CK = "ck"
"""The first source, when those that follow are directories of CK collections."""
_INCOMPLETE = 5
"""Exit status with `--strict` when something was not taken over, as `envmgr export` has it."""


def parser() -> Parser:
    """Its arguments."""
    return (
        Parser(
            "import",
            "Take over what other tools were told. What a file of conda, pip or a Python project"
            " asks for becomes wishes of envmgr.toml, which is made where there is none. Externals"
            " of Spack and modules are looked for on this machine, and recorded. Programs and data"
            " sets of CK become a repository of definitions. What could not be taken over is said"
            " with its reason.",
            (
                "envmgr import environment.yml",
                "envmgr import requirements.txt --feature test --dry-run",
                "envmgr import pyproject.toml",
                "envmgr import ~/.spack/packages.yaml --strict",
                "envmgr import module:gcc/12 module:openmpi/4.1",
                "envmgr import ck ~/ctuning-programs ~/ctuning-datasets-min ~/ck-autotuning",
            ),
        )
        .add("sources", nargs="+", metavar="FILE|module:NAME|ck DIR",
             help="a file; modules, which are loaded in this order; or directories of CK")
        .add("--from", dest="kind", choices=KINDS, metavar="KIND",
             help=f"what it is, where its name does not say so: {', '.join(KINDS)}")
        .add("--feature", metavar="FEATURE", default=DEFAULT,
             help="the feature of the project that wants what the file asks for")
        .add("--project", metavar="PATH", help="the project file or its directory")
        .add("--to", metavar="DIR",
             help="where the repository made of CK's definitions goes, instead of the store")
        .add("--name", metavar="NAME", help="what to call that repository")
        .add("--dry-run", action="store_true", help="change nothing; say what would be done")
        .add("--strict", action="store_true",
             help=f"exit with status {_INCOMPLETE} when something was not taken over")
        .json()
    )  # fmt: skip


def run(arguments: Arguments) -> int:
    """Import, and say what was taken over and what was not."""
    if arguments.sources[0] == CK and not arguments.kind:
        from envmgr.cli.import_ck import run as run_ck

        return run_ck(arguments, _INCOMPLETE)
    if arguments.to or arguments.name:
        raise UsageError("--to and --name are for repositories", hint="envmgr import ck DIR")
    kind, sources = _kind(arguments.sources, arguments.kind)
    workspace = workspace_of(arguments)
    record = not arguments.dry_run
    edits: tuple[Edit, ...] = ()
    file = None
    if kind == "module":
        result = import_modules(workspace, sources, record=record)
    elif kind == "spack":
        result = import_packages(workspace, sources[0], record=record)
    else:
        result = read_wishes(workspace, sources[0], kind, arguments.feature)
        file, edits = _write(workspace, result, arguments)
    if arguments.json:
        _print_json(result, edits, file)
    else:
        _print_text(result, edits, file, kind)
    if result.is_empty:
        return 1
    return _INCOMPLETE if arguments.strict and result.left else 0


def _kind(sources: Sequence[str], said: str | None) -> tuple[str, list[str]]:
    """The kind of the sources and what is to be read: one file, or names of modules."""
    kinds = {kind_of(source, said) for source in sources}
    if len(kinds) > 1 or (len(sources) > 1 and kinds != {"module"}):
        raise UsageError(
            "several sources are only read together when they are modules",
            hint="import one file after the other",
        )
    return kinds.pop(), [source.removeprefix(MODULE) for source in sources]


def _write(
    workspace: Workspace, result: Imported, arguments: Arguments
) -> tuple[str | None, tuple[Edit, ...]]:
    if not result.taken:
        return None, ()
    file = project_file_for(workspace, here(), arguments.project)
    return file, write_wishes(file, result.taken, dry_run=arguments.dry_run)


def _print_json(result: Imported, edits: Iterable[Edit], file: str | None) -> None:
    wishes = [
        {**wish_json(one.wish), "feature": one.feature, "where": one.where, "what": one.what}
        for one in result.taken
    ]
    print_json(
        file=file,
        wishes=wishes,
        replaced=[
            {"old": wish_json(old), "new": wish_json(new)}
            for edit in edits
            for old, new in edit.replaced
        ],
        entries=entries_json(result.entries),
        modules=[_module_json(module) for module in result.modules],
        left=[asdict(note) for note in result.left],
        lost=[asdict(note) for note in result.lost],
    )


def _module_json(module: Loaded) -> dict[str, Any]:
    return {
        "name": module.name,
        "loaded": list(module.brought),
        "env": dict(module.put),
        "prepend": {name: list(paths) for name, paths in module.lists.items()},
        "unset": list(module.unset),
    }


def _print_text(result: Imported, edits: Iterable[Edit], file: str | None, kind: str) -> None:
    if result.taken:
        rows = [(one.feature, wish_text(one.wish), one.what, one.where) for one in result.taken]
        print_table(("FEATURE", "WISH", "SAID AS", "WHERE"), rows)
        say(f"{len(rows)} {'wish' if len(rows) == 1 else 'wishes'}, in {file}")
    if result.entries:
        print_entries(result.entries)
    for edit in edits:
        for old, new in edit.replaced:
            say(f"replaced {wish_text(old)} by {wish_text(new)}", style="note")
    _say_notes("note", result.lost, "note")
    _say_notes("not taken over", result.left, "warn")
    if not (result.taken or result.entries or result.left):
        say(f"there is nothing of {kind} to take over", style="warn")


def _say_notes(what: str, notes: Iterable[Note], style: str) -> None:
    for note in notes:
        say(f"{what}: {note}", style=style)
