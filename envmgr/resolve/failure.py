"""Why there is no answer: the closest misses, what would help, and the command to run next."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from envmgr.errors import ResolutionError
from envmgr.model.definition import Recipe
from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.model.resolution import Release
from envmgr.resolve.explain import named
from envmgr.resolve.rank import ranked
from envmgr.resolve.search import Goal, Option
from envmgr.resolve.universe import (
    Universe,
    fitting_releases,
    goals_of,
    release_tags,
    works_on,
)

_MOST_LINES = 8
_MOST_NAMES = 3

Known = Mapping[str, Sequence[str]]
"""The tags of every detector by its name."""


def failure(
    queries: Sequence[Query], universe: Universe, known: Known, available: Iterable[Recipe]
) -> ResolutionError:
    """The error that says why nothing answers *queries*."""
    goals = [Goal(query, str(number)) for number, query in enumerate(queries)]
    unanswered = [goal for goal in goals if not universe.options(goal)]
    if not unanswered:
        return _disagreement(goals, universe)
    more = [recipe for recipe in available if works_on(recipe, universe.platform)]
    reports = [_Report(goal.query, universe, known, more) for goal in unanswered]
    lines = [line for report in reports for line in report.lines(_MOST_LINES // len(reports))]
    return ResolutionError(
        "nothing fits " + " and nothing fits ".join(str(goal.query) for goal in unanswered),
        lines=tuple(lines),
        hint=reports[0].hint(),
    )


@dataclass(frozen=True, slots=True)
class _Report:
    """What there is to say about one query that nothing answers."""

    query: Query
    universe: Universe
    known: Known
    available: Sequence[Recipe]

    def lines(self, most: int) -> list[str]:
        help_ = [*self._misspelt_lines(), *self._install_lines(), *self._detect_lines()][:most]
        misses = _miss_lines(self.query, self.universe)
        room = max(1, most - len(help_))
        if len(misses) > room:
            left = len(misses) - room + 1
            misses = [*misses[: room - 1], f"and {left} more that are further off"]
        return [*misses, *help_] or [f"none of {len(self.universe.entries)} entries is like it"]

    def hint(self) -> str:
        """The one next step."""
        corrected = self._corrected()
        if corrected is not None:
            return f"ask for {_argument(corrected)}"
        if self._installable_releases():
            return f"envmgr install {_argument(self.query)}"
        if self._unseen_detectors():
            return f"envmgr detect {_argument(self.query)}"
        nothing = not self.universe.entries
        return "envmgr detect --all" if nothing else "envmgr show lists what there is"

    def _known_tags(self) -> frozenset[str]:
        tags = {tag for entry in self.universe.entries.values() for tag in entry.all_tags}
        tags |= {tag for name, more in self.known.items() for tag in (name, *more)}
        recipes = (*self.universe.recipes, *self.available)
        return frozenset(tags.union(*(release_tags(recipe) for recipe in recipes)))

    def _misspelt(self) -> dict[str, str | None]:
        """Wanted tags that nothing has, each with the nearest tag that something has."""
        tags = self._known_tags()
        unknown = [tag for tag in self.query.wanted if tag not in tags]
        near = {tag: get_close_matches(tag, sorted(tags), n=1) for tag in unknown}
        return {tag: found[0] if found else None for tag, found in near.items()}

    def _misspelt_lines(self) -> list[str]:
        return [
            f"nothing has the tag {tag}" + (f"; did you mean {near}?" if near else "")
            for tag, near in self._misspelt().items()
        ]

    def _corrected(self) -> Query | None:
        misspelt = self._misspelt()
        nearest = [misspelt.get(tag, tag) for tag in self.query.wanted]
        wanted = tuple(tag for tag in nearest if tag is not None)
        if not misspelt or len(wanted) < len(nearest):
            return None
        return Query(wanted, self.query.refused, self.query.versions)

    def _installable_releases(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for release in fitting_releases(self.available, self.query):
            found.setdefault(release.recipe.name, []).append(release.version)
        return found

    def _install_lines(self) -> list[str]:
        can = [
            f"{name} can be installed: {_few(versions)}"
            for name, versions in self._installable_releases().items()
        ]
        tried = {release.recipe.name: release for release in self.universe.rows(self.query)}
        return can + [f"{name} {_obstacle(r, self.universe)}" for name, r in tried.items()]

    def _unseen_detectors(self) -> list[str]:
        seen = {entry.name for entry in self.universe.entries.values()}
        fitting = (
            name
            for name, tags in self.known.items()
            if name not in seen and self.query.misfit_tags((name, *tags)) is None
        )
        return sorted(fitting)

    def _detect_lines(self) -> list[str]:
        names = self._unseen_detectors()
        return [f"nothing is recorded yet of {_few(names)}, which would fit"] if names else []


def _miss_lines(query: Query, universe: Universe) -> list[str]:
    """One line for each name and reason, the closest miss first."""
    groups: dict[tuple[int, str, str], list[str]] = {}
    for entry in ranked(universe.entries.values()):
        miss = _miss(query, entry, universe)
        if miss is not None:
            distance, why = miss
            groups.setdefault((distance, entry.name, why), []).append(entry.version)
    in_order = sorted(groups, key=lambda group: group[0])  # of equals, the newest first
    return [f"{name} {_few(groups[d, name, why])}: {why}" for d, name, why in in_order]


def _miss(query: Query, entry: Entry, universe: Universe) -> tuple[int, str] | None:
    """How far *entry* is from *query*, and why it does not fit; None when it is nothing like it."""
    tags = frozenset(entry.all_tags)
    lacking = [tag for tag in query.wanted if tag not in tags]
    refused = [tag for tag in query.refused if tag in tags]
    if query.wanted and len(lacking) == len(query.wanted):
        return None
    if lacking or refused:
        parts = [f"has no tag {', '.join(lacking)}"] if lacking else []
        parts += [f"has the refused tag {', '.join(refused)}"] if refused else []
        return 1 + len(lacking) + len(refused), " and ".join(parts)
    clause = query.versions.broken_clause(entry.order)
    if clause is not None:
        return 1, f"not {clause}"
    whole = universe.whole(entry)
    return (0, whole) if isinstance(whole, str) else None


def _obstacle(release: Release, universe: Universe) -> str:
    """Why a release that fits cannot be made: a need that nothing meets, or a circle."""
    path = [release]
    while True:
        names = [each.recipe.name for each in path]
        via = f", by way of {' → '.join(names[1:])}" if names[1:] else ""
        blocked = _blocked_need(path[-1], universe)
        if blocked is None:
            return f"cannot be installed: its needs disagree{via}"
        leads = universe.rows(blocked)
        if not leads:
            return f"cannot be installed: nothing fits its need {blocked}{via}"
        path.append(leads[0])
        if leads[0].recipe.name in names:
            circle = [*names[names.index(leads[0].recipe.name) :], leads[0].recipe.name]
            return f"cannot be installed: a circle of needs, {' → '.join(circle)}"


def _blocked_need(release: Release, universe: Universe) -> Query | None:
    goals = goals_of(release)
    return next((goal.query for goal in goals if not universe.options(goal)), None)


def _disagreement(goals: Sequence[Goal], universe: Universe) -> ResolutionError:
    """Each query has an answer of its own, but an environment has one entry a name."""
    lines = []
    for number, one in enumerate(goals):
        for other in goals[number + 1 :]:
            clash = _clash(universe.options(one), universe.options(other))
            if clash is not None:
                first, second, name = clash
                lines.append(f"{_with(first, name, universe)}, but {_with(second, name, universe)}")
    asked = ", ".join(str(goal.query) for goal in goals)
    return ResolutionError(
        f"no environment answers all of these at once: {asked}",
        lines=tuple(lines[:_MOST_LINES]) or ("any two of them agree, all together do not",),
        hint="an environment has one entry of each name: ask for versions that agree, "
        "or open one environment each",
    )


def _clash(ones: Sequence[Option], others: Sequence[Option]) -> tuple[Option, Option, str] | None:
    """The first option of each side and the name over which they differ, if no two agree."""
    if any(one.agrees(other.claims) for one in ones for other in others):
        return None
    one, other = ones[0], others[0]
    name = next(n for n, key in one.claims.items() if other.claims.get(n, key) != key)
    return one, other, name


def _with(option: Option, name: str, universe: Universe) -> str:
    key = option.claims[name]
    if key == option.key:
        return f"{named(option.subject)} is wanted"
    return f"{named(option.subject)} needs {named(universe.entries[key])}"


def _few(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = len(unique) - _MOST_NAMES
    return ", ".join(unique[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _argument(query: Query) -> str:
    return f"--tags={shlex.quote(str(query))}"
