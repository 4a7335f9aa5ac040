"""Everything that may be taken: entries with all they need, and releases that can be made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.model.resolution import Release
from envmgr.resolve.index import Index
from envmgr.resolve.option import Goal, Make, Option, entry_option
from envmgr.resolve.rank import ranked
from envmgr.resolve.releases import Releases
from envmgr.resolve.search import search
from envmgr.resolve.subject import fits, in_range, query_of, slots_of, tags_of

if TYPE_CHECKING:
    from envmgr.model.definition import Recipe


class Universe:
    """The entries, and the recipes that work on *platform*, as options for goals.

    *prefer* are the preferences of needs.
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        recipes: Iterable[Recipe],
        platform: str,
        prefer: tuple[str, ...] = (),
    ) -> None:
        self.entries: Mapping[str, Entry] = {entry.id: entry for entry in entries}
        self.platform = platform
        self.releases = Releases(recipes, platform, prefer)
        self._index = Index(self.entries.values(), tags_of)
        self._wholes: dict[str, tuple[Entry, ...] | str] = {}
        self._found: dict[Query, tuple[Option, ...]] = {}
        self._reached: dict[Make, frozenset[Make]] = {}
        self._levels: dict[Make, int] = {}
        self._options: dict[tuple[Query, Make | None], tuple[Option, ...]] = {}

    def whole(self, entry: Entry) -> tuple[Entry, ...] | str:
        """*entry* with everything that it needs, needs first; or why it cannot be used."""
        if entry.id not in self._wholes:
            self._wholes[entry.id] = f"{entry} needs itself"  # unless it does not come back here
            self._wholes[entry.id] = self._with_needs(entry)
        return self._wholes[entry.id]

    def options(self, goal: Goal) -> tuple[Option, ...]:
        """What may be taken for *goal*, in the order of `rank`."""
        index = (goal.query, goal.make)
        if index not in self._options:
            releases = self.releases.fitting(goal.query)
            may = (r for r in releases if self._may_need(goal.make, self.releases.make(r)))
            made = tuple(self.releases.option(release) for release in may)
            self._options[index] = (*self._entry_options(goal.query), *made)
        return self._options[index]

    def prepare(self, queries: Iterable[Query]) -> None:
        """Find out which of the releases that *queries* may lead to can be made.

        Round by round: first those whose needs are met by entries, then those whose needs are
        met by these, until no more follow. What is left needs something that nothing gives,
        or needs itself.
        """
        self._levels.clear()
        self._options.clear()
        left = self.releases.reachable(queries)
        level = 0
        while ready := [make for make, release in left.items() if self._can_be_made(release)]:
            self._levels.update(dict.fromkeys(ready, level))
            self._options.clear()
            left = {make: each for make, each in left.items() if make not in self._levels}
            level += 1

    def _with_needs(self, entry: Entry) -> tuple[Entry, ...] | str:
        parts: dict[str, Entry] = {}
        for id in entry.needs:
            if id not in self.entries:
                return f"{entry} needs entry {id}, which is not there"
            need = self.whole(self.entries[id])
            if isinstance(need, str):
                return f"{entry} cannot be used: {need}"
            for part in need:
                parts[part.id] = part
        whole = (*parts.values(), entry)
        return whole if len(whole) == 1 else _disagreement(entry, whole) or whole

    def _entry_options(self, query: Query) -> tuple[Option, ...]:
        if query not in self._found:
            fitting = [e for e in self._index.fitting(query) if in_range(query, e.version)]
            self._found[query] = tuple(
                entry_option(entry, parts)
                for entry in ranked(fitting)
                if not isinstance(parts := self.whole(entry), str)
            )
        return self._found[query]

    def _can_be_made(self, release: Release) -> bool:
        goals = self.releases.goals(release)
        return all(map(self._hopeful, goals)) and search(goals, self.options) is not None

    def _hopeful(self, goal: Goal) -> bool:
        """Whether there is anything yet for *goal*: to ask costs less than to search."""
        if self._entry_options(goal.query):
            return True
        fitting = self.releases.fitting(goal.query)
        return any(self.releases.make(release) in self._levels for release in fitting)

    def _may_need(self, maker: Make | None, make: Make) -> bool:
        """Whether *make* may meet a need of *maker*, so that nothing ever needs itself.

        Along a circle of needs each make leads back to the one before it, so there the
        levels would have to fall all the way round.
        """
        if make not in self._levels:
            return False
        if maker not in self._levels:  # it was asked for, or is being looked at by `prepare`
            return True
        return self._levels[make] < self._levels[maker] or maker not in self._reach(make)

    def _reach(self, make: Make) -> frozenset[Make]:
        if make not in self._reached:
            reached = self.releases.reachable(query for _, query in make.needs)
            self._reached[make] = frozenset(reached)
        return self._reached[make]


def _disagreement(entry: Entry, whole: Sequence[Entry]) -> str | None:
    """Why *entry* with all that it needs is no environment, or None."""
    slots: dict[str, str] = {}
    for part in whole:
        for slot in slots_of(part):
            if slots.setdefault(slot, part.id) != part.id:
                return f"{entry} needs two different {slot}"
    for part in whole:
        for query in map(query_of, part.conflicts):
            for other in whole:
                if other is not part and fits(query, other):
                    return f"{entry} needs what disagrees: {part} conflicts with {other}"
    return None
