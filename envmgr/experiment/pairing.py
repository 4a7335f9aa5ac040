"""Pairing: which points of a selection are compared with which others.

Two points are compared where they agree in everything but what the comparison is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from envmgr.errors import UsageError
from envmgr.experiment.samples import Sample, chosen, full_key, labels, natural, rest, sample_of

if TYPE_CHECKING:
    from envmgr.model.measurement import Measurement, Point

_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Side:
    """One point of a comparison, with its measurements."""

    point: Point
    measurements: tuple[Measurement, ...]

    @property
    def experiments(self) -> str:
        """The ids of the experiments that they are from."""
        return " ".join(sorted({one.experiment for one in self.measurements}))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two points that are compared."""

    base: Side
    other: Side


def sides(measurements: Iterable[Measurement]) -> list[Side]:
    """*measurements* by their points, in the order in which these first come."""
    groups: dict[str, list[Measurement]] = {}
    for one in measurements:
        groups.setdefault(one.point.id, []).append(one)
    return [Side(group[0].point, tuple(group)) for group in groups.values()]


def against(bases: Sequence[Side], others: Sequence[Side]) -> list[Pair]:
    """Each of *bases* with the one of *others* that agrees in all but what sets the two apart.

    What sets them apart is chosen in one way for all of the one and in another for all of the
    other. Raises UsageError when nothing agrees, or when both are the same measurements.
    """
    apart = _setting_apart(bases, others)
    partners = {_agreement(side.point, apart): side for side in others}
    pairs = [
        Pair(base, partners[_agreement(base.point, apart)])
        for base in bases
        if _agreement(base.point, apart) in partners
    ]
    if not pairs:
        raise UsageError(
            "no point of the one agrees with a point of the other in all but one thing",
            hint="narrow both down with --where, or compare within one with --by",
        )
    if any(pair.base.measurements == pair.other.measurements for pair in pairs):
        raise UsageError("both are the same measurements", hint="say two of them, or one with --by")
    return pairs


def _setting_apart(bases: Sequence[Side], others: Sequence[Side]) -> set[str]:
    one, two = _settled(bases), _settled(others)
    return {key for key in {*one, *two} if one.get(key, {""}) != two.get(key, {""})
            and len(one.get(key, {""})) == len(two.get(key, {""})) == 1}  # fmt: skip


def _settled(these: Sequence[Side]) -> dict[str, set[str]]:
    """Each key to all that is chosen for it."""
    flats = [chosen(side.point) for side in these]
    keys = {key for flat in flats for key in flat}
    return {key: {flat.get(key, "") for flat in flats} for key in keys}


def _agreement(point: Point, apart: set[str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, value) for key, value in chosen(point).items() if key not in apart))


# -- within one selection --------------------------------------------------------------------


def by(these: Sequence[Side], key: str, is_base: Callable[[str], bool] | None = None) -> list[Pair]:
    """Among points that differ in *key* alone, the base with each other.

    The base is the one for whose value *is_base* holds, or without it the least in its natural
    order, as also of several. Raises UsageError when no two points differ in the key alone, or
    when no base is there.
    """
    key = full_key(key)
    groups: dict[object, list[Side]] = {}
    for side in sorted(these, key=lambda side: natural(side.point, key)):
        groups.setdefault(rest(side.point, key), []).append(side)
    pairs = [pair for group in groups.values() for pair in _with_base(group, key, is_base)]
    if not pairs:
        values = sorted({chosen(side.point).get(key, "") for side in these})
        raise UsageError(
            f"no two points differ in {key} alone, one of them the base",
            hint=f"what is chosen for it: {', '.join(values[:_MOST_NAMED])}",
        )
    return pairs


def _with_base(
    group: Sequence[Side], key: str, is_base: Callable[[str], bool] | None
) -> list[Pair]:
    if is_base is None:
        base = group[0]
    else:
        fitting = [side for side in group if is_base(chosen(side.point).get(key, ""))]
        if not fitting:
            return []
        base = fitting[0]
    return [Pair(base, side) for side in group if side is not base]


def differing(these: Sequence[Side]) -> list[str]:
    """The keys for which not all points have the same."""
    return [key for key, values in sorted(_settled(these).items()) if len(values) > 1]


# -- as samples ------------------------------------------------------------------------------


def samples(pairs: Sequence[Pair], figure: str) -> list[tuple[Sample, Sample]]:
    """The *figure* of each pair, named by what differs between them all.

    Raises UsageError when a result lacks it.
    """
    points = {side.point.id: side.point for pair in pairs for side in (pair.base, pair.other)}
    names = labels(list(points.values()))

    def sample(side: Side, is_alone: bool) -> Sample:
        name = names[side.point.id]
        full = name if is_alone else f"{name} in {side.experiments}"
        return sample_of(full, side.measurements, figure)

    return [
        (sample(pair.base, is_alone), sample(pair.other, is_alone))
        for pair in pairs
        for is_alone in [pair.base.point.id != pair.other.point.id]
    ]
