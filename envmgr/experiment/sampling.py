"""How often what is measured, and in which order: rounds until the medians are known well enough.

Each round measures every point once, in an order of chance. So whatever changes while an
experiment goes on (a machine that gets warm, somebody else's work) changes for all points alike,
and points can be compared round by round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, inf
from time import monotonic
from typing import TYPE_CHECKING

from envmgr.errors import UsageError
from envmgr.experiment.statistics import CONFIDENCE, interval

if TYPE_CHECKING:
    from random import Random

    from envmgr.model.measurement import Measurement, Point

    Measure = Callable[[Point, int, int], Measurement]
    """Measures a point in the round of a number, so many repeats at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When there is enough. Times are in seconds of wall time."""

    figure: str = "cpu"
    """The figure whose median is to be known."""
    repeat: int | None = None
    """Exactly so many rounds, whatever they take; None goes on until the figure is known."""
    warmup: int = 1
    """Runs of each point that come first and do not count."""
    precision: float = 0.02
    """Half the width of the median's interval that is narrow enough, relative to the median."""
    confidence: float = CONFIDENCE
    budget: float = 60.0
    """A round that would not end in this time is not begun, but for the first."""
    least_rounds: int = 10
    most_rounds: int = 1000
    shortest: float = 0.05
    """Programs that take less are repeated within one measurement."""
    most_repeats: int = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is, before each round and at the end."""

    rounds: int
    """Rounds that are done."""
    elapsed: float
    """Seconds since the first warm-up."""
    left: int
    """Points that are still measured."""
    precision: float
    """Half the width of the widest interval, relative to its median; inf when not known yet."""
    failed: tuple[Measurement, ...]
    """One for each point that was taken out because it gave no result."""
    reason: str = ""
    """Why there are no more rounds; empty until then."""


def sample(
    points: Sequence[Point],
    measure: Measure,
    plan: Plan,
    *,
    random: Random,
    clock: Callable[[], float] = monotonic,
    tell: Callable[[Progress], None] = lambda _: None,
) -> Iterator[Measurement]:
    """Measure *points* as *plan* says, and give every measurement as soon as it is there.

    Warm-ups are numbered 0 and given only if they failed. A point that gives no result is not
    measured again. *random* makes the order: with the same seed it is the same. Raises
    UsageError when results do not have the figure of the plan.
    """
    return _Loop(points, measure, plan, random, clock, tell).run()


class _Loop:
    """One experiment while it is going on."""

    def __init__(
        self,
        points: Sequence[Point],
        measure: Measure,
        plan: Plan,
        random: Random,
        clock: Callable[[], float],
        tell: Callable[[Progress], None],
    ) -> None:
        self._left = {point.id: point for point in points}
        self._measure, self._plan, self._random = measure, plan, random
        self._clock, self._tell = clock, tell
        self._values: dict[str, list[float]] = {point: [] for point in self._left}
        self._failed: list[Measurement] = []
        self._rounds = 0
        self._began = clock()
        self._first_round = self._began

    def run(self) -> Iterator[Measurement]:
        """Everything, from the first warm-up to the last round."""
        walls: dict[str, float] = {}
        for _ in range(self._plan.warmup):
            yield from self._warm_up(walls)
        repeats = calibrated(list(self._left.values()), walls, self._plan)
        self._first_round = self._clock()
        while not (reason := self._reason()):
            self._tell(self._progress())
            yield from self._round(repeats)
        self._tell(self._progress(reason))

    def _warm_up(self, walls: dict[str, float]) -> Iterator[Measurement]:
        for point in self._in_some_order():
            one = self._measure(point, 0, 1)
            if self._keep(one):
                self._figure(one)  # better now than after the first round
                walls[point.id] = one.figures.get("wall", inf)
            else:
                yield one

    def _round(self, repeats: dict[str, int]) -> Iterator[Measurement]:
        self._rounds += 1
        for point in self._in_some_order():
            one = self._measure(point, self._rounds, repeats[point.id])
            is_kept = self._keep(one)
            yield one  # first of all, so that it is recorded whatever comes
            if is_kept:
                self._values[point.id].append(self._figure(one))

    def _in_some_order(self) -> list[Point]:
        order = list(self._left.values())
        self._random.shuffle(order)
        return order

    def _keep(self, one: Measurement) -> bool:
        """Whether it is a result; its point is taken out if not."""
        if not one.is_result:
            del self._left[one.point.id]
            self._failed.append(one)
        return one.is_result

    def _figure(self, one: Measurement) -> float:
        if self._plan.figure not in one.figures:
            raise UsageError(
                f"{one.point.name} has no figure {self._plan.figure!r}",
                hint=f"it has {', '.join(one.figures)}",
            )
        return one.figures[self._plan.figure]

    def _reason(self) -> str:
        """Why no other round is begun; empty when one is."""
        plan, rounds = self._plan, self._rounds
        if not self._left:
            return "no point is left that gives results"
        if plan.repeat is not None:
            return f"{rounds} rounds, as asked for" if rounds >= plan.repeat else ""
        if rounds >= max(plan.least_rounds, 1) and self._precision() <= plan.precision:
            return f"every median is known to {100 * plan.precision:.3g} %"
        if rounds >= plan.most_rounds:
            return f"{rounds} rounds are the most"
        return f"the {plan.budget:g} s are up" if rounds and self._is_late() else ""

    def _is_late(self) -> bool:
        now = self._clock()
        a_round = (now - self._first_round) / self._rounds
        return now + a_round - self._began > self._plan.budget

    def _precision(self) -> float:
        known = (interval(self._values[point], self._plan.confidence) for point in self._left)
        return max(one.relative for one in known)

    def _progress(self, reason: str = "") -> Progress:
        return Progress(
            rounds=self._rounds,
            elapsed=self._clock() - self._began,
            left=len(self._left),
            precision=self._precision() if self._left and self._rounds else inf,
            failed=tuple(self._failed),
            reason=reason,
        )


def calibrated(points: Sequence[Point], walls: dict[str, float], plan: Plan) -> dict[str, int]:
    """How often each point is repeated within one measurement, given the *wall* times of single
    runs, both by the point's id.

    Points that do the same work are repeated equally often, as the fastest of them needs it:
    what is paid once a measurement must weigh the same in each.
    """
    fastest: dict[object, float] = {}
    for point in points:
        wall = walls.get(point.id, inf)
        fastest[_work(point)] = min(wall, fastest.get(_work(point), inf))
    return {point.id: _repeats(fastest[_work(point)], plan) for point in points}


def _work(point: Point) -> object:
    """What is done, whatever it is done with."""
    params, data = sorted(point.params.items()), sorted(point.data.items())
    return (point.name, tuple(params), tuple(data), point.target)


def _repeats(wall: float, plan: Plan) -> int:
    if wall * plan.most_repeats <= plan.shortest:
        return plan.most_repeats
    return max(1, ceil(plan.shortest / wall))
