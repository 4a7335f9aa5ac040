"""Readings: adding up, and one wish for each thing."""

from __future__ import annotations

import pytest

from envmgr.importers.reading import Reading, left, lost, merged, taken, total
from envmgr.model.version import VersionRange

from .said import wishes


def wish(name: str, versions: str = "", *platforms: str, feature: str = "default") -> Reading:
    what = f"{name}{versions}"
    one = taken("f:1", what, name, VersionRange.parse(versions), platforms)
    return one.of_feature(feature)


def test_readings_add_up_in_order() -> None:
    whole = total([wish("a"), left("f:2", "b", "why"), lost("f:3", "c", "why"), wish("d")])
    assert wishes(whole) == ["a", "d"]
    assert [note.what for note in (*whole.left, *whole.lost)] == ["b", "c"]


def test_a_thing_without_a_name_here_is_left() -> None:
    (note,) = taken("f:1", "thing", None, VersionRange()).left
    assert str(note) == "f:1: thing: envmgr has no detector and no recipe for it"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([wish("a", ">=1"), wish("b"), wish("a", "<2"), wish("a", "<2")], ["a,>=1,<2", "b"]),
        ([wish("a", ">=1"), wish("a", "<2", feature="x")], ["a,>=1", "a,<2 [x]"]),
        (
            [wish("a", ">=1", "linux-*"), wish("a", "<2", "macos-*"), wish("a", "<3", "linux-*")],
            ["a,>=1,<3 linux-*", "a,<2 macos-*"],
        ),
    ],
)
def test_one_wish_for_each_thing(parts: list[Reading], expected: list[str]) -> None:
    assert wishes(merged(total(parts))) == expected


def test_a_wish_for_some_platforms_beside_one_for_all_is_left() -> None:
    reading = merged(wish("a", "<2", "linux-*") + wish("a", ">=1"))
    assert wishes(reading) == ["a,>=1"]
    assert [(note.what, note.why) for note in reading.left] == [
        ("a<2", "the same is asked for on every platform")
    ]
