"""Starting programs: no shell, a time limit, an output cap, a clean environment when asked."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from envmgr.errors import HostError

OUTPUT_CAP = 256 * 1024
"""Bytes of output that are kept of a probe; the rest is read and dropped."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that ended. `output` is standard output and error as they came, decoded."""

    argv: tuple[str, ...]
    code: int
    """Exit status; minus the signal's number when a signal ended it."""
    output: str
    timed_out: bool = False


def clean_environ(environ: Mapping[str, str], **more: str) -> dict[str, str]:
    """What a probe may see: enough to start a program, nothing that changes what it says.

    HOME stays (version managers need it); locale is C so that output can be matched.
    """
    kept = ("PATH", "HOME", "USER", "TMPDIR", "SYSTEMROOT", "PATHEXT", "COMSPEC")
    clean = {name: environ[name] for name in kept if name in environ}
    return {**clean, "LC_ALL": "C", "LANG": "C", "TERM": "dumb", **more}


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | None = None,
    timeout: float = 10.0,
    cap: int = OUTPUT_CAP,
    stdin: str | None = None,
) -> Finished:
    """Run *argv* to its end and return what it said.

    The command gets its own process group; past *timeout* seconds the whole group is killed
    and `timed_out` is set. Raises HostError when it cannot be started.
    """
    process = _start(
        argv,
        env,
        cwd,
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    expired = threading.Event()

    def kill() -> None:
        expired.set()
        _kill_group(process)

    timer = threading.Timer(timeout, kill)
    timer.start()
    try:
        if stdin is not None and process.stdin is not None:
            _feed(process, stdin)
        output = _drain(process, cap)
        code = process.wait()
    finally:
        timer.cancel()
        _kill_group(process)  # what it left running in its group, or all of it on Ctrl-C
    return Finished(tuple(argv), code, output.decode("utf-8", "replace"), expired.is_set())


def run_logged(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str,
    log: IO[str],
    timeout: float,
) -> Finished:
    """Run *argv* with everything it says going straight into *log*, a real file.

    For builds: nothing is kept in memory, and what was said is in the log whatever happens to
    this process. `output` is empty. Raises HostError when it cannot be started.
    """
    log.flush()
    process = _start(argv, env, cwd, stdin=subprocess.DEVNULL, stdout=log.fileno())
    try:
        return Finished(tuple(argv), process.wait(timeout), "")
    except subprocess.TimeoutExpired:
        return Finished(tuple(argv), -signal.SIGKILL, "", timed_out=True)
    finally:
        _kill_group(process)
        process.wait()
        log.seek(0, os.SEEK_END)


def _start(
    argv: Sequence[str], env: Mapping[str, str], cwd: str | None, *, stdin: int, stdout: int
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(argv),
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise HostError(f"cannot start {argv[0]}: {error}") from error


def _feed(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(text.encode())
        process.stdin.close()
    except BrokenPipeError:
        pass  # it ended without reading; its exit status tells


def _drain(process: subprocess.Popen[bytes], cap: int) -> bytes:
    assert process.stdout is not None
    kept = bytearray()
    with process.stdout as stream:
        while chunk := stream.read1(65536):  # type: ignore[attr-defined]
            kept += chunk[: max(0, cap - len(kept))]
    return bytes(kept)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
