"""Which values a format can hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.export.values import held, not_one_line, settled
from envmgr.model.delta import Delta

VALUES = st.text(max_size=12)
NAMES = st.sampled_from(["A", "B", "PATH"])
DELTAS = st.builds(
    Delta,
    st.dictionaries(NAMES, VALUES),
    st.dictionaries(NAMES, st.lists(VALUES, unique=True, max_size=3).map(tuple)),
)


@pytest.mark.parametrize("value", ["", "a b", "é☃", "a\tb", "\x07"])
def test_text_on_one_line_is_fine(value: str) -> None:
    assert not_one_line(value) is None


@pytest.mark.parametrize(
    ("value", "why"),
    [("a\nb", "it has a line break"), ("\r", "it has a line break"), ("\udc80", "it is not UTF-8")],
)
def test_the_obstacle_is_named(value: str, why: str) -> None:
    assert not_one_line(value) == why


@given(DELTAS)
def test_nothing_is_dropped_in_silence(delta: Delta) -> None:
    kept, left = held(delta, lambda value: "no" if "0" in value else None)
    values = [*delta.put.values(), *(path for paths in delta.prepend.values() for path in paths)]
    stayed = [*kept.put.values(), *(path for paths in kept.prepend.values() for path in paths)]
    assert len(stayed) + len(left) == len(values)
    assert not any("0" in value for value in stayed)
    assert {item.why for item in left} <= {"no"}


@given(DELTAS)
def test_what_can_be_held_stays_as_it_is(delta: Delta) -> None:
    kept, left = held(delta, lambda value: None)
    assert (kept.put, left) == (delta.put, ())
    assert kept.prepend == {name: paths for name, paths in delta.prepend.items() if paths}


@given(DELTAS, st.dictionaries(NAMES, st.just("/x:/y")))
def test_settling_changes_no_value(delta: Delta, environ: dict[str, str]) -> None:
    once = settled(delta)
    assert once.apply(environ) == delta.apply(environ)
    assert not set(once.put) & set(once.prepend)


def test_bytes_that_are_no_text_are_told() -> None:
    kept, (left,) = held(Delta({"X": "\udcff"}), not_one_line)
    assert not kept
    assert left.what == "X='\\udcff'" and left.what.isascii()
