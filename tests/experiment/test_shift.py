"""The two tests, against tables, against scipy, and against what an interval must obey."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from envmgr.experiment.extra import library
from envmgr.experiment.shift import RankSum, SignedRank, estimate, shift_interval

stats = library("scipy.stats")
DIFFERENCES = st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=25)
VALUES = st.lists(st.floats(-1, 1), min_size=2, max_size=12)
FEW = settings(max_examples=30, deadline=None)


@pytest.mark.parametrize(
    ("count", "cut"),
    # Critical values of the signed-rank sum, two-sided, at 5 %.
    [(6, 0), (7, 2), (8, 3), (10, 8), (15, 25), (20, 52), (25, 89), (30, 137)],
)
def test_interval_ends_are_those_of_the_tables(count: int, cut: int) -> None:
    values = [math.sqrt(2 + number) - 2.3 for number in range(count)]  # no ties among averages
    test = SignedRank(values)
    found = shift_interval(test, 0.05)
    assert found.low == pytest.approx(test.candidates[cut])
    assert found.high == pytest.approx(test.candidates[-cut - 1])


@pytest.mark.parametrize(("one", "two", "cut"), [(4, 4, 0), (5, 5, 2), (8, 10, 17), (10, 10, 23)])
def test_rank_sum_ends_are_those_of_the_tables(one: int, two: int, cut: int) -> None:
    base = [math.sqrt(2 + number) for number in range(one)]
    other = [math.sqrt(3 + 2.1 * number) for number in range(two)]
    test = RankSum(base, other)
    found = shift_interval(test, 0.05)
    assert found.low == pytest.approx(test.candidates[cut])
    assert found.high == pytest.approx(test.candidates[-cut - 1])


@given(DIFFERENCES)
@FEW
def test_the_signed_rank_agrees_with_scipy(values: list[float]) -> None:
    assume(len({abs(value) for value in values}) == len(values) and 0 not in values)
    expected = stats.wilcoxon(values, method="exact").pvalue
    assert SignedRank(values).p(0.0) == pytest.approx(float(expected))


@given(st.lists(st.integers(-2, 4), min_size=2, max_size=9))
@FEW
def test_with_ties_all_signs_are_counted_out(whole: list[int]) -> None:
    values = [value for value in whole if value]
    assume(values)
    ranks = stats.rankdata([abs(value) for value in values])

    def above(signs: Sequence[float]) -> float:
        return float(sum(rank for sign, rank in zip(signs, ranks, strict=True) if sign > 0))

    every = [above(signs) for signs in product((1, -1), repeat=len(values))]
    seen = above(values)
    ends = sum(one <= seen for one in every), sum(one >= seen for one in every)
    expected = min(1.0, 2 * min(ends) / len(every))
    assert SignedRank([float(value) for value in whole]).p(0.0) == pytest.approx(expected)


def test_above_the_exact_ones_nothing_jumps() -> None:
    values = [math.sin(number * number) / 10 + 0.012 for number in range(50)]
    fifty, more = SignedRank(values).p(0.0), SignedRank([*values, 1e-9]).p(0.0)
    assert fifty == pytest.approx(more, rel=0.2)


@given(DIFFERENCES, st.sampled_from([0.01, 0.05, 0.2]), st.floats(-0.6, 0.6))
@FEW
def test_an_interval_holds_what_the_test_does_not_rule_out(
    values: list[float], level: float, shift: float
) -> None:
    test = SignedRank(values)
    found = shift_interval(test, level)
    nearest = min(abs(shift - candidate) for candidate in test.candidates)
    if nearest > 1e-6:  # on a candidate itself the probability lies between those beside it
        assert (test.p(shift) > level) == (found.low < shift < found.high)


@given(VALUES, VALUES, st.floats(-3, 3))
@FEW
def test_so_does_that_of_two_samples(base: list[float], other: list[float], shift: float) -> None:
    test = RankSum(base, other)
    found = shift_interval(test, 0.05)
    nearest = min(abs(shift - candidate) for candidate in test.candidates)
    if nearest > 1e-6:
        assert (test.p(shift) > 0.05) == (found.low < shift < found.high)


@given(DIFFERENCES)
@FEW
def test_exchanging_the_two_turns_everything_round(values: list[float]) -> None:
    one, two = SignedRank(values), SignedRank([-value for value in values])
    assert estimate(one) == pytest.approx(-estimate(two), abs=1e-12)
    assert one.effect == pytest.approx(-two.effect, nan_ok=True)
    assert one.p(0.0) == pytest.approx(two.p(0.0))
    found, turned = shift_interval(one, 0.05), shift_interval(two, 0.05)
    assert found.low == pytest.approx(-turned.high, abs=1e-12)


def test_effects_are_bounded_by_one() -> None:
    assert SignedRank([0.1, 0.2, 0.3]).effect == 1
    assert SignedRank([-0.1, -0.2]).effect == -1
    assert SignedRank([0.0, 0.0]).effect == 0
    assert RankSum([1.0, 2.0], [3.0, 4.0]).effect == 1
    assert RankSum([1.0, 2.0], [1.0, 2.0]).effect == 0


@pytest.mark.parametrize("level", [0.05, 0.01, 0.05 / 7])
def test_the_fewest_are_just_enough(level: float) -> None:
    for test, make in (
        (SignedRank([]), lambda count: SignedRank([1.0 + n for n in range(count)])),
        (
            RankSum([], []),
            lambda count: RankSum(
                [-float(n) for n in range(count)], [1.0 + n for n in range(count)]
            ),
        ),
    ):
        fewest = test.fewest(level)
        assert make(fewest).p(0.0) <= level
        assert make(fewest - 1).p(0.0) > level
        assert not shift_interval(make(fewest - 1), level).is_bounded


def test_equal_differences_are_known_exactly() -> None:
    found = shift_interval(SignedRank([0.1] * 6), 0.05)
    assert (found.low, found.middle, found.high) == (0.1, 0.1, 0.1)
    assert not shift_interval(SignedRank([0.1] * 5), 0.05).is_bounded
    assert shift_interval(RankSum([1.0] * 4, [2.0] * 4), 0.05).relative == 0
    assert RankSum([1.0] * 4, [1.0] * 30).p(0.0) == 1
    assert SignedRank([0.0] * 60).p(0.0) == 1


def test_many_values_are_no_trouble() -> None:
    values = [math.sin(number) / 10 + 0.05 for number in range(300)]
    found = shift_interval(SignedRank(values), 0.05)
    assert 0.04 < found.low < found.middle < found.high < 0.06
