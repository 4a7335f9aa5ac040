from __future__ import annotations

from pathlib import Path

import pytest

from envmgr.detect.cases import main, run_case
from envmgr.model.definition import Case, CaseFile, Find, Part, RefuseRule, VersionRule
from tests.detect.mock import detector, text

TREE = {"bin/thing": CaseFile(text="thing 1.0")}
WANTED = detector(
    env={"THING": "{path}"},
    prepend={"PATH": ("{bin}",)},
    refusals=(RefuseRule(why="another thing", output="another"),),
    parts=(Part("{prefix}/extra", ("extra",)),),
)
RIGHT = Case(
    TREE,
    version="1.0",
    tags=("tool", "tool.thing"),
    env={"THING": "{root}/bin/thing"},
    prepend={"PATH": ("{root}/bin",)},
)


def test_a_right_case_says_nothing() -> None:
    assert run_case(WANTED, RIGHT) == []


@pytest.mark.parametrize(
    ("case", "complaint"),
    [
        (Case(TREE, version="2.0"), "expected version 2.0, got 1.0"),
        (Case(TREE, tags=("extra",)), "tag extra is missing"),
        (Case(TREE, env={"THING": "{root}/thing"}), "expected THING="),
        (Case(TREE, env={"OTHER": "x"}), "expected OTHER=x, got None"),
        (Case(TREE, prepend={"PATH": ("{root}/sbin",)}), "expected PATH to gain"),
        (Case(TREE, count=2), "expected 2 entries, got 1"),
        (Case(TREE, refused="another"), "expected a refusal, got tool.thing@1.0"),
        (Case({"bin/other": CaseFile(text="thing 1.0")}), "got 0 (no candidate)"),
        (Case({"bin/thing": CaseFile(text="?")}), "no version in '?'"),
        (Case({"bin/thing": CaseFile(text="?")}, refused="another"), "no refusal matches"),
        (Case({"bin/other": CaseFile(text="?")}, refused="another"), "no refusal matches"),
    ],
)
def test_a_wrong_case_is_reported(case: Case, complaint: str) -> None:
    (problem, *_) = run_case(WANTED, case)
    assert complaint in problem


def test_a_refusal_can_be_what_is_right() -> None:
    tree = {"bin/thing": CaseFile(text="another thing 1.0")}
    assert run_case(WANTED, Case(tree, refused="^another thing$")) == []


def test_the_forms_of_a_file() -> None:
    """Below `bin` a text is a program's; elsewhere it is a file's; `run` and `link` say so."""
    tree = {
        "bin/thing-1": CaseFile(text='it\'s "thing" 1.0 $HOME `x`'),
        "bin/thing": CaseFile(link="thing-1"),
        "libexec/thing": CaseFile(run="thing 2.0"),
        "sdk/thing": CaseFile(text="thing 3.0"),
        "extra": CaseFile(text="{root}"),
    }
    rule = VersionRule(match=r"it's \"thing\" (\S+) \$HOME `x`$", run="{path}")
    links = Case(tree, version="1.0", tags=("extra",))
    wanted = detector(find=Find(program=("thing(-1)?",)), versions=(rule,), parts=WANTED.parts)
    assert run_case(wanted, links) == []
    told = detector(find=Find(program=("extra|thing-1",)),
                    versions=(VersionRule(match=r"/(.*)", file="{prefix}/extra"),),
                    env={"ROOT": "/{version}"})  # fmt: skip
    assert run_case(told, Case(tree, env={"ROOT": "{root}"})) == []


def test_a_case_knows_nothing_of_this_machine() -> None:
    anywhere = detector(find=Find(program=("sh",), dirs=("/usr",)),
                        versions=(VersionRule(match="(.*)", text="1"),))  # fmt: skip
    assert run_case(anywhere, Case({"x": CaseFile(text="")}, count=0)) == []


GOOD = """\
name = "tool.thing"
description = "A thing"
tags = ["tool", "thing"]
[find]
program = "thing"
[[version]]
run = "{path}"
match = 'thing (\\S+)'
[[case]]
tree."bin/thing" = "thing 1.0"
expect = { version = "1.0" }
"""


def test_files_of_detectors_are_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = text(tmp_path / "detectors/tool/thing.toml", GOOD)
    assert main([str(tmp_path)]) == 0
    file.write_text(GOOD.replace('"1.0" }', '"1.1" }'))
    assert main([str(file)]) == 1
    assert f"{file}: case 1: expected version 1.1, got 1.0" in capsys.readouterr().out


def test_a_file_that_is_no_detector_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = text(tmp_path / "detectors/tool/thing.toml", "name = [")
    assert main([str(file)]) == 1
    assert str(file) in capsys.readouterr().out
