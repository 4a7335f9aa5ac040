"""Every claim of every verdict is checked against the universe that it was made about."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from envmgr.errors import ResolutionError
from envmgr.model.definition import Recipe
from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.model.resolution import Answer, Release, Resolution, Verdict
from envmgr.model.version import Version, VersionRange
from envmgr.resolve.resolve import resolve
from envmgr.resolve.subject import Subject
from envmgr.resolve.wording import named
from tests.resolve.things import PLATFORM, asked, entry, entry_lists, queries, recipe

RECIPES = [recipe("tool.a", "1 9", "tool"), recipe("lib.c", "8", "lib")]


def claims(why: str, subject: Entry | None, answer: Answer, whole: Resolution) -> bool:
    """Whether what *why* says of *subject* is so."""
    taken = answer.chosen
    if found := re.fullmatch(r"newer version (\S+) of (\S+) wins", why):
        assert (found[1], found[2]) == (taken.version, taken.name)
        return subject is None or Version(found[1]) > subject.order
    if found := re.fullmatch(r"release (\S+) of (\S+) goes before a pre-release", why):
        assert subject is not None and (found[1], found[2]) == (taken.version, taken.name)
        return subject.order.is_prerelease and not Version(found[1]).is_prerelease
    if why.endswith("goes before installing"):
        return subject is None and isinstance(taken, Entry)
    if found := re.fullmatch(r"another (\S+) is taken: (.+)", why):
        everything: list[Subject] = [*whole.entries, *whole.missing]
        names = [named(each) for each in everything]
        return found[2] in names and (subject is None or found[2] != named(subject))
    if why.endswith("is in the environment anyway"):
        return isinstance(taken, Release) or taken in whole.entries
    if found := re.fullmatch(r"(\S+) comes first by name", why):
        return subject is None or (found[1] == taken.name < subject.name)
    assert subject is not None, why
    if found := re.fullmatch(r"has no tag (\S+)", why):
        return found[1] in answer.query.wanted and found[1] not in subject.all_tags
    if found := re.fullmatch(r"has the refused tag (\S+)", why):
        return found[1] in answer.query.refused and found[1] in subject.all_tags
    if found := re.fullmatch(r"version (\S+) is not (\S+)", why):
        clause = VersionRange.parse(found[2])
        return found[1] == subject.version and subject.order not in clause
    if why.endswith("was installed, which goes before found"):
        assert isinstance(taken, Entry)
        return (taken.origin.kind, subject.origin.kind) == ("installed", "detected")
    if "comes first by" in why:
        assert isinstance(taken, Entry)
        assert (taken.name, taken.order) == (subject.name, subject.order)
        return taken.path < subject.path
    return "which is not there" in why or "needs two different" in why


@settings(max_examples=300, deadline=None)
@given(st.lists(queries, min_size=1, max_size=3), entry_lists(), st.booleans())
def test_every_verdict_is_true(wanted: list[Query], entries: list[Entry], more: bool) -> None:
    recipes: list[Recipe] = RECIPES if more else []
    try:
        resolution = resolve(wanted, entries, recipes, platform=PLATFORM)
    except ResolutionError:
        return
    by_name = {named(each): each for each in entries}
    for answer in resolution.answers:
        first, *others = answer.verdicts
        assert first.taken and first.subject == named(answer.chosen)
        assert not any(verdict.taken for verdict in others)
        subjects = [verdict.subject for verdict in answer.verdicts]
        assert set(by_name) <= set(subjects)  # nothing is passed over in silence
        for verdict in others:
            subject = by_name.get(verdict.subject)
            assert claims(verdict.why, subject, answer, resolution), verdict


def test_verdicts_read_as_sentences() -> None:
    llvm = entry("compiler.llvm", "14.0.6", "compiler lang-c", path="/usr/bin/clang")
    new = entry("compiler.gcc", "12.2.0", "compiler lang-c", path="/usr/bin/gcc")
    old = entry("compiler.gcc", "12.1.0", "compiler lang-c", path="/usr/bin/gcc-12.1")
    bare = entry("tool.cmake", "3", path="/usr/bin/cmake")
    entries = [new, bare, llvm, old]
    (answer,) = resolve(asked("compiler,lang-c,>=12"), entries, platform=PLATFORM).answers
    assert answer.verdicts == (
        Verdict("compiler.gcc@12.2.0 (/usr/bin/gcc)", True, "the first of 3 that fit"),
        Verdict(
            "compiler.gcc@12.1.0 (/usr/bin/gcc-12.1)",
            False,
            "newer version 12.2.0 of compiler.gcc wins",
        ),
        Verdict("compiler.llvm@14.0.6 (/usr/bin/clang)", False, "compiler.gcc comes first by name"),
        Verdict("tool.cmake@3 (/usr/bin/cmake)", False, "has no tag compiler"),
    )


def test_a_candidate_that_was_passed_over_says_for_what() -> None:
    new, old = entry("compiler.python", "3.12"), entry("compiler.python", "3.11")
    a = entry("python.a", "2", needs=[new])
    b = entry("python.a", "1", needs=[old])
    resolution = resolve(
        asked("python.a", "compiler.python@3.11"), [new, old, a, b], platform=PLATFORM
    )
    why = {verdict.subject.split(" ")[0]: verdict.why for verdict in resolution.answers[0].verdicts}
    assert why["python.a@2"] == f"another compiler.python is taken: {named(old)}"
    assert why["python.a@1"].startswith("the first of 2 that fit which agrees")


def test_a_release_says_what_kept_the_entries_out() -> None:
    old = entry("tool.cmake", "3.1", "tool")
    cmake = recipe("tool.cmake", "4.0 4.1", "tool")
    (answer,) = resolve(asked("tool.cmake@>=4"), [old], [cmake], platform=PLATFORM).answers
    assert isinstance(answer.chosen, Release)
    assert [(verdict.subject, verdict.why) for verdict in answer.verdicts] == [
        ("tool.cmake@4.1 (to be installed)", "the first of 2 that fit"),
        ("tool.cmake@4.0 (to be installed)", "newer version 4.1 of tool.cmake wins"),
        (named(old), "version 3.1 is not >=4"),
    ]
