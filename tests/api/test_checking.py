"""Checking programs: whatever goes wrong is one finding among the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.api.checking import Finding, check
from envmgr.api.choosing import Asked
from envmgr.api.workspace import Workspace
from envmgr.errors import UsageError
from tests.api.scripts import BUILD, script

pytestmark = pytest.mark.needs("linux", "sh")
RUNS = """
[run.hello]
command = "{exe} hello"
check = [{text = "said hello"}]
[run.bye]
command = "{exe} bye"
check = [{text = "said goodbye"}]
"""
MUTATION = """
[[mutation]]
file = "%s"
replace = "%s"
with = "%s"
"""


@pytest.fixture
def workspace(environ: dict[str, str]) -> Workspace:
    """A store of its own."""
    return Workspace(environ=environ)


def told(found: list[Finding]) -> list[tuple[str, str, bool]]:
    """Command, verdict and whether it is good, of each finding."""
    return [(one.point.command, one.verdict, one.is_good) for one in found]


def test_every_command_is_tried(workspace: Workspace, tmp_path: Path) -> None:
    found = check(workspace, script(workspace, tmp_path, RUNS), Asked())
    assert told(found) == [("hello", "right", True), ("bye", "wrong", False)]


def test_a_build_that_fails_keeps_nothing_else_from_being_tried(
    workspace: Workspace, tmp_path: Path
) -> None:
    flags = (("-DBAD",), ("-DGOOD",), ("-DFINE",))
    found = check(workspace, script(workspace, tmp_path, RUNS), Asked("hello", flags=flags))
    assert sorted(told(found)) == [("hello", "failed", False)] + 2 * [("hello", "right", True)]
    (failed,) = (one for one in found if not one.is_good)
    assert not failed.is_tried and failed.point.flags == ("-DBAD",)
    assert failed.log is not None and "no such flag" in Path(failed.log).read_text()


@pytest.mark.parametrize(
    ("file", "piece", "by", "why"),
    [
        ("say.sh", "absent", "here", "stands there 0 times"),
        ("build.sh", "cp say.sh say", "exit 3", "with the mutation it cannot be built"),
        ("none.sh", "a", "b", "none.sh is no file below"),
    ],
)
def test_a_mutation_that_cannot_be_tried_is_not_caught(
    workspace: Workspace, tmp_path: Path, file: str, piece: str, by: str, why: str
) -> None:
    program = script(workspace, tmp_path, RUNS + MUTATION % (file, piece, by))
    found = check(workspace, program, Asked("hello"))
    assert told(found) == [("hello", "right", True), ("hello", "failed", False)]
    assert why in found[1].why and not found[1].is_tried


def test_mutations_are_caught_or_not(workspace: Workspace, tmp_path: Path) -> None:
    caught = MUTATION % ("say.sh", "said", "sad")
    missed = MUTATION % ("say.sh", "/bin/sh", "/bin/sh -e")
    program = script(workspace, tmp_path, RUNS + caught + missed)
    found = check(workspace, program, Asked("hello"))
    assert [one.is_good for one in found] == [True, True, False]
    assert len(check(workspace, program, Asked("hello"), mutations=False)) == 1


def test_what_cannot_be_had_is_a_finding(workspace: Workspace, tmp_path: Path) -> None:
    needs = '[needs]\nthing = "no-such-thing"\n'
    (one,) = check(workspace, script(workspace, tmp_path, needs + RUNS), Asked("hello"))
    assert (one.verdict, one.is_tried) == ("failed", False)
    assert "no-such-thing" in one.why


def test_a_name_that_is_unknown_is_an_error(workspace: Workspace, tmp_path: Path) -> None:
    program = script(workspace, tmp_path, RUNS)
    with pytest.raises(UsageError, match="has no command 'shout'"):
        check(workspace, program, Asked("shout"))


RECORDED = """
[run.default]
command = "{exe}"
check = [{recorded = true}]
"""


def test_what_trusted_builds_give_is_recorded_first(workspace: Workspace, tmp_path: Path) -> None:
    program = script(workspace, tmp_path, RECORDED)
    assert told(check(workspace, program, Asked())) == [("default", "right", True)]


def test_a_trusted_build_that_fails_is_a_finding(workspace: Workspace, tmp_path: Path) -> None:
    files = {"build.sh": BUILD, "say.sh": "#!/bin/sh\nexit 3\n"}
    found = check(workspace, script(workspace, tmp_path, RECORDED, files), Asked())
    assert told(found) == [("default", "failed", False)]
    assert "status 3" in found[0].why
