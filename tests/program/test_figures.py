"""Figures that programs say, and figures that they do not."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envmgr.errors import ProgramError
from envmgr.host.measured import Usage
from envmgr.model.program import MEASURED, Figure, RunCommand
from envmgr.program.figures import figures_of
from envmgr.program.run import Ran, RunRequest


def _ran(directory: Path, output: str, **figures: Figure) -> Ran:
    path = directory / "out"
    path.write_text(output, encoding="utf-8")
    request = RunRequest(
        command=RunCommand("{exe}", outputs=("out",), figures=figures),
        values={"exe": "/built/sum"},
        environ={},
        source="",
        directory=str(directory),
    )
    usage = Usage(0, False, wall=3.0, user=2.0, system=0.5, memory=None)
    return Ran(request, usage, {"out": str(path), "stdout": str(path)})


def _own(directory: Path, output: str, figure: Figure) -> float:
    return figures_of(_ran(directory, output, own=figure))["own"]


def test_what_was_measured_is_there_and_nothing_that_was_not(tmp_path: Path) -> None:
    assert figures_of(_ran(tmp_path, "")) == {
        "wall": 3.0,
        "user": 2.0,
        "system": 0.5,
        "cpu": 2.5,
        "repeats": 1.0,
    }


@pytest.mark.parametrize(
    ("pattern", "output", "number"),
    [
        (r"took (\S+) s", "it took 1.5 s", 1.5),
        (r"^Triad: +(\S+)", "Copy: 1\nTriad:   12345.6\n", 12345.6),
        (r"(?P<name>\w+)=(?P<value>\S+)", "rate=-2e3", -2000.0),
        (r"x=(\S+)", "x=.5 x=7", 0.5),
        (r"([\d.]+)%", "99.%", 99.0),
    ],
)
def test_a_pattern_finds_a_figure(tmp_path: Path, pattern: str, output: str, number: float) -> None:
    assert _own(tmp_path, output, Figure(match=pattern)) == number


@pytest.mark.parametrize(
    ("key", "number"), [("a.0.seconds", 1.5), ("b", 3.0), ("a.1.seconds", 2.0), ("a.-1.seconds", 2)]
)
def test_a_key_finds_a_figure(tmp_path: Path, key: str, number: float) -> None:
    form = {"a": [{"seconds": 1.5}, {"seconds": "2.0"}], "b": 3}
    assert _own(tmp_path, json.dumps(form), Figure(key=key, file="out")) == number


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_that_is_printed_is_read(tmp_path: Path, number: float) -> None:
    assert _own(tmp_path, f"x {number!r} y", Figure(match=r"x (\S+) y")) == number
    assert _own(tmp_path, json.dumps([number]), Figure(key="0")) == number


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.sampled_from("0123456789.eE+-_naif ٣"), max_size=8))
def test_what_is_read_is_a_finite_number_or_refused(tmp_path: Path, text: str) -> None:
    try:
        number = _own(tmp_path, f"<{text}>", Figure(match="<(.*)>"))
    except ProgramError:
        return
    assert math.isfinite(number)
    assert number == float(text)
    assert "_" not in text


@pytest.mark.parametrize("value", ["nan", "inf", "-Infinity", "1_000", "fast", "", "0x10", "1e999"])
def test_what_is_no_number_is_an_error_that_says_where(tmp_path: Path, value: str) -> None:
    with pytest.raises(ProgramError) as caught:
        _own(tmp_path, f"<{value}>", Figure(match="<(.*)>", file="out"))
    assert caught.value.message.startswith("sum: its figure own, in out: ")
    assert caught.value.message.endswith("is no number")


@pytest.mark.parametrize("text", ["[NaN]", "[Infinity]", "[true]", "[null]", "[{}]", "[1e999]"])
def test_what_is_no_number_in_json_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(ProgramError, match=r"its figure own: .* is no number"):
        _own(tmp_path, text, Figure(key="0"))
    with pytest.raises(ProgramError, match="is no number"):
        _own(tmp_path, f"[{10**400}]", Figure(key="0"))


@pytest.mark.parametrize(
    ("figure", "output", "told"),
    [
        (Figure(match="x=(.*)"), "y=1", "nothing in stdout fits 'x=(.*)'"),
        (Figure(match="x=(.*)", file="gone"), "", "gone was not written"),
        (Figure(key="a"), "{", "stdout is not JSON"),
        (Figure(key="a"), "[" * 100_000, "stdout is not JSON"),
        (Figure(key="a.b"), '{"a": {}}', "stdout has no a.b: there is no b"),
        (Figure(key="a.7"), '{"a": [1]}', "stdout has no a.7: there is no 7"),
        (Figure(key="a.x"), '{"a": [1]}', "stdout has no a.x: there is no x"),
        (Figure(key="a.x"), '{"a": 1}', "stdout has no a.x: there is no x"),
        (Figure(key="a.0"), '{"a": "text"}', "stdout has no a.0: there is no 0"),
    ],
)
def test_a_figure_that_is_not_there_is_an_error(
    tmp_path: Path, figure: Figure, output: str, told: str
) -> None:
    with pytest.raises(ProgramError) as caught:
        _own(tmp_path, output, figure)
    assert told in caught.value.message
    assert caught.value.message.startswith("sum: its figure own")


@pytest.mark.parametrize("name", MEASURED)
def test_no_figure_of_its_own_hides_one_that_is_measured(tmp_path: Path, name: str) -> None:
    ran = _ran(tmp_path, "1", **{name: Figure(match="(.)")})
    with pytest.raises(ProgramError, match="must be called otherwise"):
        figures_of(ran)


def test_an_output_without_end_is_not_looked_through(tmp_path: Path) -> None:
    ran = _ran(tmp_path, "", own=Figure(match="(.)"))
    with open(ran.outputs["stdout"], "wb") as file:
        file.truncate(65 << 20)
    with pytest.raises(ProgramError, match="more than 64 MiB"):
        figures_of(ran)
