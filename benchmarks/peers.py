"""Peers: CK and mlcflow, each in a virtual environment and a home directory of its own.

Both are drivers whose definitions lie in a repository of their own. It is taken from a
directory that is given, or cloned; where neither is possible the peer is absent, with the reason.
"""

from __future__ import annotations

import os
import subprocess
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.measure import Contender, clean_environ

CK_PACKAGES = ("ck==2.6.4", "setuptools")
CK_ENV = "https://github.com/ctuning/ck-env"
MLC_PACKAGES = ("mlcflow",)
MLC_SCRIPTS = "https://github.com/mlcommons/mlperf-automations"


class AbsentError(Exception):
    """The peer cannot be had here; the message says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer that is ready to run."""

    name: str
    bin: Path
    environ: Mapping[str, str]

    def contender(self, name: str, program: str, *arguments: str) -> Contender:
        """One of its commands."""
        return Contender(name, (str(self.bin / program), *arguments), self.environ)


def ck(place: Path, repository: Path | None) -> Peer:
    """CK with the repository `ck-env`, in *place*. Raises AbsentError."""
    peer = _installed("CK 2.6.4", place, CK_PACKAGES)
    more = {"CK_REPOS": str(place / "repos"), "CK_TOOLS": str(place / "tools")}
    peer = replace(peer, environ={**peer.environ, **more})
    (place / "repos").mkdir()
    checkout = repository or _cloned(CK_ENV, place / "ck-env")
    # It registers the repository and then asks a question that nobody answers.
    _run([str(peer.bin / "ck"), "import", "repo", f"--path={checkout}", "--quiet"], peer.environ)
    if "ck-env" not in _run([str(peer.bin / "ck"), "ls", "repo"], peer.environ):
        raise AbsentError(f"CK does not take {checkout} for a repository")
    return peer


def mlcflow(place: Path, repository: Path | None) -> Peer:
    """mlcflow with the repository of MLPerf's scripts, in *place*. Raises AbsentError."""
    peer = _installed("mlcflow", place, MLC_PACKAGES)
    path = f"{peer.bin}{os.pathsep}{peer.environ.get('PATH', os.defpath)}"
    more = {"MLC_REPOS": str(place / "repos"), "PATH": path}
    peer = replace(peer, environ={**peer.environ, **more})
    checkout = repository or _cloned(MLC_SCRIPTS, place / "mlperf-automations")
    added = _run([str(peer.bin / "mlc"), "add", "repo", str(checkout)], peer.environ)
    if "repos.json" not in added:
        raise AbsentError(f"mlcflow does not take {checkout} for a repository: {added[-200:]}")
    return peer


def _installed(name: str, place: Path, packages: Sequence[str]) -> Peer:
    place.mkdir(parents=True)
    venv.create(place / "venv", with_pip=True)
    bin_ = place / "venv" / "bin"
    command = [str(bin_ / "python"), "-m", "pip", "install", "-q", *packages]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise AbsentError(f"pip cannot install {packages[0]}: {_last_line(done.stderr)}")
    return Peer(name, bin_, clean_environ(place))


def _cloned(url: str, into: Path) -> Path:
    command = ["git", "clone", "-q", "--depth=1", url, str(into)]
    environ = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AbsentError(f"cannot clone {url}: {error}") from error
    if done.returncode:
        raise AbsentError(f"cannot clone {url}: {_last_line(done.stderr)}")
    return into


def _run(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """Everything that *argv* says, whether it succeeds or not."""
    try:
        done = subprocess.run(
            argv, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600
        )
    except subprocess.TimeoutExpired as error:
        raise AbsentError(f"{' '.join(argv)} does not end") from error
    return done.stdout + done.stderr


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
