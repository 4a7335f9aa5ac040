"""Rounds: their order, when they end, and what happens to points that give no result."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.errors import UsageError
from envmgr.experiment.sampling import Plan, Progress, calibrated, sample
from envmgr.experiment.statistics import interval
from envmgr.model.measurement import Measurement, Point

from .simulated import Machine, point

A, B, BROKEN = point("a"), point("b"), point("broken")
COSTS = {"a": 0.02, "b": 0.03}


def sampled(
    points: Sequence[Point], plan: Plan, seed: int = 1, machine: Machine | None = None
) -> tuple[list[Measurement], Machine, list[Progress]]:
    machine = machine or Machine(COSTS, Random(seed))
    told: list[Progress] = []
    found = sample(
        points, machine.measure, plan, random=Random(seed), clock=machine.clock, tell=told.append
    )
    return list(found), machine, told


def test_each_round_has_every_point_once() -> None:
    found, _, told = sampled([A, B], Plan(repeat=12))
    assert Counter((one.point.program, one.number) for one in found) == {
        (name, number): 1 for name in "ab" for number in range(1, 13)
    }
    assert told[-1].reason == "12 rounds, as asked for"
    assert [one.rounds for one in told] == list(range(13))


def test_rounds_do_not_overlap_and_their_order_is_of_chance() -> None:
    found, _, _ = sampled([A, B], Plan(repeat=40))
    assert [one.number for one in found] == sorted(one.number for one in found)
    firsts = Counter(one.point.program for one in found[::2])
    assert 8 <= firsts["a"] <= 32


def test_the_same_seed_gives_the_same_order() -> None:
    orders = [[one.point.id for one in sampled([A, B], Plan(repeat=9), 7)[0]] for _ in range(2)]
    assert orders[0] == orders[1]
    other = [one.point.id for one in sampled([A, B], Plan(repeat=9), 8)[0]]
    assert other != orders[0]


def test_it_stops_when_every_median_is_known() -> None:
    plan = Plan(budget=1e9, precision=0.05)
    found, _, told = sampled([A, B], plan)
    for of in (A, B):
        values = [one.figures["cpu"] for one in found if one.point == of]
        assert interval(values).relative <= plan.precision
    assert told[-1].precision <= plan.precision
    assert "every median" in told[-1].reason
    assert all(one.reason == "" for one in told[:-1])


def test_it_stops_when_the_time_is_up() -> None:
    machine = Machine(COSTS, Random(3), noise=2.0)
    plan = Plan(budget=30, precision=0.0001, most_rounds=10**6)
    _, machine, told = sampled([A, B], plan, machine=machine)
    assert told[-1].reason == "the 30 s are up"
    assert machine.now <= 30 + 5  # the last round may be slower than those before


def test_one_round_is_done_whatever_it_takes() -> None:
    found, _, told = sampled([A], Plan(budget=0.001))
    assert len(found) == told[-1].rounds == 1
    assert told[-1].precision == math.inf


def test_it_stops_at_the_most_rounds() -> None:
    found, _, told = sampled([A], Plan(precision=0, most_rounds=15, budget=1e9))
    assert len(found) == 15
    assert told[-1].reason == "15 rounds are the most"


def test_few_rounds_are_never_enough() -> None:
    quiet = Machine(COSTS, Random(1), drift=0, bursts=0, noise=0, modes=(1.0,))
    found, _, _ = sampled([A], Plan(least_rounds=8), machine=quiet)
    assert len(found) == 8


def test_what_fails_is_given_told_and_not_measured_again() -> None:
    found, machine, told = sampled([A, BROKEN], Plan(repeat=3))
    failed = [one for one in found if not one.is_result]
    assert [(one.point, one.number) for one in failed] == [(BROKEN, 0)]
    assert [name for name, _, _ in machine.log].count("broken") == 1
    assert told[-1].failed == tuple(failed)
    assert told[-1].left == 1


def test_what_fails_later_leaves_its_rounds_behind() -> None:
    machine = Machine({**COSTS, "broken": 0.01}, Random(1))

    def measure(of: Point, number: int, repeats: int) -> Measurement:
        if number == 3 and of == BROKEN:
            machine.costs = COSTS
        return machine.measure(of, number, repeats)

    found = list(sample([A, BROKEN], measure, Plan(repeat=5), random=Random(1)))
    assert [one.number for one in found if one.point == BROKEN] == [1, 2, 3]
    assert [one.number for one in found if one.point == A] == [1, 2, 3, 4, 5]


def test_without_points_that_work_nothing_goes_on() -> None:
    found, _, told = sampled([BROKEN], Plan())
    assert len(found) == 1
    assert told[-1].reason == "no point is left that gives results"
    assert sampled([], Plan())[0] == []


def test_warm_ups_do_not_count() -> None:
    found, machine, _ = sampled([A], Plan(repeat=2, warmup=3))
    assert [number for _, number, _ in machine.log] == [0, 0, 0, 1, 2]
    assert [one.number for one in found] == [1, 2]


def test_measurements_come_one_by_one() -> None:
    machine = Machine(COSTS, Random(1))
    going = sample([A, B], machine.measure, Plan(repeat=5), random=Random(1), clock=machine.clock)
    next(going)
    assert len([number for _, number, _ in machine.log if number]) == 1


def test_a_figure_that_is_not_there_is_named() -> None:
    with pytest.raises(UsageError, match="has no figure 'gflops'") as raised:
        sampled([A], Plan(figure="gflops"))
    assert raised.value.hint == "it has cpu, wall"
    machine = Machine(COSTS, Random(1))
    plan = Plan(figure="gflops", warmup=0)
    going = sample([A], machine.measure, plan, random=Random(1), clock=machine.clock)
    assert next(going).is_result  # recorded all the same
    with pytest.raises(UsageError):
        next(going)


# -- repeats ---------------------------------------------------------------------------------


def test_short_programs_are_repeated_within_a_measurement() -> None:
    _, machine, _ = sampled([A], Plan(repeat=2, shortest=0.5))
    warm, *others = [repeats for _, _, repeats in machine.log]
    assert warm == 1
    assert all(15 <= repeats <= 30 for repeats in others)


def test_the_same_work_is_repeated_equally_often() -> None:
    slow, fast = replace(A, flags=("-O0",)), replace(A, flags=("-O3",))
    larger = replace(A, params={"size": "9"})
    walls = {slow.id: 0.04, fast.id: 0.01, larger.id: 1.0}
    found = calibrated([slow, fast, larger], walls, Plan(shortest=0.1))
    assert found == {slow.id: 10, fast.id: 10, larger.id: 1}


@given(st.floats(0, 10), st.floats(0.001, 10))
def test_repeats_fill_the_time_and_stay_within_bounds(wall: float, shortest: float) -> None:
    plan = Plan(shortest=shortest, most_repeats=100)
    (repeats,) = calibrated([A], {A.id: wall}, plan).values()
    assert 1 <= repeats <= 100
    assert repeats == 100 or wall * repeats >= shortest * 0.999 or wall == math.inf


def test_without_warm_up_nothing_is_known_and_nothing_repeated() -> None:
    assert calibrated([A], {}, Plan()) == {A.id: 1}
