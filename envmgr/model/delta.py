"""Deltas: the change an entry makes to an environment. They add up; shells only print them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Environ = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Delta:
    """Variables to put, and directories to prepend to path lists, first one foremost."""

    put: Mapping[str, str] = field(default_factory=dict)
    prepend: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __add__(self, other: Delta) -> Delta:
        """This delta, then *other*: its puts win, its directories come first."""
        lists = dict(self.prepend)
        for name, paths in other.prepend.items():
            lists[name] = tuple(dict.fromkeys(paths + lists.get(name, ())))
        return Delta({**self.put, **other.put}, lists)

    def __bool__(self) -> bool:
        return bool(self.put or self.prepend)

    def names(self) -> tuple[str, ...]:
        """Every variable this delta touches, in a stable order."""
        return tuple(sorted({*self.put, *self.prepend}))

    def apply(self, environ: Environ, separator: str = ":") -> dict[str, str]:
        """The values of the touched variables, given the *environ* they start from.

        A directory that is already in a list moves to the front rather than standing twice,
        and no list ever gets an empty element, which would mean the current directory.
        """
        values = dict(self.put)
        for name, paths in self.prepend.items():
            paths = tuple(filter(None, paths))
            if not paths:
                continue
            before = self.put.get(name, environ.get(name, ""))
            rest = [part for part in before.split(separator) if part and part not in paths]
            values[name] = separator.join([*paths, *rest])
        return values


def combined(deltas: Iterable[Delta]) -> Delta:
    """The sum of *deltas* in order."""
    total = Delta()
    for delta in deltas:
        total += delta
    return total


@dataclass(frozen=True, slots=True)
class Change:
    """One step from an environment to another: final values, and names to unset."""

    values: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()

    def applied_to(self, environ: Environ) -> dict[str, str]:
        """*environ* after the change."""
        result = {name: value for name, value in environ.items() if name not in self.unset}
        result.update(self.values)
        return result
