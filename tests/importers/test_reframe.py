"""What ReFrame reports, in its present schema and the one before. The samples are cut from files
that versions 4.10 and 4.5 wrote.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from envmgr.errors import UsageError
from envmgr.importers.reframe import report
from envmgr.importers.reports import Report

from .reported import REFRAME_3, REFRAME_4, changed, source

FIRST = ("runs", 0, "testcases", 0)


@pytest.fixture
def newer(tmp_path: Path) -> Report:
    """A report of the present schema."""
    return report(source(tmp_path, REFRAME_4))


def test_a_test_case_is_a_run(newer: Report) -> None:
    run = newer.runs[0]
    assert (run.point.name, run.point.target) == ("stream:run", "daint:login")
    assert run.point.params == {"size": "1", "fixture.a": "x"}
    assert run.point.needs == {"environ": "gnu"}
    assert (run.figures, run.units) == ({"triad": 100.5}, {"triad": "MB/s"})
    assert (run.verdict, run.started) == ("unchecked", 1795362983.5)
    assert (newer.created, newer.argv) == (1795362983.25, ("reframe", "-c", "t.py", "-r"))
    assert newer.context["session_info"]["version"] == "4.10.4"


def test_a_failure_gives_no_figures(newer: Report) -> None:
    wrong = newer.runs[1]
    assert (wrong.verdict, wrong.figures) == ("failed", {})
    assert wrong.why == "sanity error: pattern 'x' not found"
    assert wrong.started == newer.created


def test_a_figure_outside_its_reference_was_measured_all_the_same(newer: Report) -> None:
    slow = newer.runs[2]
    assert (slow.verdict, slow.figures) == ("unchecked", {"triad": 9.0})
    assert "too low" in slow.why


def test_what_was_skipped_is_said(newer: Report) -> None:
    assert [(note.what, note.why) for note in newer.left] == [("idle", "it was skipped")]
    assert len(newer.runs) == 4


def test_the_time_of_a_run_counts_where_nothing_else_does(newer: Report) -> None:
    assert (newer.runs[3].figures, newer.runs[3].units) == ({"time_run": 0.5}, {"time_run": "s"})


def test_the_schema_before(tmp_path: Path) -> None:
    found = report(source(tmp_path, REFRAME_3))
    first, wrong = found.runs
    assert (first.point.name, first.point.target) == ("stream:run", "daint:login")
    assert first.figures == {"triad": 100.5, "reframe.cpu": 3.0}
    assert first.units == {"triad": "MB/s", "reframe.cpu": "ms"}
    assert first.started == found.created == 1795363012.0
    assert (wrong.verdict, wrong.why) == ("failed", "not found")


def test_repeated_tests_are_rounds_of_one_point(tmp_path: Path) -> None:
    cases: list[Any] = [
        {**REFRAME_4["runs"][0]["testcases"][0], "display_name": f"stream %.repeat_no={n}"}
        for n in range(3)
    ]
    found = report(source(tmp_path, changed(REFRAME_4, "runs", 0, "testcases", to=cases)))
    assert [run.number for run in found.runs] == [0, 1, 2]
    assert len({run.point.id for run in found.runs}) == 1


def test_a_value_that_is_not_there_is_no_figure(tmp_path: Path) -> None:
    document = changed(REFRAME_4, *FIRST, "perfvalues", to={"a:b:c": [None], "a:b:d": [2]})
    assert report(source(tmp_path, document)).runs[0].figures == {"d": 2.0}


def test_no_cases_are_no_report(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing of any run"):
        report(source(tmp_path, changed(REFRAME_4, "runs", to=[])))
