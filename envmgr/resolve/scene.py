"""A contradiction in words: each requirement with the things that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from envmgr.model.entry import Entry
from envmgr.resolve.option import Goal, Option
from envmgr.resolve.requirement import Apart, Asked, Needed, Requirement
from envmgr.resolve.subject import Subject, fits, query_of, slots_of
from envmgr.resolve.universe import Universe
from envmgr.resolve.wording import few, named


class Scene:
    """What a contradiction is about: all that its queries lead to by its needs."""

    def __init__(
        self, goals: Sequence[Goal], contradiction: Sequence[Requirement], universe: Universe
    ) -> None:
        self._universe = universe
        self._goals = goals
        self._contradiction = dict.fromkeys(contradiction)
        self._subjects: dict[str, Subject] = {}
        self._entry_needs: dict[Requirement, list[tuple[Entry, Entry]]] = {}
        self._release_needs: dict[Requirement, list[tuple[Subject, Goal]]] = {}
        for each in contradiction:
            if isinstance(each, Asked):
                self._take(universe.options(goals[each.number]))

    def lines(self) -> list[str]:
        """A line or two for each requirement."""
        return [line for each in self._contradiction for line in self._said(each)]

    def _take(self, options: Sequence[Option]) -> None:
        """Take in *options* and what they need, as far as the contradiction says so."""
        waiting = list(options)
        for option in waiting:  # which grows
            if option.key in self._subjects:
                continue
            self._subjects[option.key] = option.subject
            if isinstance(option.subject, Entry):
                self._take_needs(option.subject)
            for goal in option.goals:
                needed = Needed(option.subject.name, str(goal.query))
                if needed in self._contradiction:
                    self._release_needs.setdefault(needed, []).append((option.subject, goal))
                    waiting += self._universe.options(goal)

    def _take_needs(self, entry: Entry) -> None:
        for need in (self._universe.entries[id] for id in entry.needs):
            needed = Needed(entry.name, need.name)
            if needed in self._contradiction:
                self._entry_needs.setdefault(needed, []).append((entry, need))
                if need.id not in self._subjects:
                    self._subjects[need.id] = need
                    self._take_needs(need)

    def _said(self, requirement: Requirement) -> Iterator[str]:
        if isinstance(requirement, Asked):
            options = self._universe.options(self._goals[requirement.number])
            yield f"{requirement.query} is asked for: {_fitting(options)}"
        elif isinstance(requirement, Needed):
            yield from self._said_of_entries(requirement)
            yield from self._said_of_releases(requirement)
        elif isinstance(requirement, Apart):
            yield self._said_of_conflict(requirement)
        else:
            same = [s for s in self._subjects.values() if requirement.slot in slots_of(s)]
            yield f"{_all(same)} {requirement.slot}, and an environment has one"

    def _said_of_entries(self, needed: Needed) -> Iterator[str]:
        pairs = self._entry_needs.get(needed, ())
        if len(pairs) == 1:
            (owner, need), *_ = pairs
            yield f"{named(owner)} needs {named(need)}"
        elif pairs:
            yield few([f"{owner} needs {need}" for owner, need in pairs])

    def _said_of_releases(self, needed: Needed) -> Iterator[str]:
        pairs = self._release_needs.get(needed, ())
        if pairs:
            owners, (_, goal) = [str(owner) for owner, _ in pairs], pairs[0]
            verb = "needs" if len(owners) == 1 else "need"
            yield f"{few(owners)} {verb} {needed.what}: {_fitting(self._universe.options(goal))}"

    def _said_of_conflict(self, apart: Apart) -> str:
        query = query_of(apart.query)
        owners = [s for s in self._subjects.values() if _has_rule(s, apart)]
        fitting = [s for s in self._subjects.values() if fits(query, s)]
        others = [s for s in fitting if not _has_rule(s, apart)] or fitting
        verb = "conflicts" if len(owners) == 1 else "conflict"
        return f"{few([str(s) for s in owners])} {verb} with {query}: {_few_named(others)}"


def _has_rule(subject: Subject, apart: Apart) -> bool:
    return subject.name == apart.owner and apart.query in subject.conflicts


def _fitting(options: Sequence[Option]) -> str:
    if len(options) == 1:
        return f"only {named(options[0].subject)} fits"
    return f"{few([str(option.subject) for option in options])} fit"


def _all(subjects: Sequence[Subject]) -> str:
    if len(subjects) == 2:
        return f"{subjects[0]} and {subjects[1]} are both"
    return f"{few([str(each) for each in subjects])} are all"


def _few_named(subjects: Sequence[Subject]) -> str:
    return named(subjects[0]) if len(subjects) == 1 else few([str(each) for each in subjects])
