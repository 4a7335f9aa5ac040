"""Runs that ended, made without running anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from envmgr.model.program import OutputCheck, RunCommand


def ran_of(
    directory: Path,
    *checks: OutputCheck,
    outputs: Mapping[str, str | bytes],
    values: Mapping[str, str] | None = None,
    missing: tuple[str, ...] = (),
    code: int = 0,
    timed_out: bool = False,
) -> Any:
    """A run in *directory* that wrote *outputs*; `stdout` and `stderr` are empty if not given."""
    directory.mkdir(exist_ok=True)
    places = {}
    for name, content in {"stdout": "", "stderr": "", **outputs}.items():
        places[name] = str(directory / name)
        data = content if isinstance(content, bytes) else content.encode()
        (directory / name).write_bytes(data)
    named = tuple(name for name in outputs if name not in ("stdout", "stderr"))
    return SimpleNamespace(
        request=SimpleNamespace(
            command=RunCommand("{exe}", outputs=named, checks=checks, timeout=3),
            values={"n": "64", **(values or {})},
            environ={"PATH": "/usr/bin:/bin"},
            directory=str(directory),
        ),
        usage=SimpleNamespace(code=code, timed_out=timed_out),
        outputs=places,
        missing=missing,
    )
