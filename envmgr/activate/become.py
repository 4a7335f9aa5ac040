"""Becoming a command inside an environment. Light, for the command is waited for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from envmgr.errors import HostError, UsageError

TYPE_CHECKING = False  # `typing` costs a third of a bare start
if TYPE_CHECKING:
    from typing import NoReturn

    from envmgr.model.delta import Environ


class CommandNotFoundError(HostError):
    """The command is in no directory of the environment's PATH."""

    exit_code = 127


class NotExecutableError(HostError):
    """The command is there and cannot be started."""

    exit_code = 126


def execute(argv: Sequence[str], environ: Environ) -> NoReturn:
    """Become the command *argv*, looked up on the PATH of *environ*, with exactly *environ*.

    Exit status and signals are the command's own, since this process is replaced by it (on
    Windows, which cannot, it is waited for). Raises CommandNotFoundError or NotExecutableError.
    """
    if not argv or not argv[0]:
        raise UsageError("no command was given")
    try:
        if os.name == "nt":
            _wait_for(argv, environ)
        with _default_signals():
            os.execvpe(argv[0], list(argv), dict(environ))  # noqa: S606  # no shell is wanted
    except (OSError, ValueError) as error:
        raise _cannot_start(argv[0], environ, error) from error


@contextmanager
def _default_signals() -> Iterator[None]:
    """Signals that Python ignores for itself are not ignored by the command it becomes."""
    import signal

    names = [name for name in ("SIGPIPE", "SIGXFSZ") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), signal.SIG_DFL) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _wait_for(argv: Sequence[str], environ: Environ) -> NoReturn:
    import subprocess
    from shutil import which

    # Windows would search the PATH of this process rather than that of the environment.
    program = which(argv[0], path=environ.get("PATH"))
    if program is None:
        raise FileNotFoundError(argv[0])
    raise SystemExit(subprocess.call([program, *argv[1:]], env=dict(environ)))


def _cannot_start(program: str, environ: Environ, error: Exception) -> HostError:
    place = _place_of(program, environ)
    if place is None:
        return CommandNotFoundError(
            f"command not found: {program}", hint="it must be on the PATH of the environment"
        )
    reason = getattr(error, "strerror", None) or str(error)
    if isinstance(error, FileNotFoundError):
        reason = "the interpreter that it names is missing"
    return NotExecutableError(f"cannot execute {place}: {reason}")


def _place_of(program: str, environ: Environ) -> str | None:
    """The first file that *program* may mean, executable or not."""
    directories = os.get_exec_path(dict(environ))
    named = os.path.dirname(program) != ""
    places = [program] if named else [os.path.join(path, program) for path in directories]
    return next(filter(os.path.exists, places), None)
