"""A request and its variations, tried against one universe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from envmgr.model.query import Query
from envmgr.model.version import VersionRange
from envmgr.resolve.option import Goal
from envmgr.resolve.problem import Problem
from envmgr.resolve.requirement import Asked, Requirement
from envmgr.resolve.search import walk
from envmgr.resolve.subject import Subject
from envmgr.resolve.universe import Universe


class Trial:
    """*goals*, which have no answer together, and wider ones that may stand in for them."""

    def __init__(self, goals: Sequence[Goal], universe: Universe) -> None:
        self.size = len(goals)
        self._universe = universe
        self._goals = list(goals)
        self._wider: dict[int, list[int]] = {}
        for number, goal in enumerate(goals):
            for query in _wider(goal.query):
                self._wider.setdefault(number, []).append(len(self._goals))
                self._goals.append(replace(goal, query=query, role=str(len(self._goals))))
        universe.prepare([goal.query for goal in self._goals])
        self._problem = Problem(self._goals, universe.options)
        every = self._problem.requirements
        self._rules = [each for each in every if not isinstance(each, Asked)]

    def query(self, number: int) -> Query:
        """The query of the goal with this number; numbers from `size` on are wider ones."""
        return self._goals[number].query

    def wider(self, number: int) -> Sequence[int]:
        """The numbers of what may stand in for a goal, the smallest change first."""
        return self._wider.get(number, ())

    def contradiction(self) -> tuple[Requirement, ...]:
        """Requirements that contradict each other, and would not without any one of them.

        What was asked comes first. Of several such sets it is one with few queries.
        """
        asked = self._asked(range(self.size))
        found = frozenset(self._problem.contradiction([*reversed(asked), *self._rules]))
        return tuple(each for each in (*asked, *self._rules) if each in found)

    def works(self, numbers: Iterable[int]) -> bool:
        """Whether the goals with these numbers have an answer together."""
        return self._problem.possible([*self._asked(numbers), *self._rules])

    def given(self, numbers: Sequence[int]) -> list[Subject]:
        """What answers each of them, which work together. Nothing can be tried after this."""
        self._problem.settle([*self._asked(numbers), *self._rules])
        goals = [self._goals[number] for number in numbers]
        chosen = walk(goals, self._universe.options, frozenset(), self._problem.pick)
        assert chosen is not None
        return [chosen[goal].subject for goal in goals]

    def _asked(self, numbers: Iterable[int]) -> list[Requirement]:
        return [Asked(number, self._goals[number].query) for number in numbers]


def _wider(query: Query) -> Iterator[Query]:
    """*query* without one of its clauses, then without any."""
    clauses = query.versions.clauses
    if len(clauses) > 1:
        for n in range(len(clauses)):
            yield replace(query, versions=VersionRange(clauses[:n] + clauses[n + 1 :]))
    if clauses:
        yield replace(query, versions=VersionRange())
