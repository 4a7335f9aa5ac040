"""From measurements to samples, rounds that are rounds, and what points differ in."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.errors import UsageError
from envmgr.experiment.samples import (
    Run,
    Sample,
    blocks,
    chosen,
    full_key,
    labels,
    rest,
    sample_of,
)
from envmgr.model.measurement import Point

from .simulated import failure, point, result

A = point("a")


def sample(*runs: tuple[int, float], experiment: str = "e") -> Sample:
    """Runs with their rounds and the times when they were started."""
    return Sample("s", tuple(Run(experiment, number, started, 1.0) for number, started in runs))


def test_results_count_and_failures_are_counted() -> None:
    found = sample_of("x", [result(A, 2, 3.0, 9.0), failure(A, 3), result(A, 1, 4.0, 5.0)], "cpu")
    assert found.values == (4.0, 3.0)
    assert [run.number for run in found.runs] == [1, 2]
    assert found.failed == 1
    assert found.contexts == frozenset()


def test_contexts_are_collected() -> None:
    two = [result(A, 1, 1.0, context="m1"), result(A, 2, 1.0, context="m2")]
    assert sample_of("x", two, "cpu").contexts == {"m1", "m2"}


def test_a_figure_that_is_missing_is_named() -> None:
    with pytest.raises(UsageError, match="a:run has no figure 'energy'") as raised:
        sample_of("x", [result(A, 1, 1.0)], "energy")
    assert raised.value.hint == "it has cpu, wall"


def test_rounds_are_matched_by_experiment_and_number() -> None:
    base = sample((1, 1.0), (2, 3.0), (3, 5.0))
    other = sample((3, 6.0), (1, 2.0), (4, 8.0))
    found = blocks(base, other)
    assert [(block.base.number, block.other.started) for block in found] == [(1, 2.0), (3, 6.0)]
    assert blocks(base, replace_experiment(other, "f")) == ()


def replace_experiment(sample: Sample, experiment: str) -> Sample:
    return Sample("s", tuple(replace(run, experiment=experiment) for run in sample.runs))


def test_numbers_alone_make_no_rounds() -> None:
    base = sample(*((number, number) for number in range(20)))
    other = sample(*((number, 100 + number) for number in range(20)))
    assert len(blocks(base, other)) == 1


def test_moments_that_are_all_one_make_no_rounds() -> None:
    same = sample(*((number, 7.0) for number in range(20)))
    assert len(blocks(same, same)) == 1


def test_a_round_that_was_completed_late_gives_way() -> None:
    base = sample(*((number, 10.0 * number) for number in range(5)))
    other = sample((0, 1.0), (1, 99.0), (2, 21.0), (3, 31.0), (4, 41.0))
    assert [block.base.number for block in blocks(base, other)] == [0, 2, 3, 4]


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), max_size=20))
def test_rounds_never_overlap(times: list[tuple[float, float]]) -> None:
    base = sample(*((at, one) for at, (one, _) in enumerate(times)))
    other = sample(*((at, two) for at, (_, two) in enumerate(times)))
    found = blocks(base, other)
    assert all(one.ends < two.begins for one, two in pairwise(found))
    assert bool(found) == bool(times)


P = Point("p", "run", {"size": "1"}, ("-O2", "-g"), {"compiler": "compiler.gcc@12"}, {"in": "d@1"})


def test_everything_that_is_chosen_has_a_key() -> None:
    assert chosen(P) == {
        "program": "p",
        "command": "run",
        "params.size": "1",
        "needs.compiler": "compiler.gcc@12",
        "data.in": "d@1",
        "flags": "-O2 -g",
        "target": "local",
    }
    assert rest(P, "params.size") == rest(replace(P, params={"size": "2"}), "params.size")
    assert rest(P, "flags") != rest(replace(P, params={"size": "2"}), "flags")


@pytest.mark.parametrize(
    ("key", "full"),
    [
        ("size", "params.size"),
        ("flags", "flags"),
        ("needs.compiler", "needs.compiler"),
        ("params.program", "params.program"),
    ],
)
def test_a_name_alone_is_a_parameter(key: str, full: str) -> None:
    assert full_key(key) == full


def test_labels_say_what_differs_and_nothing_else() -> None:
    other = replace(P, flags=(), params={"size": "9"})
    assert labels([P, other]) == {P.id: "size=1 -O2 -g", other.id: "size=9 (no flags)"}
    clang = replace(P, needs={"compiler": "compiler.llvm@14"})
    assert set(labels([P, clang]).values()) == {"compiler.gcc@12", "compiler.llvm@14"}
    assert labels([P]) == {P.id: "p:run"}
