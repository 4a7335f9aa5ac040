"""Points tell what was chosen apart, and measurements keep what they hold."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from envmgr.model.measurement import (
    RESULTS,
    VERDICTS,
    Measurement,
    Point,
    from_json,
    new_id,
    to_json,
)

words = st.text(st.characters(codec="utf-8"), max_size=6)
tables = st.dictionaries(words, words, max_size=3)
points = st.builds(
    Point, words, words, tables, st.lists(words, max_size=3).map(tuple), tables, tables, words
)
figures = st.dictionaries(words, st.floats(allow_nan=False, allow_infinity=False), max_size=3)
measurements = st.builds(
    Measurement,
    id=words,
    experiment=words,
    point=points,
    number=st.integers(0, 10**6),
    started=st.floats(0, 1e10),
    verdict=st.sampled_from(VERDICTS),
    why=words,
    figures=figures,
    inputs=tables,
    outputs=tables,
    empty=st.lists(words, max_size=2).map(tuple),
    conditions=figures,
    context=words,
)


@given(points, points)
def test_points_are_the_same_exactly_when_everything_chosen_is(one: Point, other: Point) -> None:
    assert (one.id == other.id) == (one == other)


@given(points)
def test_the_order_in_which_things_were_said_does_not_count(point: Point) -> None:
    turned = {name: point.params[name] for name in reversed(list(point.params))}
    assert replace(point, params=turned).id == point.id


@given(measurements)
def test_the_json_form_leads_back(one: Measurement) -> None:
    assert from_json(json.loads(json.dumps(to_json(one)))) == one


@given(measurements)
def test_only_results_count(one: Measurement) -> None:
    assert one.is_result == (one.verdict in RESULTS)
    assert {"wrong", "failed", "timed-out"}.isdisjoint(RESULTS)


def test_ids_sort_by_time_and_never_repeat() -> None:
    ids = [new_id(ms * 1_000_000) for ms in range(0, 10**13, 10**11) for _ in range(3)]
    assert sorted(ids, key=lambda one: one[:12]) == ids
    assert len(set(ids)) == len(ids)
