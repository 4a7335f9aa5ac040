"""Why there is no answer: the closest misses, what would help, and the command to run next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from envmgr.errors import ResolutionError
from envmgr.model.definition import Recipe
from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.model.resolution import Release
from envmgr.resolve.disagreement import disagreement
from envmgr.resolve.option import Goal
from envmgr.resolve.rank import ranked
from envmgr.resolve.releases import Releases, release_tags
from envmgr.resolve.universe import Universe
from envmgr.resolve.wording import argument, few

_MOST_LINES = 8

Known = Mapping[str, Sequence[str]]
"""The tags of every detector by its name."""


def failure(
    goals: Sequence[Goal], universe: Universe, known: Known, available: Iterable[Recipe]
) -> ResolutionError:
    """The error that says why nothing answers *goals*."""
    unanswered = [goal for goal in goals if not universe.options(goal)]
    if not unanswered:
        return disagreement(goals, universe)
    more = Releases(available, universe.platform, ())
    reports = [_Report(goal.query, universe, known, more) for goal in unanswered]
    lines = [line for report in reports for line in report.lines(_MOST_LINES // len(reports))]
    return ResolutionError(
        "nothing fits " + " and nothing fits ".join(str(goal.query) for goal in unanswered),
        lines=tuple(lines[:_MOST_LINES]),
        hint=reports[0].hint(),
    )


@dataclass(frozen=True, slots=True)
class _Report:
    """What there is to say about one query that nothing answers."""

    query: Query
    universe: Universe
    known: Known
    available: Releases

    def lines(self, most: int) -> list[str]:
        help_ = [*self._misspelt_lines(), *self._install_lines(), *self._detect_lines()][:most]
        misses = _miss_lines(self.query, self.universe)
        room = max(1, most - len(help_))
        if len(misses) > room == 1:
            misses = misses[:1]
        elif len(misses) > room:
            left = len(misses) - room + 1
            misses = [*misses[: room - 1], f"and {left} more that are further off"]
        return [*misses, *help_] or [f"none of {len(self.universe.entries)} entries is like it"]

    def hint(self) -> str:
        """The one next step."""
        corrected = self._corrected()
        if corrected is not None:
            return f"ask for {argument(corrected)}"
        if self._installable_releases():
            return f"envmgr install {argument(self.query)}"
        if self._unseen_detectors():
            return f"envmgr detect {argument(self.query)}"
        nothing = not self.universe.entries
        return "envmgr detect --all" if nothing else "envmgr show lists what there is"

    def _known_tags(self) -> frozenset[str]:
        tags = {tag for entry in self.universe.entries.values() for tag in entry.all_tags}
        tags |= {tag for name, more in self.known.items() for tag in (name, *more)}
        recipes = (*self.universe.releases.recipes, *self.available.recipes)
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
        for release in self.available.fitting(self.query):
            found.setdefault(release.recipe.name, []).append(release.version)
        return found

    def _install_lines(self) -> list[str]:
        can = [
            f"{name} can be installed: {few(versions)}"
            for name, versions in self._installable_releases().items()
        ]
        tried: dict[str, Release] = {}
        for release in self.universe.releases.fitting(self.query):
            tried.setdefault(release.recipe.name, release)
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
        return [f"nothing is recorded yet of {few(names)}, which would fit"] if names else []


def _miss_lines(query: Query, universe: Universe) -> list[str]:
    """One line for each name and reason, the closest miss first."""
    groups: dict[tuple[int, str, str], list[str]] = {}
    for entry in ranked(universe.entries.values()):
        miss = _miss(query, entry, universe)
        if miss is not None:
            distance, why = miss
            groups.setdefault((distance, entry.name, why), []).append(entry.version)
    in_order = sorted(groups, key=lambda group: group[0])  # of equals, the preferred first
    return [f"{name} {few(groups[d, name, why])}: {why}" for d, name, why in in_order]


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
    path, makes = [release.recipe.name], [universe.releases.make(release)]
    while True:
        via = f", by way of {' → '.join(path[1:])}" if path[1:] else ""
        blocked = _blocked_need(release, universe)
        if blocked is None:
            return f"cannot be installed: its needs disagree{via}"
        leads = universe.releases.fitting(blocked)
        if not leads:
            return f"cannot be installed: nothing fits its need {blocked}{via}"
        release = leads[0]
        path.append(release.recipe.name)
        make = universe.releases.make(release)
        if make in makes:
            circle = " → ".join(path[makes.index(make) :])
            return f"cannot be installed: a circle of needs, {circle}"
        makes.append(make)


def _blocked_need(release: Release, universe: Universe) -> Query | None:
    goals = universe.releases.goals(release)
    return next((goal.query for goal in goals if not universe.options(goal)), None)
