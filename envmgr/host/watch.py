"""Whether anything became, changed or went at some paths: one `lstat` a path and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

_COARSE_NS = 3_000_000_000
"""Longer than the coarsest tick of a file system, the two seconds of FAT."""
_FINE_NS = 200_000_000
"""Longer than any tick of a file system that shows parts of a second."""


def look(paths: Iterable[str]) -> dict[str, list[int] | None]:
    """What each path looks like now; None where nothing is."""
    return {path: _sight(path) for path in paths}


def unchanged(seen: Mapping[str, list[int] | None]) -> bool:
    """Whether every path still looks as it did."""
    return all(_sight(path) == sight for path, sight in seen.items())


def settled(seen: Mapping[str, list[int] | None], since_ns: int) -> bool:
    """Whether a change after *since_ns* must show at every path: none changed just before it."""
    there = filter(None, seen.values())
    return all(max(sight[:2]) + tick(sight[0]) <= since_ns for sight in there)


def tick(mtime_ns: int) -> int:
    """Nanoseconds after a change at *mtime_ns* in which another one need not show."""
    return _FINE_NS if mtime_ns % 1_000_000_000 else _COARSE_NS


def existing(path: str) -> str:
    """*path*, or the nearest directory above it that is there: where it would come to be."""
    while not os.path.exists(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    return path


def _sight(path: str) -> list[int] | None:
    try:
        seen = os.lstat(path)
    except OSError:
        return None
    return [seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino, seen.st_size]
