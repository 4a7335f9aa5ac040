"""Outputs compared: bytes, lines left out, numbers with a tolerance, and the laws of these."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from envmgr.model.program import OutputCheck
from envmgr.program.compare import Comparison, agree, compare

EXACT = OutputCheck()
NUMERIC = OutputCheck(tolerance=1e-9)


def difference(mine: str, theirs: str, check: OutputCheck = NUMERIC) -> str:
    lines = [text.encode().splitlines(keepends=True) for text in (mine, theirs)]
    return compare(lines[0], lines[1], check, of="expect/a.txt").difference


# -- bytes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mine", "theirs", "said"),
    [
        ("a\nb\n", "a\nb\n", ""),
        ("a\nb\n", "a\nc\n", r"line 2: 'b\n' is not 'c\n' of expect/a.txt"),
        ("a\nb", "a\nb\n", r"line 2: 'b' is not 'b\n' of expect/a.txt"),
        ("a\n", "a\nb\n", r"ends before line 2 of expect/a.txt: 'b\n'"),
        ("a\nb\n", "a\n", r"line 2: 'b\n' is beyond the end of expect/a.txt"),
        ("1.0\n", "1.00\n", r"line 1: '1.0\n' is not '1.00\n' of expect/a.txt"),
    ],
)
def test_without_a_tolerance_every_byte_counts(mine: str, theirs: str, said: str) -> None:
    assert difference(mine, theirs, EXACT) == said


def test_bytes_that_are_no_text_are_said_as_numbers() -> None:
    said = compare([b"P5\n", b"\x00\xff\x10"], [b"P5\n", b"\x00\xff\x20"], EXACT, of="x")
    assert said.difference == "line 2, byte 3: 0x10 is not 0x20 of x"


def test_a_tolerance_lets_nothing_pass_that_is_no_text() -> None:
    said = compare([b"\x001.5"], [b"\x001.6"], OutputCheck(tolerance=1.0), of="x")
    assert said.difference == "line 1, byte 4: 0x35 is not 0x36 of x"


def test_a_long_line_is_shown_around_its_difference() -> None:
    said = difference("x" * 500 + "1" + "y" * 500, "x" * 500 + "2" + "y" * 500, EXACT)
    assert len(said) < 250
    assert "x1y" in said and "x2y" in said


def test_lines_that_are_ignored_are_no_difference_and_keep_their_numbers() -> None:
    check = OutputCheck(ignore=("^seconds ", r"\d+:\d\d"))
    mine = "a\nseconds 1.2\nat 12:01\nb\n"
    assert difference(mine, "a\nseconds 9\nb\n", check) == ""
    assert difference(mine, "a\nc\n", check).startswith("line 4: ")


def test_what_was_compared_is_counted() -> None:
    check = OutputCheck(ignore=("a",))
    assert compare([b"a1", b"b"], [b"b"], check, of="x") == Comparison(lines=1)
    assert compare([b"a1"], [b"a2"], check, of="x") == Comparison(lines=0)
    assert compare([b"\n"], [b" \n", b"\n"], NUMERIC, of="x") == Comparison(lines=0)


# -- numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("x = 1.0", "x  =  1.00"),
        ("  10.000000000001\n", "10\n"),
        ("[ 1, 2]", "[1 , 2]"),
        ("nan inf -inf", "-NaN Infinity -INF"),
        ("1.5D+02", "150"),
        ("1.0-2.0", "1.0 -2.0"),
        ("0.5+1e-300i", "0.5+1.0000000001e-300i"),
        ("a 1\n\nb 2\n", "a 1\nb 2"),
        ("18446744073709551615", "18446744073709551615."),
    ],
)
def test_numbers_that_are_the_same(mine: str, theirs: str) -> None:
    assert difference(mine, theirs) == difference(theirs, mine) == ""


@pytest.mark.parametrize(
    ("mine", "theirs", "said"),
    [
        ("a\nx 2.5", "a\nx 2.6", "line 2: 2.5 is not 2.6 of expect/a.txt (off by 0.0385, 1e-09 al"),
        ("x 1", "y 1", "line 1: 'x' is not 'y' of expect/a.txt"),
        ("1 2 3", "1 2", "line 1 has 3 numbers, and 2 in expect/a.txt: '1 2 3'"),
        ("failed", "1.5", "line 1 has 0 numbers, and 1 in expect/a.txt: 'failed'"),
        ("nan", "0", "line 1: nan is not 0 of expect/a.txt"),
        ("inf", "1e300", "line 1: inf is not 1e300 of expect/a.txt"),
        ("inf", "1e999", "line 1: inf is not 1e999 of expect/a.txt"),
        ("inf", "-inf", "line 1: inf is not -inf of expect/a.txt"),
        ("banana", "bainfa", "line 1: 'banana' is not 'bainfa' of expect/a.txt"),
        ("x2", "x3", "line 1: 'x2' is not 'x3' of expect/a.txt"),
        ("1.2.3", "1.2.4", "line 1: '.3' is not '.4' of expect/a.txt"),
    ],
)
def test_what_is_not_the_same_is_said_with_its_place(mine: str, theirs: str, said: str) -> None:
    assert difference(mine, theirs).startswith(said)


def test_whole_numbers_are_compared_exactly_however_large() -> None:
    assert difference("9007199254740993", "9007199254740992", OutputCheck(tolerance=0.0))
    assert difference("7" * 5000, "7" * 4999 + "8", OutputCheck(tolerance=1.0))
    assert not difference("7" * 5000, "7" * 5000 + "\n", OutputCheck(tolerance=0.0))


def test_an_absolute_allowance_is_said_as_such() -> None:
    check = OutputCheck(tolerance=1e-9, absolute=0.5)
    assert difference("0.25", "0.5", check) == ""
    assert difference("0.25", "1", check).endswith("(off by 0.75, 0.5 allowed)")


# -- laws ------------------------------------------------------------------------------------

finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e100, max_value=1e100)
texts = st.text(st.sampled_from("0123456789+-.eEdD naif_x\t\n"), max_size=40)
checks = st.builds(
    OutputCheck,
    tolerance=st.none() | st.floats(0, 2),
    absolute=st.floats(0, 2),
    ignore=st.sampled_from([(), ("x",)]),
)


@given(texts, checks)
def test_everything_agrees_with_itself(text: str, check: OutputCheck) -> None:
    assert difference(text, text, check) == ""


@given(texts, texts, checks)
def test_the_two_sides_are_alike(one: str, other: str, check: OutputCheck) -> None:
    assert bool(difference(one, other, check)) == bool(difference(other, one, check))


@given(texts, st.floats(allow_nan=True), st.floats(allow_nan=True), st.floats(0, 1))
def test_a_larger_tolerance_finds_nothing_new(text: str, a: float, b: float, by: float) -> None:
    strict, lax = OutputCheck(tolerance=by), OutputCheck(tolerance=2 * by)
    if not difference(f"{text} {a!r}", f"{text} {b!r}", strict):
        assert not difference(f"{text} {a!r}", f"{text} {b!r}", lax)


@given(finite, st.floats(1e-12, 0.1), st.booleans())
def test_only_what_is_beyond_the_tolerance_is_found(
    number: float, tolerance: float, down: bool
) -> None:
    assume(abs(number) > 1e-100)
    sign = -1 if down else 1
    within, beyond = (number * (1 + sign * share * tolerance) for share in (0.5, 2.5))
    check = OutputCheck(tolerance=tolerance)
    assert not difference(f"is {number!r} s", f"is {within!r} s", check)
    assert difference(f"is {number!r} s", f"is {beyond!r} s", check)


@given(st.floats(), st.floats(), st.floats(0, 1), st.floats(0, 1))
def test_numbers_agree_as_the_rule_says(a: float, b: float, tolerance: float, more: float) -> None:
    if math.isfinite(a) and math.isfinite(b):
        expected = a == b or abs(a - b) <= max(more, tolerance * max(abs(a), abs(b)))
    else:
        expected = a == b or (math.isnan(a) and math.isnan(b))
    assert agree(repr(a), repr(b), tolerance, more) == expected


@given(st.lists(finite, max_size=20), st.integers(1, 5), st.integers(1, 5))
def test_the_layout_of_a_line_does_not_count(numbers: list[float], one: int, other: int) -> None:
    wide, narrow = ((" " * blanks).join(map(repr, numbers)) for blanks in (one, other))
    assert difference(f" {wide}\n", narrow) == ""
