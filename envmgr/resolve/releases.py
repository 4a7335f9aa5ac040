"""Versions of recipes: those that fit a query, and what each of them needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from envmgr.model.query import Query
from envmgr.model.resolution import Release
from envmgr.resolve.index import Index
from envmgr.resolve.option import Goal, Make, Option
from envmgr.resolve.rank import ranked
from envmgr.resolve.subject import in_range, query_of, slots_of

if TYPE_CHECKING:
    from envmgr.model.definition import Recipe


class Releases:
    """The versions of the recipes that work on *platform*; needs have the preferences *prefer*."""

    def __init__(self, recipes: Iterable[Recipe], platform: str, prefer: tuple[str, ...]) -> None:
        self.recipes = tuple(recipe for recipe in recipes if works_on(recipe, platform))
        self._platform = platform
        self._prefer = prefer
        self._index = Index(self.recipes, release_tags)
        self._versions: dict[str, tuple[Release, ...]] = {}
        self._fitting: dict[Query, tuple[Release, ...]] = {}
        self._varying = frozenset(r.name for r in self.recipes if _varies(r))
        self._needs: dict[str, Query] = {}
        self._makes: dict[tuple[str, tuple[str, ...]], Make] = {}
        self._make_of: dict[tuple[str, str], Make] = {}
        self._goals: dict[str, tuple[Goal, ...]] = {}

    def fitting(self, query: Query) -> tuple[Release, ...]:
        """Those that *query* fits, in the order of `rank`, whether or not they can be made."""
        if query not in self._fitting:
            rows = (r for recipe in self._index.fitting(query) for r in self._rows(recipe))
            self._fitting[query] = tuple(ranked(r for r in rows if in_range(query, r.version)))
        return self._fitting[query]

    def make(self, release: Release) -> Make:
        """How *release* is made."""
        name = release.recipe.name
        row = (name, release.version if name in self._varying else "")
        if row not in self._make_of:
            needs = release.recipe.needs_of(release.version, self._platform)
            found = self._makes.get((name, tuple(needs)))
            self._make_of[row] = found or self._new_make(name, needs)
        return self._make_of[row]

    def goals(self, release: Release) -> tuple[Goal, ...]:
        """The needs of *release*."""
        key = str(release)
        if key not in self._goals:
            make = self.make(release)
            self._goals[key] = tuple(Goal(query, role, key, make) for role, query in make.needs)
        return self._goals[key]

    def _new_make(self, recipe: str, needs: Mapping[str, str]) -> Make:
        make = Make(recipe, tuple((role, self._need(text)) for role, text in needs.items()))
        self._makes[recipe, tuple(needs)] = make
        return make

    def _need(self, text: str) -> Query:
        if text not in self._needs:
            self._needs[text] = replace(query_of(text), prefer=self._prefer)
        return self._needs[text]

    def option(self, release: Release) -> Option:
        """*release* as an option. What it needs when it runs joins its environment."""
        key = str(release)
        goals = self.goals(release) if runs_with_needs(release.recipe) else ()
        return Option(release, key, dict.fromkeys(slots_of(release), key), (release,), goals)

    def reachable(self, queries: Iterable[Query]) -> dict[Make, Release]:
        """One release for each make that *queries* may lead to, over any number of needs."""
        found: dict[Make, Release] = {}
        waiting = list(dict.fromkeys(queries))
        seen = set(waiting)
        for query in waiting:  # which grows
            for release in self.fitting(query):
                make = self.make(release)
                if make not in found:
                    found[make] = release
                    more = dict.fromkeys(query for _, query in make.needs)
                    waiting += [each for each in more if each not in seen]
                    seen.update(more)
        return found

    def _rows(self, recipe: Recipe) -> Sequence[Release]:
        if recipe.name not in self._versions:
            self._versions[recipe.name] = tuple(Release(recipe, row) for row in recipe.versions)
        return self._versions[recipe.name]


def _varies(recipe: Recipe) -> bool:
    """Whether versions differ in what they need."""
    return any(need.versions for need in recipe.needs.values())


def works_on(recipe: Recipe, platform: str) -> bool:
    """Whether *recipe* is meant for *platform*."""
    if not recipe.platforms:
        return True
    from envmgr.model.definition import matches

    return matches(platform, recipe.platforms)


def release_tags(recipe: Recipe) -> tuple[str, ...]:
    """The tags by which queries see what *recipe* gives."""
    return (recipe.detector, *recipe.all_tags)


def runs_with_needs(recipe: Recipe) -> bool:
    """Whether the needs are part of the result; what is only built with them does without."""
    return recipe.build.system == "none"
