"""Goals, what may be taken for them, and what an environment has taken so far."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.resolve.rank import preferred
from envmgr.resolve.subject import Subject, fits, key_of, query_of


@dataclass(frozen=True, slots=True, eq=False)
class Make:
    """One way to make a thing, which versions of a recipe share that need the same."""

    recipe: str
    needs: tuple[tuple[str, Query], ...]
    """Role to query."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A query that needs an answer: one that was asked, or a need of a release."""

    query: Query
    role: str
    """The role of a need; the number of a query that was asked."""
    owner: str = ""
    """The key of the release that needs it."""
    make: Make | None = None
    """How that release is made."""


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """Something that may be taken for a goal."""

    subject: Subject
    key: str
    claims: Mapping[str, str]
    """The key of each name and capability, if this is taken; those of its needs too."""
    parts: tuple[Subject, ...]
    """It and all the entries that it needs, needs first."""
    goals: tuple[Goal, ...] = ()
    """What else must then be in the same environment."""


OptionsOf = Callable[[Goal], Sequence[Option]]
"""What may be taken for a goal, in the order of `rank.ranked`."""
Choice = Mapping[Goal, Option]
"""What was taken for each goal, in the order in which that was decided."""


class Taken:
    """What an environment has so far."""

    def __init__(self) -> None:
        self.claims: dict[str, str] = {}
        self._parts: dict[str, Subject] = {}
        self._conflicts: list[tuple[str, Query]] = []

    def admits(self, option: Option) -> bool:
        """Whether *option* agrees with everything that is there."""
        for slot, key in option.claims.items():
            if self.claims.get(slot, key) != key:
                return False
        return self.conflict_with(option) is None

    def conflict_with(self, option: Option) -> tuple[Subject, Subject] | None:
        """The first pair that must not be together if *option* is taken: whose rule, and what."""
        for part in option.parts:
            for key, query in self._conflicts:
                if key != key_of(part) and fits(query, part):
                    return self._parts[key], part
            for query in map(query_of, part.conflicts):
                for key, other in self._parts.items():
                    if key != key_of(part) and fits(query, other):
                        return part, other
        return None

    def add(self, option: Option) -> None:
        """Take *option*."""
        self.claims.update(option.claims)
        for part in option.parts:
            key = key_of(part)
            if key not in self._parts:
                self._parts[key] = part
                self._conflicts += [(key, query_of(text)) for text in part.conflicts]

    def holds(self, option: Option) -> bool:
        """Whether *option* is in the environment."""
        return option.key in self._parts


def in_order(goal: Goal, options: Sequence[Option], present: Collection[str]) -> Sequence[Option]:
    """*options* as *goal* prefers them, in an environment that has the keys in *present*.

    A need is met by what is there anyway, when that fits. For what was asked preferences go
    before that.
    """
    if goal.owner:
        return _present_first(_preferred(options, goal.query.prefer), present)
    return _preferred(_present_first(options, present), goal.query.prefer)


def _present_first(options: Sequence[Option], present: Collection[str]) -> Sequence[Option]:
    return sorted(options, key=lambda option: option.key not in present) if present else options


def _preferred(options: Sequence[Option], prefer: Sequence[str]) -> Sequence[Option]:
    if not prefer:
        return options
    by_key = {option.key: option for option in options}
    return [by_key[key_of(s)] for s in preferred([o.subject for o in options], prefer)]


def entry_option(entry: Entry, parts: tuple[Entry, ...]) -> Option:
    """*entry*, with *parts*: itself and all that it needs."""
    claims = {slot: part.id for part in parts for slot in (part.name, *part.provides)}
    return Option(entry, entry.id, claims, parts)
