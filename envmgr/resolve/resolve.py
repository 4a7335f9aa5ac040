"""From queries to a resolution: gather the options, search, put the choice in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from envmgr.model.entry import Entry
from envmgr.model.preference import checked
from envmgr.model.query import Query
from envmgr.model.resolution import Answer, Release, Resolution, Verdict
from envmgr.resolve.option import Choice, Goal, Option
from envmgr.resolve.order import in_order
from envmgr.resolve.releases import runs_with_needs
from envmgr.resolve.search import search
from envmgr.resolve.subject import Subject
from envmgr.resolve.universe import Universe

if TYPE_CHECKING:
    from envmgr.model.definition import Recipe


def resolve(
    queries: Sequence[Query],
    entries: Iterable[Entry],
    recipes: Iterable[Recipe] = (),
    *,
    platform: str,
    prefer: tuple[str, ...] = (),
    known: Mapping[str, Sequence[str]] | None = None,
    available: Iterable[Recipe] = (),
) -> Resolution:
    """The environment that answers *queries*: one answer each, one thing a name and a capability.

    With *recipes*, what no entry answers becomes a release to install. *prefer* holds for
    needs and for queries without preferences of their own. *known* (the tags of every
    detector by its name) and *available* (recipes that are not to be used) only make the
    explanation of a failure better. Raises ResolutionError when there is no answer, and
    UsageError for a preference that is none.
    """
    goals = goals_for(queries, prefer)
    universe = Universe(entries, recipes, platform, prefer)
    universe.prepare(goal.query for goal in goals)
    chosen = search(goals, universe.options)
    if chosen is None:
        from envmgr.resolve.failure import failure

        raise failure(goals, universe, known or {}, available)
    return _Assembly(universe, chosen).resolution(queries, goals)


def goals_for(queries: Sequence[Query], prefer: tuple[str, ...]) -> list[Goal]:
    """A goal for each of *queries*, with its own preferences or else *prefer*."""
    goals = []
    for number, query in enumerate(queries):
        wish = tuple(checked(preference) for preference in query.prefer or prefer)
        goals.append(Goal(replace(query, prefer=wish), str(number)))
    return goals


class _Assembly:
    """A choice, put in order."""

    def __init__(self, universe: Universe, chosen: Choice) -> None:
        self._universe = universe
        self._chosen = chosen
        self._claims = {
            slot: key for option in chosen.values() for slot, key in option.claims.items()
        }
        self._releases: dict[str, Release] = {}

    def resolution(self, queries: Sequence[Query], goals: Sequence[Goal]) -> Resolution:
        answers = tuple(map(self._answer, queries, goals))
        parts = [tuple(self._entries(self._chosen[goal])) for goal in goals]
        asked = [self._chosen[goal].key for goal in goals]
        return Resolution(
            answers=answers,
            entries=in_order(parts, asked),
            missing=tuple(self._releases.values()),
        )

    def _answer(self, query: Query, goal: Goal) -> Answer:
        chosen = self._finished(self._chosen[goal].subject, self._chosen)
        return Answer(query, chosen, partial(_verdicts, goal, self._chosen, self._universe))

    def _entries(self, option: Option) -> Iterator[Entry]:
        for part in option.parts:
            if isinstance(part, Entry):
                yield part
        for goal in option.goals:
            yield from self._entries(self._chosen[goal])

    def _finished(self, subject: Subject, chosen: Choice) -> Subject:
        """*subject*; a release with its needs, which are finished, and so listed, before it."""
        if isinstance(subject, Entry):
            return subject
        key = str(subject)
        if key not in self._releases:
            goals = self._universe.releases.goals(subject)
            found = self._choice_for(subject, goals, chosen)
            needs = tuple((g.role, self._finished(found[g].subject, found)) for g in goals)
            self._releases[key] = Release(subject.recipe, subject.row, needs)
        return self._releases[key]

    def _choice_for(self, release: Release, goals: Sequence[Goal], chosen: Choice) -> Choice:
        """What meets the needs: chosen together with the release, or an environment of its own.

        What a thing is built with may well have its name, as with an older compiler, so a
        build shares what is in the environment only where that fits.
        """
        if all(goal in self._chosen for goal in goals):
            return self._chosen
        if runs_with_needs(release.recipe):
            return chosen
        own = search(goals, self._universe.options, self._claims)
        assert own is not None
        return own


def _verdicts(goal: Goal, chosen: Choice, universe: Universe) -> tuple[Verdict, ...]:
    from envmgr.resolve.explain import verdicts  # seldom asked for

    return verdicts(goal, chosen, universe)
