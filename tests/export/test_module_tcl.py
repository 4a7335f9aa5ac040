"""Environment modules in Tcl: their text. `test_module_load` loads them."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envmgr.export.module_tcl import render, word
from envmgr.model.delta import Delta

from .subjects import HURTING, environment, gcc, with_roles
from .things import detected

LINES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


def test_it_says_what_the_environment_is_and_does() -> None:
    tool = detected("tool.x", delta=Delta(prepend={"PATH": ("/opt/a", "/opt/b")}))
    export = render(environment(gcc(), tool))
    (name,) = export.files
    lines = export.text.splitlines()
    assert (name, lines[0]) == ("bench", "#%Module1.0")
    assert 'module-whatis "compiler.gcc 12.2.0, tool.x 1.0"' in lines
    assert "conflict bench" in lines
    assert "put CC /usr/bin/gcc" in lines
    assert lines[-2:] == [
        "prepend-path --duplicates PATH /opt/b",
        "prepend-path --duplicates PATH /opt/a",
    ]


def test_roles_are_families() -> None:
    mpi = with_roles(detected("lib.openmpi"), "mpi", "fft-api")
    text = render(environment(mpi)).text
    assert "foreach capability [list fft_api mpi] { family $capability }" in text
    assert "family" not in render(environment(gcc())).text


def test_a_list_that_is_put_too_is_one_change() -> None:
    entry = detected("tool.x", delta=Delta({"L": "/old"}, {"L": ("/new",)}))
    text = render(environment(entry)).text
    assert "put L /new:/old\n" in text
    assert "prepend-path --duplicates L" not in text


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("a\nb", "it has a line break"),
        ("a\rb", "it has a line break"),
        ("\udcff", "it is not UTF-8"),
    ],
)
def test_what_modules_cannot_hold_is_left_out(value: str, why: str) -> None:
    entry = detected("tool.x", delta=Delta({"BAD": value, "GOOD": "1"}, {"PATH": (f"/{value}",)}))
    export = render(environment(entry))
    assert [item.why for item in export.left_out] == [why] * 2
    assert "put GOOD 1" in export.text
    assert "put BAD" not in export.text and "prepend-path" not in export.text
    export.text.encode()


@pytest.mark.parametrize("value", ["--set-if-undef", "--noop-on-unload", "-d"])
def test_what_would_be_an_option_is_left_out(value: str) -> None:
    (item,) = render(environment(detected("tool.x", delta=Delta({"X": value})))).left_out
    assert "takes it for an option" in item.why


def test_a_comment_stays_one() -> None:
    entry = detected("tool.x", "1\\\nexit")
    head = render(environment(entry)).text.partition("\n\n")[0]
    assert all(line.startswith("#") and "\\" not in line for line in head.splitlines())


@pytest.mark.needs("tclsh")
@settings(max_examples=15, deadline=None)
@given(st.lists(LINES, max_size=20))
def test_words_are_what_they_stand_for(texts: list[str]) -> None:
    read_back([*texts, *HURTING.values()])


def read_back(texts: list[str]) -> None:
    """Have Tcl read *texts* as words, inside braces, and say what it read."""
    commands = "".join(f"say {word(text)}\n" for text in texts)
    script = (
        "encoding system utf-8\nfconfigure stdout -encoding utf-8 -translation lf\n"
        "proc say {text} { puts -nonewline $text\\0 }\n"
        f"proc all {{}} {{\n{commands}}}\nall\n"
    )
    done = subprocess.run(
        [str(shutil.which("tclsh")), "/dev/stdin"], input=script.encode(), capture_output=True
    )
    assert done.stderr == b""
    assert done.stdout.decode().split("\0")[:-1] == texts
