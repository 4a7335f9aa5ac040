"""A .env file: what python-dotenv reads back, and what no two readers would read alike."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from envmgr.export.dotenv import quoted, render
from envmgr.export.subject import Subject
from envmgr.model.delta import Delta

from .subjects import HURTING, OUTSIDE, environment, gcc
from .things import detected

ONE_LINE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")))
HARD = st.text(st.sampled_from(list("ab '\"\\$`{}=#!")))


def with_values(values: dict[str, str]) -> Subject:
    return replace(environment(), values=values)


def read(text: str) -> dict[str, str | None]:
    return dict(dotenv_values(stream=io.StringIO(text)))


def test_lists_are_whole() -> None:
    tool = detected("tool.x", delta=Delta(prepend={"PATH": ("/opt/x/bin",)}))
    export = render(environment(gcc(), tool))
    assert list(export.files) == [".env"]
    assert read(export.text) == {
        "CC": "/usr/bin/gcc",
        "CXX": "/usr/bin/g++",
        "PATH": "/opt/x/bin:" + OUTSIDE["PATH"],
    }


def test_what_hurts_is_read_back_or_left_out() -> None:
    export = render(with_values(HURTING))
    assert read(export.text) == {
        name: value
        for name, value in HURTING.items()
        if name not in ("DOLLARS", "QUOTES", "BACKSLASHES", "LAST")
    }
    assert len(export.left_out) == 4


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("x ${HOME}", "readers of .env files fill in ${…}"),
        ('it\'s "it"', "readers of .env files disagree on the quotes that it takes"),
        ("a\nb", "it has a line break"),
        ("\udcff", "it is not UTF-8"),
    ],
)
def test_the_reason_is_said(value: str, why: str) -> None:
    export = render(with_values({"X": value}))
    assert [item.why for item in export.left_out] == [why]
    assert read(export.text) == {}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("/usr/bin/gcc", "/usr/bin/gcc"),
        ("", "''"),
        ("~/x", "'~/x'"),
        ("two words", "'two words'"),
        ("$HOME", "'$HOME'"),
        (r"C:\bin", r"'C:\bin'"),
        ("it's", '"it\'s"'),
        ("it's $5", None),
        ("x\\", None),
        (r"x\\y", None),
    ],
)
def test_quotes(value: str, written: str | None) -> None:
    assert quoted(value) == written


@given(st.dictionaries(st.sampled_from("ABC"), st.one_of(ONE_LINE, HARD)))
def test_every_value_is_read_back_or_left_out(values: dict[str, str]) -> None:
    export = render(with_values(values))
    left = {item.what.partition("=")[0] for item in export.left_out}
    assert read(export.text) == {n: v for n, v in values.items() if n not in left}
