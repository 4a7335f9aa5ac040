"""Running a program to its end, with all that it starts, and saying what it used."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

from envmgr.errors import HostError
from envmgr.host import keeper

FILE_LIMIT = 4 << 30
"""Bytes that one file of a run may have; a program that writes more is ended by SIGXFSZ."""
_PAUSES = (0.01, 0.03, 0.1, 0.3, 1.0)
"""Seconds between tries while a program is busy: a child that another thread is just starting
holds, until it has become its own program, every file that was open for writing."""
_PAUSE = 0.05
"""Seconds between two looks for runs that are to end."""
_IS_POSSIBLE = hasattr(os, "posix_spawn")


@dataclass(frozen=True, slots=True)
class Usage:
    """How a program ended and what it used. Times are in seconds, sizes in bytes."""

    code: int
    """Exit status; minus the signal's number when a signal ended it."""
    timed_out: bool
    wall: float
    """From being started, which takes about a millisecond of it, to its end."""
    user: float
    system: float
    """Processor time of the program and of all its descendants, those that were ended included."""
    memory: int | None
    """Peak of the process of them that had most; None where it was too little to be told."""
    left: int = 0
    """Processes that were still running when the program itself ended, and were ended then."""
    counters: Mapping[str, float] = field(default_factory=dict)
    """What else was counted, such as instructions."""


def measured(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str,
    stdin: str | None,
    stdout: str,
    stderr: str,
    timeout: float,
    cpus: Collection[int] | None = None,
) -> Usage:
    """Run *argv* to its end, in a session of its own, and return what it used.

    *stdin* is a file, or None for one that is empty; *stdout* and *stderr* are files, or one file,
    that are written anew, by the program itself. *cpus* are the cores it may run on. Past
    *timeout* seconds it is killed with all its descendants, daemons among them (elsewhere than on
    Linux, with its process group). So is what it leaves running, and all of it when this is
    interrupted. Any thread may call this at any time. Raises HostError when it cannot be started.
    """
    try:
        order = _order(argv, env, cwd, (stdin, stdout, stderr), timeout, cpus)
    except UnicodeEncodeError as error:
        raise HostError(f"cannot start {argv[0]}: {error}") from error
    for pause in (*_PAUSES, None):
        answer = _kept(order)
        if answer[0] == keeper.ENDED:
            return Usage(*answer[1:])
        if answer[1] != errno.ETXTBSY or pause is None:
            break
        time.sleep(pause)
    _, number, reason, path = answer
    elsewhere = path if path != order[0][0] else b""
    raise _refused(argv[0], number, reason, os.fsdecode(elsewhere))


def end_all() -> None:
    """End the runs of all threads, which raise HostError: for an interrupt, which one thread gets.

    Returns at once; each thread returns when its run has ended.
    """
    for one in tuple(_Keeper.all):
        one.leave()
    while (free := _Keeper.free()) is not None:
        free.end()


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """In the block, Ctrl-C, SIGTERM and the end of the terminal end the runs of all threads, too.

    They raise KeyboardInterrupt or SystemExit in the main thread, which may have to wait for the
    others before it goes. A signal that is ignored, as under `nohup`, stays so, and in any other
    thread nothing changes.
    """
    over = threading.Event()

    def end(number: int, _: object) -> None:
        threading.Thread(target=_end_until, args=(over,), daemon=True).start()
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)

    before = _handled(end) if threading.current_thread() is threading.main_thread() else {}
    try:
        yield
    finally:
        over.set()
        for number, handler in before.items():
            signal.signal(number, handler)


def _handled(handler: Callable[[int, Any], None]) -> dict[int, Any]:
    """Let *handler* handle what ends a process; those signals to what handled them before."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    usual = (signal.SIG_DFL, signal.default_int_handler)
    return {one: signal.signal(one, handler) for one in numbers if signal.getsignal(one) in usual}


def _end_until(over: threading.Event) -> None:
    """Again and again, since a thread may just be about to start what comes next."""
    end_all()
    while not over.wait(_PAUSE):
        end_all()


def keepers() -> tuple[int, ...]:
    """The process ids of this process's keepers: what they use is part of what measuring costs."""
    return tuple(one.pid for one in _Keeper.all)


# -- keepers ---------------------------------------------------------------------------------


class _Keeper:
    """A keeper that was started, and the pipes to it."""

    all: ClassVar[set[_Keeper]] = set()
    idle: ClassVar[list[_Keeper]] = []
    letting_go = threading.Lock()

    def __init__(self) -> None:
        if not _IS_POSSIBLE:
            raise HostError("programs can be measured on Linux and macOS, not on this system")
        its_orders, self._orders = os.pipe()
        self._answers, its_answers = os.pipe()
        actions = [
            (os.POSIX_SPAWN_DUP2, its_orders, 0),
            (os.POSIX_SPAWN_DUP2, its_answers, 1),
        ]
        argv = [sys.executable, "-I", "-S", keeper.__file__]
        try:
            self.pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=actions)
        except OSError as error:
            self.leave()
            os.close(self._answers)
            raise HostError(f"cannot start {argv[0]}: {error.strerror}") from error
        finally:
            os.close(its_orders)
            os.close(its_answers)
        _Keeper.all.add(self)

    @classmethod
    def free(cls) -> _Keeper | None:
        """One that has nothing to do, if there is any; it may have ended."""
        try:
            return cls.idle.pop()
        except IndexError:
            return None

    def is_there(self) -> bool:
        """Whether it has not ended: somebody may have killed it."""
        with suppress(ChildProcessError):
            return os.waitpid(self.pid, os.WNOHANG) == (0, 0)
        return False

    def ask(self, order: tuple[Any, ...]) -> tuple[Any, ...]:
        """Have a run done. Raises HostError when the keeper ends before it, or cannot end it."""
        try:
            keeper.send(self._orders, order)
            answer = keeper.receive(self._answers)
        except OSError:
            answer = None
        program = os.fsdecode(order[0][0])
        if answer is None:
            raise HostError(f"the run of {program} was ended")
        if answer[0] == keeper.STUCK:
            raise HostError(f"some of what {program} started cannot be ended")
        return tuple(answer)

    def leave(self) -> None:
        """Let go of it, upon which it ends its run and itself."""
        _Keeper.all.discard(self)
        with self.letting_go:
            orders, self._orders = self._orders, -1
        if orders >= 0:
            os.close(orders)

    def end(self) -> None:
        """Let go of it and wait until nothing of its run is left."""
        self.leave()
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        os.close(self._answers)

    def forget(self) -> None:
        """In a fork: it belongs to the process that started it."""
        for end in (self._orders, self._answers):
            with suppress(OSError):
                os.close(end)


def _kept(order: tuple[Any, ...]) -> tuple[Any, ...]:
    """Have a run done by a keeper that is free."""
    while (one := _Keeper.free()) is not None and not one.is_there():
        one.end()
    one = one or _Keeper()
    try:
        answer = one.ask(order)
    except BaseException:
        one.end()
        raise
    _Keeper.idle.append(one)
    return answer


def _forget_all() -> None:
    for one in _Keeper.all:
        one.forget()
    _Keeper.all.clear()
    _Keeper.idle.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


# -- orders ----------------------------------------------------------------------------------


def _order(
    argv: Sequence[str],
    env: Mapping[str, str],
    cwd: str,
    files: tuple[str | None, str, str],
    timeout: float,
    cpus: Collection[int] | None,
) -> tuple[Any, ...]:
    """What a keeper is asked. It stands elsewhere, so that every path is whole."""
    encode = os.fsencode
    cwd = os.path.abspath(cwd)
    _require_cores(cpus)
    return (
        [encode(_located(argv[0], env, cwd)), *map(encode, argv[1:])],
        {encode(name): encode(value) for name, value in env.items()},
        encode(cwd),
        *(encode(os.path.abspath(path or os.devnull)) for path in files),
        float(timeout),
        sorted(cpus) if cpus is not None else None,
        FILE_LIMIT,
    )


def _require_cores(cpus: Collection[int] | None) -> None:
    """The system drops cores that there are not in silence, unless there is none of them."""
    if cpus is None or not hasattr(os, "sched_getaffinity"):
        return
    usable = os.sched_getaffinity(0)
    if absent := set(cpus) - usable:
        there = ", ".join(map(str, sorted(usable)))
        raise HostError(f"cannot run on core {min(absent)}: this process may use {there}")


def _located(program: str, env: Mapping[str, str], cwd: str) -> str:
    """The place of *program*: as a path from *cwd*, or else on the PATH of *env*."""
    if os.path.dirname(program):
        return os.path.join(cwd, program)
    import shutil

    found = shutil.which(program, path=env.get("PATH", ""))
    if found is None:
        raise HostError(
            f"cannot start {program}: it is not on PATH",
            hint=f"install {program}, or put the directory it is in on PATH",
        )
    return os.path.join(cwd, found)


def _refused(program: str, number: int, reason: str, path: str) -> HostError:
    if number == errno.ENOENT and not path:
        return HostError(f"cannot start {program}: it or its interpreter is not there")
    return HostError(f"cannot start {program}: {path + ': ' if path else ''}{reason}")
