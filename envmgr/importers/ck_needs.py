"""What a CK program depends on: compilers and libraries as queries, run-time libraries as files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from envmgr.importers.ck_meta import CkEntry, Table, valid_tags
from envmgr.importers.ck_rtl import Library
from envmgr.importers.reading import Note, UntranslatableError

IsKnown = Callable[[str], bool]
"""Whether some detector or recipe may answer a query."""

_LANGUAGES = {
    "lang-c-cuda": "lang-cuda",
    "lang-c++": "lang-cpp",
    **dict.fromkeys(("lang-f77", "lang-f90", "lang-f95"), "lang-fortran"),
}
"""Languages that CK calls otherwise."""
_LINKED = {"lib,opencl": "-lOpenCL"}
"""What the linker is told for a library. CK has it in the environment of the installed library."""


@dataclass(frozen=True, slots=True)
class Needs:
    """The dependencies of a program in our words."""

    queries: dict[str, str] = field(default_factory=dict)
    """Role to query."""
    libraries: tuple[Library, ...] = ()
    """What is compiled along."""
    libs: tuple[str, ...] = ()
    """Options for the linker."""
    notes: tuple[Note, ...] = ()


def needs_of(entry: CkEntry, libraries: Sequence[Library], is_known: IsKnown) -> Needs:
    """What the program needs. Raises UntranslatableError for something that cannot be had here."""
    queries: dict[str, str] = {}
    files: list[Library] = []
    libs: list[str] = []
    notes: list[Note] = []
    for name, dependency in _dependencies(entry):
        tags = dependency.text("tags")
        library = _library(tags, libraries)
        if library:
            files += [] if library in files else [library]
            continue
        queries[_role(name, queries)] = query = _query(name, tags, is_known)
        if query in _LINKED:
            libs.append(_LINKED[query])
        elif not query.startswith("compiler"):
            notes.append(entry.note(name, "CK's options for the linker are not known"))
    return Needs(queries, tuple(files), tuple(libs), tuple(notes))


def _dependencies(entry: CkEntry) -> Iterable[tuple[str, Table]]:
    """Those of building and of running; what both name is one."""
    meta = entry.meta
    return {**meta.tables("compile_deps"), **meta.tables("run_deps")}.items()


def _library(tags: str, libraries: Sequence[Library]) -> Library | None:
    """The run-time library that has all *tags*."""
    wanted = set(tags.split(","))
    return next((one for one in libraries if "lib" in wanted and wanted <= one.tags), None)


def _query(name: str, tags: str, is_known: IsKnown) -> str:
    wanted = valid_tags(tuple(_LANGUAGES.get(tag, tag) for tag in tags.split(",")))
    query = ",".join(wanted)
    if not query or not is_known(query):
        hint = ""
        if "rtl" in wanted:
            hint = "; name the collection that has its package as well, as ck-autotuning has"
        raise UntranslatableError(f"it needs {name} ({tags}), which nothing here is{hint}")
    return query


def _role(name: str, taken: Iterable[str]) -> str:
    """*name* as a role that is not taken yet."""
    role = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    role = role if re.match("[a-z]", role) else f"need_{role}".strip("_")
    while role in taken or role in ("source", "build", "jobs", "exe", "file", "dataset"):
        role += "_"
    return role
