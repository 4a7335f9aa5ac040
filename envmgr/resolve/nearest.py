"""The smallest change of a request that has an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from envmgr.model.query import Query
from envmgr.model.version import VersionRange
from envmgr.resolve.option import Goal
from envmgr.resolve.problem import Problem
from envmgr.resolve.requirement import Asked
from envmgr.resolve.search import search
from envmgr.resolve.subject import Subject
from envmgr.resolve.universe import Universe
from envmgr.resolve.wording import argument, few


def nearest(goals: Sequence[Goal], asked: Sequence[Asked], universe: Universe) -> str:
    """The smallest change of *goals* that has an answer, and what it gives.

    Only *asked*, which contradict each other, may have to change. A range that is widened is
    a smaller change than a query that is left out; what was asked later gives way first.
    """
    later_first = sorted(asked, key=lambda each: -each.number)
    wider = [(each, query) for each in later_first for query in _wider(each.query)]
    more = [Goal(query, f"{each.number}.{n}") for n, (each, query) in enumerate(wider)]
    trial = _Trial([*goals, *more], universe)
    own = range(len(goals))
    for place, (each, query) in enumerate(wider, start=len(goals)):
        changed = [place if number == each.number else number for number in own]
        if trial.works(changed):
            given = trial.given(changed)[each.number]
            return f"{_in_place_of(each.query, query)}: it works, with {given}"
    for each in later_first:
        if len(goals) > 1 and trial.works(kept := [n for n in own if n != each.number]):
            return f"leave out {argument(each.query)}: the rest works, with {trial.few(kept)}"
    return _several(goals, trial)


class _Trial:
    """Whether some of *goals* have an answer together."""

    def __init__(self, goals: Sequence[Goal], universe: Universe) -> None:
        universe.prepare([goal.query for goal in goals])
        self._goals = goals
        self._universe = universe
        self._problem = Problem(goals, universe.options)
        every = self._problem.requirements
        self._rules = [each for each in every if not isinstance(each, Asked)]

    def works(self, numbers: Iterable[int]) -> bool:
        """Whether the goals with these numbers have an answer together."""
        asked = [Asked(number, self._goals[number].query) for number in numbers]
        return self._problem.possible([*asked, *self._rules])

    def given(self, numbers: Iterable[int]) -> list[Subject]:
        """What answers each of them."""
        goals = [self._goals[number] for number in numbers]
        chosen = search(goals, self._universe.options)
        assert chosen is not None
        return [chosen[goal].subject for goal in goals]

    def few(self, numbers: Iterable[int]) -> str:
        """What answers them, in words."""
        return few([str(subject) for subject in self.given(numbers)])


def _several(goals: Sequence[Goal], trial: _Trial) -> str:
    """No single change is enough: what was asked first is kept as far as it agrees."""
    kept: list[int] = []
    for number in range(len(goals)):
        if trial.works([*kept, number]):
            kept.append(number)
    left = [argument(goal.query) for number, goal in enumerate(goals) if number not in kept]
    if not kept:
        return "none of what was asked works even alone: ask for other versions"
    return f"leave out {' and '.join(left)}: the rest works, with {trial.few(kept)}"


def _wider(query: Query) -> Iterator[Query]:
    """*query* without one of its clauses, then without any."""
    clauses = query.versions.clauses
    if len(clauses) > 1:
        for n in range(len(clauses)):
            yield replace(query, versions=VersionRange(clauses[:n] + clauses[n + 1 :]))
    if clauses:
        yield replace(query, versions=VersionRange())


def _in_place_of(old: Query, new: Query) -> str:
    return f"ask for {argument(new)} in place of {argument(old)}"
