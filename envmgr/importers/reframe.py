"""What ReFrame reports with `--report-file`, in its schemas from 1 to 4.

A test case is a run. Its name without the parameters is the program, and where it ran is the
target. The time of the run counts where the test measures nothing itself. A test that failed gives
no figures, unless all that failed was a figure, which was outside of what it should be: that was
measured, and says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from envmgr.importers.reading import Note
from envmgr.importers.reports import (
    Report,
    Run,
    Source,
    failed,
    mapping,
    mappings,
    measured,
    moment,
    nothing_in,
    number,
    own_name,
    sequence,
    text,
)
from envmgr.model.measurement import Point

TOOL = "reframe"
_PASSED = ("success", "pass", "xpass")
_SKIPPED = ("skip", "skipped")
_COMMAND = "run"
_REPEAT = (".repeat_no", "$repeat_no")
"""The parameter by which `--repeat` tells its runs apart, which is no choice."""

_Own = dict[str, tuple["float | None", str]]
"""Figures of a test's own with their units."""


def is_report(document: Mapping[str, Any]) -> bool:
    """Whether *document* is of this tool."""
    return "session_info" in document and isinstance(document.get("runs"), list)


def report(source: Source) -> Report:
    """What a file says. Raises UsageError when that is nothing."""
    session = mapping(source.document.get("session_info"))
    created = _time(session, "time_start", source.changed)
    seen: Counter[str] = Counter()
    runs, left = [], []
    for case in _cases(source.document):
        if text(case.get("result")) in _SKIPPED:
            left.append(Note(source.path, text(case.get("name")), "it was skipped"))
            continue
        point = _point(case)
        started = _time(case, "job_submit_time", created)
        runs.append(Run(point, seen[point.id], started, **_outcome(case)))
        seen[point.id] += 1
    if not runs:
        raise nothing_in(source, TOOL)
    argv = tuple(text(session.get("cmdline")).split())
    return Report(TOOL, created, tuple(runs), argv, {"session_info": dict(session)}, tuple(left))


def _cases(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for run in mappings(document.get("runs")):
        yield from mappings(run.get("testcases"))


def _time(piece: Mapping[str, Any], key: str, otherwise: float) -> float:
    """A time, which newer schemas have as a number as well, or only so."""
    for name in (f"{key}_unix", key):
        if (found := number(piece.get(name))) is not None:
            return found
    return moment(piece.get(key), otherwise)


def _point(case: Mapping[str, Any]) -> Point:
    words = text(case.get("display_name") or case.get("name")).split(" %")
    pairs = (word.partition("=") for word in words[1:])
    params = {key: value.strip() for key, _, value in pairs if key not in _REPEAT}
    environ = text(case.get("environ") or case.get("environment"))
    return Point(
        words[0].strip() or TOOL,
        _COMMAND,
        params,
        needs={"environ": environ} if environ else {},
        target=_target(case),
    )


def _target(case: Mapping[str, Any]) -> str:
    """The system and its partition, which older schemas have as one."""
    system, partition = text(case.get("system")), text(case.get("partition"))
    return f"{system}:{partition}" if partition else system


def _outcome(case: Mapping[str, Any]) -> dict[str, Any]:
    reason = text(case.get("fail_reason"))
    passed = text(case.get("result")) in _PASSED
    own: _Own = {name: (value, unit) for name, value, unit in _figures(case)}
    if not passed and not (text(case.get("fail_phase")) == "performance" and own):
        return failed(reason or text(case.get("fail_phase")))
    if not own:
        own = {"time_run": (number(case.get("time_run")), "s")}
    figures = {name: value for name, (value, _) in own.items()}
    units = {name: unit for name, (_, unit) in own.items() if unit}
    return measured(figures, units=units, why="" if passed else " ".join(reason.split()))


def _figures(case: Mapping[str, Any]) -> Iterator[tuple[str, float, str]]:
    """Name, value and unit of each of the test's own figures, as either schema has them."""
    rows = [(row.get("name"), row.get("value"), row.get("unit"))
            for row in mappings(case.get("perfvars"))]  # fmt: skip
    for key, said in mapping(case.get("perfvalues")).items():
        value, _, _, _, unit = [*sequence(said), *[None] * 5][:5]
        rows.append((key.rpartition(":")[2], value, unit))
    for name, value, unit in rows:
        if (found := number(value)) is not None:
            yield own_name(text(name), TOOL), found, text(unit)
