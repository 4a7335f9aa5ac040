"""`envmgr experiment`: what was measured, listed, shown, exported and imported."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from envmgr.cli import main
from envmgr.cli.measured import amount
from envmgr.experiment.records import Records, open_records
from envmgr.model.measurement import from_json
from tests.experiment.made import CONTEXT, OTHER, SWEEP, begun, failed, measurement, point
from tests.importers.reported import GOOGLE_BENCHMARK, HYPERFINE, REFRAME_4


class Line:
    """The command line, called in this process, with records of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str], place: Path) -> None:
        self._capsys = capsys
        self.place = place

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """What is printed, when the exit status is *code*."""
        found = main(["experiment", *arguments])
        said = self._capsys.readouterr()
        self.told = said.err
        assert (found, "Traceback" in said.err) == (code, False), said
        return said.out

    def json(self, *arguments: str, code: int = 0) -> Any:
        """The one object that is printed."""
        return json.loads(self(*arguments, "--json", code=code))


@pytest.fixture
def line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Line:
    """The command line, with nothing recorded yet."""
    monkeypatch.setenv("ENVMGR_HOME", str(tmp_path / "store"))
    monkeypatch.delenv("ENVMGR_EXPERIMENTS", raising=False)
    return Line(capsys, tmp_path / "store" / "experiments.sqlite")


@pytest.fixture
def filled(line: Line) -> Line:
    """The command line, with two experiments."""
    with open_records(str(line.place)) as records:
        fill(records)
    return line


def fill(records: Records) -> None:
    """Record two points, one of them in two experiments, and a crash."""
    context = begun(records).context(CONTEXT)
    llvm = point(needs={"compiler": "compiler.llvm@14.0.6"})
    records.add_many(
        (
            measurement(0, context=context),
            measurement(1, context=context),
            failed(2, point=llvm),
            measurement(3, experiment=OTHER.id, figures={"rate": 250.0}, context=context),
        )
    )


def report(tmp_path: Path, name: str, document: Any) -> str:
    """The path of a file with *document*."""
    file = tmp_path / name
    file.write_text(json.dumps(document))
    return str(file)


# -- list ------------------------------------------------------------------------------------


def test_a_line_a_point(filled: Line) -> None:
    header, *rows = filled("list").splitlines()
    assert header.split() == [
        *("EXPERIMENT", "WHEN", "PROGRAM", "POINT", "WITH"),
        *("RESULTS", "FAILURES", "FIGURE", "MEDIAN"),
    ]
    assert [row.split()[0] for row in rows] == [SWEEP.id, SWEEP.id, OTHER.id]
    assert "compiler.gcc@12.2.0" in rows[0] and rows[0].endswith("cpu     1.5 s")
    assert "compiler.llvm@14.0.6" in rows[1] and "1 failed" in rows[1]
    assert rows[2].endswith("rate    250 MB/s")


def test_a_filter_and_a_figure(filled: Line) -> None:
    form = filled.json("list", "--compiler", "compiler.gcc@>=12", "--figure", "memory")
    first, other = form["summaries"]
    assert (first["median"], first["unit"], first["results"]) == (4096.0, "B", 2)
    assert (other["median"], other["figure"]) == (None, None)
    assert first["point"]["id"] == point().id


def test_a_line_an_experiment(filled: Line) -> None:
    form = filled.json("list", "--experiments")
    found = [(e["id"], e["points"], e["results"], e["failures"]) for e in form["experiments"]]
    assert found == [(SWEEP.id, 2, 2, 1), (OTHER.id, 1, 1, 0)]
    rows = filled("list", "--experiments", "--verdict", "failed").splitlines()[1:]
    assert [row.split()[0] for row in rows] == [SWEEP.id]
    assert "a sweep" in rows[0] and rows[0].endswith("1 failed")


def test_nothing_recorded_is_no_failure_and_makes_nothing(line: Line) -> None:
    assert line.json("list") == {"schema": 1, "summaries": []}
    assert line.json("list", "--experiments") == {"schema": 1, "experiments": []}
    assert not line.place.exists()


def test_nothing_that_fits_is_one(filled: Line) -> None:
    assert filled("list", "--program", "none", code=1) == ""
    assert "nothing recorded fits" in filled.told
    assert filled("list", "--experiments", "--program", "none", code=1) == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "--where", "size"),
        ("list", "--since", "yesterday"),
        ("list", "--verdict", "good"),
        ("list", "--experiment", "x"),
        ("show", "zzz"),
        ("show", ""),
        ("export", "--format", "parquet"),
        ("import", "/no/such/file"),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_said(filled: Line, arguments: tuple[str, ...]) -> None:
    filled(*arguments, code=2)
    assert "envmgr: error:" in filled.told and "hint:" in filled.told


# -- show ------------------------------------------------------------------------------------


def test_an_experiment_is_shown(filled: Line) -> None:
    text = filled("show", SWEEP.id[:2])
    for said in ("experiment 0a00", "a sweep", "envmgr program run susan", "1 failed", "1.5 s"):
        assert said in text
    form = filled.json("show", SWEEP.id)
    assert (form["kind"], len(form["measurements"]), len(form["summaries"])) == ("experiment", 3, 2)
    assert list(form["contexts"].values()) == [CONTEXT]


def test_a_measurement_is_shown_with_everything(filled: Line) -> None:
    form = filled.json("show", measurement(1).id)
    context = form["measurements"][0]["context"]
    assert from_json(form["measurements"][0]) == measurement(1, context=context)
    assert [one["id"] for one in form["experiments"]] == [SWEEP.id]
    text = filled("show", measurement(1).id)
    for said in (
        "param size",
        "compiler.gcc@12.2.0",
        "sha256:" + "cd" * 32,
        "4 KiB",
        "-march=native",
    ):
        assert said in text
    assert "ended by SIGSEGV" in filled("show", measurement(2).id)


def test_a_point_is_shown_from_all_experiments(filled: Line) -> None:
    form = filled.json("show", point().id[:8])
    assert (form["kind"], form["id"]) == ("point", point().id)
    assert [one["experiment"] for one in form["summaries"]] == [SWEEP.id, OTHER.id]


def test_an_id_of_several_is_not_guessed(filled: Line) -> None:
    filled("show", "0", code=2)
    assert "begins several ids: experiment 0a00, experiment 0b00" in filled.told


# -- export ----------------------------------------------------------------------------------


def test_csv_goes_to_the_output(filled: Line) -> None:
    rows = list(csv.DictReader(io.StringIO(filled("export", "--experiment", SWEEP.id))))
    assert [row["verdict"] for row in rows] == ["right", "right", "failed"]
    assert rows[0]["need.compiler"] == "compiler.gcc@12.2.0"


@pytest.mark.parametrize("name", ["x.csv", "x.json", "x.parquet"])
def test_a_file_is_written_whole(filled: Line, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert filled("export", "-o", str(out / name)) == ""
    assert "4 measurements" in filled.told
    assert os.listdir(out) == [name]
    data = (out / name).read_bytes()
    kinds = {"x.csv": b"id,exper", "x.json": b'{"schema', "x.parquet": b"PAR1"}
    assert data.startswith(kinds[name])


def test_a_failed_export_leaves_what_was_there(
    filled: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "x.csv").write_text("mine")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("envmgr.experiment.export.Columns.row", fails)
    filled("export", "-o", str(out / "x.csv"), code=1)
    assert f"cannot write {out / 'x.csv'}: No space left on device" in filled.told
    assert os.listdir(out) == ["x.csv"]
    assert (out / "x.csv").read_text() == "mine"


def test_an_export_of_nothing_says_so(filled: Line) -> None:
    assert filled("export", "--program", "none", code=1).startswith("id,experiment,")


# -- import ----------------------------------------------------------------------------------


def test_reports_become_experiments_once(line: Line, tmp_path: Path) -> None:
    files = [
        report(tmp_path, "h.json", HYPERFINE),
        report(tmp_path, "g.json", GOOGLE_BENCHMARK),
        report(tmp_path, "r.json", REFRAME_4),
    ]
    form = line.json("import", *files)
    counted = [(one["tool"], one["added"], one["failures"]) for one in form["imported"]]
    assert counted == [("hyperfine", 3, 1), ("google-benchmark", 3, 1), ("reframe", 4, 1)]
    assert [note["what"] for note in form["left"]] == ["idle"]
    assert len(form["lost"]) == 2
    again = line.json("import", *files)
    assert [one["added"] for one in again["imported"]] == [0, 0, 0]
    assert [one["experiment"] for one in again["imported"]] == [
        one["experiment"] for one in form["imported"]
    ]
    with open_records(str(line.place), write=False) as records:
        assert records.count() == 10
        assert {one.verdict for one in records.find()} == {"unchecked", "failed"}


def test_the_same_report_elsewhere_is_the_same(line: Line, tmp_path: Path) -> None:
    first, second = report(tmp_path, "a.json", HYPERFINE), report(tmp_path, "b.json", HYPERFINE)
    os.utime(second, (1, 1))
    form = line.json("import", first, second)
    assert [one["added"] for one in form["imported"]] == [3, 0]


def test_runs_of_a_report_stay_in_order(line: Line, tmp_path: Path) -> None:
    line("import", report(tmp_path, "h.json", HYPERFINE))
    with open_records(str(line.place), write=False) as records:
        assert [(one.point.program, one.number) for one in records.find()] == [
            ("sort", 0), ("sort", 1), ("exit", 0),
        ]  # fmt: skip


def test_what_is_said_of_a_report_is_kept(line: Line, tmp_path: Path) -> None:
    form = line.json("import", report(tmp_path, "r.json", REFRAME_4))
    shown = line.json("show", form["imported"][0]["experiment"]["id"])
    base = shown["contexts"][form["imported"][0]["experiment"]["context"]]
    assert base["session_info"]["version"] == "4.10.4"
    assert len(base["imported"]["sha256"]) == 64
    assert "100.5 MB/s" in line("list", "--program", "stream", "--target", "daint:login")


def test_one_file_that_is_no_report_has_none_recorded(line: Line, tmp_path: Path) -> None:
    files = [report(tmp_path, "h.json", HYPERFINE), report(tmp_path, "x.json", {"a": 1})]
    line("import", *files, code=2)
    assert "is of no tool that is known" in line.told
    assert line.json("list")["summaries"] == []


# -- the place -------------------------------------------------------------------------------


def test_a_variable_names_another_place(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVMGR_EXPERIMENTS", str(tmp_path / "shared.sqlite"))
    line("import", report(tmp_path, "h.json", HYPERFINE))
    assert (tmp_path / "shared.sqlite").is_file() and not line.place.exists()


@pytest.mark.parametrize("place", ["here.sqlite", "postgresql:me:hunter2@host"])
def test_a_place_that_is_none_is_refused(
    line: Line, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("ENVMGR_EXPERIMENTS", place)
    line("list", code=2)
    assert "ENVMGR_EXPERIMENTS" in line.told and "hunter2" not in line.told


def test_a_file_of_something_else_is_an_error_with_a_way_out(line: Line) -> None:
    line.place.parent.mkdir(parents=True)
    line.place.write_text("dear diary " * 1000)
    assert line.json("list", code=1)["error"]["kind"] == "StoreError"
    assert line.place.read_text().startswith("dear diary")


# -- words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (1.5, "s", "1.5 s"),
        (0.012345, "s", "12.35 ms"),
        (4.65e-9, "s", "4.65 ns"),
        (1e-12, "s", "0.001 ns"),
        (0.0, "s", "0 s"),
        (-0.5, "s", "-500 ms"),
        (4096.0, "B", "4 KiB"),
        (100.0, "B", "100 B"),
        (250.0, "MB/s", "250 MB/s"),
        (3.0, "", "3"),
        (None, "s", "-"),
    ],
)
def test_amounts(value: float | None, unit: str, said: str) -> None:
    assert amount(value, unit) == said
