"""Measurements: one run each, with its choices, its figures and whether its output was right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

RIGHT, UNCHECKED = "right", "unchecked"
WRONG, FAILED, TIMED_OUT, UNSTEADY = "wrong", "failed", "timed-out", "not-deterministic"
VERDICTS = (RIGHT, UNCHECKED, WRONG, FAILED, TIMED_OUT, UNSTEADY)
"""What can be said of a run: its output was right; nothing says what is right; it was not right;
the program ended otherwise than it should; it was ended; two runs gave two outputs."""
RESULTS = (RIGHT, UNCHECKED)
"""Verdicts whose figures count. Nothing else is ever a result."""


@dataclass(frozen=True)
class Point:
    """Everything that is chosen for a run. Two machines with one point can be compared.

    Places and ids of this machine stay out: they are in the context of a measurement.
    """

    program: str
    command: str
    params: Mapping[str, str] = field(default_factory=dict)
    """Values of all its parameters."""
    flags: tuple[str, ...] = ()
    """Options of the compiler that a person gave."""
    needs: Mapping[str, str] = field(default_factory=dict)
    """Role to what fills it: `compiler.gcc@12.2.0`."""
    data: Mapping[str, str] = field(default_factory=dict)
    """Role to the data set or model: `dataset.text-small@1`."""
    target: str = "local"
    """Where it runs."""

    @cached_property
    def id(self) -> str:
        """A hash of it, 16 hexadecimal digits."""
        from hashlib import sha256

        return sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """The program and its command: `susan:edges`."""
        return f"{self.program}:{self.command}"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run. Times are in seconds, sizes in bytes; everything is as it was measured."""

    id: str
    """Unique, and later ones sort after earlier ones."""
    experiment: str
    """The id of the experiment that it belongs to."""
    point: Point
    number: int
    """The round of the experiment that it was done in; each point has one in each round."""
    started: float
    """Seconds since 1970, UTC."""
    verdict: str
    why: str = ""
    """What was wrong, in a line."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """`wall`, `user`, `system` and `cpu` in seconds, `memory` (peak) and `code_size` in bytes,
    `repeats`, counters, and the program's own. Times are of one repeat. Empty unless a result."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Role of each data set, or name of each file, to its sha256."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Each output to its sha256."""
    empty: tuple[str, ...] = ()
    """Outputs with nothing in them, which prove nothing."""
    conditions: Mapping[str, Any] = field(default_factory=dict)
    """What the machine was doing: load, frequency, temperature, other processes."""
    context: str = ""
    """The digest of its context: machine, lock, entries, sources and build, kept once."""

    @property
    def is_result(self) -> bool:
        """Whether its figures count."""
        return self.verdict in RESULTS


def new_id(started_ns: int) -> str:
    """An id that sorts by time: 12 hexadecimal digits of milliseconds and 8 of chance."""
    from secrets import token_hex

    return f"{started_ns // 1_000_000:012x}{token_hex(4)}"


def to_json(one: Measurement) -> dict[str, Any]:
    """The documented JSON form."""
    return {**asdict(one), "point": {"id": one.point.id, **asdict(one.point)}}


def from_json(form: Mapping[str, Any]) -> Measurement:
    """The measurement that `to_json` wrote. Raises KeyError or TypeError on any other form."""
    point = {name: value for name, value in form["point"].items() if name != "id"}
    made = Point(**{**point, "flags": tuple(point["flags"])})
    return Measurement(**{**form, "point": made, "empty": tuple(form["empty"])})
