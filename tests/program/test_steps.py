"""Doing what was decided, with commands of our own."""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path
from typing import TextIO

import pytest

from envmgr.errors import ProgramError
from envmgr.program.request import Procedure, Scratch, Step
from envmgr.program.source import tree_of
from envmgr.program.steps import carry_out, copy_sources, described, telling_line
from tests.program.workshop import compiler, program, request, tree, write


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    one = Scratch(str(tmp_path / "scratch"), jobs=4)
    os.makedirs(one.aside)
    return one


def sh(scratch: Scratch, body: str, wave: int = 0, **env: str) -> Step:
    return Step(("sh", "-c", body), scratch.root, env, wave)


def do(scratch: Scratch, *steps: Step, log: TextIO | None = None, timeout: float = 60.0) -> str:
    """Run *steps*; the log."""
    log = log or io.StringIO()
    one = request("/sources", tree=tree("main.c"), entry=compiler())
    carry_out(Procedure(steps, ""), one, scratch, log, timeout)
    log.seek(0)
    return log.read()


# -- copies ----------------------------------------------------------------------------------


def test_sources_are_copied_with_their_modes_and_times(tmp_path: Path) -> None:
    top = write(tmp_path / "top", {"a.c": "a", "d/e/configure": "#!/bin/sh", "link.c": ""})
    (top / "d/e/configure").chmod(0o755)
    os.utime(top / "a.c", (1_000_000, 1_000_000))
    (top / "link.c").unlink()
    (top / "link.c").symlink_to("a.c")
    copy_sources(tree_of(program(top)), str(tmp_path / "copy"))
    copy = tmp_path / "copy"
    assert (copy / "a.c").read_text() == (copy / "link.c").read_text() == "a"
    assert not (copy / "link.c").is_symlink()
    assert (copy / "a.c").stat().st_mtime == 1_000_000
    assert os.access(copy / "d/e/configure", os.X_OK)


def test_sources_that_changed_meanwhile_are_not_built(tmp_path: Path) -> None:
    top = write(tmp_path / "top", {"a.c": "a"})
    seen = tree_of(program(top))
    (top / "a.c").write_text("b")
    with pytest.raises(ProgramError, match=r"top/a\.c changed while"):
        copy_sources(seen, str(tmp_path / "copy"))


# -- commands --------------------------------------------------------------------------------


def test_commands_see_the_environment_of_the_request_and_their_own(scratch: Scratch) -> None:
    log = do(scratch, sh(scratch, "echo $CC $MORE $SOURCE_DATE_EPOCH; pwd", MORE="a b"))
    told, said, where = log.splitlines()
    assert told == "$ MORE='a b' sh -c 'echo $CC $MORE $SOURCE_DATE_EPOCH; pwd'"
    assert (said, where) == ("gcc a b 0", scratch.root)


def test_files_are_written_first(scratch: Scratch) -> None:
    place = os.path.join(scratch.aside, "file")
    steps = (sh(scratch, f"cat {place}"),)
    log = io.StringIO()
    one = request("/sources", tree=tree("main.c"))
    carry_out(Procedure(steps, "", {place: "content"}), one, scratch, log, 60)
    assert log.getvalue().endswith("\ncontent")


def test_a_wave_runs_at_once_and_is_told_in_order(scratch: Scratch) -> None:
    # Each waits for what the other does, so neither ends unless both run.
    one = sh(scratch, "mkfifo a 2>/dev/null; echo from one > a; echo one")
    two = sh(scratch, "mkfifo a 2>/dev/null; cat a; echo two")
    log = do(scratch, one, two, sh(scratch, "echo three", 1), timeout=20)
    said = [line for line in log.splitlines() if not line.startswith("$")]
    assert said == ["one", "from one", "two", "three"]


def test_a_wave_waits_for_the_one_before(scratch: Scratch) -> None:
    first = [sh(scratch, f"sleep 0.1; touch {name}") for name in "ab"]
    assert "a\nb\n" in do(scratch, *first, sh(scratch, "ls -d a b", 1))


def test_the_first_that_fails_ends_it_and_everything_is_in_the_log(scratch: Scratch) -> None:
    log = io.StringIO()
    steps = [
        sh(scratch, "echo fine"),
        sh(scratch, "echo main.c: note; echo 'main.c:3: error: no such x'; echo more; exit 3"),
        sh(scratch, "touch after", 1),
    ]
    with pytest.raises(ProgramError) as told:
        do(scratch, *steps, log=log)
    first, second = told.value.message.splitlines()
    assert first == "thing does not build with compiler.gcc@12.2.0: main.c:3: error: no such x"
    assert second.startswith("  in `sh -c ") and second.endswith("` (exit status 3)")
    assert "fine" in log.getvalue() and "more" in log.getvalue()
    assert not os.path.exists(os.path.join(scratch.root, "after"))


def test_what_takes_too_long_is_ended_with_its_children(scratch: Scratch) -> None:
    alive = os.path.join(scratch.root, "alive")
    body = f"(while :; do echo x >> {alive}; sleep 0.05; done) & wait"
    with pytest.raises(ProgramError, match=r"did not end within 0\.5 s"):
        do(scratch, sh(scratch, body), timeout=0.5)
    Path(alive).write_text("")  # what is still there goes on writing
    time.sleep(0.2)
    assert Path(alive).read_text() == ""


def test_a_program_that_is_not_there_is_told_with_what_helps(scratch: Scratch) -> None:
    with pytest.raises(ProgramError, match="thing: cannot start nosuch: it is not on PATH") as told:
        do(scratch, Step(("nosuch",), scratch.root))
    assert "install nosuch" in str(told.value.hint)


def test_output_that_is_no_text_is_no_trouble(scratch: Scratch) -> None:
    body = f"{sys.executable} -c 'import os; os.write(1, bytes([255, 254, 10]))'; exit 1"
    with pytest.raises(ProgramError, match="does not build"):
        do(scratch, sh(scratch, body))


def test_descriptions_do_not_name_the_scratch_directory(scratch: Scratch) -> None:
    step = Step(("cc", f"-I{scratch.source}", "a b"), scratch.root, {"X": scratch.build})
    assert described(step, scratch) == "X={work}/build cc -I{work}/source 'a b'"


@pytest.mark.parametrize(
    ("lines", "telling"),
    [
        (["x.c: In function 'f':", "x.c:1:2: error: bad", "x.c:2:2: error: worse"], 1),
        (["x.c:1: warning: unused variable 'error'", "x.c:3: fatal error: y.h: none", "end"], 1),
        (["ld: x.o: in function `f':", "x.c: undefined reference to `g'", "error: ld 1"], 1),
        (["/usr/bin/ld: cannot find -lnone", "collect2: error: ld returned 1"], 0),
        (["Traceback", "  File", "ValueError: no"], 2),
        (["", "only", "  last  ", ""], 2),
        (["", "", "Error:", ""], 2),
    ],
)
def test_the_line_that_tells_most(tmp_path: Path, lines: list[str], telling: int) -> None:
    (tmp_path / "log").write_text("\n".join(lines))
    assert telling_line(str(tmp_path / "log")) == lines[telling].strip()


def test_a_line_that_ends_with_a_colon_goes_on(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("CMake Error at x:3 (y):\n\n  No such thing\n\nEnd")
    assert telling_line(str(tmp_path / "log")) == "CMake Error at x:3 (y): No such thing"


def test_a_log_with_nothing_in_it_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("")
    assert telling_line(str(tmp_path / "log")) == ""
