"""Rows of the tables and the values that they are made from and give."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envmgr.errors import UsageError
from envmgr.model.measurement import Measurement, Point

COLUMNS = "number, started, verdict, why, figures, outputs, empty, conditions"
"""What `measurement_row` gives and `measurement` takes."""
POINT_COLUMNS = "program, command, params, flags, needs, data, target"
_PREFERRED = ("cpu", "wall")
"""Which figure is looked at when none is named; then the first by name."""


@dataclass(frozen=True, slots=True)
class Series:
    """The measurements of one point in one experiment, with one context and the same inputs."""

    experiment: str
    """The id of the experiment."""
    point_id: str
    point: Point
    context: str
    inputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one figure in those measurements of a series that came to one verdict."""

    series: Series
    verdict: str
    count: int
    """How many measurements there are, with the figure or without."""
    figures: Mapping[str, Sequence[float]]
    """The figure by its name. There are several where none was asked for and they have not the
    same, and none where the verdict is no result.
    """


def dumped(value: Any) -> str:
    """*value* in JSON, always the same text. Raises UsageError for what JSON cannot say."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UsageError(f"this cannot be recorded: {error}") from error


def clean(text: str) -> str:
    """*text* with what no database takes escaped: names of files may be no text at all."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", r"\x00")


def measurement_row(one: Measurement) -> tuple[Any, ...]:
    """The columns of *one* that are its own."""
    return (
        one.number,
        one.started,
        one.verdict,
        clean(one.why),
        dumped(dict(one.figures)),
        dumped(dict(one.outputs)),
        dumped(list(one.empty)),
        dumped(dict(one.conditions)),
    )


def measurement(id_: str, series: Series, row: Sequence[Any]) -> Measurement:
    """The measurement that a row of *series* says."""
    number, started, verdict, why, figures, outputs, empty, conditions = row
    return Measurement(
        id_,
        series.experiment,
        series.point,
        number,
        started,
        verdict,
        why,
        json.loads(figures),
        series.inputs,
        json.loads(outputs),
        tuple(json.loads(empty)),
        json.loads(conditions),
        series.context,
    )


def point_row(point: Point) -> tuple[Any, ...]:
    """The columns of a point."""
    return (
        _checked(point.program),
        _checked(point.command),
        dumped(dict(point.params)),
        dumped(list(point.flags)),
        dumped(dict(point.needs)),
        dumped(dict(point.data)),
        _checked(point.target),
    )


def _checked(text: str) -> str:
    """*text*, which is part of what a point is and must not become another."""
    if clean(text) != text:
        raise UsageError(f"this cannot be recorded: {text!r} is no text")
    return text


def point_of(row: Sequence[Any]) -> Point:
    """The point that a row says."""
    program, command, params, flags, needs, data, target = row
    return Point(
        program,
        command,
        json.loads(params),
        tuple(json.loads(flags)),
        json.loads(needs),
        json.loads(data),
        target,
    )


def values_of(series: Series, verdict: str, figure: str, rows: Sequence[tuple[Any, ...]]) -> Values:
    """What *rows* come to: the figure `cpu`, and all figures in JSON where that does not do."""
    indexed = [row[0] for row in rows if row[0] is not None] if figure in ("", "cpu") else []
    found: dict[str, list[float]] = {"cpu": indexed} if indexed else {}
    for _, figures in rows:
        if figures is not None:
            name, value = _chosen(figure, json.loads(figures))
            if value is not None:
                found.setdefault(name, []).append(value)
    return Values(series, verdict, len(rows), found)


def _chosen(figure: str, figures: Mapping[str, float]) -> tuple[str, float | None]:
    """The figure that is meant, by its name and value."""
    if figure:
        return figure, figures.get(figure)
    name = next((one for one in (*_PREFERRED, *sorted(figures)) if one in figures), "")
    return name, figures.get(name)
