"""Whether anything became, changed or went at some paths: one `lstat` a path and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

_COARSE_NS = 3_000_000_000
_FINE_NS = 200_000_000
"""A change within one tick of the file system's clock need not show; see `store.snapshot`."""


def look(paths: Iterable[str]) -> dict[str, list[int] | None]:
    """What each path looks like now; None where nothing is."""
    return {path: _sight(path) for path in paths}


def unchanged(seen: Mapping[str, list[int] | None]) -> bool:
    """Whether every path still looks as it did."""
    return all(_sight(path) == sight for path, sight in seen.items())


def settled(seen: Mapping[str, list[int] | None], since_ns: int) -> bool:
    """Whether a change after *since_ns* must show at every path: none changed just before it."""
    for sight in filter(None, seen.values()):
        tick = _FINE_NS if sight[0] % 1_000_000_000 else _COARSE_NS
        if max(sight[:2]) > since_ns - tick:
            return False
    return True


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
