"""What a command line calls a program, and what it asks for."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from envmgr.api.choosing import Asked
from envmgr.cli.choosing import asked_of, named_program
from envmgr.errors import UsageError


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("matmul-c", ("matmul-c", "")),
        ("susan:edges", ("susan", "edges")),
        ("susan:", ("susan", "")),
        ("./mine", ("./mine", "")),
        ("./mine:edges", ("./mine", "edges")),
        ("a:b/mine", ("a:b/mine", "")),
        ("a:b/mine:edges", ("a:b/mine", "edges")),
        (".:edges", (".", "edges")),
    ],
)
def test_a_program_is_named_with_its_command(text: str, meant: tuple[str, str]) -> None:
    assert named_program(text) == meant


def test_a_directory_may_have_a_colon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine:old").mkdir()
    assert named_program("./mine:old") == ("./mine:old", "")
    assert named_program("./mine:old:edges") == ("./mine:old", "edges")


@pytest.mark.parametrize("text", ["", ":", ":edges"])
def test_a_program_has_a_name(text: str) -> None:
    with pytest.raises(UsageError, match="no program is named"):
        named_program(text)


def arguments(**said: Any) -> Namespace:
    """What a parser gives when this was *said*."""
    lists: dict[str, Any] = {name: [] for name in ("with", "data", "param", "flags", "each")}
    return Namespace(**{**lists, "target": "local", **said})


def test_nothing_said_leaves_all_open() -> None:
    assert asked_of(arguments(), "edges") == Asked(command="edges")


def test_flags_are_words_and_each_is_a_list() -> None:
    asked = asked_of(arguments(flags=["-O3 -DX='a b'", ""], each=["compiler,n", "data"]))
    assert asked.flags == (("-O3", "-DX=a b"), ())
    assert asked.each == ("compiler", "n", "data")


def test_a_value_may_have_an_equals_sign() -> None:
    asked = asked_of(arguments(param=["n=1", "n=a=b"], **{"with": ["gcc"], "data": ["d=x"]}))
    assert asked.params == (("n", "1"), ("n", "a=b"))
    assert (asked.with_, asked.data) == (("gcc",), ("d=x",))


@pytest.mark.parametrize("said", [{"param": ["n"]}, {"param": ["=1"]}, {"param": ["n="]}])
def test_a_parameter_has_a_name_and_a_value(said: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="say NAME=VALUE"):
        asked_of(arguments(**said))


def test_flags_with_an_open_quote_are_refused() -> None:
    with pytest.raises(UsageError, match="cannot be split into words"):
        asked_of(arguments(flags=["-DX='a"]))
