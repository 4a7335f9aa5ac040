"""Samples: the values of one figure of one point, and how those of two points belong together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from envmgr.errors import UsageError
from envmgr.model.version import Version

if TYPE_CHECKING:
    from envmgr.model.measurement import Measurement, Point

_FIELDS = ("program", "command", "flags", "target")
_TABLES = ("params", "needs", "data")


@dataclass(frozen=True, slots=True)
class Run:
    """One result: the value of the figure, and when it was taken."""

    experiment: str
    number: int
    """The round."""
    started: float
    value: float


@dataclass(frozen=True, slots=True)
class Sample:
    """All results of one point, in order of time."""

    name: str
    """What people call it here."""
    runs: tuple[Run, ...]
    failed: int = 0
    """Measurements that were no results."""
    contexts: frozenset[str] = frozenset()
    """Digests of what they were taken in: machine, lock, sources, build."""

    @property
    def values(self) -> tuple[float, ...]:
        """The figure, in order of time."""
        return tuple(run.value for run in self.runs)


@dataclass(frozen=True, slots=True)
class Block:
    """One round with a run of each of two samples."""

    base: Run
    other: Run

    @property
    def begins(self) -> float:
        """When the earlier of the two was started."""
        return min(self.base.started, self.other.started)

    @property
    def ends(self) -> float:
        """When the later of the two was started."""
        return max(self.base.started, self.other.started)


def sample_of(name: str, measurements: Iterable[Measurement], figure: str) -> Sample:
    """The *figure* in *measurements*, called *name*. Raises UsageError when a result lacks it."""
    runs, failed, contexts = [], 0, set()
    for one in measurements:
        if not one.is_result:
            failed += 1
            continue
        runs.append(Run(one.experiment, one.number, one.started, _figure(one, figure)))
        contexts.add(one.context)
    runs.sort(key=lambda run: (run.started, run.experiment, run.number))
    return Sample(name, tuple(runs), failed, frozenset(contexts - {""}))


def _figure(one: Measurement, figure: str) -> float:
    if figure not in one.figures:
        raise UsageError(
            f"{one.point.name} has no figure {figure!r}",
            hint=f"it has {', '.join(sorted(one.figures))}",
        )
    return one.figures[figure]


def blocks(base: Sample, other: Sample) -> tuple[Block, ...]:
    """The rounds that have a run of both and do not overlap with another in time.

    Where all runs of one came before all of the other, at most one round is left: numbers alone
    do not make rounds. A round that was completed much later gives way to those between.
    """
    first = {(run.experiment, run.number): run for run in base.runs}
    both = [
        Block(first[run.experiment, run.number], run)
        for run in other.runs
        if (run.experiment, run.number) in first
    ]
    kept: list[Block] = []
    for block in sorted(both, key=lambda block: (block.ends, block.begins)):
        if not kept or block.begins > kept[-1].ends:
            kept.append(block)
    return tuple(kept)


# -- what differs between points -------------------------------------------------------------


def chosen(point: Point) -> dict[str, str]:
    """Everything that is chosen for a run, flat: `needs.compiler`, `params.size`, `flags`."""
    flat = {"program": point.program, "command": point.command}
    for table in _TABLES:
        entries: Mapping[str, str] = getattr(point, table)
        flat |= {f"{table}.{name}": value for name, value in entries.items()}
    return flat | {"flags": " ".join(point.flags), "target": point.target}


def full_key(key: str) -> str:
    """The key that is meant: what is nothing else is the name of a parameter."""
    return key if key in _FIELDS or key.partition(".")[0] in _TABLES else f"params.{key}"


def rest(point: Point, key: str) -> tuple[tuple[str, str], ...]:
    """What is chosen beside *key*: points that agree in it differ in nothing else."""
    return tuple(sorted((name, value) for name, value in chosen(point).items() if name != key))


def natural(point: Point, last: str = "") -> tuple[object, Version]:
    """What sorts points as people would, `n=64` before `n=192`; the key *last* comes last."""
    others = tuple((name, Version(value)) for name, value in rest(point, last))
    return others, Version(chosen(point).get(last, ""))


def labels(points: Sequence[Point], besides: str = "") -> dict[str, str]:
    """A short name for each of *points*, by id: what is chosen otherwise for some other of them,
    *besides* one key.
    """
    flats = [chosen(point) for point in points]
    keys = list(dict.fromkeys(key for flat in flats for key in flat if key != besides))
    differing = [key for key in keys if len({flat.get(key, "") for flat in flats}) > 1]
    return {
        point.id: " ".join(_said(flat, differing)) or point.name
        for point, flat in zip(points, flats, strict=True)
    }


def _said(flat: Mapping[str, str], keys: Sequence[str]) -> Iterator[str]:
    for key in keys:
        value = flat.get(key, "")
        if key.startswith("params."):
            yield f"{key.removeprefix('params.')}={value or '-'}"
        elif key == "flags":
            yield value or "(no flags)"
        elif value:
            yield value
