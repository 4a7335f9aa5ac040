"""The median and its interval, without assumptions; values that lie far off."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.experiment.statistics import (
    Interval,
    interval,
    median,
    median_rank,
    outliers,
    quantile,
    summary,
)

SOME = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


@given(SOME)
def test_the_median_is_that_of_the_standard_library(values: list[float]) -> None:
    assert median(values) == pytest.approx(statistics.median(values))


@pytest.mark.parametrize(
    ("count", "rank"),
    # From tables of confidence intervals for the median, at 95 %.
    [(1, 0), (5, 0), (6, 1), (8, 1), (9, 2), (12, 3), (20, 6), (30, 10), (50, 18), (100, 40)],
)
def test_the_ranks_are_those_of_the_tables(count: int, rank: int) -> None:
    assert median_rank(count, 0.95) == rank


@given(st.integers(1, 300), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_a_rank_is_the_greatest_that_is_sure_enough(count: int, confidence: float) -> None:
    def sure(rank: int) -> float:
        ways = sum(math.comb(count, below) for below in range(rank))
        return float(1 - 2 * ways / 2**count)

    rank = median_rank(count, confidence)
    assert rank == 0 or sure(rank) >= confidence - 1e-12
    assert sure(rank + 1) < confidence


def test_too_few_values_bound_nothing() -> None:
    found = interval([3.0, 1.0, 2.0])
    assert found == Interval(-math.inf, 2.0, math.inf)
    assert not found.is_bounded
    assert found.relative == math.inf


@given(SOME)
def test_an_interval_is_about_the_median_and_ends_at_values(values: list[float]) -> None:
    found = interval(values)
    assert found.low <= found.middle <= found.high
    assert not found.is_bounded or {found.low, found.high} <= set(values)


@given(SOME, st.floats(0.001, 1000))
def test_the_unit_does_not_matter(values: list[float], factor: float) -> None:
    scaled = interval([value * factor for value in values])
    assert scaled.middle == pytest.approx(interval(values).middle * factor, rel=1e-9, abs=1e-9)
    assert scaled.is_bounded == interval(values).is_bounded


def test_the_interval_holds_the_median_as_often_as_it_says() -> None:
    chance = random.Random(1)
    true = math.exp(0.0)  # the median of a log-normal distribution, which is far from normal
    held = 0
    for _ in range(2000):
        found = interval([chance.lognormvariate(0, 1) for _ in range(15)])
        held += found.low <= true <= found.high
    assert 0.95 <= held / 2000 <= 0.98  # 15 values can be 96.5 % sure, or 88 %


def test_a_relative_width() -> None:
    assert Interval(9.0, 10.0, 11.0).relative == pytest.approx(0.1)
    assert Interval(0.0, 0.0, 0.0).relative == 0
    assert Interval(-1.0, 0.0, 1.0).relative == math.inf


def test_what_lies_far_off_is_named_and_kept() -> None:
    values = [1.0, 1.1, 0.9, 5.0, 1.0, 1.05, 0.95]
    assert outliers(values) == (3,)
    assert summary(values).outliers == (3,)
    assert summary(values).most == 5.0
    assert summary(values).count == 7


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 1.0, 1.0, 9.0], [2.0] * 9])
def test_of_few_or_equal_values_none_lies_far_off(values: list[float]) -> None:
    assert outliers(values) == ()


@given(SOME)
def test_a_summary_is_in_order(values: list[float]) -> None:
    found = summary(values)
    assert found.least <= found.lower <= found.median.middle <= found.upper <= found.most
    assert found.least == min(values)
    assert found.most == max(values)


def test_quantiles_lie_between_values() -> None:
    assert quantile([1.0, 2.0, 3.0, 4.0, 5.0], 0.25) == 2.0
    assert quantile([1.0, 2.0], 0.75) == 1.75
    assert quantile([7.0], 0.9) == 7.0
