"""An environment as clauses: from goals and what may be taken for them to what can be.

One variable says of each thing whether it is in the environment, and one of each requirement
whether it is kept to. All that the goals may lead to is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from envmgr.model.entry import Entry
from envmgr.resolve.index import Index
from envmgr.resolve.option import Goal, Option, OptionsOf
from envmgr.resolve.requirement import Apart, Asked, Needed, Requirement, Single
from envmgr.resolve.sat import Sat
from envmgr.resolve.subject import Subject, in_range, key_of, query_of, slots_of, tags_of


class Problem:
    """The clauses of *goals*; the same input gives the same clauses in the same order."""

    def __init__(self, goals: Iterable[Goal], options_of: OptionsOf) -> None:
        self._options_of = options_of
        self._sat = Sat()
        self._things: dict[str, int] = {}
        self._subjects: dict[str, Subject] = {}
        self._kept: dict[Requirement, int] = {}
        self._needs: dict[tuple[str, str], int] = {}
        self._open: list[Option] = []
        for number, goal in enumerate(goals):
            self._answer(goal, Asked(number, goal.query), [])
        for option in self._open:  # which grows
            self._follow(option)
        self._separate()
        self._keep_apart()

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """All there are, in the order in which they came up."""
        return tuple(self._kept)

    def settle(self, requirements: Iterable[Requirement]) -> None:
        """Keep to all of *requirements* from now on."""
        for each in requirements:
            self._sat.add([self._kept[each]])

    def possible(self, requirements: Iterable[Requirement]) -> bool:
        """Whether there is an environment that keeps to all of *requirements*."""
        return self._sat.solve([self._kept[each] for each in requirements])

    def contradiction(self, requirements: Sequence[Requirement]) -> tuple[Requirement, ...]:
        """Some of *requirements*, which contradict each other: no longer if one is left out.

        What comes first is left out first.
        """
        by_literal = {self._kept[each]: each for each in requirements}
        return tuple(by_literal[literal] for literal in self._sat.minimal(list(by_literal)))

    def pick(self, options: Sequence[Option]) -> Option | None:
        """Take the first of *options* with which there is still an environment."""
        place = self._sat.first([self._things[option.key] for option in options])
        if place is None:
            return None
        self._sat.add([self._things[options[place].key]])
        return options[place]

    def _requirement(self, requirement: Requirement) -> int:
        if requirement not in self._kept:
            self._kept[requirement] = self._sat.variable()
        return self._kept[requirement]

    def _answer(self, goal: Goal, requirement: Requirement, unless: list[int]) -> None:
        """One of the options of *goal* is taken, unless one of the literals holds."""
        kept = self._requirement(requirement)
        taken = [self._take(option) for option in self._options_of(goal)]
        self._sat.add([-kept, *unless, *taken])

    def _take(self, option: Option) -> int:
        """The variable of *option*; what else it leads to is followed later."""
        if option.key not in self._things:
            for part in option.parts:  # needs first
                self._see(part)
            if option.goals:
                self._open.append(option)
        return self._things[option.key]

    def _see(self, subject: Subject) -> None:
        key = key_of(subject)
        if key in self._things:
            return
        self._things[key] = self._sat.variable()
        self._subjects[key] = subject
        if isinstance(subject, Entry):
            for need in subject.needs:
                kept = self._needed(subject.name, self._subjects[need].name)
                self._sat.add([-kept, -self._things[key], self._things[need]])

    def _needed(self, owner: str, what: str) -> int:
        """The variable of this need; thousands of entries share a few of them."""
        if (owner, what) not in self._needs:
            self._needs[owner, what] = self._requirement(Needed(owner, what))
        return self._needs[owner, what]

    def _follow(self, option: Option) -> None:
        for goal in option.goals:
            self._answer(
                goal, Needed(option.subject.name, str(goal.query)), [-self._things[option.key]]
            )

    def _separate(self) -> None:
        """One thing a slot."""
        slots: dict[str, list[int]] = {}
        for key, subject in self._subjects.items():
            for slot in slots_of(subject):
                slots.setdefault(slot, []).append(self._things[key])
        for slot, things in slots.items():
            if len(things) > 1:
                self._sat.at_most_one(things, -self._requirement(Single(slot)))

    def _keep_apart(self) -> None:
        """Nothing with what it conflicts with."""
        conflicts: dict[tuple[str, str], list[str]] = {}
        for key, subject in self._subjects.items():
            for text in subject.conflicts:
                conflicts.setdefault((subject.name, text), []).append(key)
        if conflicts:
            index = Index(self._subjects.values(), tags_of)
            for (owner, text), keys in conflicts.items():
                query = query_of(text)
                fitting = [s for s in index.fitting(query) if in_range(query, s.version)]
                self._forbid(Apart(owner, text), keys, [key_of(s) for s in fitting])

    def _forbid(self, apart: Apart, owners: Sequence[str], others: Sequence[str]) -> None:
        """None of *owners* is with one of *others*, itself aside."""
        if not others:
            return
        kept, both = self._requirement(apart), frozenset(others)
        one_of_them = self._sat.variable()  # holds if an owner is there that is no other
        for other in others:
            self._sat.add([-kept, -one_of_them, -self._things[other]])
        for owner in owners:
            if owner not in both:
                self._sat.add([-self._things[owner], one_of_them])
                continue
            for other in others:
                if other != owner:
                    self._sat.add([-kept, -self._things[owner], -self._things[other]])
