"""What programs of the library Google Benchmark write with `--benchmark_out`.

Each repetition is a run; its times are those of one iteration. Means and other aggregates are no
runs: they can be worked out again.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from typing import Any

from envmgr.importers.reading import Note
from envmgr.importers.reports import (
    SECONDS,
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
    text,
)
from envmgr.model.measurement import Point

TOOL = "google-benchmark"
_RATES = {"bytes_per_second": "B/s", "items_per_second": "1/s"}
_KNOWN = {
    *("family_index", "per_family_instance_index", "repetitions", "repetition_index"),
    *("threads", "iterations", "real_time", "cpu_time"),
}
"""Numbers that are no counters of the program."""


def is_report(document: Mapping[str, Any]) -> bool:
    """Whether *document* is of this tool."""
    return isinstance(document.get("benchmarks"), list) and "context" in document


def report(source: Source) -> Report:
    """What a file says. Raises UsageError when that is nothing."""
    context = mapping(source.document.get("context"))
    all_ = mappings(source.document.get("benchmarks"))
    kept = [one for one in all_ if "aggregate_name" not in one]
    if not kept:
        raise nothing_in(source, TOOL)
    started = moment(context.get("date"), source.changed)
    executable = text(context.get("executable"))
    seen: Counter[str] = Counter()
    runs = []
    for one in kept:
        point = _point(one, executable)
        runs.append(Run(point, seen[point.id], started, **_outcome(one)))
        seen[point.id] += 1
    return Report(
        TOOL,
        started,
        tuple(runs),
        argv=(executable,) if executable else (),
        context={"context": dict(context)},
        lost=_lost(source, len(all_) - len(kept)),
    )


def _lost(source: Source, aggregates: int) -> tuple[Note, ...]:
    why = "aggregates are no runs; they can be worked out again"
    return (Note(source.path, f"{aggregates} of its rows", why),) if aggregates else ()


def _point(one: Mapping[str, Any], executable: str) -> Point:
    name = text(one.get("run_name")) or text(one.get("name"))
    threads = {"threads": text(one["threads"])} if "threads" in one else {}
    return Point(os.path.basename(executable) or TOOL, name, threads)


def _outcome(one: Mapping[str, Any]) -> dict[str, Any]:
    if one.get("error_occurred") or one.get("skipped"):
        return failed(text(one.get("error_message")) or text(one.get("skip_message")))
    scale = SECONDS.get(text(one.get("time_unit")) or "ns")
    if scale is None:
        return failed(f"times in an unknown unit: {text(one.get('time_unit'))}")
    figures = {
        "wall": _scaled(one.get("real_time"), scale),
        "cpu": _scaled(one.get("cpu_time"), scale),
        "repeats": number(one.get("iterations")),
    }
    counters = {own_name(k, TOOL): number(v) for k, v in one.items() if k not in _KNOWN}
    return measured({**figures, **counters}, units={k: _RATES[k] for k in _RATES if k in one})


def _scaled(value: Any, scale: float) -> float | None:
    found = number(value)
    return None if found is None else found * scale
