"""Mock programs, and the shortest ways to a detector and to a sweep."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from envmgr.detect.candidates import Candidate, Refusal
from envmgr.detect.judge import Judged, Probe, judge
from envmgr.detect.places import Directory, at
from envmgr.detect.sweep import Sweep, sweep
from envmgr.host.process import Finished, clean_environ, run
from envmgr.model.definition import Detector, Find, VersionRule

ASKS = VersionRule(match=r"thing (?P<version>\d[\w.]*)", run="{path} --version")


def script(path: Path, body: str) -> Path:
    """A shell script at *path*."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def program(path: Path, says: str) -> Path:
    """A program at *path* that says one thing whatever it is asked."""
    return script(path, f"printf '%s\\n' {shlex.quote(says)}")


def counted(path: Path, says: str, log: Path) -> Path:
    """A program that also adds a line to *log* each time it is started."""
    return script(path, f"echo started >> {shlex.quote(str(log))}; echo {shlex.quote(says)}")


def text(path: Path, content: str = "") -> Path:
    """A plain file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def detector(**fields: Any) -> Detector:
    """A detector of `tool.thing`: a program of that name, unless *fields* say otherwise."""
    usual: dict[str, Any] = {
        "name": "tool.thing",
        "description": "",
        "tags": ("tool", "thing"),
        "file": "thing.toml",
        "digest": "1",
        "find": Find(program=("thing",)),
        "versions": (ASKS,),
    }
    return Detector(**{**usual, **fields})


def environ(**more: str) -> dict[str, str]:
    """An environment in which nothing but the system's own programs is known."""
    return {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **more}


def probe(words: tuple[str, ...]) -> Finished:
    """Starts a program as a sweep does, on however busy a machine."""
    return run(words, env=clean_environ(environ()), timeout=60.0, cwd=os.sep)


def impatient(words: tuple[str, ...]) -> Finished:
    """Starts a program that will not end."""
    return run(words, env=clean_environ(environ()), timeout=0.5, cwd=os.sep)


def candidate(path: Path, values: Mapping[str, str] | None = None) -> Candidate:
    """What finding *path* in its own directory gives."""
    place = Directory(str(path.parent), str(path.parent.parent), "test")
    return Candidate(str(path), os.path.realpath(path), place, 0, values or {})


def judged(wanted: Detector, path: Path, **values: str) -> Judged:
    """The judgement on *path*, which must not be a refusal."""
    verdict = judge(wanted, candidate(path, values), probe)
    assert isinstance(verdict, Judged), verdict
    return verdict


def refused(wanted: Detector, path: Path, start: Probe = probe) -> str:
    """Why *path* is refused, which it must be."""
    verdict = judge(wanted, candidate(path), start)
    assert isinstance(verdict, Refusal), verdict
    return verdict.why


def found(root: Path, *detectors: Detector, **more: Any) -> Sweep:
    """A sweep over *root* and nothing else."""
    return sweep(detectors, at([str(root)]), environ(), own_places=False, **more)
