from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from envmgr.detect import check as module
from envmgr.detect.check import Proof, prove
from envmgr.model.definition import Check
from envmgr.model.delta import Delta
from envmgr.model.entry import Entry, Origin, make_entry
from tests.detect.mock import environ, program, script, text


def entry(path: Path, name: str = "tool.thing", **more: Any) -> Entry:
    usual: dict[str, Any] = {
        "tags": ("tool",),
        "prefix": str(path.parent.parent),
        "path": str(path),
        "delta": Delta({"THING": str(path)}, {"PATH": (str(path.parent),)}),
        "origin": Origin("detected", name),
    }
    return make_entry(name, "1.0", **{**usual, **more})


def proof(own: Entry, check: Check, **needs: Entry) -> Proof:
    return prove(own, check, needs, [own], environ())


@pytest.fixture
def thing(tmp_path: Path) -> Entry:
    return entry(script(tmp_path / "prefix/bin/thing", 'cat "$1" && echo "says $2"'))


def test_what_works(thing: Entry) -> None:
    check = Check(run="{path} {source} {version}", source="hello", expect="^hellosays 1.0$")
    assert proof(thing, check) == Proof(thing, True, "ran a program")


def test_the_source_has_its_suffix_and_the_output_its_place(thing: Entry) -> None:
    check = Check(
        run="{THING} {source} {source} && cp {source} {out} && thing {out} '{out} x'",
        source="int x;",
        suffix=".cpp",
        expect=r"says \S+/check\.cpp\n(?s:.*)says \S+/out x",
    )
    assert proof(thing, check).works is True


def test_an_output_that_lacks_what_is_expected_fails(thing: Entry) -> None:
    verdict = proof(thing, Check(run="{path} {source} no", source="", expect="yes"))
    assert verdict.works is False
    assert "'yes'" in verdict.why and "says no" in verdict.why


def test_a_command_that_fails_says_which_and_how(tmp_path: Path, thing: Entry) -> None:
    broken = script(tmp_path / "broken", "echo one; echo 'main.c: error: no such file'; exit 3")
    check = Check(run=f"{{path}} {{source}} && {broken} && touch {tmp_path}/after", source="")
    verdict = proof(thing, check)
    assert verdict.works is False and not (tmp_path / "after").exists()
    assert f"`{broken}` failed (exit status 3)" in verdict.why
    assert "main.c: error: no such file" in verdict.why and "\n" not in verdict.why


def test_a_command_that_does_not_end_fails(
    tmp_path: Path, thing: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECK_TIMEOUT", 0.3)
    verdict = proof(thing, Check(run=str(script(tmp_path / "slow", "sleep 60"))))
    assert verdict.works is False and "did not end in time" in verdict.why


def test_a_command_that_is_not_there_fails(thing: Entry) -> None:
    verdict = proof(thing, Check(run="/nonexistent/program"))
    assert verdict.works is False and "/nonexistent/program" in verdict.why


def test_what_needs_something_unknown_is_not_tried(tmp_path: Path, thing: Entry) -> None:
    verdict = proof(thing, Check(run=f"touch {tmp_path}/tried {{CXX}}"))
    assert verdict.works is None and "{CXX}" in verdict.why
    assert not (tmp_path / "tried").exists()


def test_needs_lend_their_variables(tmp_path: Path, thing: Entry) -> None:
    cc = entry(program(tmp_path / "cc/bin/mycc", "compiled"), "compiler.cc")
    cc = entry(
        Path(cc.path),
        "compiler.cc",
        delta=Delta({"CC": cc.path}, {"PATH": (f"{tmp_path}/cc/bin",)}),
    )
    assert proof(thing, Check(run="{CC} && mycc", expect="compiled"), cc=cc).works is True


def test_a_variable_of_several_words_is_several_words(tmp_path: Path) -> None:
    own = script(tmp_path / "bin/zig", 'test "$1" = cc && echo "ok $#"')
    two = entry(own, delta=Delta({"CC": f"{own} cc", "ODD": "it's"}))
    assert proof(two, Check(run="{CC} a", expect="ok 2")).works is True
    spaced = script(tmp_path / "a b/cc", 'echo "ok $#"')
    assert proof(entry(spaced, delta=Delta({"CC": str(spaced)})), Check(run="{CC}")).works is True
    verdict = proof(two, Check(run="{ODD}"))
    assert verdict.works is False and "it's" in verdict.why


def test_files_are_counted(tmp_path: Path) -> None:
    for number in range(3):
        text(tmp_path / f"set/val/{number}.jpeg")
    own = entry(tmp_path / "set/val/0.jpeg", prefix=str(tmp_path / "set"))
    assert proof(own, Check(files={"val/*.jpeg": 3})).works is True
    assert proof(own, Check(files={"**/*.jpeg": 3})).works is True
    verdict = proof(own, Check(files={"val/*.jpeg": 4}))
    assert verdict.works is False and "holds 3 of val/*.jpeg, not 4" in verdict.why


def test_commands_see_a_clean_environment(tmp_path: Path) -> None:
    own = script(tmp_path / "bin/thing", 'echo "CFLAGS=$CFLAGS THING=$THING"; pwd')
    mine = entry(own)
    verdict = prove(mine, Check(run="thing", expect=rf"^CFLAGS= THING={own}$\n.*envmgr-check-"),
                    {}, [mine], environ(CFLAGS="-O9"))  # fmt: skip
    assert verdict.works is True, verdict.why


def test_the_deltas_of_what_it_needs_apply_too(tmp_path: Path) -> None:
    need = entry(program(tmp_path / "need/bin/helper", "helped"), "tool.helper")
    own = entry(script(tmp_path / "own/bin/thing", "helper"))
    verdict = prove(own, Check(run="{path}", expect="helped"), {}, [need, own], environ())
    assert verdict.works is True, verdict.why
