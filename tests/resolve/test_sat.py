from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.resolve.sat import Sat

SIZE = 5
clauses = st.lists(
    st.lists(
        st.integers(1, SIZE).flatmap(lambda n: st.sampled_from((n, -n))), min_size=1, max_size=3
    ),
    max_size=14,
)


def sat_of(clauses: Sequence[Sequence[int]]) -> Sat:
    sat = Sat()
    variables = [sat.variable() for _ in range(SIZE)]
    assert variables == list(range(1, SIZE + 1))
    for variable in variables:
        sat.add([variable, -variable])
    for clause in clauses:
        sat.add(clause)
    return sat


def possible(clauses: Sequence[Sequence[int]], assumptions: Sequence[int]) -> bool:
    """By trying every assignment."""
    everything = [*clauses, *([literal] for literal in assumptions)]
    return any(
        all(any((literal > 0) == values[abs(literal) - 1] for literal in c) for c in everything)
        for values in itertools.product((False, True), repeat=SIZE)
    )


@given(clauses, st.permutations(range(1, SIZE + 1)))
def test_the_first_choice_that_can_hold_is_found(
    clauses: list[list[int]], choices: list[int]
) -> None:
    expected = next((n for n, each in enumerate(choices) if possible(clauses, [each])), None)
    assert sat_of(clauses).first(choices) == expected


@given(clauses, st.permutations(range(1, SIZE + 1)), st.lists(st.booleans(), min_size=SIZE))
def test_what_is_blamed_is_needed(
    clauses: list[list[int]], order: list[int], signs: list[bool]
) -> None:
    assumptions = [n if sign else -n for n, sign in zip(order, signs, strict=False)]
    if possible(clauses, assumptions):
        assert sat_of(clauses).solve(assumptions)
        return
    blamed = sat_of(clauses).minimal(assumptions)
    assert not possible(clauses, blamed)
    assert blamed == [literal for literal in assumptions if literal in blamed]
    for one in blamed:
        assert possible(clauses, [other for other in blamed if other != one])


@pytest.mark.parametrize("size", range(1, 7))
def test_no_two_hold_at_once_unless_that_is_allowed(size: int) -> None:
    sat = Sat()
    allowed = sat.variable()
    variables = [sat.variable() for _ in range(size)]
    sat.at_most_one(variables, allowed)
    sat.add(variables)
    for held in range(size + 1):
        for some in itertools.combinations(variables, held):
            assert sat.solve([-allowed, *some]) == (held <= 1)
            assert sat.solve([allowed, *some])


def test_the_first_of_a_thousand_takes_few_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    sat = Sat()
    choices = [sat.variable() for _ in range(1000)]
    sat.add(choices)
    for choice in choices[:700]:
        sat.add([-choice])
    asked = []
    solve = sat.solve

    def counted(given: Sequence[int] = ()) -> bool:
        asked.append(given)
        return solve(given)

    monkeypatch.setattr(sat, "solve", counted)
    assert sat.first(choices) == 700
    assert len(asked) <= 12
