"""Measurements for other programs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from envmgr.errors import EnvmgrError
from envmgr.experiment.export import write_csv, write_json, write_parquet
from envmgr.experiment.extra import library
from envmgr.experiment.records import Records, open_records
from envmgr.experiment.select import EVERYTHING, Filter
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import from_json

from .made import CONTEXT, OTHER, SWEEP, begun, failed, measurement, point


@pytest.fixture
def filled(tmp_path: Path) -> Records:
    """Records of two points, with a failure."""
    records = begun(open_records(str(tmp_path / "x.sqlite")))
    context = records.context(CONTEXT)
    records.add(measurement(0, context=context))
    records.add(failed(1, point=point(flags=("=cmd()", 'a"b'), params={"n": "1,2"}, needs={})))
    records.add(measurement(2, experiment=OTHER.id, figures={"rate": 7.5}))
    return records


def rows_of(records: Records, which: Filter = EVERYTHING) -> list[dict[str, str]]:
    stream, told = io.StringIO(), list[str]()
    write_csv(records, which, stream, told.append)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert told == [row["id"] for row in rows]
    return rows


def test_a_row_has_what_was_chosen_and_measured(filled: Records) -> None:
    first, second, third = rows_of(filled)
    assert first["program"] == "susan" and first["param.size"] == "64"
    assert first["need.compiler"] == "compiler.gcc@12.2.0"
    assert first["data.image"] == "dataset.image-small@1"
    assert float(first["figure.cpu"]) == 1.0 and float(first["started"]) == 1_000.0
    assert first["context"] == filled.context(CONTEXT) and first["point"] == point().id
    assert (second["verdict"], second["why"], second["figure.cpu"]) == (
        "failed",
        "ended by SIGSEGV",
        "",
    )
    assert (second["param.n"], second["param.size"], second["need.compiler"]) == ("1,2", "", "")
    assert (third["figure.rate"], third["figure.memory"]) == ("7.5", "")


def test_values_are_as_they_were_recorded(filled: Records) -> None:
    assert rows_of(filled)[1]["flags"] == '=cmd() a"b'


def test_columns_are_those_of_what_is_asked_for(filled: Records) -> None:
    (row,) = rows_of(filled, Filter(experiment=OTHER.id))
    assert [name for name in row if name.startswith("figure.")] == ["figure.rate"]
    assert "param.n" not in row


def test_nothing_is_a_table_without_rows(filled: Records) -> None:
    assert rows_of(filled, Filter(program="none")) == []


def test_json_holds_everything(filled: Records) -> None:
    stream = io.StringIO()
    write_json(filled, EVERYTHING, stream, lambda _: None)
    form: dict[str, Any] = json.loads(stream.getvalue())
    assert list(map(from_json, form["measurements"])) == list(filled.find())
    made = [Experiment(**{**one, "argv": tuple(one["argv"])}) for one in form["experiments"]]
    assert made == [SWEEP, OTHER]
    assert form["contexts"] == {filled.context(CONTEXT): CONTEXT}


def test_json_of_nothing_is_json(filled: Records) -> None:
    stream = io.StringIO()
    write_json(filled, Filter(program="none"), stream, lambda _: None)
    form = json.loads(stream.getvalue())
    assert form == {"schema": 1, "experiments": [], "measurements": [], "contexts": {}}


def test_parquet_has_types(filled: Records, tmp_path: Path) -> None:
    with open(tmp_path / "x.parquet", "wb") as stream:
        write_parquet(filled, EVERYTHING, stream, lambda _: None)
    table = library("pyarrow.parquet").read_table(tmp_path / "x.parquet")
    types = {field.name: str(field.type) for field in table.schema}
    assert types["figure.cpu"] == types["started"] == "double"
    assert (types["number"], types["flags"]) == ("int64", "string")
    rows = table.to_pylist()
    assert [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows] == rows_of(
        filled
    )


def test_a_missing_library_is_named(filled: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(EnvmgrError, match="pyarrow") as error:
        write_parquet(filled, EVERYTHING, io.BytesIO(), lambda _: None)
    assert error.value.hint == "pip install 'envmgr[experiment]'"
