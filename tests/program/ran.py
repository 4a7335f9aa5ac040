"""Runs that ended, made without running anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from envmgr.host.measured import Usage
from envmgr.model.program import STREAMS, OutputCheck, RunCommand
from envmgr.program.run import Ran, RunRequest


def ran_of(
    directory: Path,
    *checks: OutputCheck,
    outputs: Mapping[str, str | bytes],
    values: Mapping[str, str] | None = None,
    missing: tuple[str, ...] = (),
    code: int = 0,
    timed_out: bool = False,
) -> Ran:
    """A run in *directory* that wrote *outputs*; `stdout` and `stderr` are empty if not given."""
    directory.mkdir(exist_ok=True)
    places = {}
    for name, content in {"stdout": "", "stderr": "", **outputs}.items():
        places[name] = str(directory / name)
        data = content if isinstance(content, bytes) else content.encode()
        (directory / name).write_bytes(data)
    named = tuple(name for name in outputs if name not in STREAMS)
    request = RunRequest(
        command=RunCommand("{exe}", outputs=(*named, *missing), checks=checks, timeout=3),
        values={"n": "64", "exe": "/built/sum", **(values or {})},
        environ={"PATH": "/usr/bin:/bin"},
        source=str(directory.parent),
        directory=str(directory),
    )
    usage = Usage(code, timed_out, wall=1.0, user=0.5, system=0.1, memory=None)
    return Ran(request, usage, places, missing)
