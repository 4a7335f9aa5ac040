"""What programs of Google Benchmark write."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from envmgr.errors import UsageError
from envmgr.importers.google_benchmark import report
from envmgr.importers.reports import read

from .reported import GOOGLE_BENCHMARK, changed, source

PROGRAM = r"""
#include <benchmark/benchmark.h>
static void sum(benchmark::State& state) {
    long total = 0;
    for (auto _ : state)
        for (int i = 0; i < state.range(0); i++) benchmark::DoNotOptimize(total += i);
    state.counters["things"] = 3;
}
BENCHMARK(sum)->Arg(8)->Repetitions(2)->Unit(benchmark::kMillisecond);
static void bad(benchmark::State& state) {
    state.SkipWithError("no input");
    for (auto _ : state) {}
}
BENCHMARK(bad);
BENCHMARK_MAIN();
"""


def test_each_repetition_is_a_run_in_our_units(tmp_path: Path) -> None:
    first, second, _ = report(source(tmp_path, GOOGLE_BENCHMARK)).runs
    assert (first.point.program, first.point.command) == ("sums", "BM_sum/8")
    assert first.point == second.point and (first.number, second.number) == (0, 1)
    assert first.figures == pytest.approx(
        {"wall": 5e-6, "cpu": 4e-6, "repeats": 1000, "bytes_per_second": 1.5e9, "things": 3.0}
    )
    assert first.units == {"bytes_per_second": "B/s"}
    assert first.started == 1795362946.0


def test_an_error_is_a_failure(tmp_path: Path) -> None:
    failed = report(source(tmp_path, GOOGLE_BENCHMARK)).runs[-1]
    assert (failed.verdict, failed.why, failed.figures) == ("failed", "no input", {})


def test_a_run_that_was_skipped_in_newer_versions_is_a_failure(tmp_path: Path) -> None:
    run = {"run_name": "x", "skipped": "SKIPPED_WITH_ERROR", "skip_message": "none"}
    document = changed(GOOGLE_BENCHMARK, "benchmarks", to=[run])
    assert report(source(tmp_path, document)).runs[0].why == "none"


def test_aggregates_are_left_out_and_said(tmp_path: Path) -> None:
    found = report(source(tmp_path, GOOGLE_BENCHMARK))
    assert len(found.runs) == 3
    assert [note.what for note in found.lost] == ["1 of its rows"]


def test_a_unit_that_is_not_known_makes_no_figure(tmp_path: Path) -> None:
    document = changed(GOOGLE_BENCHMARK, "benchmarks", 0, "time_unit", to="fortnights")
    assert "fortnights" in report(source(tmp_path, document)).runs[0].why


def test_only_aggregates_are_no_report(tmp_path: Path) -> None:
    only = changed(GOOGLE_BENCHMARK, "benchmarks", to=GOOGLE_BENCHMARK["benchmarks"][2:3])
    with pytest.raises(UsageError, match="nothing of any run"):
        report(source(tmp_path, only))


@pytest.mark.needs("g++", "/usr/include/benchmark/benchmark.h")
def test_what_it_really_writes(tmp_path: Path) -> None:
    (tmp_path / "b.cc").write_text(PROGRAM)
    compiled = ["g++", "-O1", "b.cc", "-o", "sums", "-lbenchmark", "-lpthread"]
    subprocess.run(compiled, cwd=tmp_path, check=True, timeout=120)
    started = ["./sums", "--benchmark_min_time=0.001", "--benchmark_out=real.json"]
    subprocess.run(started, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    found = report(read(str(tmp_path / "real.json")))
    first, second, bad = found.runs
    assert first.point.program == "sums" and first.point.command.startswith("sum/8")
    assert 0 < first.figures["cpu"] < 1e-5 and first.figures["things"] == 3.0
    assert second.point == first.point
    assert (bad.verdict, bad.why) == ("failed", "no input")
