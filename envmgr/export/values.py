"""Which values of an environment a format can hold."""

from __future__ import annotations

from collections.abc import Callable

from envmgr.export.material import LeftOut
from envmgr.model.delta import Delta

Obstacle = Callable[[str], "str | None"]
"""Why a format cannot hold a value, or None when it can."""


def not_one_line(value: str) -> str | None:
    """What is in the way where a value is text on one line."""
    if "\n" in value or "\r" in value:
        return "it has a line break"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "it is not UTF-8"
    return None


def held(delta: Delta, obstacle: Obstacle) -> tuple[Delta, tuple[LeftOut, ...]]:
    """As much of *delta* as has no *obstacle*, and the rest with its reason."""
    left: list[LeftOut] = []

    def passes(name: str, value: str) -> bool:
        why = obstacle(value)
        if why:
            left.append(LeftOut(f"{name}={value!a}", why))
        return why is None

    put = {name: value for name, value in delta.put.items() if passes(name, value)}
    prepend = {
        name: tuple(path for path in paths if passes(name, path))
        for name, paths in delta.prepend.items()
    }
    kept = {name: paths for name, paths in prepend.items() if paths}
    return Delta(put, kept), tuple(left)


def settled(delta: Delta) -> Delta:
    """*delta* with a path list put whole where its variable is put too: one change a variable."""
    whole = {name: value for name, value in delta.apply({}).items() if name in delta.put}
    lists = {name: paths for name, paths in delta.prepend.items() if name not in whole}
    return Delta(whole, lists)
