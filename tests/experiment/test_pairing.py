"""Which points are compared with which."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from envmgr.errors import UsageError
from envmgr.experiment.pairing import Pair, against, by, differing, samples, sides
from envmgr.model.measurement import Measurement, Point

from .simulated import failure, result

GCC, CLANG = {"compiler": "compiler.gcc@12.2.0"}, {"compiler": "compiler.llvm@14.0.6"}


def of(size: str, needs: dict[str, str], *flags: str) -> Point:
    return Point("p", "run", {"size": size}, flags, needs)


def measured(points: Iterable[Point], experiment: str = "e") -> list[Measurement]:
    points = list(points)
    return [result(one, n, 1.0 + n, 10.0 * n, experiment) for n in range(2) for one in points]


def said(pairs: list[Pair]) -> list[tuple[str, str, str]]:
    return [
        (
            pair.base.point.params["size"],
            f"{pair.base.point.needs['compiler'][9:12]}{pair.base.point.flags}",
            f"{pair.other.point.needs['compiler'][9:12]}{pair.other.point.flags}",
        )
        for pair in pairs
    ]


def test_measurements_are_sorted_by_point() -> None:
    found = sides(measured([of("1", GCC), of("2", GCC)]))
    assert [side.point.params["size"] for side in found] == ["1", "2"]
    assert [len(side.measurements) for side in found] == [2, 2]
    assert found[0].experiments == "e"


def test_what_sets_two_selections_apart_is_found() -> None:
    bases = sides(measured([of("1", GCC), of("2", GCC)]))
    others = sides(measured([of("2", CLANG), of("3", CLANG), of("1", CLANG)]))
    assert said(against(bases, others)) == [("1", "gcc()", "llv()"), ("2", "gcc()", "llv()")]


def test_an_experiment_is_compared_with_another_point_by_point() -> None:
    points = [of("1", GCC), of("1", CLANG), of("2", GCC)]
    pairs = against(sides(measured(points, "e")), sides(measured(points[:2], "f")))
    assert [(pair.base.point, pair.other.point) for pair in pairs] == [
        (points[0], points[0]),
        (points[1], points[1]),
    ]
    names = [(base.name, other.name) for base, other in samples(pairs, "cpu")]
    assert names[0] == ("compiler.gcc@12.2.0 in e", "compiler.gcc@12.2.0 in f")


def test_what_does_not_belong_together_is_not_compared() -> None:
    bases = sides(measured([of("1", GCC), of("2", GCC)]))
    with pytest.raises(UsageError, match="agrees"):
        against(bases, sides(measured([of("3", CLANG), of("4", CLANG)])))
    with pytest.raises(UsageError, match="the same measurements"):
        against(bases, bases)


def test_one_choice_is_compared_within_each_of_the_others() -> None:
    points = [of("10", CLANG), of("9", GCC), of("10", GCC), of("9", CLANG), of("8", GCC)]
    found = sides(measured(points))
    assert said(by(found, "needs.compiler")) == [
        ("9", "gcc()", "llv()"),
        ("10", "gcc()", "llv()"),
    ]
    turned = by(found, "needs.compiler", lambda value: "llvm" in value)
    assert said(turned) == [("9", "llv()", "gcc()"), ("10", "llv()", "gcc()")]


def test_a_parameter_needs_no_prefix_and_the_least_is_the_base() -> None:
    found = sides(measured([of("100", GCC), of("9", GCC), of("20", GCC)]))
    pairs = by(found, "size")
    assert {pair.base.point.params["size"] for pair in pairs} == {"9"}
    assert [pair.other.point.params["size"] for pair in pairs] == ["20", "100"]
    assert [other.name for _, other in samples(pairs, "cpu")] == ["size=20", "size=100"]


def test_without_a_base_or_a_difference_it_says_what_there_is() -> None:
    found = sides(measured([of("1", GCC), of("1", CLANG)]))
    with pytest.raises(UsageError, match=r"needs\.compiler alone") as raised:
        by(found, "needs.compiler", lambda value: "icc" in value)
    assert raised.value.hint is not None
    assert "compiler.gcc@12.2.0, compiler.llvm@14.0.6" in raised.value.hint
    with pytest.raises(UsageError, match=r"params\.nothing alone"):
        by(found, "nothing")


def test_what_differs_is_named() -> None:
    found = sides(measured([of("1", GCC), of("2", CLANG, "-O2")]))
    assert differing(found) == ["flags", "needs.compiler", "params.size"]
    assert differing(found[:1]) == []


def test_failures_come_along() -> None:
    one, two = of("1", GCC), of("1", CLANG)
    found = sides([*measured([one]), failure(two, 0), failure(two, 1)])
    ((base, other),) = samples(by(found, "needs.compiler"), "cpu")
    assert (base.failed, len(base.runs)) == (0, 2)
    assert (other.failed, len(other.runs)) == (2, 0)
