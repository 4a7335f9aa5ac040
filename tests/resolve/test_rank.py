from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from envmgr.model.entry import Entry
from envmgr.model.resolution import Release
from envmgr.resolve.rank import lead, ranked, ranked_releases
from tests.resolve.things import entry, entry_lists, recipe


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
    for loser, why in (
        (entry("tool.a", "1"), "newer version 2 of tool.b wins"),
        (entry("tool.a", "3rc1"), "release 2 of tool.b goes before a pre-release"),
        (entry("tool.c", "2"), "tool.b of the same version comes first by name"),
        (entry("tool.b", "2", path="/3"), "/2 of the same version comes first by path"),
        (release, "tool.b@2 is there, which goes before installing"),
    ):
        assert lead(found, loser) == why
    installed = entry("tool.c", "2", kind="installed")
    assert lead(installed, found) == (
        "tool.c@2 in /opt/tool.c-2 was installed, which goes before found"
    )
    same_place = sorted((found, entry("tool.b", "2", "x", path="/2")), key=lambda e: e.id)
    assert "comes first by id" in lead(*same_place)


def test_releases_come_newest_first_then_by_name() -> None:
    a, b = recipe("tool.a", "1 2"), recipe("tool.b", "2 3rc1")
    releases = [Release(each, row) for each in (b, a) for row in each.versions]
    assert [str(each) for each in ranked_releases(releases)] == [
        "tool.a@2",
        "tool.b@2",
        "tool.a@1",
        "tool.b@3rc1",
    ]
