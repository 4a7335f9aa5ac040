"""What a filter says, as conditions in SQL. Values always go apart from the text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from envmgr.experiment.database import Database
from envmgr.experiment.rows import clean
from envmgr.experiment.select import Filter

Condition = tuple[str, list[Any]]
"""A text with `?`, and the values."""
_ABOVE_HEX = "g"


def all_of(parts: Iterable[Condition]) -> Condition:
    """That all of *parts* hold."""
    kept = [part for part in parts if part[0]]
    text = " AND ".join(part[0] for part in kept) or "1 = 1"
    return text, [value for part in kept for value in part[1]]


def begins(column: str, prefix: str) -> Condition:
    """That an id begins with *prefix*, hexadecimal digits; so that an index serves."""
    if not prefix:
        return "", []
    return f"{column} >= ? AND {column} < ?", [prefix, prefix + _ABOVE_HEX]


def of_series(which: Filter) -> Condition:
    """What must hold of a series `s`, its experiment `e` and its point `p`."""
    return all_of(
        (
            begins("e.id", which.experiment),
            begins("p.id", which.point),
            ("p.program = ?" if which.program else "", [clean(which.program)]),
            ("p.command = ?" if which.command else "", [clean(which.command)]),
        )
    )


def of_measurements(database: Database, which: Filter, series: Sequence[int]) -> Condition:
    """What must hold of a measurement in one of *series*, the keys of those that are meant."""
    marks = ", ".join("?" * len(which.verdicts))
    return all_of(
        (
            _in_series(database, which, series),
            begins("id", which.measurement),
            (f"verdict IN ({marks})" if marks else "", list(which.verdicts)),
            ("started >= ?" if which.since is not None else "", [which.since]),
            ("started < ?" if which.until is not None else "", [which.until]),
        )
    )


def _in_series(database: Database, which: Filter, series: Sequence[int]) -> Condition:
    if not chooses_series(which):
        return "", []
    text, value = database.one_of("series", series)
    return text, [value]


def chooses_series(which: Filter) -> bool:
    """Whether only some series are meant."""
    parts = (which.program, which.command, which.experiment, which.point, which.where)
    return any(parts)


def chooses_measurements(which: Filter) -> bool:
    """Whether only some measurements of a series are meant."""
    times = which.since is not None or which.until is not None
    return bool(which.measurement or which.verdicts) or times
