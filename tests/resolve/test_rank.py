from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envmgr.model.entry import Entry
from envmgr.model.resolution import Release
from envmgr.resolve.rank import lead, preferred, ranked
from envmgr.resolve.subject import Subject
from tests.resolve.things import PREFERENCES, entry, entry_lists, recipe


def order(*entries: Entry) -> list[Entry]:
    return list(ranked(entries))


def test_versions_come_newest_first_and_pre_releases_last() -> None:
    entries = [entry("tool.a", v) for v in ("1.9", "1.10", "2.0rc1", "1.10.1", "3.dev1")]
    assert [each.version for each in ranked(entries)] == [
        "1.10.1",
        "1.10",
        "1.9",
        "3.dev1",
        "2.0rc1",
    ]


def test_installed_goes_before_found_of_the_same_version_only() -> None:
    found, installed = entry("tool.b", "1"), entry("tool.b", "1.0", kind="installed")
    newer = entry("tool.b", "2")
    assert order(found, installed, newer) == [newer, installed, found]


def test_equals_are_told_apart_by_name_then_path() -> None:
    entries = [entry("tool.b", path="/1"), entry("tool.a", path="/3"), entry("tool.a", path="/2")]
    assert [each.path for each in ranked(entries)] == ["/2", "/3", "/1"]


@given(entry_lists(), st.randoms())
def test_the_order_is_total(entries: list[Entry], chance: random.Random) -> None:
    shuffled = list(entries)
    chance.shuffle(shuffled)
    assert ranked(entries) == ranked(shuffled)


def test_the_lead_names_the_step_that_decides() -> None:
    found = entry("tool.b", "2", path="/2")
    release = Release(made := recipe("tool.b", "9"), made.versions[0])
    losers: list[tuple[Entry | Release, str]] = [
        (entry("tool.b", "1"), "newer version 2 of tool.b wins"),
        (entry("tool.a", "3rc1"), "release 2 of tool.b goes before a pre-release"),
        (entry("tool.c", "3"), "tool.b comes first by name"),
        (entry("tool.b", "2", path="/3"), "/2 of the same version comes first by path"),
        (release, "tool.b@2 is there, which goes before installing"),
    ]
    for loser, why in losers:
        assert lead(found, loser) == why
    installed = entry("tool.b", "2", kind="installed")
    assert lead(installed, found) == (
        "tool.b@2 in /opt/tool.b-2 was installed, which goes before found"
    )
    same_place = sorted((found, entry("tool.b", "2", "x", path="/2")), key=lambda e: e.id)
    first, second = same_place
    assert "comes first by id" in lead(first, second)


def test_numbers_of_different_things_are_not_compared() -> None:
    gcc = [entry("compiler.gcc", version) for version in ("11", "12")]
    oneapi, early = entry("compiler.oneapi", "2024"), entry("compiler.aocc", "5rc1")
    assert order(oneapi, *gcc, early) == [gcc[1], gcc[0], oneapi, early]


def test_releases_come_after_entries_by_name_then_newest_first() -> None:
    a, b = recipe("tool.a", "1 2"), recipe("tool.b", "2 3rc1")
    releases = [Release(each, row) for each in (b, a) for row in each.versions]
    things: list[Subject] = [*releases, entry("tool.c", "1rc1")]
    assert [str(each) for each in ranked(things)] == [
        "tool.c@1rc1",
        "tool.a@2",
        "tool.a@1",
        "tool.b@2",
        "tool.b@3rc1",
    ]


# -- preferences -------------------------------------------------------------------------------

MADE = recipe("tool.a", "1.5 4")
THINGS: list[Subject] = [
    entry("tool.a", "2"),
    entry("tool.a", "1", kind="installed"),
    entry("tool.b", "3"),
    *(Release(MADE, row) for row in MADE.versions),
]


@pytest.mark.parametrize(
    ("prefer", "expected"),
    [
        ("", "a@2 a@1 b@3 +a@4 +a@1.5"),
        ("installed", "a@1 +a@4 +a@1.5 a@2 b@3"),
        ("detected", "a@2 b@3 a@1 +a@4 +a@1.5"),
        ("newest", "+a@4 a@2 +a@1.5 a@1 b@3"),
        ("oldest", "a@1 +a@1.5 a@2 +a@4 b@3"),
        ("tool.b", "b@3 a@2 a@1 +a@4 +a@1.5"),
        ("tool.a@>=3", "+a@4 a@2 a@1 b@3 +a@1.5"),
        ("installed oldest", "a@1 +a@1.5 +a@4 a@2 b@3"),
        ("oldest installed", "a@1 +a@1.5 a@2 +a@4 b@3"),
        ("detected newest", "a@2 b@3 +a@4 +a@1.5 a@1"),
        ("tool.b oldest", "b@3 a@1 +a@1.5 a@2 +a@4"),
    ],
)
def test_preferences_decide_first_and_earlier_ones_before_later_ones(
    prefer: str, expected: str
) -> None:
    order = preferred(ranked(reversed(THINGS)), prefer.split())
    assert expected.split() == [
        ("+" if isinstance(each, Release) else "") + str(each).removeprefix("tool.")
        for each in order
    ]


def test_an_age_leaves_the_names_in_their_order() -> None:
    there, newer = entry("lib.openmpi", "4"), recipe("lib.mpich", "4.2")
    things: list[Subject] = [Release(newer, newer.versions[0]), there]
    assert preferred(ranked(things), ("newest",))[0] == there


@given(entry_lists(), st.randoms(), st.lists(st.sampled_from(PREFERENCES), max_size=3))
def test_preferred_order_is_total(
    entries: list[Entry], chance: random.Random, prefer: list[str]
) -> None:
    shuffled = list(entries)
    chance.shuffle(shuffled)
    assert preferred(ranked(entries), prefer) == preferred(ranked(shuffled), prefer)


def test_the_lead_says_what_was_preferred() -> None:
    two, one, b, _, four = THINGS
    for winner, loser, prefer, why in (
        (one, two, "installed", "tool.a@1 is installed, which is preferred"),
        (four, two, "installed", "tool.a@4 will be installed, which is preferred"),
        (b, two, "tool.b", "tool.b@3 fits tool.b, which is preferred"),
        (one, two, "oldest", "older version 1 of tool.a is preferred"),
        (four, two, "newest", "newer version 4 of tool.a is preferred"),
        (two, b, "newest", "tool.a goes before tool.b, whose versions are not compared"),
    ):
        assert lead(winner, loser, [prefer]) == why
    assert lead(b, two, (), {b.id if isinstance(b, Entry) else ""}) == (
        "tool.b@3 is in the environment anyway"
    )
