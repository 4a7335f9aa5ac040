"""What a sweep depends on: every path at which a change could make it come out otherwise."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from envmgr.detect.places import Places, expand, variables_of
from envmgr.host.watch import existing
from envmgr.model.definition import Detector

_VARIABLES = (
    *("PATH", "LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "HOME", "MODULEPATH"),
    "ENVMGR_PREFIX_ROOT",  # no sweep looks below it
)
_SYSTEM = ("/", "/usr", "/usr/local", "/etc/ld.so.conf.d")


@dataclass(frozen=True, slots=True)
class Witness:
    """Paths and variables; while none has changed, the sweep would come out the same."""

    paths: frozenset[str]
    variables: Mapping[str, str | None]


def witness_of(
    detectors: Sequence[Detector],
    patterns: Sequence[str],
    places: Places,
    judged: Iterable[str],
    environ: Mapping[str, str],
) -> Witness | None:
    """What a sweep of *places* depends on; None when not all of it can be named.

    *patterns* made the places, *judged* are the files that were looked at. Headers, markers and
    packages lie below directories that no sweep lists, and module trees are read file by file.
    """
    if environ.get("MODULEPATH") or any(map(looks_elsewhere, detectors)):
        return None
    patterns = [*patterns, *(pattern for d in detectors for pattern in d.find.dirs)]
    names = {*_VARIABLES, *(name for pattern in patterns for name in variables_of(pattern))}
    paths = _paths(patterns, places, judged, environ)
    return Witness(frozenset(paths), {name: environ.get(name) for name in sorted(names)})


def looks_elsewhere(detector: Detector) -> bool:
    """Whether it asks for more than names in directories of programs and libraries."""
    find = detector.find
    return any((find.header, find.pkgconfig, find.cmake, find.python, find.marker))


def _paths(
    patterns: Iterable[str], places: Places, judged: Iterable[str], environ: Mapping[str, str]
) -> set[str]:
    """Directories that were listed, those where others would appear, and files."""
    directories = (*places.bins, *places.libs)
    paths = {*_SYSTEM, *places.shims, *judged}
    paths.update(path for d in directories for path in (d.path, d.prefix))
    paths.update(path for pattern in patterns for path in _along(pattern, environ))
    return paths | {existing(path) for path in paths}


def _along(pattern: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Every directory whose listing decides what *pattern* names, from the last to the first."""
    while True:
        yield from expand(pattern, environ)
        above = os.path.dirname(pattern)
        if above in ("", pattern):
            return
        pattern = above
