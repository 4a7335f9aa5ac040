"""Ways: from one start into an environment and out again, said in full before anyone goes.

A shell can follow a way by itself. It compares the variables that would change with those that
the way was made for, and assigns the values that `state.enter` and `state.leave` found.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from envmgr.activate.state import IDS, PROJECT, RESTORE, enter, is_hooked, is_name, leave
from envmgr.model.delta import Change, Delta, Environ

TYPE_CHECKING = False  # `typing` costs a third of a bare start
if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True, slots=True)
class Aim:
    """An environment as the hook opens it: all that entering it takes but for the start."""

    directory: str
    """The project's."""
    delta: Delta
    label: str
    ids: tuple[str, ...]

    def entered(self, environ: Environ) -> Change:
        """The step from *environ* into it. Raises EnvmgrError for what cannot be set."""
        return enter(environ, self.delta, self.label, self.ids, os.pathsep, project=self.directory)


@dataclass(frozen=True, slots=True)
class Way:
    """From one start in and out."""

    start: Mapping[str, str | None] = field(default_factory=dict)
    """What every variable that changes must be for the way to be right; None for unset."""
    into: Change = field(default_factory=Change)
    back: Change = field(default_factory=Change)

    @property
    def inside(self) -> dict[str, str]:
        """What tells that this is the way that was taken in."""
        return {name: self.into.values[name] for name in (IDS, RESTORE) if name in self.into.values}


NOWHERE = Way({PROJECT: None})
"""Of a directory that opens nothing: right wherever the hook has opened nothing."""


def way_to(aim: Aim, environ: Environ) -> Way:
    """The way from *environ*, in which the hook has nothing open, to *aim*."""
    return way_of(environ, aim.entered(environ))


def way_of(environ: Environ, into: Change) -> Way:
    """The way that begins in *environ* with *into*, a step that enters an environment."""
    names = dict.fromkeys((*into.values, *into.unset, PROJECT))
    start = {name: environ.get(name) for name in names}
    return Way(start, into, leave(into.applied_to(environ)))


def outside(environ: Environ) -> dict[str, str]:
    """*environ* without the environment that the hook opened. Raises StateError."""
    return leave(environ).applied_to(environ) if is_hooked(environ) else dict(environ)


def difference(before: Environ, after: Environ) -> Change:
    """The shortest change that makes *after* of *before*."""
    values = {name: value for name, value in after.items() if before.get(name) != value}
    return Change(values, tuple(name for name in before if name not in after))


def to_form(way: Way) -> dict[str, Any]:
    """As JSON."""
    return {
        "start": dict(way.start),
        "into": [dict(way.into.values), list(way.into.unset)],
        "back": [dict(way.back.values), list(way.back.unset)],
    }


def from_form(form: Mapping[str, Any]) -> Way:
    """The way that `to_form` gave. Raises KeyError, TypeError or ValueError for anything else."""
    way = Way(dict(form["start"]), _change(*form["into"]), _change(*form["back"]))
    changed = [way.into.values, way.back.values]
    names = [*way.start, *way.into.unset, *way.back.unset, *(n for each in changed for n in each)]
    if not all(map(is_name, names)):
        raise ValueError("not names of variables")
    return way


def _change(values: Mapping[str, str], unset: list[str]) -> Change:
    return Change(dict(values), tuple(unset))
