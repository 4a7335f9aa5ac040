"""Measurements for other programs: CSV and Parquet with a row each, and JSON with everything.

Values are as they were recorded. A spreadsheet takes a text that begins with `=` for a formula,
wherever it came from: flags and reasons may begin so.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import IO, Any

from envmgr._version import SCHEMA
from envmgr.experiment.extra import library
from envmgr.experiment.records import Records
from envmgr.experiment.select import Filter
from envmgr.model.measurement import Measurement, to_json

FORMATS = ("csv", "parquet", "json")
_TEXTS = (
    *("id", "experiment", "point", "program", "command", "target", "flags"),
    *("verdict", "why", "context"),
)
_AT_ONCE = 10_000
"""Rows of a Parquet file that are gathered before they are written."""
Tell = Callable[[str], None]
"""Told the id of each measurement that was written."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table: those that every one has, and what the measurements have."""

    params: tuple[str, ...]
    needs: tuple[str, ...]
    data: tuple[str, ...]
    figures: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All of them: `param.size`, `need.compiler`, `data.image`, `figure.cpu`."""
        return (
            *_TEXTS,
            "number",
            "started",
            *(f"param.{name}" for name in self.params),
            *(f"need.{name}" for name in self.needs),
            *(f"data.{name}" for name in self.data),
            *(f"figure.{name}" for name in self.figures),
        )

    def row(self, one: Measurement) -> tuple[Any, ...]:
        """The values of *one*; None where it has none."""
        point = one.point
        return (
            *(one.id, one.experiment, point.id, point.program, point.command, point.target),
            *(" ".join(point.flags), one.verdict, one.why, one.context),
            *(one.number, one.started),
            *map(point.params.get, self.params),
            *map(point.needs.get, self.needs),
            *map(point.data.get, self.data),
            *map(one.figures.get, self.figures),
        )


def columns_of(records: Records, which: Filter) -> Columns:
    """The columns that the measurements which *which* means need."""
    points = records.points(which)
    return Columns(
        _keys(point.params for point in points),
        _keys(point.needs for point in points),
        _keys(point.data for point in points),
        tuple(records.figures(which)),
    )


def _keys(tables: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(sorted({key for table in tables for key in table}))


def write_csv(records: Records, which: Filter, stream: IO[str], tell: Tell) -> None:
    """Write a table as CSV. A value that is not there is empty."""
    columns = columns_of(records, which)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns.names)
    for one in records.find(which):
        writer.writerow(columns.row(one))
        tell(one.id)


def write_parquet(records: Records, which: Filter, stream: IO[bytes], tell: Tell) -> None:
    """Write a table as Parquet: texts, `number` as an integer, `started` and figures as doubles.

    Raises EnvmgrError when pyarrow is not there.
    """
    arrow, parquet = library("pyarrow"), library("pyarrow.parquet")
    columns = columns_of(records, which)
    schema = arrow.schema([(name, _type(arrow, name)) for name in columns.names])
    with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        for rows in _batches(records.find(which), columns, tell):
            arrays = zip(*rows, strict=True)
            writer.write_table(arrow.table(list(map(list, arrays)), schema=schema))


def _type(arrow: Any, name: str) -> Any:
    if name == "number":
        return arrow.int64()
    is_number = name == "started" or name.startswith("figure.")
    return arrow.float64() if is_number else arrow.string()


def _batches(
    measurements: Iterator[Measurement], columns: Columns, tell: Tell
) -> Iterator[list[tuple[Any, ...]]]:
    while batch := list(islice(measurements, _AT_ONCE)):
        yield [columns.row(one) for one in batch]
        for one in batch:
            tell(one.id)


def write_json(records: Records, which: Filter, stream: IO[str], tell: Tell) -> None:
    """Write everything as one object: `experiments`, `measurements` and their `contexts`."""
    experiments = [asdict(one) for one in records.experiments(which)]
    stream.write(f'{{"schema": {SCHEMA}, "experiments": {json.dumps(experiments)},\n')
    stream.write('"measurements": [')
    digests = {one["context"]: None for one in experiments}
    for index, one in enumerate(records.find(which)):
        stream.write(",\n" if index else "\n")
        stream.write(json.dumps(to_json(one)))
        digests[one.context] = None
        tell(one.id)
    stream.write('],\n"contexts": {')
    for index, digest in enumerate(filter(None, digests)):
        stream.write(",\n" if index else "\n")
        stream.write(f"{json.dumps(digest)}: {json.dumps(records.document(digest))}")
    stream.write("}}\n")
