"""Words of a Dockerfile and of its shell, read back by those who read them."""

from __future__ import annotations

import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.export.words import (
    UnwritableError,
    comment,
    env_word,
    glob_word,
    pin_word,
    plain_path,
    shell_word,
)

PRINTABLE = st.text(st.characters(codec="utf-8").filter(str.isprintable))
LINE_BREAKS = ["a\nb", "a\r", "\x00", "a\x85b", "a\u2028b", "\x1b[31m", "\udcff"]


def docker_value(word: str) -> str:
    """What Docker makes of a double-quoted word: a backslash keeps `"`, `$` and itself."""
    assert word[0] == word[-1] == '"'
    value, rest = "", word[1:-1]
    while rest:
        if rest[0] == "\\" and rest[1] in '"$\\':
            value, rest = value + rest[1], rest[2:]
        else:
            assert rest[0] not in '"$\\'
            value, rest = value + rest[0], rest[1:]
    return value


@given(PRINTABLE)
def test_docker_reads_values_as_they_were(value: str) -> None:
    assert docker_value(env_word(value)) == value


@given(PRINTABLE)
def test_a_shell_reads_words_as_they_were(text: str) -> None:
    assert shlex.split(shell_word(text)) == [text]


@pytest.mark.parametrize("text", LINE_BREAKS)
def test_what_would_end_a_line_is_refused(text: str) -> None:
    for word in (env_word, shell_word, glob_word, pin_word, plain_path):
        with pytest.raises(UnwritableError):
            word(text)


@given(st.text())
def test_a_comment_stays_a_comment(text: str) -> None:
    lines = comment(text, indent="  - ")
    assert all(line.startswith("# ") and line.isprintable() for line in lines)


def test_long_comments_are_wrapped_and_indented() -> None:
    first, *more = comment("word " * 40, indent="  - ")
    assert first.startswith("#   - word") and len(first) <= 100
    assert more and all(line.startswith("#     word") for line in more)


def test_only_the_star_of_a_pattern_is_special() -> None:
    done = subprocess.run(
        ["bash", "-c", f'set -- {glob_word("/no such$HOME/*/x?")}; printf %s "$1"'],
        capture_output=True,
        text=True,
    )
    assert done.stdout == "/no such$HOME/*/x?"


@pytest.mark.parametrize("pin", ["npm=9.2.0~ds1-1", "g++=4:12.2.0-3", "libssl-dev", "a=1:2+b~c"])
def test_pins_need_no_quotes(pin: str) -> None:
    assert pin_word(pin) == pin
    assert (
        subprocess.run(["sh", "-c", f"printf %s {pin}"], capture_output=True).stdout == pin.encode()
    )


@pytest.mark.parametrize("pin", ["a b", "a;rm", "~root", "a=~root", "$(x)"])
def test_other_pins_are_quoted(pin: str) -> None:
    assert shlex.split(pin_word(pin)) == [pin]
    assert pin_word(pin) != pin


@pytest.mark.parametrize("path", ["/opt/a b", "/opt/$x", "/opt/é", "", '/"'])
def test_odd_paths_are_refused(path: str) -> None:
    with pytest.raises(UnwritableError):
        plain_path(path)
