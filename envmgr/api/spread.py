"""Sweeps that are spread over workers: units handed to an engine, and recorded as they come.

A unit is done when its measurement is recorded. So a sweep that was interrupted goes on with what
is missing, and a measurement that comes twice is recorded once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from envmgr.api.engine import Engine
from envmgr.api.unit import Delivered, Job, Refused, Unit
from envmgr.experiment.records import Records
from envmgr.experiment.sampling import Plan, calibrated
from envmgr.experiment.select import Filter
from envmgr.model.measurement import Measurement

Known = Mapping[tuple[str, int], Measurement]
"""What is recorded already, by the id of the point and the round."""


@dataclass(slots=True)
class Spread:
    """A sweep that an engine carries out."""

    records: Records
    engine: Engine
    jobs: Mapping[str, Job]
    """By the id of the point."""
    known: Known
    tell: Callable[[str], None] = lambda _: None
    warnings: dict[str, None] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)
    """By the id of the point: why some of its units gave no measurement."""
    _left: dict[str, Job] = field(default_factory=dict)
    """Points that gave no failure yet."""

    def run(self, plan: Plan, rounds: int, random: Random) -> Iterator[Measurement]:
        """Everything that is recorded and then everything that is missing of so many *rounds*,
        each recorded before it is given. A point that gives no result is not measured again."""
        failed = {point for (point, _), one in self.known.items() if not one.is_result}
        self._left = {point: job for point, job in self.jobs.items() if point not in failed}
        yield from (one for (point, _), one in self.known.items() if point in self.jobs)
        repeats = self._earlier()
        walls: dict[str, float] = {}
        yield from self._warm_up(plan, rounds, repeats, walls)
        points = [job.point for job in self._left.values()]
        repeats = {**calibrated(points, walls, plan), **repeats}
        for _, one in self._answered(self._units(plan, rounds, random, repeats)):
            if one is not None:
                yield self._recorded(one)

    def _earlier(self) -> dict[str, int]:
        """How often points that have results are repeated within a measurement."""
        return {
            point: max(1, int(one.figures.get("repeats", 1)))
            for (point, _), one in self.known.items()
            if one.is_result
        }

    def _warm_up(
        self, plan: Plan, rounds: int, earlier: Mapping[str, int], walls: dict[str, float]
    ) -> Iterator[Measurement]:
        """Runs that say how long points take; only those that fail count."""
        new = [
            Unit(job, 0)
            for point, job in self._left.items()
            if plan.warmup and point not in earlier and self._missing(point, rounds)
        ]
        for unit, one in self._answered(iter(new)):
            if one is None:
                continue
            if one.measurement.is_result:
                walls[unit.job.point.id] = one.measurement.figures.get("wall", 0.0)
            else:
                yield self._recorded(one)

    def _missing(self, point: str, rounds: int) -> bool:
        return any((point, number) not in self.known for number in range(1, rounds + 1))

    def _units(
        self, plan: Plan, rounds: int, random: Random, repeats: Mapping[str, int]
    ) -> Iterator[Unit]:
        """Round after round, each in an order of chance; made when somebody can do them."""
        for number in range(1, rounds + 1):
            order = [*self._left]
            random.shuffle(order)
            for point in order:
                if point in self._left and (point, number) not in self.known:
                    job = self._left[point]
                    yield Unit(job, number, repeats.get(point, 1), plan.warmup)

    def _answered(self, units: Iterator[Unit]) -> Iterator[tuple[Unit, Delivered | None]]:
        """What comes of *units*; of those that were refused, nothing."""
        for unit, answer in self.engine.run(units):
            self.tell(unit.job.point.name)
            yield unit, self._taken(unit, answer)

    def _taken(self, unit: Unit, answer: Delivered | Refused) -> Delivered | None:
        point = unit.job.point.id
        if isinstance(answer, Refused):
            self.refused.setdefault(point, answer)
            return None
        self.warnings |= dict.fromkeys(answer.warnings)
        if not answer.measurement.is_result:
            self._left.pop(point, None)
        return answer

    def _recorded(self, one: Delivered) -> Measurement:
        """The measurement as it is recorded; that of another who did the same unit, if it is."""
        earlier = next(self.records.find(Filter(measurement=one.measurement.id)), None)
        if earlier is not None:
            return earlier
        made = replace(one.measurement, context=self.records.context(one.context))
        self.records.add(made)
        return made
