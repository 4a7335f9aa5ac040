"""Running commands: limits that hold, nothing left behind, nothing read by a shell."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envmgr.errors import HostError
from envmgr.host import process

_ENV = process.clean_environ(os.environ)
_LONG = 60.0
"""Seconds: a limit that no command of these tests comes near unless something hangs."""


def _python(code: str, *arguments: str, **options: object) -> process.Finished:
    argv = [sys.executable, "-c", code, *arguments]
    return process.run(argv, env=_ENV, **{"timeout": _LONG, **options})  # type: ignore[arg-type]


def _until(condition: Callable[[], bool]) -> bool:
    """Whether *condition* comes true; gives up after far longer than it takes."""
    for _ in range(600):
        if condition():
            return True
        time.sleep(0.05)
    return False


def _is_gone(pid: int) -> bool:
    """Whether a process has ended; one that only waits to be reaped has."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_both_streams_and_the_exit_status_come_back() -> None:
    ended = _python("import os; os.write(1, b'out '); os.write(2, b'err'); raise SystemExit(3)")
    assert (ended.code, ended.output, ended.timed_out) == (3, "out err", False)
    assert ended.argv[0] == sys.executable


def test_the_number_of_a_signal_comes_back_negative() -> None:
    ended = _python("import os; os.kill(os.getpid(), 15)")
    assert ended.code == -signal.SIGTERM
    assert not ended.timed_out


def test_the_time_limit_kills_children_of_children(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    code = """if True:
        import subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        with open(sys.argv[1], "w") as file:
            file.write(str(child.pid))
        print("started", flush=True)
        time.sleep(600)
    """
    ended = _python(code, str(pid_file), timeout=3.0)
    assert ended.timed_out
    assert ended.code == -signal.SIGKILL
    assert ended.output == "started\n"
    assert _until(lambda: _is_gone(int(pid_file.read_text())))


def test_what_a_command_leaves_running_is_killed(tmp_path: Path) -> None:
    code = """if True:
        import subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print(child.pid)
    """
    ended = _python(code)
    assert (ended.code, ended.timed_out) == (0, False)
    assert _until(lambda: _is_gone(int(ended.output)))


def test_a_daemon_that_holds_the_output_is_not_waited_for() -> None:
    code = """if True:
        import subprocess, sys
        child = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
        )
        print(child.pid)
    """
    ended = _python(code)
    try:
        assert (ended.code, ended.timed_out) == (0, False)
        assert not _is_gone(int(ended.output))
    finally:
        os.kill(int(ended.output), signal.SIGKILL)


def test_output_past_the_cap_is_dropped_and_the_command_ends_well() -> None:
    ended = _python("import sys; sys.stdout.write('x' * 3_000_000)", cap=1000)
    assert (ended.code, ended.output) == (0, "x" * 1000)
    ended = _python("import sys; sys.stdout.write('x' * 3_000_000)")
    assert len(ended.output) == process.OUTPUT_CAP


def test_binary_output_is_decoded_as_far_as_it_goes() -> None:
    ended = _python("import os; os.write(1, b'gcc\\x00\\xff\\xfe 12')")
    assert ended.output == "gcc\0\ufffd\ufffd 12"


def test_input_is_fed_and_otherwise_empty() -> None:
    echo = "import sys; print(ascii(sys.stdin.buffer.read().decode()))"
    assert _python(echo, stdin="über\n").output == "'\\xfcber\\n'\n"
    assert _python(echo).output == "''\n"


def test_input_that_nobody_reads_is_no_error() -> None:
    ended = _python("pass", stdin="x" * 1_000_000)
    assert ended.code == 0


def test_input_that_nobody_reads_does_not_outlast_the_time_limit() -> None:
    ended = _python("import time; time.sleep(600)", stdin="x" * 1_000_000, timeout=1.0)
    assert ended.timed_out


_ARGUMENT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(arguments=st.lists(_ARGUMENT, min_size=1, max_size=4))
def test_arguments_arrive_as_they_are(arguments: list[str]) -> None:
    code = "import sys; print(ascii(sys.argv[1:]))"
    ended = process.run(
        [sys.executable, "-X", "utf8", "-c", code, *arguments], env=_ENV, timeout=_LONG
    )
    assert ended.output == ascii(arguments) + "\n"


def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    hostile = f"$(touch {tmp_path}/a); `touch {tmp_path}/b` | touch {tmp_path}/c & > {tmp_path}/d"
    ended = _python("import sys; print(sys.argv[1])", hostile)
    assert ended.output == hostile + "\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("argv", [["no-such-program-here"], ["/"], ["a\0b"], ["echo", "a\0b"]])
def test_what_cannot_be_started_is_an_error_that_names_it(argv: list[str]) -> None:
    with pytest.raises(HostError) as caught:
        process.run(argv, env=_ENV)
    assert f"cannot start {argv[0]}" in caught.value.message


def test_a_program_that_is_on_no_path_comes_with_the_next_step() -> None:
    with pytest.raises(HostError) as caught:
        process.run(["no-such-program-here"], env=_ENV)
    assert caught.value.message == "cannot start no-such-program-here: it is not on PATH"
    assert caught.value.hint and "install no-such-program-here" in caught.value.hint


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"cannot start .*/missing "):
        process.run([sys.executable, "-c", ""], env=_ENV, cwd=str(tmp_path / "missing"))


def test_a_command_runs_where_it_is_told_to(tmp_path: Path) -> None:
    ended = _python("import os; print(os.getcwd())", cwd=str(tmp_path))
    assert os.path.samefile(ended.output.strip(), tmp_path)


def test_the_clean_environment_keeps_what_starts_programs_and_nothing_else() -> None:
    given = {"PATH": "/bin", "HOME": "/h", "LD_PRELOAD": "x", "LANG": "de", "PYTHONPATH": "x"}
    assert process.clean_environ(given, EXTRA="1") == {
        "PATH": "/bin",
        "HOME": "/h",
        "LC_ALL": "C",
        "LANG": "C",
        "TERM": "dumb",
        "EXTRA": "1",
    }


def test_a_command_sees_exactly_the_environment_it_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENVMGR_LEAK", "1")
    ended = _python("import os; print(sorted(os.environ))")
    assert "ENVMGR_LEAK" not in ended.output
    assert "'TERM'" in ended.output


def test_a_logged_command_writes_straight_into_the_log(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "import os; os.write(1, b'out '); os.write(2, b'err')"]
    with open(tmp_path / "log", "w+") as log:
        log.write("before ")
        ended = process.run_logged(argv, env=_ENV, cwd=str(tmp_path), log=log, timeout=_LONG)
        log.write(" after")
    assert (ended.code, ended.output, ended.timed_out) == (0, "", False)
    assert (tmp_path / "log").read_text() == "before out err after"


def test_a_logged_command_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "print('busy', flush=True); import time; time.sleep(600)"]
    with open(tmp_path / "log", "w+") as log:
        ended = process.run_logged(argv, env=_ENV, cwd=str(tmp_path), log=log, timeout=3.0)
    assert (ended.code, ended.timed_out) == (-signal.SIGKILL, True)
    assert (tmp_path / "log").read_text() == "busy\n"


def test_a_program_that_is_still_open_for_writing_is_waited_for(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho ready\n")
    program.chmod(0o755)
    writer = program.open("a")
    threading.Timer(0.2, writer.close).start()
    assert process.run([str(program)], env=process.clean_environ(os.environ)).output == "ready\n"


def test_a_program_that_stays_open_for_writing_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_PAUSES", (0.01,))
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    with program.open("a"), pytest.raises(HostError, match="Text file busy"):
        process.run([str(program)], env=process.clean_environ(os.environ))


@pytest.mark.needs("linux")
def test_an_interrupt_while_waiting_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may come when `Popen.wait` has just taken its lock, which it then never gives back."""
    real, pids = subprocess.Popen.wait, []

    def interrupted(self: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        monkeypatch.setattr(subprocess.Popen, "wait", real)
        self._waitpid_lock.acquire()  # type: ignore[attr-defined]
        pids.append(self.pid)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    with pytest.raises(KeyboardInterrupt), (tmp_path / "log").open("w") as log:
        process.run_logged(sleep, env=_ENV, cwd=str(tmp_path), log=log, timeout=_LONG)
    assert _is_gone(pids[0])
