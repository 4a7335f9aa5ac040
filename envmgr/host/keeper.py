"""The keeper of runs: a small process that starts programs, and ends whatever they leave behind.

`envmgr.host.measured` starts it by its path, with `-I -S`, and sends it orders on standard input.
It is a process of its own for three reasons:

- The kernel counts what a process occupied before it became another program as that program's peak
  memory. Started from a large process, every small program would seem to be large.
- Descendants that lose their parent are handed to the nearest subreaper. A keeper has one run at a
  time, so all that it is handed belongs to that run; envmgr itself could not tell its threads' runs
  and its other children apart.
- When envmgr is gone, however it went, its end of the pipe is closed, and the keeper ends the run.

It imports only what it needs of the standard library, and nothing of envmgr: it is started often.
"""

from __future__ import annotations

import contextlib
import errno
import marshal
import os
import select
import signal
import sys
import time

TYPE_CHECKING = False  # importing `typing` would cost more than the rest
if TYPE_CHECKING:
    from typing import Any

ENDED, REFUSED, STUCK = "ended", "refused", "stuck"
"""What an answer begins with: the run came to its end; it could not be started; something of it
cannot be ended."""
_ORDERS, _ANSWERS = 0, 1
_PR_SET_CHILD_SUBREAPER = 36
_PATIENCE = 30.0
"""Seconds after which it is given up to kill what does not die, such as programs of other users."""
_LONGEST_WAIT = 3600.0
_PAUSE = 0.02
"""Seconds between looks for what was forked while the rest was killed."""
_LINUX = sys.platform == "linux"
_MEMORY_UNIT = 1024 if _LINUX else 1
"""Bytes in which the system counts peak memory."""
_CHILDREN = "/proc/thread-self/children"
_LAUNCHER = "setsid"
_LAUNCHER_FAILED = (126, 127)
"""What it exits with when it cannot start the command, which it says."""


class _GoneError(Exception):
    """Nobody waits for the run any more."""


class _StuckError(Exception):
    """Something cannot be killed, so that no other run could be told from it."""


def send(to: int, what: Any) -> None:
    """Write a value that `receive` reads at the other end. Raises OSError."""
    body = marshal.dumps(what)
    rest = memoryview(len(body).to_bytes(8, "big") + body)
    while rest:
        rest = rest[os.write(to, rest) :]


def receive(source: int) -> Any:
    """The next value that was sent, or None at the end."""
    length = _exactly(source, 8)
    body = _exactly(source, int.from_bytes(length, "big")) if length else b""
    return marshal.loads(body) if body else None  # noqa: S302 - the same program wrote it


def _exactly(source: int, count: int) -> bytes:
    """So many bytes; nothing when they end before."""
    got = b""
    while len(got) < count:
        piece = os.read(source, count - len(got))
        if not piece:
            return b""
        got += piece
    return got


# -- one run ---------------------------------------------------------------------------------


class _Order:
    """What is asked for: paths, words and variables are bytes."""

    def __init__(self, form: tuple[Any, ...]) -> None:
        self.argv: list[bytes]
        self.env: dict[bytes, bytes]
        (self.argv, self.env, self.cwd, self.stdin, self.stdout, self.stderr) = form[:6]
        self.timeout: float
        (self.timeout, self.cpus, self.file_limit) = form[6:]


class _Family:
    """What a run started: the command, and what all that ended of it used."""

    def __init__(self) -> None:
        self.command = 0
        self.status: int | None = None
        self.ended = self.user = self.system = 0.0
        self.memory = 0

    def reap(self) -> bool:
        """Take in everything that ended. Whether anything still runs."""
        while True:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if not pid:
                return True
            self.user += used.ru_utime
            self.system += used.ru_stime
            self.memory = max(self.memory, used.ru_maxrss * _MEMORY_UNIT)
            if pid == self.command:
                self.status, self.ended = status, time.monotonic()


class Keeper:
    """Does one run after the other, for as long as there is somebody who asks."""

    def __init__(self) -> None:
        self._adopts = _adopt()
        self._launcher = _launcher() if self._adopts else None
        self._kind = _head(b"/proc/self/exe")
        self._woken, waker = os.pipe()
        for end in (self._woken, waker):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # so that the pipe is written to
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Answer orders until their end."""
        while (form := receive(_ORDERS)) is not None:
            try:
                answer = self._done(_Order(form))
            except OSError as error:
                where = error.filename or b""
                answer = (REFUSED, error.errno, error.strerror, os.fsencode(where))
            except ValueError as error:  # a word or a variable that no system takes
                answer = (REFUSED, errno.EINVAL, str(error), b"")
            except _StuckError:
                send(_ANSWERS, (STUCK,))
                break
            except _GoneError:
                break
            send(_ANSWERS, answer)

    def _done(self, order: _Order) -> tuple[Any, ...]:
        _limit_files(order.file_limit)
        launched = self._launcher is not None and _is_plain(order.argv[0], self._kind)
        answer = self._once(order, launched=launched)
        if launched and (answer is None or _launcher_failed(answer, order.stderr)):
            answer = self._once(order, launched=False)  # which says why it cannot be started
        assert answer is not None
        return answer

    def _once(self, order: _Order, *, launched: bool) -> tuple[Any, ...] | None:
        """Run it and say how it went; None where the launcher does not do its work.

        Its wall time begins before the launcher, which takes about half a millisecond: what comes
        after it cannot be told apart from the program on a busy machine.
        """
        family = _Family()
        started = time.monotonic()
        try:
            family.command = self._launch(order) if launched else _start(order, order.argv)
            if not family.command:
                self._launcher = None
                return None
            timed_out = not self._waited(family, started + order.timeout)
            left = 0 if timed_out or not family.reap() else _count_running()
        finally:
            self._end(family)
        assert family.status is not None
        code = os.waitstatus_to_exitcode(family.status)
        # A program that was started from here counts the keeper's memory as its own.
        is_told = launched or not _LINUX or family.memory > _own_peak()
        memory = family.memory if is_told else None
        wall = family.ended - started
        return (ENDED, code, timed_out, wall, family.user, family.system, memory, left)

    def _launch(self, order: _Order) -> int:
        """Start the command by a small program that forks it and ends, so that it is handed to us.

        0 when that program does not know how.
        """
        assert self._launcher is not None
        pid = _start(order, [self._launcher, b"-f", *order.argv], in_session=False)
        if os.waitpid(pid, 0)[1]:
            return 0
        with open(_CHILDREN, "rb") as file:
            children = file.read().split()
        return min(map(int, children), default=0)  # what the command itself left came later

    def _waited(self, family: _Family, until: float) -> bool:
        """Whether the command ended in time."""
        while family.reap() and family.status is None:
            rest = until - time.monotonic()
            if rest <= 0:
                return False
            ready, _, _ = select.select([_ORDERS, self._woken], [], [], min(rest, _LONGEST_WAIT))
            if _ORDERS in ready:  # nothing is sent during a run: it is the end
                raise _GoneError
            self._drain()
        return True

    def _end(self, family: _Family) -> None:
        """Kill all that still runs, again and again, since it may fork while that is done."""
        until = time.monotonic() + _PATIENCE
        while family.reap():
            for pid in _descendants() if self._adopts else (-family.command,):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            if time.monotonic() > until:
                raise _StuckError
            select.select([self._woken], [], [], _PAUSE)
            self._drain()
        if not self._adopts and family.command:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(family.command, signal.SIGKILL)

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while os.read(self._woken, 512):
                pass


def _start(order: _Order, argv: list[bytes], *, in_session: bool = True) -> int:
    """Start *argv* with the order's files, directory, cores and environment. Raises OSError."""
    with contextlib.ExitStack() as stack:
        actions = [
            (os.POSIX_SPAWN_DUP2, _opened(stack, path, flags), number)
            for number, (path, flags) in enumerate(_files(order))
        ]
        stack.callback(os.chdir, "/")
        os.chdir(order.cwd)
        if order.cpus is not None and hasattr(os, "sched_setaffinity"):
            stack.callback(os.sched_setaffinity, 0, os.sched_getaffinity(0))
            os.sched_setaffinity(0, order.cpus)
        ignored = (signal.SIGPIPE, signal.SIGXFSZ)  # by Python, for itself
        return os.posix_spawn(
            argv[0],
            argv,
            order.env,
            file_actions=actions,
            setsid=in_session,
            setsigmask=(),
            setsigdef=ignored,
        )


def _files(order: _Order) -> tuple[tuple[bytes, int], ...]:
    written = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    if order.stdout == order.stderr:  # then each writes after what the other wrote
        written |= os.O_APPEND
    return (order.stdin, os.O_RDONLY), (order.stdout, written), (order.stderr, written)


def _opened(stack: contextlib.ExitStack, path: bytes, flags: int) -> int:
    number = os.open(path, flags, 0o644)
    stack.callback(os.close, number)
    return number


def _limit_files(most: int) -> None:
    """Files of what is started end at so many bytes, and its writer with them."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _own_peak() -> int:
    """Bytes of memory that this process had at most; the system's count has its parent's, too."""
    with open("/proc/self/status", "rb") as file:
        rows = dict(line.split(b":", 1) for line in file)
    return int(rows[b"VmHWM"].split()[0]) * 1024


# -- the launcher ----------------------------------------------------------------------------


def _launcher() -> bytes | None:
    """A program that forks the command and ends."""
    if not os.path.exists(_CHILDREN):  # else it could not be told what was forked
        return None
    places = (os.path.join(place, _LAUNCHER) for place in os.get_exec_path())
    found = next((place for place in places if os.access(place, os.X_OK)), None)
    return os.fsencode(found) if found else None


def _head(path: bytes) -> bytes:
    """The beginning of a file, which says what it is; nothing where it cannot be read."""
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return file.read(20)
    return b""


def _is_plain(path: bytes, own: bytes) -> bool:
    """Whether the kernel starts a file by itself: a script, or a binary of the *own* kind.

    For anything else the launcher would try a shell.
    """
    head = _head(path)
    is_same = head[:6] == own[:6] and head[18:20] == own[18:20]
    return head.startswith(b"#!") or (own.startswith(b"\x7fELF") and is_same)


def _launcher_failed(answer: tuple[Any, ...], stderr: bytes) -> bool:
    if answer[1] not in _LAUNCHER_FAILED:
        return False
    with open(stderr, "rb") as file:
        return file.read(8) == f"{_LAUNCHER}: ".encode()


# -- descendants -----------------------------------------------------------------------------


def _adopt() -> bool:
    """Whether orphaned descendants will be handed to this process."""
    if not _LINUX:
        return False
    import ctypes

    return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


def _descendants() -> dict[int, bool]:
    """Every descendant to whether any thread of it still runs."""
    children: dict[int, list[tuple[int, bool]]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (told := _status(int(name))):
            parent, runs = told
            children.setdefault(parent, []).append((int(name), runs))
    found: dict[int, bool] = {}
    queue = [os.getpid()]
    while queue:
        for pid, runs in children.get(queue.pop(), ()):
            found[pid] = runs
            queue.append(pid)
    return found


def _status(pid: int) -> tuple[int, bool] | None:
    """A process's parent, and whether any thread of it still runs; None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            told = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return int(told[1]), told[0] not in (b"Z", b"X") or int(told[17]) > 1


def _count_running() -> int:
    return sum(_descendants().values())


def main() -> None:
    """Be a keeper until nobody asks any more."""
    os.setsid()
    with contextlib.suppress(BrokenPipeError):
        Keeper().serve()


if __name__ == "__main__":
    main()
