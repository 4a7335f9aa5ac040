"""Environment modules in Lua: their text. `test_module_load` loads them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.export.module_lua import literal, render
from envmgr.model.delta import Delta

from .subjects import environment, gcc, hurting, with_roles
from .things import detected

ESCAPE = re.compile(r'\\(n|"|\\|\d{3})')


def test_it_says_what_the_environment_is_and_does() -> None:
    tool = detected("tool.x", delta=Delta(prepend={"PATH": ("/opt/a", "/opt/b")}))
    mpi = with_roles(detected("lib.openmpi"), "mpi")
    export = render(environment(gcc(), tool, mpi))
    assert list(export.files) == ["bench.lua"]
    lines = export.text.splitlines()
    assert lines[0].startswith("-- Made by `envmgr export module-lua`")
    assert 'whatis("Name: bench")' in lines
    assert 'family("mpi")' in lines
    assert 'pushenv("CC", "/usr/bin/gcc")' in lines
    assert lines[-2:] == ['prepend_path("PATH", "/opt/b")', 'prepend_path("PATH", "/opt/a")']


def test_what_modules_cannot_hold_is_left_out() -> None:
    entry = detected("tool.x", delta=Delta({"BAD": "a\nb", "GOOD": "1"}))
    export = render(environment(entry))
    assert [item.what for item in export.left_out] == ["BAD='a\\nb'"]
    assert "--   - BAD='a?nb': it has a line break" in export.text
    assert 'pushenv("GOOD", "1")' in export.text
    assert 'pushenv("BAD"' not in export.text


def test_the_same_bytes_twice() -> None:
    assert render(hurting()) == render(hurting())


@given(st.text(st.characters(codec="utf-8")))
def test_a_literal_is_one_line_that_means_its_text(text: str) -> None:
    written = literal(text)
    assert written[0] == written[-1] == '"'
    inner = written[1:-1]
    assert not re.search(r"[\x00-\x1f\x7f]", inner)
    assert '"' not in ESCAPE.sub("", inner) and "\\" not in ESCAPE.sub("", inner)
    assert ESCAPE.sub(meaning, inner) == text


def meaning(escape: re.Match[str]) -> str:
    """What Lua makes of an escape."""
    if escape[1].isdigit():
        return chr(int(escape[1]))
    return "\n" if escape[1] == "n" else escape[1]


@pytest.mark.parametrize("text", ["\0001", "\x1b[31m", "a\r\n"])
def test_control_characters_are_numbers_of_three_digits(text: str) -> None:
    assert ESCAPE.sub(meaning, literal(text)[1:-1]) == text
