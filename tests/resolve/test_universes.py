"""Ten thousand small universes: the answer is that of brute force, and every explanation is
the least one."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace

import pytest

from envmgr.errors import ResolutionError
from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.model.resolution import Release, Resolution
from envmgr.model.version import VersionRange
from envmgr.resolve.requirement import Asked
from envmgr.resolve.resolve import goals_for, resolve
from envmgr.resolve.trial import Trial
from envmgr.resolve.universe import Universe
from tests.resolve.brute import Brute, Chosen, Thing, Wish
from tests.resolve.things import PLATFORM
from tests.resolve.universes import Small, small

CHUNK = 250
CHUNKS = 40


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_universes(chunk: int) -> None:
    for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        check(seed)


def check(seed: int) -> None:
    one = small(seed)
    brute = Brute(one.entries, one.recipes, PLATFORM, one.prefer)
    expected = brute.first(one.queries)
    try:
        resolution = resolve(
            one.queries, one.entries, one.recipes, platform=PLATFORM, prefer=one.prefer
        )
    except ResolutionError as error:
        assert expected is None, f"universe {seed} has an answer"
        check_explanation(one, brute, error, seed)
        return
    assert expected is not None, f"universe {seed} has no answer"
    check_answer(resolution, expected, brute, seed)


def key(subject: Entry | Release) -> str:
    return subject.id if isinstance(subject, Entry) else str(subject)


def check_answer(resolution: Resolution, expected: Chosen, brute: Brute, seed: int) -> None:
    got = [key(answer.chosen) for answer in resolution.answers]
    assert got == [thing.key for wish, thing in expected if wish.owner is None], seed
    there = {k for _, thing in expected for k in brute.with_needs(thing, None)}
    assert {entry.id for entry in resolution.entries} == there & brute.things.keys(), seed
    missing = {str(release): release for release in resolution.missing}
    for release in (brute_release for _, brute_release in expected if brute_release.ids == ()):
        if release.kind != "release":
            continue
        needs = {role: key(need) for role, need in missing[release.key].needs}
        if release.runs_with_needs:
            chosen = expected
        else:
            wishes = [Wish(brute.need(text), role, release) for role, text in release.needs]
            own = next(brute.answers(wishes, shared=frozenset(there)), None)
            assert own is not None
            chosen = own
        assert needs == {w.role: t.key for w, t in chosen if w.owner is release}, seed


def check_explanation(one: Small, brute: Brute, error: ResolutionError, seed: int) -> None:
    assert 1 <= len(error.lines) <= 8 and error.hint, seed
    universe = Universe(one.entries, one.recipes, PLATFORM, one.prefer)
    goals = goals_for(one.queries, one.prefer)
    universe.prepare(goal.query for goal in goals)
    if error.message.startswith("nothing fits "):
        assert any(brute.contradict([Asked(n, g.query)]) for n, g in enumerate(goals)), seed
        return
    found = Trial(goals, universe).contradiction()
    assert brute.contradict(found), f"universe {seed}: {found} do not contradict each other"
    for left_out in found:
        rest = [each for each in found if each != left_out]
        assert not brute.contradict(rest), f"universe {seed}: {left_out} is not needed"
    check_nearest(one, brute, error.hint or "", seed)


def check_nearest(one: Small, brute: Brute, hint: str, seed: int) -> None:
    """The change that the hint tells works, gives what it says, and no smaller one works."""
    queries = list(one.queries)
    if found := re.fullmatch(r"ask for (\S+) in place of (\S+): it works, with (\S+)", hint):
        old = [str(query) for query in queries].index(text_of(found[2]))
        new = replace(Query.parse(text_of(found[1])), prefer=queries[old].prefer)
        assert new.versions.clauses != queries[old].versions.clauses, seed
        answer = brute.first([*queries[:old], new, *queries[old + 1 :]])
        assert answer is not None and spoken(answer[old][1]) == found[3], seed
        return
    for number, query in enumerate(queries):
        wider = replace(query, versions=VersionRange())
        others = [*queries[:number], wider, *queries[number + 1 :]]
        assert brute.first(others) is None, f"universe {seed}: {wider} would do"
    if found := re.fullmatch(r"leave out (.+): the rest works, with (.+)", hint):
        left_out = [text_of(text) for text in found[1].split(" and ")]
        kept = [query for query in queries if str(query) not in left_out]
        answer = brute.first(kept)
        assert answer is not None, seed
        given = dict.fromkeys(spoken(thing) for _, thing in answer[: len(kept)])
        assert list(given) == found[2].split(", "), seed
        if len(left_out) > 1:
            for number in range(len(queries)):
                assert brute.first([*queries[:number], *queries[number + 1 :]]) is None, seed
    else:
        assert hint.startswith("none of what was asked works even alone"), seed
        assert all(brute.first([query]) is None for query in queries), seed


def text_of(argument: str) -> str:
    (word,) = shlex.split(argument)
    return word.removeprefix("--tags=")


def spoken(thing: Thing) -> str:
    return f"{thing.name}@{thing.version}"
