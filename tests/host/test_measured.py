"""Programs that fork, hide, burn and write, each measured and ended with all that it started."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from envmgr.errors import HostError
from envmgr.host import keeper
from envmgr.host import measured as module
from envmgr.host.measured import Usage, end_all, ended_by_signals, keepers, measured

pytestmark = pytest.mark.needs("linux", "setsid")
ROOT = Path(__file__).resolve().parents[2]
_LONG = 120.0
_PYTHON = (sys.executable, "-I", "-S", "-c")
_BURN = """
import os, sys
def burn(seconds):
    while sum(os.times()[:2]) < seconds: pass
"""
_DAEMON = """
import os, sys, time
if not os.fork():
    os.setsid()
    if not os.fork():
        os.close(1); os.close(2)
        open('daemon', 'w').close()
        time.sleep(600)
    os._exit(0)
os.wait()
while not os.path.exists('daemon'): time.sleep(0.005)
"""

Run = Callable[..., Usage]


class _Place:
    """A directory to run in, and a mark by which whatever was started there is found."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.mark = f"ENVMGR_TEST={uuid4()}"
        self.env = {"PATH": os.environ["PATH"], "ENVMGR_TEST": self.mark.partition("=")[2]}

    def run(self, *argv: str, timeout: float = _LONG, name: str = "", **more: Any) -> Usage:
        out, err = (str(self.directory / f"{kind}{name}") for kind in ("out", "err"))
        files = {"stdin": None, "stdout": out, "stderr": err}
        options = {"env": self.env, "cwd": str(self.directory), **files, **more}
        return measured(argv, timeout=timeout, **options)

    def python(self, code: str, **more: Any) -> Usage:
        return self.run(*_PYTHON, code, **more)

    @property
    def out(self) -> str:
        return (self.directory / "out").read_text()

    def alive(self) -> list[int]:
        """The processes that were started here and still run; the dead have no environment."""
        found = []
        for file in Path("/proc").glob("[0-9]*/environ"):
            try:
                marked = self.mark.encode() in file.read_bytes().split(b"\0")
            except OSError:
                continue
            if marked:
                found.append(int(file.parent.name))
        return found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[_Place]:
    made = _Place(tmp_path)
    yield made
    assert _until(lambda: made.alive() == [])  # keepers of scripts end when those are gone


@pytest.fixture
def anew() -> Iterator[None]:
    """No keeper is there before, and none that is as the test wanted it afterwards."""
    end_all()
    yield
    end_all()


def _until(holds: Callable[[], bool]) -> bool:
    for _ in range(600):
        if holds():
            return True
        time.sleep(0.02)
    return False


# -- how it is started -----------------------------------------------------------------------


def test_a_program_gets_what_it_is_given_and_says_how_it_ended(place: _Place) -> None:
    (place.directory / "in").write_text("read this")
    usage = place.run(
        "sh",
        "-c",
        'cat; echo "$0|$ENVMGR_TEST|$HOME|$(pwd)"; echo wrong >&2; exit 7',
        "a b; $(c)",
        stdin=str(place.directory / "in"),
    )
    assert (usage.code, usage.timed_out, usage.left) == (7, False, 0)
    mark = place.env["ENVMGR_TEST"]
    assert place.out == f"read thisa b; $(c)|{mark}||{os.path.realpath(place.directory)}\n"
    assert (place.directory / "err").read_text() == "wrong\n"


def test_without_input_it_is_empty_and_outputs_are_written_anew(place: _Place) -> None:
    (place.directory / "out").write_text("something older that is longer")
    assert place.run("sh", "-c", "cat; echo done").code == 0
    assert place.out == "done\n"


def test_both_streams_may_go_to_one_file(place: _Place) -> None:
    place.run("sh", "-c", "echo longer than what comes later")
    words = "echo one; echo two >&2; echo three"
    place.run("sh", "-c", words, stderr=str(place.directory / "out"))
    assert place.out == "one\ntwo\nthree\n"


def test_it_leads_a_session_and_no_signal_is_ignored(place: _Place) -> None:
    place.python(
        "import os; print(os.getsid(0) == os.getpid());"
        "print(*[l for l in open('/proc/self/status') if l[:6] in ('SigBlk', 'SigIgn')])"
    )
    leads, blocked, ignored = place.out.split("\n")[:3]
    assert leads == "True"
    assert int(blocked.split()[1], 16) == 0
    ordinary = set(range(1, 32)) - {signal.SIGPIPE, signal.SIGXFSZ}  # which Python itself ignores
    assert not any(int(ignored.split()[1], 16) >> (number - 1) & 1 for number in ordinary)


def test_a_broken_pipe_ends_a_program_as_it_does_elsewhere(place: _Place) -> None:
    place.run("bash", "-c", "yes | head -n 1 > /dev/null; echo ${PIPESTATUS[0]}")
    assert place.out == f"{128 + signal.SIGPIPE}\n"


def test_bytes_that_are_no_text_arrive(place: _Place) -> None:
    place.run("printf", "%s", "caf\udce9")
    assert (place.directory / "out").read_bytes() == b"caf\xe9"


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGTERM])
def test_a_signal_is_a_negative_status(place: _Place, number: signal.Signals) -> None:
    assert place.run("sh", "-c", f"kill -{int(number)} $$").code == -number


def test_it_runs_on_the_cores_it_is_told(place: _Place) -> None:
    core = max(os.sched_getaffinity(0))
    place.python("import os; print(os.sched_getaffinity(0))", cpus=[core])
    assert place.out == f"{{{core}}}\n"
    place.python(f"import os; print(os.sched_getaffinity(0) == {os.sched_getaffinity(0)})")
    assert place.out == "True\n"


def test_a_core_that_there_is_not_is_an_error(place: _Place) -> None:
    own = min(os.sched_getaffinity(0))
    with pytest.raises(HostError, match="cannot run on core 4999: this process may use"):
        place.run("true", cpus=(own, 4999))


def test_a_file_that_grows_without_end_ends_the_program(
    place: _Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FILE_LIMIT", 1 << 20)
    assert place.run("head", "-c", "2M", "/dev/zero").code == -signal.SIGXFSZ
    assert (place.directory / "out").stat().st_size == 1 << 20


def _foreign() -> bytes:
    """A program of a processor that this machine has not."""
    own = Path(sys.executable).resolve().read_bytes()[:4096]
    return own[:18] + b"\xf3\x7f" + own[20:]


@pytest.mark.parametrize(
    ("name", "content", "mode", "reason"),
    [
        ("no-such-program-here", None, 0, "it is not on PATH"),
        ("./missing", None, 0, "it or its interpreter is not there"),
        ("./plain", b"#!/bin/sh\n", 0o644, "Permission denied"),
        ("./lost", b"#!/no/such/interpreter\n", 0o755, "it or its interpreter is not there"),
        ("./text", b"echo no shell reads this\n", 0o755, "Exec format error"),
        ("./foreign", _foreign(), 0o755, "Exec format error"),
        ("./empty", b"", 0o755, "Exec format error"),
        ("/", None, 0, "Permission denied"),
    ],
)
def test_what_cannot_be_started_is_an_error_that_names_it(
    place: _Place, name: str, content: bytes | None, mode: int, reason: str
) -> None:
    if content is not None:
        (place.directory / name).write_bytes(content)
        (place.directory / name).chmod(mode)
    with pytest.raises(HostError) as caught:
        place.run(name)
    assert caught.value.message == f"cannot start {name}: {reason}"


@pytest.mark.parametrize("word", ["a\0b", "\ud800"])
def test_words_that_no_system_takes_are_an_error(place: _Place, word: str) -> None:
    with pytest.raises(HostError, match="cannot start true: "):
        place.run("true", word)
    with pytest.raises(HostError, match="cannot start true: "):
        place.run("true", env={**place.env, "A": word})
    assert place.run("true").code == 0


def test_a_place_that_is_missing_is_named(place: _Place) -> None:
    with pytest.raises(HostError, match=r"cannot start true: .*/nowhere: No such file"):
        place.run("true", cwd=str(place.directory / "nowhere"))
    with pytest.raises(HostError, match=r"cannot start true: .*/input: No such file"):
        place.run("true", stdin=str(place.directory / "input"))


def test_a_program_that_is_just_being_written_is_waited_for(place: _Place) -> None:
    program = place.directory / "program"
    program.write_bytes(Path("/bin/true").read_bytes())
    program.chmod(0o755)
    writer = program.open("ab")
    threading.Timer(0.2, writer.close).start()
    assert place.run(str(program)).code == 0


# -- what it used ----------------------------------------------------------------------------


def test_time_of_descendants_counts(place: _Place) -> None:
    usage = place.python(f"""{_BURN}
import resource
if not os.fork():
    if not os.fork():
        burn(0.2); os._exit(0)
    burn(0.1); os.wait(); os._exit(0)
os.wait()
both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(sum(used.ru_utime + used.ru_stime for used in both))
""")
    assert usage.user + usage.system == pytest.approx(float(place.out), abs=0.04)
    assert usage.user + usage.system >= 0.29
    assert usage.wall >= 0.2


def test_time_of_daemons_and_of_what_was_killed_counts(place: _Place) -> None:
    usage = place.python(f"""{_BURN}
import time
def used(pid):
    told = open(f'/proc/{{pid}}/stat').read().rpartition(')')[2].split()
    return sum(map(int, told[11:13])) / os.sysconf('SC_CLK_TCK')
if not os.fork():
    os.setsid()
    if not os.fork():
        burn(0.15); open('burnt', 'w').close()
    os._exit(0)
os.wait()
burner = os.fork()
if not burner:
    burn(600)
while not os.path.exists('burnt') or used(burner) < 0.15: time.sleep(0.01)
""")
    assert usage.user + usage.system >= 0.29
    assert usage.left == 1


def test_a_small_program_is_small_though_this_process_is_large(place: _Place) -> None:
    ballast = b"x" * (64 << 20)
    usage = place.run("true")
    assert usage.memory is not None
    assert usage.memory < 6 << 20 < len(ballast)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10 > 64 << 20


def test_memory_is_the_peak_of_the_largest_process(place: _Place) -> None:
    usage = place.python("""if True:
        import os
        if not os.fork():
            large = b'x' * (64 << 20)
            os._exit(0)
        os.wait()
    """)
    assert usage.memory is not None
    assert 64 << 20 <= usage.memory < 90 << 20


@pytest.mark.usefixtures("anew")
def test_memory_that_cannot_be_told_is_not_told(
    place: _Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(place.directory))  # where no launcher is
    assert place.run("/bin/true").memory is None
    usage = place.python("large = b'x' * (64 << 20)")
    assert usage.memory is not None
    assert usage.memory >= 64 << 20


@pytest.mark.usefixtures("anew")
def test_a_launcher_that_cannot_do_it_is_done_without(
    place: _Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher = place.directory / "setsid"
    launcher.write_text("#!/bin/sh\necho usage: setsid PROGRAM >&2\nexit 1\n")
    launcher.chmod(0o755)
    monkeypatch.setenv("PATH", str(place.directory))
    usage = place.run("/bin/sh", "-c", "exit 3")
    assert (usage.code, usage.memory) == (3, None)
    assert (place.directory / "err").read_text() == ""


# -- that nothing is left --------------------------------------------------------------------

_TREES = {
    "one": "import time; time.sleep(600)",
    "deaf": "import signal, time\nfor s in (1, 2, 15): signal.signal(s, signal.SIG_IGN)\n"
    "time.sleep(600)",
    "stopped": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
    "grandchildren": "import os, time; os.fork(); os.fork(); os.fork(); time.sleep(600)",
    "daemon": _DAEMON + "time.sleep(600)",
    "many": "import os, time\nfor _ in range(60):\n"
    "    if not os.fork(): time.sleep(600)\ntime.sleep(600)",
    "threads": "import os, _thread, time\nfor _ in range(4): _thread.start_new_thread("
    "lambda: os.fork() or time.sleep(600), ())\ntime.sleep(600)",
    "forking": "import os, time\nuntil = time.time() + 20\nwhile time.time() < until:\n"
    "    if os.fork(): time.sleep(0.002); os._exit(0)",
    "headless": "import _thread, ctypes, time\n_thread.start_new_thread(time.sleep, (600,))\n"
    "ctypes.CDLL(None).pthread_exit(None)",
}


@pytest.mark.parametrize("tree", _TREES)
def test_past_the_time_everything_is_ended(place: _Place, tree: str) -> None:
    usage = place.python(_TREES[tree], timeout=0.4)
    if tree == "forking":  # what was started ended at once; what it started in its turn did not
        assert usage.code == 0
        assert usage.left >= 1
    else:
        assert (usage.code, usage.timed_out) == (-signal.SIGKILL, True)
    assert place.alive() == []


def test_what_a_program_leaves_is_counted_and_ended(place: _Place) -> None:
    usage = place.run("sh", "-c", "sleep 600 & setsid sleep 600 & sleep 600 & exit 4")
    assert (usage.code, usage.timed_out, usage.left) == (4, False, 3)
    assert place.alive() == []


def test_a_daemon_that_hid_is_ended(place: _Place) -> None:
    usage = place.python(_DAEMON)
    assert (usage.code, usage.left) == (0, 1)
    assert place.alive() == []


def test_daemons_that_ended_by_themselves_are_not_left(place: _Place) -> None:
    assert place.run("sh", "-c", "(sleep 0.05 &) ; (true &) ; sleep 0.3").left == 0


def test_it_can_be_ended_at_any_point(place: _Place) -> None:
    code = "import os, time; os.fork(); os.setsid() if os.fork() == 0 else 0; time.sleep(600)"
    for milliseconds in range(0, 40, 2):
        assert place.python(code, timeout=milliseconds / 1000).timed_out
        assert place.alive() == []


def test_other_children_of_this_process_are_left_alone(place: _Place) -> None:
    with subprocess.Popen(["sleep", "600"]) as other:
        assert place.run("sh", "-c", "setsid sleep 600 & exit 0").left == 1
        assert place.run("sleep", "600", timeout=0.1).timed_out
        assert other.poll() is None
        other.kill()
    assert other.returncode == -signal.SIGKILL


def test_threads_do_not_end_each_others_runs(place: _Place) -> None:
    steady: list[Usage] = []
    code = "(sleep 0.4; exit 5) & wait $!"
    thread = threading.Thread(
        target=lambda: steady.extend(place.run("sh", "-c", code, name="1") for _ in range(2))
    )
    thread.start()
    while thread.is_alive():
        usage = place.run("sh", "-c", "setsid sleep 600 & exit 6", name="2")
        assert (usage.code, usage.left) == (6, 1)
    assert [(usage.code, usage.left) for usage in steady] == [(5, 0), (5, 0)]


# -- interrupts, and what becomes of keepers ---------------------------------------------------

_SCRIPT = """
import os, sys
from envmgr.host.measured import measured
def run(*argv):
    return measured(argv, env=dict(os.environ), cwd=sys.argv[1], stdin=None,
        stdout=sys.argv[1] + '/out', stderr=sys.argv[1] + '/err', timeout=120)
"""
_LONG_RUN = """
try:
    run('sh', '-c', 'setsid sleep 600 & touch started; sleep 600')
except KeyboardInterrupt:
    os.execvp('sh', ['sh', '-c', 'exit 42'])
"""


def _script(place: _Place, code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _SCRIPT + code, str(place.directory)],
        env={**place.env, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_an_interrupt_ends_the_run_first(place: _Place) -> None:
    with _script(place, _LONG_RUN) as script:
        assert _until(lambda: (place.directory / "started").exists())
        os.killpg(script.pid, signal.SIGINT)
        assert script.wait(_LONG) == 42
    assert place.alive() == []


_POOL = """
import signal
from concurrent.futures import ThreadPoolExecutor
from envmgr.host.measured import ended_by_signals
def work(number):
    name = str(number)
    measured(['sh', '-c', f'touch started{name}; sleep 600'], env=dict(os.environ),
        cwd=sys.argv[1], stdin=None, stdout=sys.argv[1] + '/out' + name,
        stderr=sys.argv[1] + '/err' + name, timeout=120)
before = signal.getsignal(signal.SIGTERM)
try:
    with ended_by_signals(), ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(3)))
finally:
    assert signal.getsignal(signal.SIGTERM) == before
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_runs_of_all_threads(place: _Place, number: signal.Signals) -> None:
    with _script(place, _POOL) as script:
        assert _until(lambda: len(list(place.directory.glob("started*"))) == 2)
        script.send_signal(number)
        expected = -signal.SIGINT if number == signal.SIGINT else 128 + number
        assert script.wait(_LONG) == expected
    assert place.alive() == []
    assert not (place.directory / "started2").exists()


def test_a_signal_that_is_ignored_stays_so() -> None:
    handler = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ended_by_signals():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, handler)


def test_whoever_is_killed_takes_the_run_along(place: _Place) -> None:
    with _script(place, _LONG_RUN) as script:
        assert _until(lambda: (place.directory / "started").exists())
        script.kill()
    assert _until(lambda: place.alive() == [])


def test_a_fork_has_keepers_of_its_own(place: _Place) -> None:
    code = """
run('true')
child = os.fork()
print(run('sh', '-c', 'exit 9').code, flush=True)
if child: os.wait()
"""
    with _script(place, code) as script:
        assert script.communicate(timeout=_LONG)[0] == "9\n9\n"


@pytest.mark.usefixtures("anew")
def test_keepers_are_used_again(place: _Place) -> None:
    for _ in range(3):
        place.run("true")
    assert len(keepers()) == 1


@pytest.mark.usefixtures("anew")
def test_a_keeper_that_was_killed_is_replaced(place: _Place) -> None:
    place.run("true")
    (first,) = keepers()
    os.kill(first, signal.SIGKILL)
    assert _until(lambda: ") Z " in Path(f"/proc/{first}/stat").read_text())
    assert place.run("true").code == 0
    assert first not in keepers()


def _play(place: _Place, monkeypatch: pytest.MonkeyPatch, before: str, after: str = "") -> None:
    """Have keepers that do something *before* they know how to keep, and *after* it."""
    script = place.directory / "script.py"
    directory = os.path.dirname(keeper.__file__)
    script.write_text(
        f"import sys\n{before}\nsys.path.append({directory!r})\nimport keeper\n{after}\n"
        "keeper.main()\n"
    )
    monkeypatch.setattr(keeper, "__file__", str(script))


@pytest.mark.usefixtures("anew")
def test_elsewhere_the_process_group_is_ended(
    place: _Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    _play(place, monkeypatch, "sys.platform = 'darwin'")
    usage = place.run("sh", "-c", "sleep 600 & sleep 600", timeout=0.3)
    assert (usage.code, usage.timed_out) == (-signal.SIGKILL, True)
    assert _until(lambda: place.alive() == [])
    assert place.run("sh", "-c", "sleep 600 & exit 3").code == 3
    assert _until(lambda: place.alive() == [])


@pytest.mark.usefixtures("anew")
def test_what_cannot_be_ended_is_said(place: _Place, monkeypatch: pytest.MonkeyPatch) -> None:
    _play(place, monkeypatch, "", "keeper._PATIENCE = 0.1; keeper.os.kill = lambda *_: None")
    with pytest.raises(HostError, match=r"some of what .*sleep started cannot be ended"):
        place.run("sleep", "600", timeout=0.1)
    assert keepers() == ()
    for pid in place.alive():
        os.kill(pid, signal.SIGKILL)


@pytest.mark.usefixtures("anew")
def test_all_runs_can_be_ended(place: _Place) -> None:
    failures: list[str] = []

    def run(number: int) -> None:
        try:
            place.run("sh", "-c", f"touch started{number}; sleep 600", name=str(number))
        except HostError as error:
            failures.append(error.message)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    assert _until(lambda: len(list(place.directory.glob("started*"))) == 2)
    end_all()
    for thread in threads:
        thread.join(_LONG)
    assert len(failures) == 2
    assert all("was ended" in failure for failure in failures)
    assert place.alive() == []
    assert place.run("true").code == 0
