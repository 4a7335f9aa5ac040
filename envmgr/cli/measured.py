"""How experiments, summaries and measurements are said: their JSON forms, and words for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from envmgr.experiment.samples import labels
from envmgr.experiment.summary import Summary, Units
from envmgr.model.experiment import Experiment

ID_DIGITS = 14
"""Digits of an id that sorts by time which a table shows: the millisecond, and a few of chance."""
_PREFIXES = {"s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")),
             "B": ((2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"), (1.0, "B"))}  # fmt: skip


def amount(value: float | None, unit: str) -> str:
    """*value* with four digits that count: `12.31 ms`; a dash when there is none."""
    if value is None:
        return "-"
    scale, name = _scaled(abs(value), unit)
    return f"{value / scale:.4g} {name}".rstrip()


def _scaled(size: float, unit: str) -> tuple[float, str]:
    steps = _PREFIXES.get(unit, ((1.0, unit),))
    if size == 0:
        return 1.0, unit
    return next((step for step in steps if size >= step[0]), steps[-1])


def when(seconds: float) -> str:
    """A time of this machine, to the minute."""
    from datetime import datetime

    try:
        return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
    except (OverflowError, ValueError, OSError):
        return "-"


def experiment_json(one: Experiment) -> dict[str, Any]:
    """An experiment as every listing gives it."""
    return {**asdict(one), "argv": list(one.argv)}


def summary_json(one: Summary, units: Units) -> dict[str, Any]:
    """A point of an experiment as every listing gives it."""
    return {
        "experiment": one.experiment,
        "point": {"id": one.point_id, **asdict(one.point)},
        "verdicts": dict(one.verdicts),
        "results": one.results,
        "failures": one.failures,
        "figure": one.figure or None,
        "unit": units.of(one.figure, one.context),
        "count": one.count,
        "median": one.median,
        "minimum": one.minimum,
        "maximum": one.maximum,
    }


def failures_text(verdicts: Mapping[str, int]) -> str:
    """How many measurements are no results, and why: `2 failed, 1 wrong`."""
    from envmgr.model.measurement import RESULTS

    parts = [f"{number} {verdict}" for verdict, number in sorted(verdicts.items())
             if verdict not in RESULTS]  # fmt: skip
    return ", ".join(parts)


def names_of(found: Sequence[Summary]) -> dict[str, str]:
    """By the id of each point, what tells it from the others of its program."""
    programs: dict[str, dict[str, Summary]] = {}
    for one in found:
        programs.setdefault(one.point.name, {})[one.point_id] = one
    names: dict[str, str] = {}
    for points in programs.values():
        labelled = labels([one.point for one in points.values()])
        names |= dict.fromkeys(labelled, "-") if len(labelled) == 1 else labelled
    return names
