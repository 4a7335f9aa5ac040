from __future__ import annotations

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.activate.state import IDS, LABEL, PROJECT, RESTORE, StateError, enter, leave
from envmgr.activate.way import (
    NOWHERE,
    Aim,
    difference,
    from_form,
    outside,
    to_form,
    way_to,
)
from envmgr.model.delta import Delta

from .test_state import deltas, environs

directories = st.text(st.characters(exclude_characters="\0"), max_size=8).map(lambda t: "/" + t)


def aim(directory: str, delta: Delta) -> Aim:
    return Aim(directory, delta, "label", ("1", "2"))


@given(environs, deltas, directories)
def test_a_way_leads_in_and_out(environ: dict[str, str], delta: Delta, directory: str) -> None:
    way = way_to(aim(directory, delta), environ)
    inside = way.into.applied_to(environ)
    assert inside == enter(
        environ, delta, "label", ["1", "2"], os.pathsep, project=directory
    ).applied_to(environ)
    assert way.back.applied_to(inside) == environ == outside(inside)


@given(environs, deltas, directories)
def test_a_way_says_all_that_it_was_made_for(
    environ: dict[str, str], delta: Delta, directory: str
) -> None:
    way = way_to(aim(directory, delta), environ)
    assert set(way.start) == {*way.into.values, *way.into.unset}
    assert all(environ.get(name) == value for name, value in way.start.items())
    # Whatever else the environment holds, the way is the same.
    other = {**environ, "UNRELATED": "x"}
    assert way_to(aim(directory, delta), other) == way


@given(environs, deltas, directories)
def test_a_way_survives_json(environ: dict[str, str], delta: Delta, directory: str) -> None:
    way = way_to(aim(directory, delta), environ)
    assert from_form(json.loads(json.dumps(to_form(way)))) == way


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"start": {}, "into": [], "back": [{}, []]},
        {"start": {"a b": "x"}, "into": [{}, []], "back": [{}, []]},
        {"start": {}, "into": [{"$(id)": "x"}, []], "back": [{}, []]},
        {"start": {}, "into": [{}, ["; id"]], "back": [{}, []]},
    ],
)
def test_a_damaged_way_is_none(form: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_form(form)


def test_what_tells_that_a_way_was_taken() -> None:
    way = way_to(aim("/p", Delta({"CC": "x"})), {})
    assert set(way.inside) == {IDS, RESTORE}
    assert NOWHERE.inside == {}


def test_outside_leaves_only_what_the_hook_opened() -> None:
    by_hand = enter({}, Delta({"CC": "x"}), "", ["1"]).applied_to({})
    assert outside(by_hand) == by_hand
    assert outside({PROJECT: "/p"}) == {PROJECT: "/p"}  # inherited, but nothing is active
    with pytest.raises(StateError):
        outside({PROJECT: "/p", RESTORE: "damaged"})


@given(environs, environs)
def test_the_difference_makes_one_of_the_other(one: dict[str, str], two: dict[str, str]) -> None:
    change = difference(one, two)
    assert change.applied_to(one) == two
    assert all(one.get(name) != value for name, value in change.values.items())


def test_an_environment_opened_by_hand_is_not_the_one_of_the_hook() -> None:
    hooked = enter({}, Delta({"CC": "x"}), "a", ["1"], project="/p").applied_to({})
    assert hooked[PROJECT] == "/p"
    assert not enter(hooked, Delta({"CC": "x"}), "a", ["1"], project="/p").values
    by_hand = enter(hooked, Delta({"CC": "x"}), "a", ["1"])
    assert by_hand.unset == (PROJECT,)
    nested = by_hand.applied_to(hooked)
    assert leave(nested).applied_to(nested) == hooked
    assert leave(hooked).applied_to(hooked) == {}
    assert set(hooked) == {"CC", LABEL, IDS, RESTORE, PROJECT}
