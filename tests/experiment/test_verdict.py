"""What is said of a replay, by what was recorded and what came out."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.experiment.comparison import FASTER, SAME, SLOWER, UNCLEAR, Rule
from envmgr.experiment.verdict import (
    AT_LEAST,
    CANNOT,
    DIFFERS,
    NOT_COMPARABLE,
    REPRODUCED,
    Figures,
    judge_figures,
    judge_outputs,
    worst,
)
from envmgr.model.measurement import VERDICTS, Measurement
from tests.experiment.made import failed, measurement

A, B, C = "aa" * 32, "bb" * 32, "cc" * 32
RULE = Rule(at_least=AT_LEAST)


def runs(*digests: str, **more: Any) -> list[Measurement]:
    """Results, each of which wrote `out` with one of *digests*."""
    usual: dict[str, Any] = {"empty": (), **more}
    return [measurement(i, outputs={"out": digest}, **usual) for i, digest in enumerate(digests)]


@pytest.mark.parametrize(
    ("was", "now", "checked", "verdict", "each"),
    [
        ([A, A], [A, A], (), REPRODUCED, "same bytes"),
        ([A, A], [B, B], (), DIFFERS, "other bytes"),
        ([A, A], [A, B], (), DIFFERS, "other bytes"),
        ([A, A], [B, C], ("out",), REPRODUCED, "right again"),
        ([A, B], [A, A], (), REPRODUCED, "same bytes"),
        ([A, B], [C, C], (), CANNOT, "not deterministic"),
        ([A], [B, C], (), CANNOT, "not deterministic"),
        ([A], [B, B], (), DIFFERS, "other bytes"),
    ],
)
def test_an_output(
    was: list[str], now: list[str], checked: tuple[str, ...], verdict: str, each: str
) -> None:
    found = judge_outputs(runs(*was), runs(*now), checked)
    assert (found.verdict, [one.verdict for one in found.each]) == (verdict, [each])


def test_a_check_says_nothing_of_what_was_never_checked() -> None:
    now = runs(B, B, verdict="unchecked")
    assert judge_outputs(runs(A, A), now, ("out",)).verdict == DIFFERS


def test_what_is_no_result_any_more_differs() -> None:
    found = judge_outputs(runs(A), [failed(1)], ())
    assert found.verdict == DIFFERS and "SIGSEGV" in found.why


def test_an_output_that_is_not_written_any_more_differs() -> None:
    found = judge_outputs(runs(A), [measurement(1, outputs={}, empty=())], ())
    assert found.verdict == DIFFERS and [one.verdict for one in found.each] == ["not written"]


def test_an_empty_output_proves_nothing() -> None:
    assert judge_outputs(runs(A), runs(A, empty=("out",)), ()).verdict == CANNOT


def test_what_does_not_come_out_twice_does_not_count_beside_what_does() -> None:
    def both(first: str, second: str) -> list[Measurement]:
        return [
            measurement(i, outputs={"out": A, "log": log}, empty=())
            for i, log in enumerate((first, second))
        ]

    found = judge_outputs(both(A, B), both(C, C), ())
    assert found.verdict == REPRODUCED
    assert {one.name: one.verdict for one in found.each} == {
        "out": "same bytes",
        "log": "not deterministic",
    }


def test_a_failure_is_reproduced_by_the_same_failure() -> None:
    assert judge_outputs([failed(0)], [failed(1)], ()).verdict == REPRODUCED
    assert judge_outputs([failed(0)], runs(A), ()).verdict == DIFFERS
    unsteady = measurement(0, verdict="not-deterministic", figures={})
    assert judge_outputs([unsteady], [unsteady], ()).verdict == CANNOT


@given(st.lists(st.sampled_from([A, B, C]), min_size=1), st.sampled_from(VERDICTS))
def test_a_record_never_differs_from_itself(digests: list[str], verdict: str) -> None:
    recorded = runs(*digests, verdict=verdict)
    assert judge_outputs(recorded, recorded, ()).verdict != DIFFERS


@given(st.lists(st.sampled_from([REPRODUCED, DIFFERS, CANNOT])))
def test_one_that_differs_decides(verdicts: list[str]) -> None:
    found = worst(verdicts)
    assert (found == REPRODUCED) == (set(verdicts) <= {REPRODUCED})
    assert (found == DIFFERS) == (DIFFERS in verdicts)


# -- figures ---------------------------------------------------------------------------------


def timed(factor: float, count: int = 12) -> list[Measurement]:
    """Results that took about *factor* seconds."""
    return [
        measurement(i, experiment=f"{factor}", figures={"cpu": factor * (1 + i % 3 / 500)})
        for i in range(count)
    ]


@pytest.mark.parametrize(
    ("factor", "count", "verdict", "outcome"),
    [
        (1.0, 12, SAME, REPRODUCED),
        (1.2, 12, SLOWER, DIFFERS),
        (0.8, 12, FASTER, DIFFERS),
        (1.0, 2, UNCLEAR, CANNOT),
    ],
)
def test_figures_on_one_processor(factor: float, count: int, verdict: str, outcome: str) -> None:
    found = judge_figures(timed(1.0), timed(factor, count), RULE, ("one", "one"))
    assert (found.verdict, found.outcome) == (verdict, outcome)


@pytest.mark.parametrize("processors", [("one", "two"), ("", ""), ("one", "")])
def test_figures_of_two_processors_are_not_compared(processors: tuple[str, str]) -> None:
    found = judge_figures(timed(1.0), timed(1.0), RULE, processors)
    assert (found.verdict, found.outcome) == (NOT_COMPARABLE, CANNOT)
    assert all(name in found.why for name in processors)


def test_a_figure_that_there_is_not_is_not_compared() -> None:
    rule = Rule(figure="joy")
    assert judge_figures(timed(1.0), timed(1.0), rule, ("one", "one")).verdict == NOT_COMPARABLE


def test_without_scipy_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("scipy", "scipy.stats", "scipy.special"):
        monkeypatch.setitem(sys.modules, name, None)
    found: Figures = judge_figures(timed(1.0), timed(1.2), RULE, ("one", "one"))
    assert found.verdict == NOT_COMPARABLE and "envmgr[experiment]" in found.why
