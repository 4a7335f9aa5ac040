"""Programs that are run, repeated and made to fail."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from envmgr.errors import HostError, ProgramError
from envmgr.host.measured import Usage
from envmgr.model.measurement import FAILED, TIMED_OUT, UNSTEADY
from envmgr.model.program import OutputCheck, RunCommand
from envmgr.program.figures import figures_of
from envmgr.program.run import Ran, RunRequest, failure, run

pytestmark = pytest.mark.needs("linux")


class _Fake:
    """Plays `measured`: writes what it is told, and notes how it was called."""

    def __init__(self, *written: Mapping[str, str], code: int = 0, **figures: Any) -> None:
        self.written = list(written) or [{}]
        self.code = code
        self.figures = figures
        self.calls: list[dict[str, Any]] = []
        self.seen: list[set[str]] = []

    def __call__(self, argv: tuple[str, ...], *, cwd: str, **options: Any) -> Usage:
        self.seen.append({path.name for path in Path(cwd).iterdir()})
        for stream in ("stdout", "stderr"):
            Path(options[stream]).write_text("")
        now = self.written[min(len(self.calls), len(self.written) - 1)]
        for name, content in now.items():
            Path(cwd, name).write_text(content)
        self.calls.append({"argv": tuple(argv), "cwd": cwd, **options})
        figures = {"wall": 2.0, "user": 1.0, "system": 0.5, "memory": 1000, **self.figures}
        return Usage(self.code, False, **figures)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    made = tmp_path / "source"
    (made / "data/deep").mkdir(parents=True)
    (made / "data/a.txt").write_text("a")
    (made / "data/deep/b.txt").write_text("b")
    (made / "input.txt").write_text("input")
    (made / "input.txt").chmod(0o444)
    return made


@pytest.fixture
def request_of(tmp_path: Path, source: Path) -> Any:
    def make(command: str = "{exe}", repeats: int = 1, **more: Any) -> RunRequest:
        return RunRequest(
            command=RunCommand(command, **more),
            values={"exe": "/built/sum", "n": "64", "CC": "zig cc", "odd": "a b; $(c)"},
            environ={"PATH": os.environ["PATH"], "KEPT": "1"},
            source=str(source),
            directory=str(tmp_path / "run"),
            repeats=repeats,
        )

    return make


# -- how it is called --------------------------------------------------------------------------


def test_words_are_filled_after_they_are_split(request_of: Any) -> None:
    fake = _Fake()
    run(request_of("{exe} '-n {n}' {odd} {CC} x{CC}"), fake)
    assert fake.calls[0]["argv"] == (*("/built/sum", "-n 64", "a b; $(c)", "zig", "cc", "xzig cc"),)


def test_it_is_called_with_its_environment_its_time_and_its_files(
    request_of: Any, tmp_path: Path
) -> None:
    fake = _Fake()
    command = {"env": {"SIZE": "{n}"}, "timeout": 7.0, "inputs": ("input.txt",)}
    run(request_of(stdin="input.txt", **command), fake)
    directory = str(tmp_path / "run")
    (call,) = fake.calls
    assert call == {
        "argv": ("/built/sum",),
        "cwd": directory,
        "env": {"PATH": os.environ["PATH"], "KEPT": "1", "SIZE": "64"},
        "stdin": f"{directory}/input.txt",
        "stdout": f"{directory}/.stdout",
        "stderr": f"{directory}/.stderr",
        "timeout": 7.0,
        "cpus": None,
    }


def test_data_that_is_copied_is_called_as_its_copy(request_of: Any, source: Path) -> None:
    fake = _Fake()
    request = request_of("{exe} {image}", copies=("image",), stdin="{image}")
    values = {**request.values, "image": str(source / "input.txt")}
    ran = run(RunRequest(**{**_fields(request), "values": values}), fake)
    assert fake.calls[0]["argv"] == ("/built/sum", "input.txt")
    assert fake.calls[0]["stdin"] == f"{request.directory}/input.txt"
    assert ran.request.values["image"] == "input.txt"


def test_a_value_that_nothing_sets_is_an_error(request_of: Any) -> None:
    with pytest.raises(ProgramError, match=r"sum: '\{none\}' uses \{none\}"):
        run(request_of("{exe} {none}"), _Fake())


def test_input_that_is_not_there_is_an_error(request_of: Any) -> None:
    with pytest.raises(ProgramError, match=r"sum: there is no .*/nothing for it to read"):
        run(request_of(stdin="nothing"), _Fake())


def test_what_cannot_be_started_is_an_error_of_the_program(request_of: Any) -> None:
    def refuse(*_: Any, **__: Any) -> Usage:
        raise HostError("cannot start it", hint="build it")

    with pytest.raises(ProgramError) as caught:
        run(request_of(), refuse)
    assert (caught.value.message, caught.value.hint) == ("sum: cannot start it", "build it")


# -- repeats ---------------------------------------------------------------------------------


def test_a_program_that_repeats_itself_is_started_once(request_of: Any) -> None:
    fake = _Fake()
    ran = run(request_of(repeats=50, repeat="ROUNDS", timeout=2.0), fake)
    (call,) = fake.calls
    assert (call["env"]["ROUNDS"], call["timeout"]) == ("50", 100.0)
    assert figures_of(ran)["cpu"] == pytest.approx(1.5 / 50)


def test_another_is_started_so_often_and_figures_are_of_one(request_of: Any) -> None:
    fake = _Fake(counters={"cycles": 100.0}, left=1)
    ran = run(request_of(repeats=4), fake)
    assert len(fake.calls) == 4
    assert ran.usage == Usage(
        0, False, wall=8.0, user=4.0, system=2.0, memory=1000, left=4, counters={"cycles": 400.0}
    )
    assert figures_of(ran) == {
        "wall": 2.0,
        "user": 1.0,
        "system": 0.5,
        "cpu": 1.5,
        "memory": 1000.0,
        "repeats": 4.0,
        "left": 4.0,
        "cycles": 100.0,
    }


def test_each_start_finds_what_the_first_found(request_of: Any) -> None:
    fake = _Fake({"out.txt": "x", "input.txt": "sorted"})
    ran = run(request_of(repeats=3, inputs=("input.txt",), outputs=("out.txt", "input.txt")), fake)
    streams = {".stdout", ".stderr"}
    assert fake.seen == [{"input.txt"}, {"input.txt", *streams}, {"input.txt", *streams}]
    assert Path(ran.outputs["input.txt"]).read_text() == "sorted"


def test_outputs_that_differ_are_named(request_of: Any) -> None:
    fake = _Fake({"a": "1", "b": "1"}, {"a": "2", "b": "1"})
    ran = run(request_of(repeats=2, outputs=("a", "b")), fake)
    assert ran.unsteady == ("a",)
    assert failure(ran) == (UNSTEADY, "repeated, it wrote a otherwise than before")


@pytest.mark.parametrize(
    "check",
    [
        OutputCheck(file="a", expect="x", ignore=("time",)),
        OutputCheck(file="a", expect="x", tolerance=0.1),
        OutputCheck(file="a", match="x"),
        OutputCheck(file="a", run="checker {file}"),
    ],
)
def test_outputs_of_which_a_check_takes_a_part_may_differ(
    request_of: Any, check: OutputCheck
) -> None:
    ran = run(request_of(repeats=2, outputs=("a",), checks=(check,)), _Fake({"a": "1"}, {"a": "2"}))
    assert (ran.unsteady, failure(ran)) == ((), None)


def test_a_failure_ends_the_repeats(request_of: Any) -> None:
    fake = _Fake(code=3)
    ran = run(request_of(repeats=5), fake)
    assert len(fake.calls) == 1
    assert failure(ran) == (FAILED, "it ended with status 3")


def test_a_status_that_is_no_failure_is_none(request_of: Any) -> None:
    assert failure(run(request_of(exit_codes=(0, 3)), _Fake(code=3))) is None


# -- with real programs ------------------------------------------------------------------------


def _real(request: RunRequest, code: str) -> Ran:
    values = {**request.values, "exe": sys.executable, "code": code}
    return run(RunRequest(**{**_fields(request), "values": values}))


def _fields(request: RunRequest) -> dict[str, Any]:
    return {name: getattr(request, name) for name in request.__slots__}


def test_a_program_writes_its_outputs(request_of: Any) -> None:
    request = request_of("{exe} -c {code}", outputs=("sub/{n}.txt", "other"))
    ran = _real(request, "open('sub/64.txt', 'w').write('x'); print('hello')")
    assert (ran.missing, failure(ran)) == (("other",), None)
    assert Path(ran.outputs["sub/{n}.txt"]).read_text() == "x"
    assert Path(ran.outputs["stdout"]).read_text() == "hello\n"
    assert ran.usage.user + ran.usage.system > 0


@pytest.mark.parametrize(
    ("code", "verdict", "why"),
    [
        ("import sys; sys.exit(3)", FAILED, "it ended with status 3"),
        ("raise ValueError('bad')", FAILED, "it ended with status 1: ValueError: bad"),
        (
            "import sys; sys.exit('an error: the cause\\nlast words')",
            FAILED,
            "it ended with status 1: an error: the cause",
        ),
        ("import os; os.kill(os.getpid(), 11)", FAILED, "it was ended by SIGSEGV"),
        ("import os; os.kill(os.getpid(), 40)", FAILED, "it was ended by signal 40"),
        (
            f"import os; os.kill(os.getpid(), {int(signal.SIGXFSZ)})",
            FAILED,
            "it was ended by SIGXFSZ: it wrote a file of more than 4 GiB",
        ),
        (
            "import time; time.sleep(600)",
            TIMED_OUT,
            "it did not end within 0.5 s, and was ended with its children",
        ),
    ],
)
def test_failures_are_told_in_a_line(request_of: Any, code: str, verdict: str, why: str) -> None:
    if "SIGXFSZ" in why:
        code = f"import signal; signal.signal({int(signal.SIGXFSZ)}, signal.SIG_DFL); {code}"
    limit = 0.5 if verdict == TIMED_OUT else 60.0
    ran = _real(request_of("{exe} -I -S -c {code}", timeout=limit), code)
    assert failure(ran) == (verdict, why)


def test_counters_and_energy_are_absent_with_a_reason(request_of: Any, tmp_path: Path) -> None:
    asked = {"events": ("cycles",), "energy": True, "environ": {"PATH": str(tmp_path)}}
    ran = run(RunRequest(**{**_fields(request_of()), **asked}), _Fake())
    assert ran.absent["cycles"] == "there is no perf on PATH"
    assert "cycles" not in figures_of(ran)


def test_perf_counts_what_it_can(request_of: Any, tmp_path: Path) -> None:
    perf = tmp_path / "perf"  # `perf stat -x, -o FILE -e EVENTS -- ARGV`
    perf.write_text('#!/bin/sh\necho "50,,cycles:u,1,100,," > $4; shift 7; exec "$@"\n')
    perf.chmod(0o755)
    asked = {"events": ("cycles", "sparks"), "environ": {"PATH": f"{tmp_path}:/usr/bin:/bin"}}
    request = RunRequest(**{**_fields(request_of("true", repeats=2)), **asked})
    ran = run(request)
    assert figures_of(ran)["cycles"] == 50.0
    assert ran.usage.counters == {"cycles": 100.0}
    assert ran.absent == {"sparks": "perf does not know it"}
