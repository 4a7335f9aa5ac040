"""Pictures: what is drawn of measurements, before it is known with what.

Every value is in the picture; the median and its interval are drawn over them, never instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING

from envmgr.errors import UsageError
from envmgr.experiment.pairing import Side
from envmgr.experiment.samples import chosen, full_key, labels, natural, rest, sample_of
from envmgr.experiment.statistics import Interval, interval, outliers

if TYPE_CHECKING:
    from envmgr.model.measurement import Measurement, Point

STRIPS, SERIES, SCALING = "strips", "series", "scaling"
KINDS = (STRIPS, SERIES, SCALING)
"""The distribution of each point; its values over the rounds, as parts of their median, so that
what drifts together is seen to; the figure over a numeric parameter."""
_LOG_FROM = 4.0
"""Parameters that differ by this factor stand on logarithmic axes."""


@dataclass(frozen=True)
class Curve:
    """What belongs together: places across and the values there, in order."""

    name: str
    across: tuple[float, ...]
    values: tuple[float, ...]

    @cached_property
    def median(self) -> Interval:
        """The median of all its values."""
        return interval(self.values)

    @cached_property
    def outliers(self) -> tuple[int, ...]:
        """Positions of values that lie far off."""
        return outliers(self.values)

    @cached_property
    def medians(self) -> dict[float, Interval]:
        """The median at each place across, from left to right."""
        groups: dict[float, list[float]] = {}
        for place, value in zip(self.across, self.values, strict=True):
            groups.setdefault(place, []).append(value)
        return {place: interval(groups[place]) for place in sorted(groups)}


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn."""

    kind: str
    figure: str
    unit: str
    across: str
    """What stands across; empty for strips."""
    curves: tuple[Curve, ...]
    failed: int = 0
    """Measurements that are no results, and so not in it."""

    @property
    def is_logarithmic(self) -> bool:
        """Whether both axes are, as is best for what grows by factors."""
        places = [place for curve in self.curves for place in curve.across]
        values = [value for curve in self.curves for value in curve.values]
        return (
            self.kind == SCALING
            and min(*places, *values, 1.0) > 0
            and max(places) >= _LOG_FROM * min(places)
        )


def picture(
    these: Sequence[Side], kind: str, figure: str, unit: str, *, by: str = "", over: str = ""
) -> Picture:
    """The *figure* of points, each from one experiment.

    With *by*, points that differ in this choice alone stand together. A scaling goes *over* a
    choice that is a number. Raises UsageError for one that is not, for a figure that is missing
    and when there is no result at all.
    """
    last = full_key(by) if by else ""
    these = sorted(these, key=lambda side: natural(side.point, last))
    curves = _scaling(these, figure, over) if kind == SCALING else _plain(these, figure)
    kept = tuple(curve for curve in curves if curve.values)
    if not kept:
        raise UsageError("there is no result that could be drawn")
    failed = sum(not one.is_result for side in these for one in side.measurements)
    if kind == SERIES:
        return Picture(kind, f"{figure} / median", "", "round", _levelled(kept), failed)
    return Picture(kind, figure, unit, full_key(over) if over else "", kept, failed)


def runs_of(measurements: Iterable[Measurement]) -> list[Side]:
    """*measurements* by point and experiment, in the order in which these first come."""
    groups: dict[tuple[str, str], list[Measurement]] = {}
    for one in measurements:
        groups.setdefault((one.experiment, one.point.id), []).append(one)
    return [Side(group[0].point, tuple(group)) for group in groups.values()]


def _plain(these: Sequence[Side], figure: str) -> list[Curve]:
    names = labels(list({side.point.id: side.point for side in these}.values()))
    several = len({side.point.id for side in these}) < len(these)
    curves = []
    for side in these:
        name = names[side.point.id] + (f" in {side.experiments}" if several else "")
        runs = sample_of(name, side.measurements, figure).runs
        across = tuple(float(run.number) for run in runs)
        curves.append(Curve(name, across, _finite(tuple(run.value for run in runs), figure)))
    return curves


def _levelled(curves: Iterable[Curve]) -> tuple[Curve, ...]:
    """*curves* over their own medians, where these are not 0."""
    return tuple(
        Curve(one.name, one.across, tuple(value / (one.median.middle or 1) for value in one.values))
        for one in curves
    )


def _scaling(these: Sequence[Side], figure: str, over: str) -> list[Curve]:
    if not over:
        raise UsageError("a scaling goes over a numeric parameter", hint="name it: --over size")
    key = full_key(over)
    groups: dict[object, list[Side]] = {}
    for side in these:
        groups.setdefault(rest(side.point, key), []).append(side)
    names = labels([group[0].point for group in groups.values()], besides=key)
    return [_scaled(names[group[0].point.id], group, figure, key) for group in groups.values()]


def _scaled(name: str, group: Sequence[Side], figure: str, key: str) -> Curve:
    dots: list[tuple[float, float]] = []
    for side in group:
        place = _number(side.point, key)
        dots += [(place, value) for value in sample_of(name, side.measurements, figure).values]
    dots.sort(key=lambda dot: dot[0])
    return Curve(name, tuple(x for x, _ in dots), _finite(tuple(y for _, y in dots), figure))


def _number(point: Point, key: str) -> float:
    text = chosen(point).get(key, "")
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if not isfinite(found):
        raise UsageError(f"{point.name}: {key} is no number: {text!r}")
    return found


def _finite(values: tuple[float, ...], figure: str) -> tuple[float, ...]:
    if not all(map(isfinite, values)):
        raise UsageError(f"{figure} has values that are no finite numbers")
    return values
