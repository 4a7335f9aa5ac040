"""`envmgr experiment compare` and `plot`: what people and programs are told, and the status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envmgr.cli import main
from envmgr.experiment.records import open_records
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import Measurement, Point

ID = "0a1b00000000000000aa"
FLAGS = {"-O1": 0.010, "-O2": 0.005, "-O3": 0.00503}


@pytest.fixture(autouse=True)
def _recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = str(tmp_path / "records.sqlite")
    monkeypatch.setenv("ENVMGR_EXPERIMENTS", place)
    monkeypatch.setenv("ENVMGR_HOME", str(tmp_path / "store"))
    monkeypatch.setenv("COLUMNS", "100")
    with open_records(place) as records:
        records.begin(Experiment(ID, 1.0))
        records.add_many(
            Measurement(
                f"{number:06x}{at:06x}", ID, Point("susan", "edges", {"size": "64"}, (flag,)),
                number, 10.0 * number + (at + number) % 3, "right",
                figures={"cpu": seconds * (1 + 0.003 * (number % 4)), "memory": 2.0**20},
            )
            for at, (flag, seconds) in enumerate(FLAGS.items())
            for number in range(9)
        )  # fmt: skip


def test_people_are_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experiment", "compare", ID[:4]]) == 0
    said = capsys.readouterr()
    head, first, second, terms = said.out.splitlines()
    assert head.split()[-1] == "VERDICT"
    assert first.split()[0] == "-O1"
    assert "10.03 ms ± 0.449 %" in first
    assert "0.5000" in first
    assert first.endswith("faster")
    assert second.endswith("faster")
    assert terms == (
        "9 rounds; lower is better; claimed is what differs by more than 1 %,"
        " wrongly at most 5 % of the time of all together"
    )
    assert said.err == ""


def test_sizes_are_not_faster(capsys: pytest.CaptureFixture[str]) -> None:
    main(["experiment", "compare", ID, "--figure=memory", "--baseline=-O2"])
    rows = capsys.readouterr().out.splitlines()[1:3]
    assert [row.split("  ")[-1] for row in rows] == ["same within 1 %"] * 2
    assert "1 MiB" in rows[0]


def test_programs_are_told_everything(capsys: pytest.CaptureFixture[str]) -> None:
    main(["experiment", "compare", f"{ID} flags=-O1", f"{ID} flags=-O2", "--json"])
    form = json.loads(capsys.readouterr().out)
    assert form["schema"] == 1
    assert form["rule"] == {
        "figure": "cpu", "unit": "s", "better": "lower", "alpha": 0.05, "at_least": 0.01
    }  # fmt: skip
    (one,) = form["comparisons"]
    assert one["verdict"] == "faster"
    assert one["low"] <= one["ratio"] <= one["high"] < 0.51
    assert (one["design"], one["rounds"], one["effect"]) == ("interleaved", 9, -1.0)
    assert one["p"] == one["adjusted"] <= 0.05
    assert one["base"]["experiments"] == [ID]
    assert one["base"]["results"] == 9
    assert form["notes"] == one["warnings"] == []
    assert set(form) == {"schema", "rule", "comparisons", "notes"}
    assert set(one) == {
        "base", "other", "design", "rounds", "ratio", "low", "high", "confidence", "effect", "p",
        "adjusted", "verdict", "why", "warnings",
    }  # fmt: skip
    assert set(one["base"]) == set(one["other"]) == {
        "name", "point", "experiments", "results", "failed", "median", "low", "high"
    }  # fmt: skip


def test_what_is_unknown_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    main(["experiment", "compare", f"{ID} flags!=-O3", "--until=1970-01-01T00:00:40Z", "--json"])
    (one,) = json.loads(capsys.readouterr().out)["comparisons"]
    assert (one["low"], one["high"]) == (None, None)
    assert one["verdict"] == "not distinguishable"
    assert one["why"] == "4 rounds say nothing; it takes 6 at least"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ([f"{ID} flags=-O1", f"{ID} flags=-O2", "--fail-if=slower"], 0),
        ([f"{ID} flags=-O2", f"{ID} flags=-O1"], 0),
        ([f"{ID} flags=-O2", f"{ID} flags=-O1", "--fail-if=slower"], 1),
        ([f"{ID} flags=-O1", f"{ID} flags=-O2", "--fail-if=different"], 1),
        ([f"{ID} flags=-O2", f"{ID} flags=-O3", "--fail-if=different"], 0),
        ([f"{ID} flags=-O2", f"{ID} flags=-O3", "--at-least=0", "--fail-if=slower"], 1),
        (["a", "b", "c"], 2),
        ([ID, "--at-least=much"], 2),
        ([ID, "--alpha=0"], 2),
        ([ID, "--figure=nothing"], 2),
    ],
)
def test_the_status_says_what_was_asked(
    words: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["experiment", "compare", *words]) == status


def test_a_picture_in_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experiment", "plot", ID]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:6:2]] == list(FLAGS)
    assert max(map(len, lines)) <= 100
    assert main(["experiment", "plot", ID, "--kind=series"]) == 0
    assert "cpu / median over round" in capsys.readouterr().out


def test_a_picture_in_a_file(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shared = tmp_path_factory.getbasetemp().parent / "matplotlib"
    shared.mkdir(exist_ok=True)
    monkeypatch.setenv("MPLCONFIGDIR", str(shared))
    path = tmp_path / "x.svg"
    assert main(["experiment", "plot", ID, "-o", str(path)]) == 0
    assert "-O3" in path.read_text("utf-8")
    assert str(path) in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [["-o", "x.gif"], ["--kind=scaling"], ["--kind=scaling", "--over=flags"], ["no-such-program"]],
)
def test_a_picture_that_makes_no_sense(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["experiment", "plot", *words]) == 2
    assert "envmgr: error:" in capsys.readouterr().err
