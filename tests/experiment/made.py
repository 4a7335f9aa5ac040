"""Experiments and measurements for tests."""

from __future__ import annotations

from typing import Any

from envmgr.experiment.records import Records
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import Measurement, Point

SWEEP = Experiment("0a00", 1_000.0, "a sweep", ("envmgr", "program", "run", "susan"))
OTHER = Experiment("0b00", 2_000.0, "another")
CONTEXT = {"host": {"cpu": "one"}, "units": {"rate": "MB/s"}}


def point(**choices: Any) -> Point:
    """A point of susan, with other choices where they are given."""
    usual: dict[str, Any] = {
        "program": "susan",
        "command": "edges",
        "params": {"size": "64"},
        "flags": ("-O3", "-march=native"),
        "needs": {"compiler": "compiler.gcc@12.2.0"},
        "data": {"image": "dataset.image-small@1"},
    }
    return Point(**{**usual, **choices})


def measurement(number: int = 0, **choices: Any) -> Measurement:
    """A result, the *number*-th; another where something else is given."""
    usual: dict[str, Any] = {
        "id": f"{0xC0000 + number:012x}",
        "experiment": SWEEP.id,
        "point": point(),
        "number": number,
        "started": 1_000.0 + number,
        "verdict": "right",
        "figures": {"cpu": 1.0 + number, "wall": 2.0 + number, "memory": 4096.0},
        "inputs": {"image": "ab" * 32},
        "outputs": {"out.pgm": "cd" * 32},
        "empty": ("stdout",),
        "conditions": {"load": [0.1, 0.2], "others": {"cpu": 0.5}},
    }
    return Measurement(**{**usual, **choices})


def failed(number: int, **choices: Any) -> Measurement:
    """A run that crashed."""
    return measurement(number, verdict="failed", why="ended by SIGSEGV", figures={}, **choices)


def begun(records: Records) -> Records:
    """*records* with both experiments in them."""
    records.begin(SWEEP)
    records.begin(OTHER)
    return records
