"""Comparisons: what they claim, how often they are wrong, and what they warn of."""

from __future__ import annotations

import math
import random
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envmgr.errors import EnvmgrError, UsageError
from envmgr.experiment.comparison import (
    APART,
    FASTER,
    INTERLEAVED,
    NOT_COMPARED,
    SAME,
    SLOWER,
    UNCLEAR,
    Comparison,
    Rule,
    compare,
    compare_all,
    holm,
)
from envmgr.experiment.samples import Run, Sample, sample_of
from envmgr.experiment.sampling import Plan
from envmgr.experiment.sampling import sample as measure_rounds

from .simulated import Machine, point

A, B = point("a"), point("b")
BARE = Rule(at_least=0.0)


def rounds(
    base: Sequence[float], other: Sequence[float], order: Sequence[int] | None = None
) -> tuple[Sample, Sample]:
    """Two samples in rounds; *order* says in which rounds the second one came first."""
    order = order or [number % 2 for number in range(len(base))]
    return (
        Sample("A", tuple(Run("e", n, n + 0.5 * order[n], v) for n, v in enumerate(base))),
        Sample("B", tuple(Run("e", n, n + 0.2, v) for n, v in enumerate(other))),
    )


def apart(base: Sequence[float], other: Sequence[float]) -> tuple[Sample, Sample]:
    """Two samples from two experiments."""
    return (
        Sample("A", tuple(Run("e", n, float(n), v) for n, v in enumerate(base))),
        Sample("B", tuple(Run("f", n, 1e6 + n, v) for n, v in enumerate(other))),
    )


# -- verdicts --------------------------------------------------------------------------------

SLIGHTLY = [1 + 0.001 * (number % 3) for number in range(12)]


@pytest.mark.parametrize(
    ("factor", "verdict"),
    [(1.5, SLOWER), (1.02, SLOWER), (1.0, SAME), (1.003, SAME), (0.98, FASTER), (0.5, FASTER)],
)
def test_a_claim_needs_more_than_what_does_not_matter(factor: float, verdict: str) -> None:
    found = compare(*rounds(SLIGHTLY, [value * factor for value in SLIGHTLY]), Rule())
    assert found.verdict == verdict
    assert found.ratio.middle == pytest.approx(factor)
    assert found.design == INTERLEAVED
    assert found.rounds == 12
    assert found.claims == (verdict in (FASTER, SLOWER))


def test_a_difference_as_large_as_what_does_not_matter_is_not_claimed() -> None:
    found = compare(*rounds(SLIGHTLY, [value * 1.02 for value in SLIGHTLY]), Rule(at_least=0.05))
    assert found.verdict == SAME
    noisy = [value * 1.06 * (1 + 0.05 * (-1) ** at) for at, value in enumerate(SLIGHTLY)]
    found = compare(*rounds(SLIGHTLY, noisy), Rule(at_least=0.05))
    assert found.verdict == UNCLEAR
    assert "the ratio may be anything from 1.0" in found.why


def test_higher_may_be_better() -> None:
    pair = rounds(SLIGHTLY, [value * 2 for value in SLIGHTLY])
    assert compare(*pair, Rule(better="higher")).verdict == FASTER
    assert compare(*pair, Rule(better="lower")).verdict == SLOWER


def size(ratio: float) -> float:
    """How far a ratio is from 1, but for what is lost in rounding."""
    return round(abs(math.log(ratio)), 6)


@given(
    st.lists(st.floats(0.5, 2).filter(size), min_size=8, max_size=20, unique_by=size),
    st.floats(0.001, 1000),
)
@settings(max_examples=20, deadline=None)
def test_exchanging_two_and_changing_the_unit_change_nothing(
    values: list[float], unit: float
) -> None:
    base = [1.0] * len(values)
    one = compare(*rounds(base, values), BARE)
    two = compare(*rounds([v * unit for v in values], [v * unit for v in base]), BARE)
    opposite = {FASTER: SLOWER, SLOWER: FASTER}
    assert two.verdict == opposite.get(one.verdict, one.verdict)
    assert two.p == pytest.approx(one.p)
    assert two.ratio.middle == pytest.approx(1 / one.ratio.middle)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_too_few_rounds_say_how_many_it_takes(count: int) -> None:
    found = compare(*rounds([1.0] * count, [9.0] * count), Rule())
    assert found.verdict == UNCLEAR
    assert found.why == f"{count} rounds say nothing; it takes 6 at least"
    assert not found.ratio.is_bounded or found.ratio.low == 0
    assert compare(*rounds([1.0] * 6, [9.0] * 6), Rule()).verdict == SLOWER


def test_too_few_runs_apart_say_how_many_it_takes() -> None:
    found = compare(*apart([1.0, 1.1, 1.2], [2.0, 2.1]), Rule())
    assert found.verdict == UNCLEAR
    assert found.why == "3 and 2 runs say nothing; it takes 4 of each at least"
    assert compare(*apart([1.0, 1.1, 1.2, 1.3], [2.0, 2.1, 2.2, 2.3]), Rule()).verdict == SLOWER


def test_what_has_no_result_is_not_compared() -> None:
    base, _ = rounds([1.0] * 6, [1.0] * 6)
    found = compare(base, Sample("B", (), failed=3), Rule())
    assert (found.verdict, found.why) == (NOT_COMPARED, "B has no result (3 failed)")
    zero = compare(*rounds([0.0] * 8, [1.0] * 8), Rule())
    assert zero.verdict == NOT_COMPARED
    assert "A has values that are not above 0" in zero.why


@pytest.mark.parametrize(
    "wrong", [{"alpha": 0.0}, {"alpha": 1.5}, {"at_least": -1.0}, {"better": "more"}]
)
def test_a_rule_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Rule(**wrong)


def test_without_scipy_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    with pytest.raises(EnvmgrError, match="scipy") as raised:
        compare(*rounds([1.0] * 6, [2.0] * 6), Rule())
    assert raised.value.hint == "pip install 'envmgr[experiment]'"


# -- warnings --------------------------------------------------------------------------------


def test_runs_that_were_not_interleaved_are_warned_of() -> None:
    found = compare(*apart(SLIGHTLY, [value * 2 for value in SLIGHTLY]), Rule())
    assert (found.design, found.rounds) == (APART, 0)
    assert "not interleaved" in found.warnings[0]
    assert found.verdict == SLOWER
    assert found.effect == 1


def test_one_that_always_comes_first_is_warned_of() -> None:
    first = compare(*rounds(SLIGHTLY, SLIGHTLY, order=[0] * 12), Rule())
    assert any("A came first in every round" in warning for warning in first.warnings)
    second = compare(*rounds(SLIGHTLY, SLIGHTLY, order=[1] * 12), Rule())
    assert any("B came first in every round" in warning for warning in second.warnings)
    assert compare(*rounds(SLIGHTLY, SLIGHTLY), Rule()).warnings == ()


def test_what_is_left_out_lies_off_or_failed_is_warned_of() -> None:
    base, other = rounds([*SLIGHTLY[:-1], 5.0], SLIGHTLY)
    other = Sample("B", other.runs[:-2], failed=1, contexts=frozenset({"x", "y"}))
    found = "\n".join(compare(base, other, Rule()).warnings)
    assert "2 runs are in no round with the other" in found
    assert "A: 1 of 12 values lie far off" in found
    assert "B: 1 measurements were no results" in found
    assert "B was measured in 2 contexts" in found


# -- several at once -------------------------------------------------------------------------


def test_holm_goes_on_while_it_may() -> None:
    found = holm([0.04, 0.01, 0.03, 0.005], 0.05)
    assert [round(adjusted, 3) for adjusted, _ in found] == [0.06, 0.03, 0.06, 0.02]
    assert [level for _, level in found] == pytest.approx([0.025, 0.05 / 3, 0.025, 0.0125])
    assert holm([], 0.05) == []
    assert holm([0.01], 0.05) == [(0.01, 0.05)]


@given(st.lists(st.floats(0, 1), max_size=8), st.floats(0.001, 0.5))
def test_holm_lies_between_none_and_bonferroni(ps: list[float], alpha: float) -> None:
    for p, (adjusted, level) in zip(ps, holm(ps, alpha), strict=True):
        assert p <= adjusted <= min(1.0, p * len(ps)) + 1e-12
        assert alpha / len(ps) <= level <= alpha
        if abs(adjusted - alpha) > 1e-9:
            assert (adjusted <= alpha) == (p <= level)


def test_many_comparisons_need_more_of_each() -> None:
    pair = rounds(SLIGHTLY[:7], [value * 1.5 for value in SLIGHTLY[:7]])
    assert compare(*pair, Rule()).verdict == SLOWER
    null = rounds(SLIGHTLY, SLIGHTLY[::-1])
    together = compare_all([pair, *[null] * 9], Rule())
    assert together[0].verdict == UNCLEAR
    assert together[0].why == "7 rounds say nothing; it takes 9 at least"
    assert together[0].confidence == pytest.approx(0.995)


def test_what_is_not_compared_does_not_count_as_one_of_several() -> None:
    pair = rounds(SLIGHTLY[:7], [value * 1.5 for value in SLIGHTLY[:7]])
    nothing = (pair[0], Sample("none", ()))
    found = compare_all([nothing, pair, nothing], Rule())
    assert [one.verdict for one in found] == [NOT_COMPARED, SLOWER, NOT_COMPARED]


def test_more_rounds_than_are_needed_are_taken_together() -> None:
    chance = random.Random(5)
    base = [chance.lognormvariate(0, 0.05) for _ in range(2500)]
    other = [chance.lognormvariate(0.03, 0.05) for _ in range(2500)]
    found = compare(*rounds(base, other), Rule())
    assert found.rounds == 2500
    assert found.verdict == SLOWER
    assert found.ratio.middle == pytest.approx(math.exp(0.03), rel=0.005)


# -- how often it is wrong -------------------------------------------------------------------

EXPERIMENTS = 150


@cache
def experiment(seed: int, cost: float) -> tuple[Sample, Sample]:
    """Two programs measured in rounds on a machine that drifts, is disturbed and has two speeds."""
    chance = random.Random(seed)
    machine = Machine({"a": 0.02, "b": cost}, chance)
    found = list(
        measure_rounds([A, B], machine.measure, Plan(budget=8), random=chance, clock=machine.clock)
    )
    a, b = ([one for one in found if one.point == of] for of in (A, B))
    return sample_of("a", a, "cpu"), sample_of("b", b, "cpu")


def verdicts(cost: float, rule: Rule) -> Counter[str]:
    return Counter(compare(*experiment(seed, cost), rule).verdict for seed in range(EXPERIMENTS))


def most_by_chance(count: int, rate: float) -> int:
    """More than this come of *count* at *rate* only once in a thousand times."""
    tail, number = 1.0, -1
    while tail > 0.001:
        number += 1
        tail -= math.comb(count, number) * rate**number * (1 - rate) ** (count - number)
    return number


def test_a_program_is_no_faster_than_itself() -> None:
    found = verdicts(0.02, BARE)
    assert found[FASTER] + found[SLOWER] <= most_by_chance(EXPERIMENTS, BARE.alpha)
    assert found[FASTER] > 0 < found[SLOWER]  # it does err, to both sides, as it says
    found = verdicts(0.02, Rule())
    assert found[FASTER] + found[SLOWER] <= most_by_chance(EXPERIMENTS, 0.01)


def test_five_percent_are_found() -> None:
    assert verdicts(0.021, Rule())[SLOWER] >= 0.95 * EXPERIMENTS
    assert verdicts(0.021, Rule())[FASTER] == 0


def test_what_does_not_matter_is_claimed_no_more_often_than_stated() -> None:
    found = verdicts(0.0202, Rule())  # just at the border
    assert found[FASTER] + found[SLOWER] <= most_by_chance(EXPERIMENTS, 0.05)


def test_the_interval_holds_the_true_ratio_as_often_as_it_says() -> None:
    missed = 0
    for seed in range(EXPERIMENTS):
        ratio = compare(*experiment(seed, 0.021), BARE).ratio
        missed += not ratio.low <= 1.05 <= ratio.high
    assert missed <= most_by_chance(EXPERIMENTS, 0.05)


def test_without_rounds_drift_passes_for_a_difference() -> None:
    """Why it is warned of: the same machine, one program after the other, is wrong mostly."""

    def one_after_the_other(seed: int) -> Comparison:
        machine = Machine({"a": 0.02}, random.Random(seed), bursts=0.0)
        values = [machine.measure(A, n, 30).figures["cpu"] for n in range(40)]
        return compare(*apart(values[:20], values[20:]), Rule())

    wrong = sum(one_after_the_other(seed).claims for seed in range(40))
    assert wrong > 20
