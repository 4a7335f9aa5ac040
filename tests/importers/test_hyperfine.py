"""What hyperfine exports."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from envmgr.errors import UsageError
from envmgr.importers.hyperfine import report
from envmgr.importers.reports import read

from .reported import HYPERFINE, changed, source


def test_each_time_is_a_run(tmp_path: Path) -> None:
    found = report(source(tmp_path, HYPERFINE))
    first, second, third = found.runs
    assert (first.point.program, first.point.command) == ("sort", "sort -n 'a file'")
    assert (first.number, second.number) == (0, 1)
    assert first.figures == {"wall": 0.2, "memory": 4096.0}
    assert second.figures == {"wall": 0.3, "memory": 8192.0}
    assert third.point.params == {"n": "3"}


def test_another_exit_status_is_a_failure(tmp_path: Path) -> None:
    failed = report(source(tmp_path, HYPERFINE)).runs[-1]
    assert (failed.verdict, failed.why, failed.figures) == ("failed", "exit status 3", {})
    killed = report(source(tmp_path, changed(HYPERFINE, "results", 1, "exit_codes", to=[None])))
    assert killed.runs[-1].why == "ended by a signal"


def test_a_mean_of_several_runs_is_a_figure_of_none(tmp_path: Path) -> None:
    found = report(source(tmp_path, HYPERFINE))
    assert [note.what for note in found.lost] == ["sort -n 'a file'"]
    kept = found.context["results"][0]
    assert kept["user"] == 0.1 and "times" not in kept


def test_a_mean_of_one_run_is_its_figure(tmp_path: Path) -> None:
    right = changed(HYPERFINE, "results", 1, "exit_codes", to=[0])
    run = report(source(tmp_path, right)).runs[-1]
    assert run.figures == pytest.approx({"wall": 0.1, "user": 0.03, "system": 0.01, "cpu": 0.04})


def test_no_times_are_no_report(tmp_path: Path) -> None:
    empty = {"results": [{"command": "x", "times": []}]}
    with pytest.raises(UsageError, match="nothing of any run"):
        report(source(tmp_path, empty))


def test_a_command_that_is_no_words_has_a_name(tmp_path: Path) -> None:
    odd = changed(HYPERFINE, "results", 0, "command", to="/usr/bin/echo it's")
    assert report(source(tmp_path, odd)).runs[0].point.program == "echo"
    none = changed(HYPERFINE, "results", 0, "command", to="")
    assert report(source(tmp_path, none)).runs[0].point.program == "hyperfine"


@pytest.mark.needs("hyperfine")
def test_what_it_really_writes(tmp_path: Path) -> None:
    file = tmp_path / "real.json"
    command = ["hyperfine", "-i", "-r", "2", "--export-json", str(file), "true", "exit 4"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    found = report(read(str(file)))
    verdicts = [(run.point.command, run.number, run.verdict) for run in found.runs]
    assert verdicts == [
        ("true", 0, "unchecked"), ("true", 1, "unchecked"),
        ("exit 4", 0, "failed"), ("exit 4", 1, "failed"),
    ]  # fmt: skip
    assert all(run.figures.keys() == {"wall"} for run in found.runs[:2])
