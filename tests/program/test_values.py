"""What placeholders stand for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from envmgr.errors import ProgramError
from envmgr.program.values import filled, split, values_of, words_of
from tests.program.workshop import compiler

GCC = replace(compiler(CC="/usr/bin/gcc"), facts={"target": "x86_64-linux-gnu", "name": "fact"})


def test_roles_parameters_and_variables_share_one_namespace() -> None:
    values = values_of({"cc": GCC}, {"size": "64"}, {"CC": "/usr/bin/gcc", "PATH": "/bin"})
    assert values == {
        "cc": "/usr/bin/gcc",
        "cc.name": "compiler.gcc",
        "cc.version": "12.2.0",
        "cc.prefix": "/usr",
        "cc.id": GCC.id,
        "cc.CC": "/usr/bin/gcc",
        "cc.target": "x86_64-linux-gnu",
        "size": "64",
        "CC": "/usr/bin/gcc",
        "PATH": "/bin",
    }


def test_variables_that_could_be_taken_for_parameters_are_left_out() -> None:
    assert values_of({}, {}, {"size": "1", "http_proxy": "x", "Path": "y", "_": "z"}) == {}


def test_a_value_is_never_read_again() -> None:
    assert filled("-D{a}", {"a": "{b}", "b": "no"}, "thing") == "-D{b}"


def test_a_placeholder_that_nothing_fills_names_the_program() -> None:
    with pytest.raises(ProgramError, match=r"thing: '-I\{zlib.prefix\}' uses \{zlib.prefix\}"):
        filled("-I{zlib.prefix}", {}, "thing")


def test_a_value_stays_one_word_and_a_variable_may_be_several() -> None:
    values = {"CC": "zig cc", "x": "a b", "CFLAGS": "-O2 '-DN=1 2'", "LDLIBS": ""}
    words = words_of("{CC} {CFLAGS} {x} -o'{x} c' x{CC} {LDLIBS}", values, "thing")
    assert words == ("zig", "cc", "-O2", "-DN=1 2", "a b", "-oa b c", "xzig cc")


def test_a_value_cannot_become_more_words_by_its_quotes() -> None:
    assert words_of("echo {x} '{x}'", {"x": "a' 'b; rm"}, "thing") == ("echo", *["a' 'b; rm"] * 2)


def test_a_path_with_blanks_is_one_word(tmp_path: Path) -> None:
    path = tmp_path / "my compilers" / "gcc"
    path.parent.mkdir()
    path.touch()
    assert split(str(path), "CC", "thing") == (str(path),)
    assert split("", "CC", "thing") == ()


def test_quotes_that_are_not_closed_are_told() -> None:
    with pytest.raises(ProgramError, match='thing: CC is not words: "gcc \'"'):
        split("gcc '", "CC", "thing")
