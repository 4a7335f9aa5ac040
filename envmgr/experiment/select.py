"""Which measurements are meant: by program, choices, verdict, time, and ids.

params.size=64                            a parameter; `size=64` alone means one too
flags=-O3                                 among the flags; several words must all be
needs.compiler=compiler.gcc@>=12          a query for what fills a role
data.image!=dataset.image-small           anything else; so for every part
target=local
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from envmgr.errors import UsageError
from envmgr.model.measurement import VERDICTS, Point
from envmgr.model.query import Query
from envmgr.model.version import Version

_PARTS = ("params", "needs", "data")
_WHERE = re.compile(r"(?P<key>[^=!]+)(?P<operator>!?=)(?P<value>.*)", re.DOTALL)
_HINT = "--where size=64, flags=-O3, needs.compiler=compiler.gcc@>=12, data.image!=…, target=local"
_ID = re.compile(r"[0-9a-f]{1,64}")


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold of a point, or must not."""

    part: str
    """`params`, `flags`, `needs`, `data` or `target`."""
    key: str
    """The parameter or the role; empty means any of them, and for flags and the target nothing."""
    value: str
    negated: bool = False

    def holds(self, point: Point) -> bool:
        """Whether it holds of *point*."""
        return self._is_so(point) is not self.negated

    def _is_so(self, point: Point) -> bool:
        if self.part == "target":
            return point.target == self.value
        if self.part == "flags":
            return set(self.value.split()) <= set(point.flags)
        if self.part == "params":
            return point.params.get(self.key) == self.value
        things = point.needs if self.part == "needs" else point.data
        roles = [self.key] if self.key else list(things)
        return any(role in things and is_meant(self.value, things[role]) for role in roles)


@lru_cache(maxsize=4096)  # many points have the same things
def is_meant(query: str, thing: str) -> bool:
    """Whether *query* means *thing*, `compiler.gcc@12.2.0`: its tags are its name and the pieces
    of that. Raises UsageError for what is no query.
    """
    name, _, version = thing.lower().partition("@")
    return Query.parse(query).misfit((name, *name.split(".")), Version(version)) is None


def condition(text: str) -> Condition:
    """Read `key=value` or `key!=value`. Raises UsageError."""
    found = _WHERE.fullmatch(text)
    if not found:
        raise UsageError(f"not a condition: {text!r}", hint=_HINT)
    part, _, key = found["key"].strip().partition(".")
    if part not in (*_PARTS, "flags", "target"):
        part, key = "params", found["key"].strip()
    if bool(key) is not (part in _PARTS):
        raise UsageError(f"not a condition: {text!r} names no {_noun(part)}", hint=_HINT)
    return _checked(Condition(part, key, found["value"].strip(), found["operator"] == "!="))


def _noun(part: str) -> str:
    return {"params": "parameter", "needs": "role", "data": "role"}.get(part, "part of a point")


def _checked(made: Condition) -> Condition:
    if made.part in ("needs", "data"):
        Query.parse(made.value)
    return made


@dataclass(frozen=True, slots=True)
class Filter:
    """What must hold of a measurement; everything that is empty holds of all."""

    program: str = ""
    command: str = ""
    experiment: str = ""
    """The id of an experiment, or its first digits."""
    point: str = ""
    """The same of a point."""
    measurement: str = ""
    """The same of a measurement."""
    verdicts: tuple[str, ...] = ()
    since: float | None = None
    """Seconds since 1970, UTC: not before it."""
    until: float | None = None
    """Before it."""
    where: tuple[Condition, ...] = ()

    def fits(self, point: Point) -> bool:
        """Whether the conditions hold of *point*."""
        return all(one.holds(point) for one in self.where)


EVERYTHING = Filter()


def parsed(
    *,
    program: str = "",
    experiment: str = "",
    point: str = "",
    verdicts: Iterable[str] = (),
    since: str = "",
    until: str = "",
    where: Iterable[str] = (),
    compiler: str = "",
    data: str = "",
    target: str = "",
    now: float,
) -> Filter:
    """A filter as people say it; *program* may be `NAME:COMMAND`. Raises UsageError."""
    name, _, command = program.partition(":")
    conditions = [condition(text) for text in where]
    if compiler:
        conditions.append(_checked(Condition("needs", "compiler", compiler)))
    if data:
        conditions.append(_checked(Condition("data", "", data)))
    if target:
        conditions.append(Condition("target", "", target))
    return Filter(
        name,
        command,
        _digits(experiment),
        _digits(point),
        verdicts=tuple(map(_verdict, verdicts)),
        since=_moment(since, now) if since else None,
        until=_moment(until, now, is_end=True) if until else None,
        where=tuple(conditions),
    )


def _digits(text: str) -> str:
    if text and not _ID.fullmatch(text):
        raise UsageError(f"not an id: {text!r}", hint="`envmgr experiment list` shows them")
    return text


def _verdict(text: str) -> str:
    if text not in VERDICTS:
        raise UsageError(f"not a verdict: {text!r}", hint=f"one of {', '.join(VERDICTS)}")
    return text


# -- times -----------------------------------------------------------------------------------

_AGO = re.compile(r"(?P<number>\d{1,6})(?P<unit>[smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def _moment(text: str, now: float, *, is_end: bool = False) -> float:
    """Seconds since 1970: `2026-11-22`, `2026-11-22T10:30`, or `7d` before *now*.

    Without a zone it is the time of this machine; a day at the end is all of that day.
    """
    from datetime import datetime, timedelta

    if ago := _AGO.fullmatch(text):
        return now - int(ago["number"]) * _SECONDS[ago["unit"]]
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
        day = timedelta(days=1 if is_end and len(text) == len("2026-11-22") else 0)
        return (at + day).timestamp()
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"not a time: {text!r}", hint="2026-11-22, 2026-11-22T10:30, or 7d (w, d, h, m, s) ago"
        ) from error
