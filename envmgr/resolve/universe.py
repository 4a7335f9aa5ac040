"""Everything that may be taken: entries with all they need, and releases that can be made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.model.resolution import Release
from envmgr.model.version import Version
from envmgr.resolve.rank import ranked, ranked_releases
from envmgr.resolve.search import Goal, Option, search

if TYPE_CHECKING:
    from envmgr.model.definition import Recipe


class Universe:
    """The entries, and the recipes that work on *platform*, as options for goals."""

    def __init__(self, entries: Iterable[Entry], recipes: Iterable[Recipe], platform: str) -> None:
        self.entries: Mapping[str, Entry] = {entry.id: entry for entry in entries}
        self.platform = platform
        self.recipes = tuple(recipe for recipe in recipes if works_on(recipe, platform))
        self._wholes: dict[str, tuple[Entry, ...] | str] = {}
        self._found: dict[Query, tuple[Option, ...]] = {}
        self._rows: dict[Query, tuple[Release, ...]] = {}
        self._reached: dict[str, frozenset[str]] = {}
        self._levels: dict[str, int] = {}
        self._options: dict[tuple[Query, str], tuple[Option, ...]] = {}

    def whole(self, entry: Entry) -> tuple[Entry, ...] | str:
        """*entry* with everything that it needs, needs first; or why it cannot be used."""
        if entry.id not in self._wholes:
            self._wholes[entry.id] = f"{entry} needs itself"  # unless it does not come back here
            self._wholes[entry.id] = self._with_needs(entry)
        return self._wholes[entry.id]

    def options(self, goal: Goal) -> tuple[Option, ...]:
        """What may be taken for *goal*, preferred first: entries, then releases."""
        index = (goal.query, goal.recipe)
        if index not in self._options:
            releases = [r for r in self.rows(goal.query) if self._may_need(goal.recipe, r)]
            made = tuple(release_option(release) for release in releases)
            self._options[index] = (*self._entry_options(goal.query), *made)
        return self._options[index]

    def rows(self, query: Query) -> tuple[Release, ...]:
        """Versions of recipes that fit *query*, whether or not their own needs can be met."""
        if query not in self._rows:
            self._rows[query] = fitting_releases(self.recipes, query)
        return self._rows[query]

    def prepare(self, queries: Iterable[Query]) -> None:
        """Find out which of the recipes that *queries* may lead to can be carried out.

        Round by round: first those whose needs are met by entries, then those whose needs are
        met by these, until no more follow. What is left needs something that nothing gives,
        or needs itself.
        """
        open_ = {r.recipe.name: r for query in queries for r in self._reachable(query)}
        level = 0
        while ready := [name for name in sorted(open_) if self._can_be_made(open_[name])]:
            self._levels.update(dict.fromkeys(ready, level))
            self._options.clear()
            open_ = {name: r for name, r in open_.items() if name not in self._levels}
            level += 1

    def _with_needs(self, entry: Entry) -> tuple[Entry, ...] | str:
        parts: dict[str, Entry] = {}
        for id in entry.needs:
            if id not in self.entries:
                return f"{entry} needs entry {id}, which is not there"
            need = self.whole(self.entries[id])
            if isinstance(need, str):
                return f"{entry} cannot be used: {need}"
            parts |= {part.id: part for part in need}
        names: dict[str, Entry] = {}
        for part in (*parts.values(), entry):
            if names.setdefault(part.name, part).id != part.id:
                return f"{entry} needs two different {part.name}"
        return (*parts.values(), entry)

    def _entry_options(self, query: Query) -> tuple[Option, ...]:
        if query not in self._found:
            fitting = [entry for entry in self.entries.values() if fits(query, entry)]
            self._found[query] = tuple(
                Option(entry, entry.id, {part.name: part.id for part in parts}, parts)
                for entry in ranked(fitting)
                if not isinstance(parts := self.whole(entry), str)
            )
        return self._found[query]

    def _can_be_made(self, release: Release) -> bool:
        return search(goals_of(release), self.options) is not None

    def _may_need(self, recipe: str, release: Release) -> bool:
        """Whether a need of *recipe* may be met by *release*, so that nothing ever needs itself.

        Along a circle of needs every recipe leads back to the one before it, so there the
        levels would have to fall all the way round.
        """
        name = release.recipe.name
        if name not in self._levels:
            return False
        if recipe not in self._levels:  # it was asked for, or is being looked at by `prepare`
            return True
        return self._levels[name] < self._levels[recipe] or recipe not in self._reach(release)

    def _reach(self, release: Release) -> frozenset[str]:
        name = release.recipe.name
        if name not in self._reached:
            queries = (goal.query for goal in goals_of(release))
            found = (r.recipe.name for query in queries for r in self._reachable(query))
            self._reached[name] = frozenset(found)
        return self._reached[name]

    def _reachable(self, query: Query) -> Sequence[Release]:
        """One release of every recipe that *query* may lead to, over any number of needs."""
        found: dict[str, Release] = {}
        pending = [query]
        while pending:
            for release in self.rows(pending.pop()):
                if release.recipe.name not in found:
                    found[release.recipe.name] = release
                    pending += [goal.query for goal in goals_of(release)]
        return tuple(found.values())


def works_on(recipe: Recipe, platform: str) -> bool:
    """Whether *recipe* is meant for *platform*."""
    from envmgr.model.definition import matches

    return matches(platform, recipe.platforms)


def fits(query: Query, entry: Entry) -> bool:
    """Whether *entry* answers *query*, needs aside."""
    tags = entry.all_tags  # compared first: to read a version costs more
    return query.misfit_tags(tags) is None and query.misfit_version(entry.order) is None


def release_tags(recipe: Recipe) -> tuple[str, ...]:
    """The tags by which queries see what *recipe* gives."""
    return (recipe.detector, *recipe.all_tags)


def fitting_releases(recipes: Iterable[Recipe], query: Query) -> tuple[Release, ...]:
    """The versions of *recipes* that answer *query*, preferred first."""
    return ranked_releases(
        Release(recipe, row)
        for recipe in recipes
        if query.misfit_tags(release_tags(recipe)) is None
        for row in recipe.versions
        if query.misfit_version(Version(row.version)) is None
    )


def release_option(release: Release) -> Option:
    """*release* as an option. What it needs when it runs joins its environment."""
    goals = goals_of(release) if runs_with_needs(release.recipe) else ()
    return Option(release, str(release), {release.name: str(release)}, goals=goals)


def runs_with_needs(recipe: Recipe) -> bool:
    """Whether the needs are part of the result; what is only built with them does without."""
    return recipe.build.system == "none"


def goals_of(release: Release) -> tuple[Goal, ...]:
    """The needs of *release*."""
    return tuple(
        Goal(Query.parse(text), role, str(release), release.recipe.name)
        for role, text in release.recipe.needs_queries.items()
    )
