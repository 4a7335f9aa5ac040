"""Records: what was measured, kept where it can be asked for.

A measurement is one row. What many have in common is kept once: the point, the context, and the
series. Every method raises StoreError where the database fails.
"""
# ruff: noqa: S608  # SQL is put together from pieces of this code; values go apart from it

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from envmgr.errors import StoreError
from envmgr.experiment import sql
from envmgr.experiment.conditions import (
    Condition,
    all_of,
    begins,
    chooses_measurements,
    chooses_series,
    of_measurements,
    of_series,
)
from envmgr.experiment.database import Database
from envmgr.experiment.places import open_database
from envmgr.experiment.rows import (
    COLUMNS,
    Series,
    Values,
    clean,
    dumped,
    measurement,
    measurement_row,
    point_of,
    point_row,
    values_of,
)
from envmgr.experiment.select import EVERYTHING, Filter
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import Measurement, Point

_BATCH = 1000
"""Measurements that are committed at once when many are added."""
_SeriesName = tuple[str, str, str, str]
"""Experiment, point, context and inputs."""


class Records:
    """All that was recorded at one place. Several processes and threads may use it at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def place(self) -> str:
        """Where they are, without passwords."""
        return self._database.place

    def close(self) -> None:
        """Let the place go; what was acknowledged is there."""
        self._database.close()

    def __enter__(self) -> Records:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def together(self) -> AbstractContextManager[None]:
        """What is recorded inside a `with` of this is recorded as a whole, or not at all."""
        return self._database.transaction()

    # -- recording ---------------------------------------------------------------------------

    def begin(self, experiment: Experiment) -> None:
        """Record an experiment, before its measurements. The same one again changes nothing.

        Raises StoreError when another has its id.
        """
        argv = dumped(list(experiment.argv))
        own = (experiment.id, experiment.created, clean(experiment.title), argv)
        with self.together():
            row = (*own, self._context_key(experiment.context))
            is_new = self._database.change(sql.INSERT_EXPERIMENT, [row])
            if not is_new and self._database.run(sql.FIND_EXPERIMENT, own[:1]) != [row]:
                raise self._another("experiment", experiment.id)

    def context(self, document: Mapping[str, Any]) -> str:
        """Record a context, a document in JSON; its digest, by which measurements name it."""
        from hashlib import sha256

        text = dumped(document).encode()
        digest = sha256(text).hexdigest()
        if self._key("contexts", "digest", digest) is None:
            self._database.change(sql.INSERT_CONTEXT, [(digest, zlib.compress(text))])
        return digest

    def add(self, measurement: Measurement) -> None:
        """Record one measurement. When this returns, no end of this process can take it back.

        The same one again changes nothing. Raises StoreError when another has its id, or when its
        experiment or its context is not recorded.
        """
        self.add_many((measurement,))

    def add_many(self, measurements: Iterable[Measurement]) -> None:
        """Record many, so many at a time as are committed at once; as `add` in all else."""
        rest = iter(measurements)
        while batch := list(islice(rest, _BATCH)):
            with self.together():
                names = [_series_name(one) for one in batch]
                keys = self._series_keys(dict(zip(names, batch, strict=True)))
                rows = [(keys[name], *_row(one)) for name, one in zip(names, batch, strict=True)]
                if self._database.change(sql.INSERT, rows) < len(rows):
                    self._compare(batch)

    def _compare(self, batch: Iterable[Measurement]) -> None:
        for one in batch:
            row = (*_series_name(one), *measurement_row(one))
            if self._database.run(sql.FIND, (one.id,)) != [row]:
                raise self._another("measurement", one.id)

    def _another(self, what: str, id_: str) -> StoreError:
        return StoreError(f"{self.place}: {what} {id_} is recorded already, with other content")

    def _unknown(self, what: str, id_: str) -> StoreError:
        return StoreError(
            f"{self.place}: {what} {id_} is not recorded", hint="envmgr experiment list"
        )

    def _series_keys(
        self, named: Mapping[_SeriesName, Measurement]
    ) -> dict[_SeriesName, int | None]:
        """The keys of series, with a measurement of each; those that are not there are made."""
        keys = {name: self._series_key(name) for name in named}
        if None in keys.values():
            self._make_series([one for name, one in named.items() if keys[name] is None])
            keys = {name: self._series_key(name) for name in named}
        return keys

    def _series_key(self, name: _SeriesName) -> int | None:
        rows = self._database.run(sql.FIND_SERIES, name)
        return int(rows[0][0]) if rows else None

    def _make_series(self, firsts: Sequence[Measurement]) -> None:
        points = {one.point.id: one.point for one in firsts}
        # In one order for all writers: else two might wait for each other.
        rows = [(id_, *point_row(points[id_])) for id_ in sorted(points)]
        self._database.change(sql.INSERT_POINT, rows)
        self._database.change(sql.INSERT_SERIES, [self._series_row(one) for one in firsts])

    def _series_row(self, one: Measurement) -> tuple[Any, ...]:
        experiment = self._key("experiments", "id", one.experiment)
        if experiment is None:
            raise self._unknown("experiment", one.experiment)
        point = self._key("points", "id", one.point.id)
        return experiment, point, self._context_key(one.context), _series_name(one)[-1]

    def _context_key(self, digest: str) -> int | None:
        key = self._key("contexts", "digest", digest) if digest else None
        if digest and key is None:
            raise self._unknown("context", digest)
        return key

    def _key(self, table: str, column: str, value: str) -> int | None:
        rows = self._database.run(f"SELECT key FROM {table} WHERE {column} = ?", (value,))
        return int(rows[0][0]) if rows else None

    def remove(self, experiment: str) -> int:
        """Delete the experiment with this id, its measurements and what only they needed.

        Returns how many measurements there were. Raises StoreError when there is no such id.
        """
        with self.together():
            key = self._key("experiments", "id", experiment)
            if key is None:
                raise self._unknown("experiment", experiment)
            used = self._database.run(sql.USED, (key, key))
            removed = self._database.change(sql.DELETE_MEASUREMENTS, [(key,)])
            self._database.change("DELETE FROM series WHERE experiment = ?", [(key,)])
            self._database.change("DELETE FROM experiments WHERE key = ?", [(key,)])
            self._database.change(sql.DELETE_POINT, {(point,) for point, _ in used})
            self._database.change(sql.DELETE_CONTEXT, {(context,) for _, context in used})
        return removed

    # -- asking ------------------------------------------------------------------------------

    def find(self, which: Filter = EVERYTHING) -> Iterator[Measurement]:
        """The measurements that *which* means, in order of their ids, which is that of time."""
        series = self._series(which)
        condition, values = of_measurements(self._database, which, list(series))
        query = f"SELECT series, id, {COLUMNS} FROM measurements WHERE {condition} ORDER BY id"
        for key, id_, *row in self._database.stream(query, values):
            if key in series:  # else it came after the series were read
                yield measurement(id_, series[key], row)

    def values(self, which: Filter = EVERYTHING, figure: str = "") -> Iterator[Values]:
        """One figure of the measurements that *which* means, by series and verdicts.

        Without *figure* it is `cpu`, else `wall`, else the first by name.
        """
        series = self._series(which)
        condition, values = of_measurements(self._database, which, list(series))
        column = sql.FIGURES_UNLESS_INDEXED.get(figure, "figures")
        query = (
            f"SELECT series, verdict, cpu, {column} FROM measurements"
            f" WHERE {condition} ORDER BY series, verdict"
        )
        rows = self._database.stream(query, values)
        for (key, verdict), group in groupby(rows, itemgetter(0, 1)):
            if key in series:  # else it came after the series were read
                yield values_of(series[key], verdict, figure, [row[2:] for row in group])

    def figures(self, which: Filter = EVERYTHING) -> list[str]:
        """The names of all figures that measurements have which *which* means, sorted."""
        condition, values = self._meant(which)
        query = f"SELECT figures FROM measurements WHERE {condition}"
        names: set[str] = set()
        for (figures,) in self._database.stream(query, values):
            names.update(json.loads(figures))
        return sorted(names)

    def count(self, which: Filter = EVERYTHING) -> int:
        """How many measurements *which* means."""
        condition, values = self._meant(which)
        query = f"SELECT count(*) FROM measurements WHERE {condition}"
        return int(self._database.run(query, values)[0][0])

    def _meant(self, which: Filter) -> Condition:
        series = self._series(which) if chooses_series(which) else {}
        return of_measurements(self._database, which, list(series))

    def points(self, which: Filter = EVERYTHING) -> list[Point]:
        """The points of the measurements that *which* means, each once."""
        series = self._series(which)
        keys = self._with_measurements(which, series) if chooses_measurements(which) else series
        return list({series[key].point_id: series[key].point for key in keys}.values())

    def _with_measurements(self, which: Filter, series: Mapping[int, Series]) -> list[int]:
        """Those of *series* that have a measurement that is meant."""
        condition, values = of_measurements(self._database, which, list(series))
        query = f"SELECT DISTINCT series FROM measurements WHERE {condition} ORDER BY series"
        return [row[0] for row in self._database.run(query, values) if row[0] in series]

    def experiments(self, which: Filter = EVERYTHING) -> list[Experiment]:
        """The experiments with measurements that *which* means, the oldest first.

        Where nothing but ids of experiments is asked for, those without measurements too.
        """
        found = self._experiments(all_of([begins("e.id", which.experiment)]))
        if which == Filter(experiment=which.experiment):
            return found
        series = self._series(which)
        there = {series[key].experiment for key in self._with_measurements(which, series)}
        return [one for one in found if one.id in there]

    def experiment_with(self, context: str) -> Experiment | None:
        """The first experiment that has *context*, a digest, as a whole."""
        return next(iter(self._experiments(("c.digest = ?", [context]))), None)

    def _experiments(self, condition: Condition) -> list[Experiment]:
        text, values = condition
        rows = self._database.run(f"{sql.EXPERIMENTS} WHERE {text} ORDER BY e.id", values)
        return [
            Experiment(id_, created, title, tuple(json.loads(argv)), digest or "")
            for id_, created, title, argv, digest in rows
        ]

    def document(self, context: str) -> dict[str, Any]:
        """The context with this digest. Raises StoreError when it is not recorded."""
        rows = self._database.run("SELECT document FROM contexts WHERE digest = ?", (context,))
        if not rows:
            raise self._unknown("context", context)
        found: dict[str, Any] = json.loads(zlib.decompress(rows[0][0]))
        return found

    def named(self, prefix: str, most: int = 10) -> list[tuple[str, str]]:
        """What has an id that begins with *prefix*: `experiment`, `point` or `measurement`, and
        the whole id; *most* of each.
        """
        condition, values = all_of([begins("id", prefix)])
        found = []
        for kind in ("experiment", "point", "measurement"):
            query = f"SELECT id FROM {kind}s WHERE {condition} ORDER BY id LIMIT {most:d}"
            found += [(kind, str(row[0])) for row in self._database.run(query, values)]
        return found

    def _series(self, which: Filter) -> dict[int, Series]:
        """The series that *which* may mean, by their keys."""
        condition, values = of_series(which)
        points: dict[str, Point] = {}
        found: dict[int, Series] = {}
        query = f"{sql.SERIES} WHERE {condition} ORDER BY s.key"
        for key, experiment, context, inputs, id_, *row in self._database.stream(query, values):
            if id_ not in points:
                points[id_] = point_of(row)
            if which.fits(points[id_]):
                found[key] = Series(
                    experiment, id_, points[id_], context or "", json.loads(inputs)
                )  # fmt: skip
        return found


def open_records(place: str, *, write: bool = True, durable: bool = False) -> Records:
    """The records at *place*: the path of a file, or `postgresql://…`.

    They are made where there are none; without *write*, nothing is made or changed. With *durable*
    not even a loss of power takes what was acknowledged, for which every `add` waits for the disk.
    Raises StoreError for what cannot be opened, and leaves it as it is.
    """
    return Records(open_database(place, write=write, durable=durable))


def _row(one: Measurement) -> tuple[Any, ...]:
    return one.id, one.figures.get("cpu"), *measurement_row(one)


def _series_name(one: Measurement) -> _SeriesName:
    return one.experiment, one.point.id, one.context, dumped(dict(one.inputs))
