"""Experiments: where they are recorded, what is there of one, and reports of other tools."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from envmgr.api.workspace import Workspace
from envmgr.errors import UsageError
from envmgr.experiment.records import Records, open_records
from envmgr.experiment.select import Filter
from envmgr.experiment.summary import Summary, summaries
from envmgr.importers import google_benchmark, hyperfine, reframe
from envmgr.importers.reading import Note
from envmgr.importers.reports import Report, Source, read
from envmgr.model.experiment import Experiment
from envmgr.model.measurement import RESULTS, Measurement

VARIABLE = "ENVMGR_EXPERIMENTS"
"""The variable that names another place for records."""
_FILE = "experiments.sqlite"
_Reader = tuple[str, Callable[[Mapping[str, Any]], bool], Callable[[Source], Report]]
_READERS: tuple[_Reader, ...] = (
    (hyperfine.TOOL, hyperfine.is_report, hyperfine.report),
    (google_benchmark.TOOL, google_benchmark.is_report, google_benchmark.report),
    (reframe.TOOL, reframe.is_report, reframe.report),
)


def place_of(workspace: Workspace) -> str:
    """Where the records of *workspace* are: a file of its store, or what the variable says.

    Raises UsageError when that is a path that means another file in every directory.
    """
    place = workspace.environ.get(VARIABLE, "")
    if not place:
        return os.path.join(workspace.layout.root, _FILE)
    if "://" not in place and not os.path.isabs(place):
        raise UsageError(
            f"{VARIABLE} is no absolute path: {place!r}",
            hint="set it to a path that starts at the root, or to postgresql://…",
        )
    return place


@contextmanager
def records_of(workspace: Workspace, *, write: bool = False) -> Iterator[Records]:
    """The records of *workspace*, closed in the end. Raises StoreError."""
    with open_records(place_of(workspace), write=write) as records:
        yield records


# -- what is there of one thing --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that is recorded of an experiment, a point or a measurement."""

    kind: str
    id: str
    experiments: tuple[Experiment, ...]
    summaries: tuple[Summary, ...]
    measurements: tuple[Measurement, ...]
    contexts: Mapping[str, Mapping[str, Any]]
    """Digest to document."""


def show(records: Records, prefix: str) -> Shown:
    """What has an id that begins with *prefix*. Raises UsageError unless that is one thing."""
    kind, id_ = _named(records, prefix)
    which = {
        "experiment": Filter(experiment=id_),
        "point": Filter(point=id_),
        "measurement": Filter(measurement=id_),
    }[kind]
    measurements = tuple(records.find(which))
    experiments = tuple(records.experiments(which))
    digests = [one.context for one in experiments] + [one.context for one in measurements]
    return Shown(
        kind,
        id_,
        experiments,
        tuple(summaries(records, which)),
        measurements,
        {digest: records.document(digest) for digest in dict.fromkeys(filter(None, digests))},
    )


def _named(records: Records, prefix: str) -> tuple[str, str]:
    found = records.named(prefix) if all(c in "0123456789abcdef" for c in prefix) else []
    exact = [one for one in found if one[1] == prefix]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if not found:
        raise UsageError(
            f"nothing recorded has the id {prefix!r}", hint="`envmgr experiment list` shows ids"
        )
    some = ", ".join(f"{kind} {id_}" for kind, id_ in found[:4])
    raise UsageError(f"{prefix!r} begins several ids: {some}", hint="give more digits")


# -- reports of other tools ------------------------------------------------------------------


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
    left: tuple[Note, ...] = field(default=())
    lost: tuple[Note, ...] = field(default=())


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
