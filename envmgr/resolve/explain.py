"""Why this one and not the others: the verdicts of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from envmgr.model.entry import Entry
from envmgr.model.resolution import Verdict
from envmgr.resolve.rank import Subject, lead
from envmgr.resolve.search import Goal, Option
from envmgr.resolve.universe import Universe


def named(subject: Subject) -> str:
    """*subject* with its place: `compiler.gcc@12.2.0 (/usr/bin/gcc)`."""
    where = subject.path if isinstance(subject, Entry) else "to be installed"
    return f"{subject} ({where})"


def verdicts(
    goal: Goal, taken: Option, environment: Mapping[str, str], universe: Universe
) -> tuple[Verdict, ...]:
    """What was taken, the others that fit in order of preference, then what does not, by name.

    *environment* is the key that each name stands for in the whole answer.
    """
    options = universe.options(goal)
    place = next(n for n, option in enumerate(options) if option.key == taken.key)
    return (
        Verdict(named(taken.subject), True, _why_taken(place, len(options))),
        *(_passed_over(option, environment, universe) for option in options[:place]),
        *(
            Verdict(named(option.subject), False, lead(taken.subject, option.subject))
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


def _passed_over(option: Option, environment: Mapping[str, str], universe: Universe) -> Verdict:
    for name, key in option.claims.items():
        other = environment.get(name, key)
        if other != key:
            known = universe.entries.get(other)
            return Verdict(
                named(option.subject),
                False,
                f"another {name} is taken: {named(known) if known else other}",
            )
    return Verdict(named(option.subject), False, "its needs disagree with the rest")


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
