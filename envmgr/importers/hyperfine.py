"""What hyperfine exports with `--export-json`.

Wall time is there for every run, and peak memory in newer versions. Processor time is a mean of all
runs of a command: it is a figure where there was one run, and else stays in the context.
"""

from __future__ import annotations

import os
import shlex
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
    nothing_in,
    number,
    sequence,
    text,
)
from envmgr.model.measurement import Point

TOOL = "hyperfine"
_EACH = ("times", "exit_codes", "memory_usage_byte")
"""Keys that hold something for each run."""
_MEANS = ("user", "system")


def is_report(document: Mapping[str, Any]) -> bool:
    """Whether *document* is of this tool."""
    first = mappings(document.get("results"))[:1]
    return any("command" in one and "times" in one for one in first)


def report(source: Source) -> Report:
    """What a file says. Raises UsageError when that is nothing."""
    results = mappings(source.document.get("results"))
    runs = tuple(run for result in results for run in _runs(result, source.changed))
    if not runs:
        raise nothing_in(source, TOOL)
    rest = [{key: one[key] for key in one if key not in _EACH} for one in results]
    lost = tuple(_lost(source, result) for result in results if len(_times(result)) > 1)
    return Report(TOOL, source.changed, runs, context={"results": rest}, lost=lost)


def _times(result: Mapping[str, Any]) -> list[Any]:
    return sequence(result.get("times"))


def _lost(source: Source, result: Mapping[str, Any]) -> Note:
    why = "processor time is a mean of all runs and no figure of any; the context has it"
    return Note(source.path, text(result.get("command")), why)


def _runs(result: Mapping[str, Any], started: float) -> Iterator[Run]:
    times = _times(result)
    codes = sequence(result.get("exit_codes")) or [0] * len(times)
    memory = sequence(result.get("memory_usage_byte")) or [None] * len(times)
    means = {name: number(result.get(name)) for name in _MEANS} if len(times) == 1 else {}
    for index, (wall, code, peak) in enumerate(zip(times, codes, memory, strict=False)):
        figures = {"wall": number(wall), "memory": number(peak), **means, **_cpu(means)}
        outcome = measured(figures) if code == 0 else failed(_ended(code))
        yield Run(_point(result), index, started, **outcome)


def _cpu(means: Mapping[str, float | None]) -> dict[str, float | None]:
    user, system = means.get("user"), means.get("system")
    return {"cpu": user + system} if user is not None and system is not None else {}


def _ended(code: Any) -> str:
    return f"exit status {code}" if isinstance(code, int) else "ended by a signal"


def _point(result: Mapping[str, Any]) -> Point:
    command = text(result.get("command"))
    parameters = mapping(result.get("parameters"))
    return Point(_program(command), command, {k: text(v) for k, v in parameters.items()})


def _program(command: str) -> str:
    try:
        words = shlex.split(command)
    except ValueError:  # a shell would have read it otherwise
        words = command.split()
    return os.path.basename(words[0]) if words and words[0] else TOOL
