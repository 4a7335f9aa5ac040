"""The order of Fortran files: one that uses a module is compiled after the one that defines it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from envmgr.errors import ProgramError

_FIXED = (".f", ".for", ".ftn", ".f77")
"""Suffixes, in lower case, of the form in which a letter in the first column is a comment."""
_DEFINES = re.compile(r"module\s+(?!procedure\b|function\b|subroutine\b)(\w+)$")
_PART = re.compile(r"submodule\s*\(\s*(\w+)(?:\s*:\s*(\w+))?\s*\)\s*(\w+)$")
_USES = re.compile(r"use\b(?:\s*,\s*non_intrinsic)?\s*(?:::)?\s*(\w+)\s*(?:,|$)")


@dataclass(frozen=True, slots=True)
class _Modules:
    defined: frozenset[str]
    used: frozenset[str]


def waves(texts: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The files of *texts* (path to content) in groups: each needs only groups before it.

    Raises ProgramError when files need each other in a circle.
    """
    files = {path: _modules(path, text) for path, text in texts.items()}
    where = {name: path for path, modules in files.items() for name in modules.defined}
    sorter = TopologicalSorter(
        {
            path: {where[name] for name in modules.used if name in where} - {path}
            for path, modules in files.items()
        }
    )
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " → ".join(dict.fromkeys(error.args[1]))
        raise ProgramError(
            f"Fortran files use each other's modules in a circle: {circle}"
        ) from error
    return list(_groups(sorter))


def _groups(sorter: TopologicalSorter[str]) -> Iterator[tuple[str, ...]]:
    while sorter.is_active():
        ready = sorter.get_ready()
        yield tuple(sorted(ready))
        sorter.done(*ready)


def _modules(path: str, text: str) -> _Modules:
    defined: set[str] = set()
    used: set[str] = set()
    for statement in _statements(path, text):
        if found := _DEFINES.match(statement):
            defined.add(found[1])
        elif found := _PART.match(statement):
            ancestor, parent, name = found.groups()
            used.add(f"{ancestor}:{parent}" if parent else ancestor)
            defined.add(f"{ancestor}:{name}")
        elif found := _USES.match(statement):
            used.add(found[1])
    return _Modules(frozenset(defined), frozenset(used))


def _statements(path: str, text: str) -> Iterator[str]:
    """The statements of a file in lower case, without comments, each in one piece."""
    text = text.lower()
    if path.lower().endswith(_FIXED):
        text = re.sub(r"(?m)^[c*d].*$", "", text)
        text = re.sub(r"\n {5}[^ 0\n]", "", text)  # a sign in the sixth column goes on
    text = re.sub(r"![^\n]*", "", text)
    text = re.sub(r"&[ \t]*\n\s*&?", "", text)
    return (statement.strip() for statement in re.split(r"[;\n]", text))
