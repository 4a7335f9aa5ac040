"""Pictures: that every value is in them, in the terminal and in files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envmgr.errors import EnvmgrError, UsageError
from envmgr.experiment import plot
from envmgr.experiment.extra import library
from envmgr.experiment.picture import (
    KINDS,
    SCALING,
    SERIES,
    STRIPS,
    Curve,
    Picture,
    picture,
    runs_of,
)
from envmgr.experiment.terminal_plot import drawn
from envmgr.model.measurement import Measurement, Point

from .simulated import failure, result

SECONDS = [1.0, 1.1, 0.9, 1.05, 0.95, 1.02, 4.0]


@pytest.fixture(autouse=True)
def _own_settings(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not those of a person; what it learns about fonts, which takes seconds, is shared."""
    shared = tmp_path_factory.getbasetemp().parent / "matplotlib"
    shared.mkdir(exist_ok=True)
    monkeypatch.setenv("MPLCONFIGDIR", str(shared))


def of(size: str, *flags: str) -> Point:
    return Point("p", "run", {"size": size}, flags)


def measured(*points: Point, factor: float = 1.0) -> list[Measurement]:
    return [
        result(one, n, value * factor * (place + 1), 10.0 * n)
        for place, one in enumerate(points)
        for n, value in enumerate(SECONDS)
    ]


def made(kind: str = STRIPS, *points: Point) -> Picture:
    points = points or (of("1"), of("8"))
    return picture(runs_of(measured(*points)), kind, "cpu", "s", over="size")


def said(value: float) -> str:
    return f"{value:.3g} s"


# -- what is drawn ---------------------------------------------------------------------------


def test_strips_have_every_value_of_every_point() -> None:
    found = made()
    assert [curve.name for curve in found.curves] == ["size=1", "size=8"]
    assert found.curves[0].values == tuple(SECONDS)
    assert found.curves[0].outliers == (6,)
    assert found.curves[0].median.middle == 1.02


def test_series_are_levelled_by_their_medians() -> None:
    found = made(SERIES)
    assert found.curves[0].values[0] == pytest.approx(1 / 1.02)
    assert found.curves[0].values == pytest.approx(found.curves[1].values)
    assert found.across == "round"
    assert found.unit == ""


def test_a_scaling_goes_over_a_number() -> None:
    found = made(SCALING, of("1"), of("8"), of("1", "-O2"), of("8", "-O2"))
    assert [curve.name for curve in found.curves] == ["(no flags)", "-O2"]
    assert list(found.curves[0].medians) == [1.0, 8.0]
    assert len(found.curves[0].values) == 2 * len(SECONDS)
    assert found.across == "params.size"
    assert found.is_logarithmic
    assert not made(SCALING, of("1"), of("2")).is_logarithmic
    assert not made(STRIPS).is_logarithmic


def test_what_is_no_number_is_named() -> None:
    these = runs_of(measured(of("large")))
    with pytest.raises(UsageError, match=r"params\.size is no number: 'large'"):
        picture(these, SCALING, "cpu", "s", over="size")
    with pytest.raises(UsageError, match="goes over"):
        picture(these, SCALING, "cpu", "s")
    with pytest.raises(UsageError, match="no figure 'x'"):
        picture(these, STRIPS, "x", "s")


def test_failures_are_counted_and_without_results_there_is_nothing() -> None:
    one = of("1")
    found = picture(runs_of([*measured(one), failure(one, 9)]), STRIPS, "cpu", "s")
    assert found.failed == 1
    with pytest.raises(UsageError, match="no result"):
        picture(runs_of([failure(one, 9)]), STRIPS, "cpu", "s")


def test_points_stand_in_the_order_that_is_asked_for() -> None:
    points = (of("10", "-O3"), of("9", "-O2"), of("10", "-O2"), of("9", "-O3"))
    names = [curve.name for curve in made(STRIPS, *points).curves]
    assert names == ["size=9 -O2", "size=10 -O2", "size=9 -O3", "size=10 -O3"]
    found = picture(runs_of(measured(*points)), STRIPS, "cpu", "s", by="flags")
    names = [curve.name for curve in found.curves]
    assert names == ["size=9 -O2", "size=9 -O3", "size=10 -O2", "size=10 -O3"]


def test_points_of_two_experiments_stand_apart() -> None:
    one = of("1")
    both = [result(one, n, 1.0, n, experiment) for experiment in "ef" for n in range(3)]
    found = picture(runs_of(both), STRIPS, "cpu", "s")
    assert [curve.name for curve in found.curves] == ["p:run in e", "p:run in f"]


# -- in the terminal -------------------------------------------------------------------------


def test_strips_as_text() -> None:
    values = [1.0, 1.01, 1.0, 1.02, 1.01, 1.0, 1.03, 1.3]
    one = of("1")
    found = picture(
        runs_of([result(one, n, value) for n, value in enumerate(values)]), STRIPS, "cpu", "s"
    )
    assert drawn(found, 64, said).splitlines() == [
        "p:run     █▁▁                       ▁  1.01 s ± 14.9 %, 8 values",
        "          ┼─────────────────────────┤",
        "          1 s                   1.3 s",
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [60, 80, 133])
def test_no_line_is_wider_than_asked(kind: str, width: int) -> None:
    text = drawn(made(kind, of("1"), of("8"), of("8", *["-funroll-loops"] * 9)), width, said)
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("kind", KINDS)
def test_plain_terminals_get_plain_characters(kind: str) -> None:
    assert drawn(made(kind), 80, said, ascii_only=True).isascii()


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=40))
@settings(deadline=None, max_examples=40)
def test_each_value_has_its_cell(values: list[float]) -> None:
    across = tuple(float(at) for at in range(len(values)))
    curve = Curve("x", across, tuple(values))
    bars, whisker, _ = drawn(Picture(STRIPS, "cpu", "s", "", (curve,)), 90, said).split("\n")
    filled = len(re.findall("[▁-█]", bars))
    assert 1 <= filled <= len(set(values))
    assert "█" in bars or len(values) == filled
    assert whisker.count("┼") == 1
    grid = drawn(Picture(SERIES, "cpu", "s", "round", (curve,)), 90, said)
    marks = sum(line.partition("│")[2].count("a") for line in grid.split("\n"))
    assert marks == len(values)  # as many columns as there are rounds


def test_curves_that_meet_are_told() -> None:
    twice = Curve("x", (1.0, 2.0), (5.0, 6.0)), Curve("y", (1.0, 2.0), (5.0, 9.0))
    text = drawn(Picture(SCALING, "cpu", "s", "params.n", twice), 60, said)
    assert "*" in text
    assert "a  x" in text
    assert "b  y" in text


# -- in files --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [STRIPS, SCALING])
def test_the_same_picture_gives_the_same_bytes(kind: str) -> None:
    found = made(kind)
    one = plot.rendered(found, "svg")
    assert one == plot.rendered(found, "svg")
    assert b"<dc:date>" not in one
    assert one.startswith(b"<?xml")


def test_an_svg_has_every_value(tmp_path: Path) -> None:
    path = tmp_path / "x.svg"
    plot.save(made(), str(path))
    text = path.read_text("utf-8")
    dots = re.findall(r'<use xlink:href="#m\w+" x="[\d.]+" y="[\d.]+"[^/]*style="fill: #', text)
    assert len(dots) >= 2 * len(SECONDS)
    assert ">size=8<" in text


def test_other_formats(tmp_path: Path) -> None:
    plot.save(made(SCALING), str(tmp_path / "x.png"))
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UsageError, match="what kind of file"):
        plot.save(made(), str(tmp_path / "x.gif"))
    assert [path.name for path in tmp_path.glob("x.*")] == ["x.png"]


def test_names_are_no_formulas() -> None:
    found = plot.rendered(made(STRIPS, of("$x_{"), of("<b>&")), "svg").decode()
    assert "size=$x_{" in found
    assert "size=&lt;b&gt;&amp;" in found


def test_without_matplotlib_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(library("sys").modules, "matplotlib", None)
    with pytest.raises(EnvmgrError, match="matplotlib") as raised:
        plot.rendered(made(), "svg")
    assert raised.value.hint == "pip install 'envmgr[experiment]'"
