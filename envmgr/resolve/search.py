"""The search for one option a goal such that no name means two things.

The search is complete: it fails only when no choice agrees. It takes the goals in order and
the options of each in order of preference, so the answer is the first in that order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from envmgr.model.entry import Entry
from envmgr.model.query import Query
from envmgr.resolve.rank import Subject


@dataclass(frozen=True, slots=True)
class Goal:
    """A query that needs an answer: one that was asked, or a need of a release."""

    query: Query
    role: str
    """The role of a need; the number of a query that was asked."""
    owner: str = ""
    """The key of the release that needs it."""
    recipe: str = ""
    """The name of that release's recipe."""


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """Something that may be taken for a goal."""

    subject: Subject
    key: str
    """What tells it from every other: the id of an entry, the name and version of a release."""
    claims: Mapping[str, str]
    """The key that each name stands for, if this is taken: its own and those of its needs."""
    entries: tuple[Entry, ...] = ()
    """An entry with all that it needs, needs first."""
    goals: tuple[Goal, ...] = ()
    """What else must then be in the same environment."""

    def agrees(self, taken: Mapping[str, str]) -> bool:
        """Whether no name that this claims stands for something else already."""
        return all(taken.get(name, key) == key for name, key in self.claims.items())


OptionsOf = Callable[[Goal], Sequence[Option]]
Choice = Mapping[Goal, Option]


def search(
    goals: Sequence[Goal], options_of: OptionsOf, taken: Mapping[str, str] | None = None
) -> Choice | None:
    """The first choice of an option for each goal, and for each goal that follows; or None.

    *taken* names what a need would rather share, without having to.
    """
    return _Search(options_of, frozenset((taken or {}).values())).extend(tuple(goals), {}, {})


@dataclass(frozen=True, slots=True)
class _Search:
    options_of: OptionsOf
    shared: frozenset[str]

    def extend(
        self, goals: tuple[Goal, ...], taken: Mapping[str, str], chosen: Choice
    ) -> Choice | None:
        if not goals:
            return chosen
        goal, later = goals[0], goals[1:]
        for option in self._in_order(goal, taken):
            if not option.agrees(taken):
                continue
            following = later if option.key in taken.values() else (*later, *option.goals)
            claimed = {**taken, **option.claims}
            if self._hopeful(following, claimed):
                found = self.extend(following, claimed, {**chosen, goal: option})
                if found is not None:
                    return found
        return None

    def _in_order(self, goal: Goal, taken: Mapping[str, str]) -> Sequence[Option]:
        """A need is met by what is in the environment anyway, when that fits."""
        options = self.options_of(goal)
        if not goal.owner:
            return options
        present = self.shared.union(taken.values())
        return sorted(options, key=lambda option: option.key not in present)

    def _hopeful(self, goals: tuple[Goal, ...], taken: Mapping[str, str]) -> bool:
        """Whether each goal, taken alone, still has an option: most dead ends show early."""
        return all(any(o.agrees(taken) for o in self.options_of(goal)) for goal in goals)
