"""Why this one and not the others: the verdicts of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from envmgr.model.entry import Entry
from envmgr.model.resolution import Verdict
from envmgr.resolve.option import Choice, Goal, Option, Taken, in_order
from envmgr.resolve.rank import lead
from envmgr.resolve.search import present_before
from envmgr.resolve.subject import Subject, key_of
from envmgr.resolve.universe import Universe
from envmgr.resolve.wording import named


def verdicts(goal: Goal, chosen: Choice, universe: Universe) -> tuple[Verdict, ...]:
    """What was taken, the others that fit in order of preference, then what does not, by name.

    *chosen* is the whole answer.
    """
    taken = chosen[goal]
    present = present_before(goal, chosen)
    options = in_order(goal, universe.options(goal), present)
    place = next(n for n, option in enumerate(options) if option.key == taken.key)
    rest = _Rest(goal, chosen)
    return (
        Verdict(named(taken.subject), True, _why_taken(place, len(options))),
        *(rest.verdict(option) for option in options[:place]),
        *(
            _behind(taken.subject, option.subject, goal.query.prefer, present)
            for option in options[place + 1 :]
        ),
        *_misfits(goal, universe),
    )


def _why_taken(place: int, count: int) -> str:
    if count == 1:
        return "the only one that fits"
    if place == 0:
        return f"the first of {count} that fit"
    return f"the first of {count} that fit which agrees with the rest of the environment"


def _behind(
    taken: Subject, other: Subject, prefer: tuple[str, ...], present: frozenset[str]
) -> Verdict:
    return Verdict(named(other), False, lead(taken, other, prefer, present))


class _Rest:
    """The environment without the answer of *goal*: what rules out those that stood before it."""

    def __init__(self, goal: Goal, chosen: Choice) -> None:
        self._taken = Taken()
        self._named: dict[str, str] = {}
        goals = [other for other in chosen if not other.owner and other != goal]
        for other in goals:  # which grows
            option = chosen[other]
            if not self._taken.holds(option):
                goals += option.goals
            self._taken.add(option)
            self._named |= {key_of(part): named(part) for part in option.parts}

    def verdict(self, option: Option) -> Verdict:
        return Verdict(named(option.subject), False, self._why(option))

    def _why(self, option: Option) -> str:
        claims: Mapping[str, str] = self._taken.claims
        for slot, key in option.claims.items():
            other = claims.get(slot, key)
            if other != key:
                return f"another {slot} is taken: {self._named[other]}"
        conflict = self._taken.conflict_with(option)
        if conflict is not None:
            return f"{conflict[0]} conflicts with {conflict[1]}"
        return "its needs disagree with the rest"


def _misfits(goal: Goal, universe: Universe) -> Iterator[Verdict]:
    # By name and place: to rank them all would read every version for nothing.
    for entry in sorted(universe.entries.values(), key=lambda e: (e.name, e.path, e.id)):
        why = why_not(entry, goal, universe)
        if why is not None:
            yield Verdict(named(entry), False, why)


def why_not(entry: Entry, goal: Goal, universe: Universe) -> str | None:
    """Why *entry* is no option for *goal*, or None when it is one."""
    misfit = goal.query.misfit_tags(entry.all_tags) or goal.query.misfit_version(entry.order)
    if misfit is not None:
        return misfit
    whole = universe.whole(entry)
    return whole if isinstance(whole, str) else None
