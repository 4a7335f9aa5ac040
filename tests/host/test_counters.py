"""Counters, as recorded perfs write them, and as a perf that plays a part counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.host import counters

_TYPICAL = """# started on Sun Nov 22 15:48:46 2026

1234567890,,instructions:u,1000200300,100.00,1.52,insn per cycle
812345678,,cycles:u,1000200300,75.00,,
<not supported>,,cache-misses:u,0,100.00,,
<not counted>,,branches,0,0.00,,
0.58,msec,task-clock,576894,100.00,214.938,CPUs utilized
48,,page-faults,576894,100.00,83.204,K/sec
"""


def test_numbers_are_read_and_what_is_not_counted_is_no_zero() -> None:
    counted = counters.parse(_TYPICAL)
    assert counted.values == {
        "instructions": 1234567890.0,
        "cycles": 812345678.0,
        "task-clock": 0.58,
        "page-faults": 48.0,
    }
    assert counted.absent == {
        "cache-misses": "perf says not supported: cache-misses on this machine",
        "branches": "perf says not counted: branches on this machine",
    }


@pytest.mark.parametrize("text", ["", "\n", "# a comment, with commas, in it\n", "garbage", ",,"])
def test_what_is_no_count_is_none(text: str) -> None:
    assert counters.parse(text).values == {}


def test_a_file_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert counters.read(str(tmp_path / "none")) == counters.NOTHING


def _perf(directory: Path, script: str) -> str:
    for name, content in (("perf", script), ("true", "exit 0")):
        (directory / name).write_text(f"#!/bin/sh\n{content}\n")
        (directory / name).chmod(0o755)
    return str(directory)


def test_what_perf_counts_here_is_found_out_by_trying(tmp_path: Path) -> None:
    # `perf stat -x, -o FILE -e EVENTS -- ARGV`
    path = _perf(tmp_path, 'echo "5,,cycles:u,1,100.00,," > $4; shift 7; exec "$@"')
    usable, absent = counters.usable(("cycles", "sparks"), path)
    assert usable == ("cycles",)
    assert absent == {"sparks": "perf does not know it"}


def test_a_perf_that_refuses_says_why(tmp_path: Path) -> None:
    path = _perf(tmp_path, "echo Error:; echo perf_event_paranoid setting is 4; exit 255")
    usable, absent = counters.usable(("cycles",), path)
    assert usable == ()
    assert absent == {"cycles": "perf refuses: perf_event_paranoid setting is 4"}


def test_without_perf_nothing_is_counted(tmp_path: Path) -> None:
    usable, absent = counters.usable(("cycles",), str(tmp_path))
    assert usable == ()
    assert absent == {"cycles": "there is no perf on PATH"}


def test_nothing_asked_starts_nothing() -> None:
    assert counters.usable((), "/nowhere") == ((), {})
