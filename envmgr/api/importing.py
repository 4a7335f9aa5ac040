"""Importing: what other tools have said of a machine or of a project, said in envmgr's words.

What a project wants becomes wishes of the project file. What is said to be on the machine is
looked for there: only a detector makes an entry, so its word counts and not the file's.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from envmgr.api.workspace import Workspace
from envmgr.errors import EnvmgrError
from envmgr.importers.modules import Loaded, load
from envmgr.importers.reading import Note, Reading, Taken, merged
from envmgr.model.entry import Entry
from envmgr.model.filenames import DEFAULT, FILE
from envmgr.model.project import Wish
from envmgr.model.version import Version

if TYPE_CHECKING:
    from envmgr.importers.spack import External, Packages
    from envmgr.project.edit import Edit

_INTERPRETER = "compiler.python"
_UNKNOWN = "envmgr has no detector for it; `envmgr search` looks for words"
_UNRECOGNISED = "no detector recognises it; docs/catalogue.md says how one is written"
_UNSET = "the module sets it and no entry does; envmgr.toml has [variables]"


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of one import."""

    taken: tuple[Taken, ...] = ()
    """Wishes, for the project."""
    entries: tuple[Entry, ...] = ()
    """What is on the machine."""
    modules: tuple[Loaded, ...] = ()
    left: tuple[Note, ...] = ()
    """Things that were not taken over."""
    lost: tuple[Note, ...] = ()
    """Details that were not, and what does not apply to this machine."""

    @property
    def is_empty(self) -> bool:
        """Whether there was something to take over and none of it was."""
        return bool(self.left) and not self.taken and not self.entries


# -- what a project wants --------------------------------------------------------------------


def read_wishes(workspace: Workspace, path: str, kind: str, feature: str = DEFAULT) -> Imported:
    """The wishes that a file of *kind* (`conda`, `requirements`, `pyproject`) comes to.

    *feature* is given what the file asks for in any case. Raises UsageError for a file that
    cannot be read.
    """
    reading = merged(_in_feature(_read(workspace, path, kind), feature))
    return Imported(taken=reading.taken, left=reading.left, lost=reading.lost)


def _read(workspace: Workspace, path: str, kind: str) -> Reading:
    names = workspace.catalogue.names
    if kind == "conda":
        from envmgr.importers.conda import read_environment

        return read_environment(path, names.of_conda, names.of_pypi)
    if kind == "pyproject":
        from envmgr.importers.pyproject import read_pyproject

        return read_pyproject(path, names.of_pypi, _INTERPRETER)
    from envmgr.importers.requirements import read_requirements

    return read_requirements(path, names.of_pypi)


def _in_feature(reading: Reading, feature: str) -> Reading:
    main = Reading(tuple(one for one in reading.taken if one.feature == DEFAULT))
    rest = tuple(one for one in reading.taken if one.feature != DEFAULT)
    return main.of_feature(feature) + Reading(rest, reading.left, reading.lost)


def write_wishes(file: str, taken: Iterable[Taken], *, dry_run: bool = False) -> tuple[Edit, ...]:
    """Write wishes into the project file at *file*, which is made where it is not there.

    Every edit is decided before the first is made. Raises ProjectError and UsageError, and leaves
    the file as it was.
    """
    from envmgr.api.project import add_wishes, init_project

    features: dict[str, list[Wish]] = {}
    for one in taken:
        features.setdefault(one.feature, []).append(one.wish)
    edits = _decided(file, features)
    if dry_run:
        return edits
    if not os.path.lexists(file):
        init_project(os.path.dirname(file))
    return tuple(
        add_wishes(file, [*edit.added, *(new for _, new in edit.replaced)], feature)
        for feature, edit in zip(features, edits, strict=True)
    )


def _decided(file: str, features: Mapping[str, Sequence[Wish]]) -> tuple[Edit, ...]:
    from envmgr.project.edit import with_wishes
    from envmgr.project.new import new_text
    from envmgr.project.read import parsed, text_of
    from envmgr.project.schema import default_name

    text = text_of(file) if os.path.lexists(file) else new_text(default_name(file), ())
    edits = []
    for feature, wishes in features.items():
        project = parsed(file, text)
        known = project.features.get(feature)
        news = [one for one in wishes if not _wanted(one, known.wishes if known else ())]
        edits.append(with_wishes(project, text, news, feature))
        text = edits[-1].text
    return tuple(edits)


def _wanted(wish: Wish, known: Iterable[Wish]) -> bool:
    """Whether *wish* asks for any version of what is wanted already: it must not widen that."""
    return not wish.query.versions and any(
        one.query.wanted == wish.query.wanted and one.platforms in ((), wish.platforms)
        for one in known
    )


def project_file_for(workspace: Workspace, directory: str, named: str | None = None) -> str:
    """The project file that holds in *directory*, or the one to be made there."""
    from envmgr.api.project import project_file

    found = project_file(workspace.environ, directory, named)
    return found or os.path.join(os.path.abspath(directory), FILE)


# -- what is on the machine ------------------------------------------------------------------


def import_packages(workspace: Workspace, path: str, *, record: bool = True) -> Imported:
    """The externals of Spack's `packages.yaml` at *path*, as our detectors see them.

    Raises UsageError for a file that cannot be read.
    """
    from envmgr.importers.spack import read_packages

    packages: Packages = read_packages(path)
    parts = [Imported(left=packages.left, lost=packages.lost)]
    parts += [_external(workspace, one, record=record) for one in packages.externals]
    return _total(parts)


def _external(workspace: Workspace, external: External, *, record: bool) -> Imported:
    name = workspace.catalogue.names.of_spack(external.spec.package)
    if name is None:
        return _left(external, _UNKNOWN)
    try:
        paths, loaded = _paths(workspace, external)
        found, refusals = _look(workspace, paths, [name], record=record)
    except EnvmgrError as error:
        return _left(external, error.message)
    entries = _meant(external, found)
    if not entries:
        return _left(external, f"{name} does not find it{refusals}")
    return Imported(entries=entries, modules=loaded, lost=_differences(external, entries))


def _paths(workspace: Workspace, external: External) -> tuple[tuple[str, ...], tuple[Loaded, ...]]:
    """Where the external is, and the modules that say so where no prefix does."""
    if external.prefix:
        if not os.path.isdir(external.prefix):
            raise EnvmgrError(f"{external.prefix} is not there")
        programs = filter(os.path.isfile, external.programs)
        return tuple(dict.fromkeys((*programs, external.prefix))), ()
    loaded = load(external.modules, workspace.environ)
    return _prefixes(loaded), loaded


def _meant(external: External, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Those of *entries* that the external is about: its programs, else its version, else all."""
    programs = set(map(os.path.realpath, external.programs))
    named = [entry for entry in entries if os.path.realpath(entry.path) in programs]
    return tuple(named or [e for e in entries if _fits(external, e)] or entries)


def _fits(external: External, entry: Entry) -> bool:
    version = external.spec.version
    return not version or entry.order.starts_with(Version(version))


def _differences(external: External, entries: Iterable[Entry]) -> tuple[Note, ...]:
    others = [f"{entry} ({entry.path})" for entry in entries if not _fits(external, entry)]
    why = f"what is there is {', '.join(others)}"
    return (Note(external.where, external.what, why),) if others else ()


def _left(external: External, why: str) -> Imported:
    return Imported(left=(Note(external.where, external.what, why),))


def import_modules(workspace: Workspace, names: Sequence[str], *, record: bool = True) -> Imported:
    """Load modules one after the other, and look for what each of them is about.

    Raises UsageError for what is no name of a module, HostError for one that cannot be loaded.
    """
    loaded = load(names, workspace.environ)
    return _total(_module(workspace, one, record=record) for one in loaded)


def _module(workspace: Workspace, loaded: Loaded, *, record: bool) -> Imported:
    prefixes = _prefixes((loaded,))
    entries, _ = _look(workspace, prefixes, (), record=record) if prefixes else ((), "")
    if not entries:
        said = "; ".join(_said(loaded, ())) or "sets nothing"
        unknown = Note(f"module:{loaded.name}", said, _UNRECOGNISED)
        return Imported(modules=(loaded,), left=(unknown,))
    lost = (Note(f"module:{loaded.name}", said, _UNSET) for said in _said(loaded, entries))
    return Imported(entries=entries, modules=(loaded,), lost=tuple(lost))


def _said(loaded: Loaded, entries: Iterable[Entry]) -> Iterator[str]:
    """What a module changes and none of *entries* does."""
    deltas = [entry.delta for entry in entries]
    for name, value in loaded.put.items():
        if all(delta.put.get(name) != value for delta in deltas):
            yield f"{name}={value}"
    for name, paths in loaded.lists.items():
        there = {os.path.realpath(p) for delta in deltas for p in delta.prepend.get(name, ())}
        if more := [path for path in paths if os.path.realpath(path) not in there]:
            yield f"{name} gets {os.pathsep.join(more)}"


def _prefixes(loaded: Iterable[Loaded]) -> tuple[str, ...]:
    """The prefixes of the directories that modules name, but for what is the system's own."""
    from envmgr.detect.places import prefix_of, system_directories

    system = {*system_directories(), os.sep}
    found: dict[str, None] = {}
    for directory in (path for one in loaded for path in one.directories()):
        path = os.path.normpath(directory)
        if path not in system:
            prefix = prefix_of(path)
            found[path if prefix in system else prefix] = None
    return tuple(found)


def _look(
    workspace: Workspace, paths: Sequence[str], names: Sequence[str], *, record: bool
) -> tuple[tuple[Entry, ...], str]:
    """What is at *paths* (of *names*, where there are any), and why what was tried is not it."""
    from envmgr.api.detect import detect

    if not paths:
        raise EnvmgrError("its modules name no directory that is there")
    result = detect(workspace, names, paths=paths, record=record)
    found = tuple(entry for entry in result.entries if not names or entry.name in names)
    reasons = "; ".join(f"{r.path}: {r.why}" for r in result.refusals[:3])
    return found, f" ({reasons})" if reasons else ""


def _total(parts: Iterable[Imported]) -> Imported:
    parts = tuple(parts)
    return Imported(
        entries=tuple({e.id: e for part in parts for e in part.entries}.values()),
        modules=tuple(module for part in parts for module in part.modules),
        left=tuple(note for part in parts for note in part.left),
        lost=tuple(note for part in parts for note in part.lost),
    )
