"""Machines that are simulated: they drift, are disturbed in bursts, and have several speeds."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from envmgr.model.measurement import FAILED, RIGHT, Measurement, Point


def point(program: str, **params: str) -> Point:
    """A point of a program, with parameters."""
    return Point(program, "run", params)


def result(
    of: Point, number: int, value: float, started: float = 0.0, experiment: str = "e", **more: str
) -> Measurement:
    """A measurement whose processor time and wall time are *value*."""
    figures = {"cpu": value, "wall": value}
    return Measurement(
        f"{experiment}{started}{of.id}", experiment, of, number, started, RIGHT, figures=figures,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def failure(of: Point, number: int, started: float = 0.0) -> Measurement:
    """A measurement that is no result."""
    return Measurement("f", "e", of, number, started, FAILED, "exit status 1")


@dataclass
class Machine:
    """A machine on which programs take what *costs* says, in seconds, and then some."""

    costs: Mapping[str, float]
    random: random.Random
    drift: float = 0.2
    """How far its speed swings slowly up and down."""
    bursts: float = 0.3
    """How probable it is that somebody else's work comes when it may change."""
    noise: float = 0.03
    modes: tuple[float, ...] = (1.0, 1.04)
    """Factors that a run has by chance, for where things happen to lie in memory."""
    now: float = 0.0
    log: list[tuple[str, int, int]] = field(default_factory=list)
    """Program, round and repeats of everything that was measured."""
    _burst: float = 1.0

    def clock(self) -> float:
        """Seconds."""
        return self.now

    def measure(self, of: Point, number: int, repeats: int) -> Measurement:
        """Run a program so often; its figures are of one repeat."""
        self.log.append((of.program, number, repeats))
        started = self.now
        if of.program not in self.costs:
            self.now += 0.01
            return failure(of, number, started)
        seconds = self.costs[of.program] * self._factor()
        self.now += seconds * repeats + 0.005
        return result(of, number, seconds, started)

    def _factor(self) -> float:
        chance = self.random
        if chance.random() < 0.1:
            self._burst = chance.uniform(1.05, 1.5) if chance.random() < self.bursts else 1.0
        swing = 1 + self.drift * math.sin(self.now / 7)
        late = math.exp(abs(chance.gauss(0, self.noise)))
        return swing * self._burst * chance.choice(self.modes) * late
