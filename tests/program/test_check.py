"""Judging runs: what holds, what does not, and what proves nothing."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from envmgr.errors import ProgramError
from envmgr.model.measurement import FAILED, RIGHT, TIMED_OUT, UNCHECKED, UNSTEADY, WRONG
from envmgr.model.program import OutputCheck
from envmgr.program.check import Judgement, judge
from envmgr.program.reference import Reference

from .ran import ran_of


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The files of a program, with what its outputs must be."""
    (tmp_path / "source" / "expect").mkdir(parents=True)
    return tmp_path / "source"


def judged(tmp_path: Path, *checks: OutputCheck, **outputs: str) -> Judgement:
    ran = ran_of(tmp_path / "run", *checks, outputs=outputs)
    return judge(ran, source=str(tmp_path / "source"))


# -- how it ended ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "timed_out", "verdict"), [(-9, True, TIMED_OUT), (1, False, FAILED)]
)
def test_a_run_that_did_not_end_well_is_looked_at_no_further(
    tmp_path: Path, code: int, timed_out: bool, verdict: str
) -> None:
    said = {"stdout": "fine", "stderr": "no file a.pgm\n"}
    check = OutputCheck(text="fine")
    ran = ran_of(tmp_path / "run", check, outputs=said, code=code, timed_out=timed_out)
    found = judge(ran, source=str(tmp_path))
    assert (found.verdict, found.checked) == (verdict, ())
    assert found.why
    assert found.outputs.keys() == {"stdout", "stderr"}


def test_an_output_that_is_missing_is_wrong(tmp_path: Path) -> None:
    ran = ran_of(tmp_path / "run", outputs={}, missing=("a.pgm", "b.pgm"))
    found = judge(ran, source=str(tmp_path))
    assert (found.verdict, found.why) == (WRONG, "it did not write a.pgm, b.pgm")


# -- each way of telling ---------------------------------------------------------------------


def test_without_checks_nothing_is_known_but_the_outputs(tmp_path: Path) -> None:
    found = judged(tmp_path, stdout="1\n")
    assert (found.verdict, found.why) == (UNCHECKED, "no check says what is right")
    assert found.outputs["stdout"] == sha256(b"1\n").hexdigest()
    assert found.empty == ("stderr",)


def test_an_output_is_compared_with_the_file_of_its_parameters(
    tmp_path: Path, source: Path
) -> None:
    (source / "expect" / "n64.txt").write_text("sum 2.0\n")
    check = OutputCheck(expect="expect/n{n}.txt", tolerance=1e-9)
    assert judged(tmp_path, check, stdout="sum 2.00\n").verdict == RIGHT
    found = judged(tmp_path, check, stdout="sum 2.5\n")
    assert found.verdict == WRONG
    assert found.why == (
        "stdout line 1: 2.5 is not 2.0 of expect/n64.txt (off by 0.2, 1e-09 allowed)"
    )


def test_without_the_expected_file_a_run_is_unchecked_even_if_all_else_holds(
    tmp_path: Path, source: Path
) -> None:
    checks = (OutputCheck(expect="expect/n{n}.txt"), OutputCheck(match="fine"))
    found = judged(tmp_path, *checks, stdout="fine\n")
    assert found.verdict == UNCHECKED
    assert found.why == "there is no expect/n64.txt that says what stdout must be"


def test_no_value_leads_out_of_the_program(tmp_path: Path, source: Path) -> None:
    (tmp_path / "secret").write_text("x")
    ran = ran_of(
        tmp_path / "run",
        OutputCheck(expect="expect/{n}"),
        outputs={"stdout": "x"},
        values={"n": "../../secret"},
    )
    with pytest.raises(ProgramError, match="not below"):
        judge(ran, source=str(source))


def test_a_text_is_compared_without_blanks_at_its_ends(tmp_path: Path) -> None:
    check = OutputCheck(text="n is {n}\nfine")
    assert judged(tmp_path, check, stdout="\n n is 64\nfine \n\n").verdict == RIGHT
    found = judged(tmp_path, check, stdout="n is 64\nbad\n")
    assert found.why == "stdout line 2: 'bad' is not 'fine' of the text of the check"


def test_a_pattern_must_be_found(tmp_path: Path) -> None:
    check = OutputCheck(file="out.txt", match=r"^residual \d")
    assert judged(tmp_path, check, **{"out.txt": "x\nresidual 0.1"}).verdict == RIGHT
    found = judged(tmp_path, check, **{"out.txt": "residual nan"})
    assert (found.verdict, found.why) == (WRONG, r"out.txt: nothing fits '^residual \\d'")


@pytest.mark.parametrize("check", [OutputCheck(match="a"), OutputCheck(text="a")])
def test_more_than_anybody_meant_is_not_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check: OutputCheck
) -> None:
    monkeypatch.setattr("envmgr.program.check._MOST_BYTES", 1 << 20)
    found = judged(tmp_path, check, stdout="a" + "\n" * (1 << 20))
    assert (found.verdict, found.why) == (WRONG, "stdout has more than 1 MiB to look through")
    assert judged(tmp_path, check, stdout="a" + "\n" * 1000).verdict == RIGHT


def test_the_first_check_that_fails_says_why(tmp_path: Path) -> None:
    checks = tuple(OutputCheck(match=pattern) for pattern in ("a", "b", "c"))
    found = judged(tmp_path, *checks, stdout="a")
    assert found.why == "stdout: nothing fits 'b'"
    assert found.checked == ("stdout",)


# -- checkers --------------------------------------------------------------------------------


def test_a_checker_sees_the_output_and_runs_where_the_program_ran(tmp_path: Path) -> None:
    check = OutputCheck(file="out.txt", run="sh -c 'test -s \"$1\" && test -s out.txt' - {file}")
    assert judged(tmp_path, check, **{"out.txt": "x"}).verdict == RIGHT
    assert judged(tmp_path, check, **{"out.txt": "x"}).checked == ("out.txt",)


def test_a_checker_says_what_is_wrong(tmp_path: Path) -> None:
    check = OutputCheck(run="sh -c 'echo row 3 is not sorted; echo more; exit 4'")
    found = judged(tmp_path, check, stdout="x")
    assert (found.verdict, found.why) == (WRONG, "stdout: row 3 is not sorted")
    found = judged(tmp_path, OutputCheck(run="false"), stdout="x")
    assert found.why == "stdout: the checker ended with status 1"


def test_a_checker_that_does_not_end_makes_nothing_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envmgr.program.check.CHECKER_TIMEOUT", 0.2)
    found = judged(tmp_path, OutputCheck(run="sleep 60"), stdout="x")
    assert (found.verdict, found.why) == (WRONG, "stdout: no answer of the checker in 0.2 s")


@pytest.mark.needs("linux", "setsid")
def test_what_a_checker_leaves_running_is_ended(tmp_path: Path) -> None:
    run = "sh -c 'setsid sleep 600 & echo $! >pid; echo done'"
    found = judged(tmp_path, OutputCheck(run=run), stdout="1\n")
    assert found.verdict == RIGHT
    pid = (tmp_path / "run/pid").read_text().strip()
    assert not Path(f"/proc/{pid}").exists()


def test_a_checker_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="no-such-checker"):
        judged(tmp_path, OutputCheck(run="no-such-checker"), stdout="x")
    with pytest.raises(ProgramError, match="which nothing here sets"):
        judged(tmp_path, OutputCheck(run="true {gone}"), stdout="x")


# -- what proves nothing ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "check",
    [
        OutputCheck(text=""),
        OutputCheck(match="x?"),
        OutputCheck(expect="expect/empty"),
        OutputCheck(expect="expect/empty", tolerance=0.1),
        OutputCheck(expect="expect/times", ignore=("^time",)),
    ],
)
def test_an_output_with_nothing_in_it_proves_nothing(
    tmp_path: Path, source: Path, check: OutputCheck
) -> None:
    (source / "expect" / "empty").write_text("")
    (source / "expect" / "times").write_text("time 1\n")
    found = judged(tmp_path, check, stdout="")
    assert (found.verdict, found.checked) == (UNCHECKED, ())
    assert found.why == "stdout has nothing in it that was compared"
    found = judged(tmp_path, check, OutputCheck(file="stderr", match="ok"), stderr="ok")
    assert (found.verdict, found.checked) == (RIGHT, ("stderr",))


# -- references ------------------------------------------------------------------------------

RECORDED = OutputCheck(recorded=True, tolerance=1e-6)


def reference(tmp_path: Path, content: str, unsteady: tuple[str, ...] = ()) -> Reference:
    (tmp_path / "kept").write_text(content)
    return Reference("0" * 64, outputs={"stdout": str(tmp_path / "kept")}, unsteady=unsteady)


def test_without_a_reference_it_is_said_how_to_record_one(tmp_path: Path) -> None:
    found = judged(tmp_path, RECORDED, stdout="1")
    assert found.verdict == UNCHECKED
    assert found.why == "no reference is recorded: envmgr program check sum --record"


@pytest.mark.parametrize(("wrote", "verdict"), [("1.0000001\n", RIGHT), ("1.1\n", WRONG)])
def test_an_output_is_compared_with_the_reference(tmp_path: Path, wrote: str, verdict: str) -> None:
    ran = ran_of(tmp_path / "run", RECORDED, outputs={"stdout": wrote})
    found = judge(ran, source=str(tmp_path), reference=reference(tmp_path, "1\n"))
    assert found.verdict == verdict


def test_what_never_comes_out_twice_is_not_compared(tmp_path: Path) -> None:
    other = OutputCheck(file="stderr", match="fine")
    kept = reference(tmp_path, "1\n", unsteady=("stdout",))
    said = {"stdout": "2\n", "stderr": "fine"}
    alone = judge(ran_of(tmp_path / "a", RECORDED, outputs=said), source="/", reference=kept)
    assert alone.verdict == UNSTEADY
    assert alone.why == "stdout differs from one run of a trusted build to the next"
    both = judge(ran_of(tmp_path / "b", RECORDED, other, outputs=said), source="/", reference=kept)
    assert (both.verdict, both.checked) == (RIGHT, ("stderr",))


def test_a_reference_without_the_output_says_nothing(tmp_path: Path) -> None:
    ran = ran_of(tmp_path / "run", RECORDED, outputs={"stdout": "1"})
    found = judge(ran, source=str(tmp_path), reference=Reference("0" * 64))
    assert found.verdict == UNCHECKED
    assert found.why.startswith("the reference has no stdout: ")
