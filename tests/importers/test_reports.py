"""Reading JSON that somebody else wrote."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envmgr.errors import UsageError
from envmgr.importers import google_benchmark, hyperfine, reframe, reports
from envmgr.importers.reports import Report, Source, moment, number, own_name, read, text

from .reported import GOOGLE_BENCHMARK, HYPERFINE, REFRAME_3, REFRAME_4, source

READERS: dict[str, Callable[[Source], Report]] = {
    "hyperfine": hyperfine.report,
    "google-benchmark": google_benchmark.report,
    "reframe": reframe.report,
}


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    found = source(tmp_path, HYPERFINE)
    assert found.sha256 == hashlib.sha256(Path(found.path).read_bytes()).hexdigest()
    assert found.changed == os.stat(found.path).st_mtime
    assert found.document == HYPERFINE


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is no JSON"),
        ('{"a": ', "is no JSON"),
        ("[1]", "no object"),
        ("[" * 10**5, "is no JSON"),
    ],
    ids=["empty", "half", "list", "deep"],
)
def test_what_is_no_report_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        source(tmp_path, content)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read(str(tmp_path / "none.json"))
    with pytest.raises(UsageError, match="cannot read"):
        read(str(tmp_path))


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "MOST_BYTES", 10)
    with pytest.raises(UsageError, match="larger than"):
        source(tmp_path, HYPERFINE)


@pytest.mark.parametrize("document", [HYPERFINE, GOOGLE_BENCHMARK, REFRAME_3, REFRAME_4])
def test_a_report_is_of_one_tool(document: dict[str, Any]) -> None:
    tests = (hyperfine.is_report, google_benchmark.is_report, reframe.is_report)
    assert sum(is_report(document) for is_report in tests) == 1


@pytest.mark.parametrize("document", [{}, {"results": []}, {"results": [{"a": 1}]}, {"runs": []}])
def test_what_is_of_no_tool_is_none(document: dict[str, Any]) -> None:
    assert not hyperfine.is_report(document)
    assert not google_benchmark.is_report(document)
    assert not reframe.is_report(document)


WORDS = st.text(max_size=5)
SCALARS = st.none() | st.booleans() | st.floats() | st.integers(-(10**400), 10**400) | WORDS
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        *("results", "command", "times", "exit_codes", "parameters", "benchmarks", "context"),
        *("run_name", "real_time", "time_unit", "iterations", "threads", "date", "executable"),
        *(
            "session_info",
            "runs",
            "testcases",
            "perfvars",
            "perfvalues",
            "name",
            "system",
            "result",
        ),
    ]
)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(KEYS, inner, max_size=6)


DOCUMENTS = objects(
    ANYTHING | st.lists(objects(ANYTHING | st.lists(objects(ANYTHING), max_size=2)))
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(document=DOCUMENTS)
@pytest.mark.parametrize("tool", READERS)
def test_whatever_a_file_holds_is_a_report_or_refused(tool: str, document: dict[str, Any]) -> None:
    try:
        found = READERS[tool](Source("x.json", "0" * 64, 0.0, document))
    except UsageError:
        return
    assert found.runs
    for run in found.runs:
        assert all(isinstance(value, float) for value in run.figures.values())
        json.dumps(dict(run.figures), allow_nan=False)


@pytest.mark.parametrize(
    ("value", "found"),
    [(1, 1.0), (2.5, 2.5), (True, None), ("1", None), (None, None), (float("nan"), None),
     (float("inf"), None), (10**400, None)],
)  # fmt: skip
def test_only_numbers_are_numbers(value: Any, found: float | None) -> None:
    assert number(value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [("a", "a"), (3, "3"), (None, ""), ([], ""), ("a\0\ud800b", r"a\x00\ud800b")],
)
def test_texts(value: Any, found: str) -> None:
    assert text(value) == found


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("2026-11-22T15:56:52+0000", 1795363012.0),
        ("2026-11-22T15:56:52+00:00", 1795363012.0),
        ("2026-11-22T17:56:52+02:00", 1795363012.0),
        ("2026-11-22T15:56:52Z", 1795363012.0),
        ("20261122T155652+0000", 1795363012.0),
        ("yesterday", 7.0),
        (None, 7.0),
    ],
)
def test_moments(said: Any, seconds: float) -> None:
    assert moment(said, 7.0) == seconds


def test_no_figure_of_another_tool_takes_a_name_of_ours() -> None:
    assert own_name("cpu", "reframe") == "reframe.cpu"
    assert own_name("triad", "reframe") == "triad"
