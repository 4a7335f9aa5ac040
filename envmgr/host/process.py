"""Starting programs: no shell, a time limit, an output cap, a clean environment when asked."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from envmgr.errors import HostError

OUTPUT_CAP = 256 * 1024
"""Bytes of output that are kept of a probe; the rest is read and dropped."""
_PAUSES = (0.01, 0.03, 0.1, 0.3, 1.0)
"""Seconds between tries while a program is busy: a child that another thread is just starting
holds, until it has become its own program, every file that was open for writing, a new program
among them."""
_GRACE = 1.0
"""Seconds that the output of a command that ended may stay open in other hands."""


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
    and `timed_out` is set. What it leaves running is killed too, and a daemon that escaped from
    the group and holds the output open is not waited for. Raises HostError when it cannot be
    started.
    """
    stdin_from = subprocess.DEVNULL if stdin is None else subprocess.PIPE
    process = _start(argv, env, cwd, stdin=stdin_from, stdout=subprocess.PIPE)
    expired = threading.Event()

    def kill() -> None:
        expired.set()
        _kill_group(process)

    timer = threading.Timer(timeout, kill)
    reader = _Reader(process.stdout, cap)
    timer.start()
    try:
        reader.start()
        _feed(process.stdin, stdin)
        code = process.wait()
        reader.join(_GRACE)
    finally:
        timer.cancel()
        _kill_group(process)  # what it left running in its group, or all of it on Ctrl-C
        _reaped(process)
        reader.join(_GRACE)
    return Finished(tuple(argv), code, reader.text(), expired.is_set())


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
    timed_out = False
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        timed_out = True
    finally:
        _kill_group(process)
        code = _reaped(process)
        log.seek(0, os.SEEK_END)
    return Finished(tuple(argv), code, "", timed_out)


class _Reader(threading.Thread):
    """Reads a stream to its end and keeps the first *cap* bytes."""

    def __init__(self, stream: IO[bytes] | None, cap: int) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._cap = cap
        self._kept = bytearray()

    def run(self) -> None:
        if self._stream is None:
            return
        with self._stream as stream:
            while chunk := os.read(stream.fileno(), 65536):
                self._kept += chunk[: max(0, self._cap - len(self._kept))]

    def text(self) -> str:
        """What was kept so far; bytes that are no UTF-8 are replaced."""
        return bytes(self._kept).decode("utf-8", "replace")


def _start(
    argv: Sequence[str], env: Mapping[str, str], cwd: str | None, *, stdin: int, stdout: int
) -> subprocess.Popen[bytes]:
    for pause in _PAUSES:
        try:
            return _popen(argv, env, cwd, stdin, stdout)
        except HostError as error:
            if not isinstance(error.__cause__, OSError) or error.__cause__.errno != errno.ETXTBSY:
                raise
        time.sleep(pause)
    return _popen(argv, env, cwd, stdin, stdout)


def _popen(
    argv: Sequence[str], env: Mapping[str, str], cwd: str | None, stdin: int, stdout: int
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
    except FileNotFoundError as error:
        raise _not_there(argv[0], error.filename) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise HostError(f"cannot start {argv[0]}: {reason}") from error


def _not_there(program: str, missing: object) -> HostError:
    if os.path.dirname(program) or missing != program:  # a path, or the directory to start in
        return HostError(f"cannot start {program}: {missing} or its interpreter is not there")
    return HostError(
        f"cannot start {program}: it is not on PATH",
        hint=f"install {program}, or put the directory it is in on PATH",
    )


def _feed(stream: IO[bytes] | None, text: str | None) -> None:
    if stream is None or text is None:
        return
    with suppress(BrokenPipeError), stream:  # it may end without reading; its exit status tells
        stream.write(text.encode())


def _reaped(process: subprocess.Popen[bytes]) -> int:
    """The exit status of a command that was killed, unless it had ended before.

    An interrupt may have hit `Popen.wait` between its taking a lock and its giving it back. Then
    waiting once more without a limit would never end.
    """
    try:
        return process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        with suppress(ChildProcessError):  # reaped already: only the lock is held
            os.waitpid(process.pid, 0)
        process.returncode = -int(signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
        return process.returncode


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "nt":
            process.kill()  # Windows has no process groups to signal
        else:
            os.killpg(process.pid, signal.SIGKILL)
