"""Summaries: what the measurements of a point in an experiment come to, for a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envmgr.experiment.select import EVERYTHING, Filter
from envmgr.model.measurement import RESULTS, Point

if TYPE_CHECKING:
    from envmgr.experiment.records import Records
    from envmgr.experiment.rows import Series, Values

_UNITS = {**dict.fromkeys(("wall", "user", "system", "cpu"), "s"),
          **dict.fromkeys(("memory", "code_size"), "B")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Summary:
    """One point of one experiment. Its numbers are None where no result has the figure."""

    experiment: str
    point_id: str
    point: Point
    context: str
    """That of one of its measurements; usually they have all the same."""
    verdicts: Mapping[str, int]
    """How many measurements came to which verdict."""
    figure: str
    """Empty when there is none."""
    count: int
    """How many results have the figure."""
    median: float | None
    minimum: float | None
    maximum: float | None

    @property
    def results(self) -> int:
        """How many measurements have figures that count."""
        return sum(number for verdict, number in self.verdicts.items() if verdict in RESULTS)

    @property
    def failures(self) -> int:
        """How many have not."""
        return sum(self.verdicts.values()) - self.results


@dataclass(slots=True)
class _Tally:
    """What has been seen of one point of one experiment."""

    series: Series
    verdicts: Counter[str] = field(default_factory=Counter)
    values: dict[str, list[float]] = field(default_factory=dict)

    def take(self, one: Values) -> None:
        self.verdicts[one.verdict] += one.count
        for figure, values in one.figures.items() if one.verdict in RESULTS else ():
            self.values.setdefault(figure, []).extend(values)

    def summary(self) -> Summary:
        from statistics import median

        figure = max(self.values, key=lambda name: len(self.values[name]), default="")
        values = self.values.get(figure)
        return Summary(
            self.series.experiment,
            self.series.point_id,
            self.series.point,
            self.series.context,
            dict(self.verdicts),
            figure,
            len(values or ()),
            median(values) if values else None,
            min(values) if values else None,
            max(values) if values else None,
        )


def summaries(records: Records, which: Filter = EVERYTHING, figure: str = "") -> list[Summary]:
    """A summary for each point of each experiment with measurements that *which* means.

    Failures are counted; only results give numbers. Without *figure* it is `cpu`, else `wall`,
    else the first by name. In order of experiments and of programs.
    """
    tallies: dict[tuple[str, str], _Tally] = {}
    for one in records.values(which, figure):
        key = (one.series.experiment, one.series.point_id)
        tally = tallies.get(key)
        if tally is None:
            tally = tallies[key] = _Tally(one.series)
        tally.take(one)
    found = [tally.summary() for tally in tallies.values()]
    return sorted(found, key=lambda one: (one.experiment, one.point.name))


class Units:
    """The units of figures: those of envmgr's own, and what contexts say of programs' own."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._told: dict[str, Mapping[str, str]] = {}

    def of(self, figure: str, context: str) -> str:
        """The unit of *figure* in measurements with *context*; empty when nothing says it."""
        return _UNITS.get(figure) or self._in(context).get(figure, "")

    def _in(self, context: str) -> Mapping[str, str]:
        if context not in self._told:
            told = self._records.document(context).get("units") if context else None
            self._told[context] = dict(told) if isinstance(told, dict) else {}
        return self._told[context]
