"""Reports of other tools, recorded: each file is an experiment, the same file only once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from envmgr.errors import UsageError
from envmgr.experiment.records import Records
from envmgr.importers import google_benchmark, hyperfine, reframe
from envmgr.importers.reading import Note
from envmgr.importers.reports import Report, Source, read
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import RESULTS, Measurement

_Reader = tuple[str, Callable[[Mapping[str, Any]], bool], Callable[[Source], Report]]
_READERS: tuple[_Reader, ...] = (
    (hyperfine.TOOL, hyperfine.is_report, hyperfine.report),
    (google_benchmark.TOOL, google_benchmark.is_report, google_benchmark.report),
    (reframe.TOOL, reframe.is_report, reframe.report),
)


@dataclass(frozen=True, slots=True)
class ImportedReport:
    """What came of one file."""

    path: str
    tool: str
    experiment: Experiment
    added: int
    """How many measurements were recorded; 0 when the same file was taken over before."""
    failures: int
    """How many of its runs failed."""
    left: tuple[Note, ...] = ()
    lost: tuple[Note, ...] = ()


def import_reports(records: Records, paths: Iterable[str]) -> list[ImportedReport]:
    """Record what files of hyperfine, Google Benchmark or ReFrame say, each as an experiment.

    All are read before the first is recorded. Raises UsageError for one that cannot be.
    """
    sources = [read(path) for path in paths]
    reports = [_report(source) for source in sources]
    return [_imported(records, *pair) for pair in zip(sources, reports, strict=True)]


def _report(source: Source) -> Report:
    for _, is_report, report in _READERS:
        if is_report(source.document):
            return report(source)
    raise UsageError(
        f"{source.path} is of no tool that is known",
        hint=f"reports of {', '.join(tool for tool, _, _ in _READERS)} are",
    )


def _imported(records: Records, source: Source, report: Report) -> ImportedReport:
    base = {"imported": {"tool": report.tool, "sha256": source.sha256}, **report.context}
    with records.together():
        digest = records.context(base)
        known = records.experiment_with(digest)
        made = known or _experiment(source, report, digest)
        if not known:
            records.begin(made)
            records.add_many(_measurements(records, made.id, source, report, base))
    failures = sum(run.verdict not in RESULTS for run in report.runs)
    added = 0 if known else len(report.runs)
    return ImportedReport(source.path, report.tool, made, added, failures, report.left, report.lost)


def _experiment(source: Source, report: Report, context: str) -> Experiment:
    title = f"{report.tool}: {os.path.basename(source.path)}"
    id_ = _id(report.created, source.sha256[:8])
    return Experiment(id_, report.created, title, report.argv, context)


def _id(moment: float, rest: str) -> str:
    """An id that sorts by time, always the same for the same content."""
    return f"{max(int(moment * 1000), 0):012x}{rest}"


def _measurements(
    records: Records, experiment: str, source: Source, report: Report, base: Mapping[str, Any]
) -> Iterator[Measurement]:
    for index, run in enumerate(report.runs):
        yield Measurement(
            id=_id(run.started, f"{index:08x}{source.sha256[:8]}"),
            experiment=experiment,
            point=run.point,
            number=run.number,
            started=run.started,
            verdict=run.verdict,
            why=run.why,
            figures=run.figures,
            context=records.context({**base, "units": dict(run.units)} if run.units else base),
        )
