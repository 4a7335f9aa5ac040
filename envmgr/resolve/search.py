"""The search for one option a goal such that all of them agree.

Goals are taken in order and the options of each in order of preference, and the answer is
the first in that order. In the usual case the first option of each goal that agrees with
those before it leads to the end, and nothing needs to be searched. Where that gets stuck, a SAT
solver says of each option whether it leaves the rest an answer; so the search is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from envmgr.resolve.option import Choice, Goal, Option, OptionsOf, Taken, in_order

Pick = Callable[[Sequence[Option]], Option | None]
"""Takes the first option that leads on; None when none does."""


def search(
    goals: Sequence[Goal], options_of: OptionsOf, shared: Mapping[str, str] | None = None
) -> Choice | None:
    """The first choice of an option for each goal, and for each goal that follows; or None.

    *shared* are claims of an environment whose things are preferred for needs.
    """
    present = frozenset((shared or {}).values())
    straight = walk(goals, options_of, present, _first_that_agrees())
    if straight is not None:
        return straight
    if not all(options_of(goal) for goal in goals):
        return None
    from envmgr.resolve.problem import Problem  # only here a solver is needed

    problem = Problem(goals, options_of)
    problem.settle(problem.requirements)
    return walk(goals, options_of, present, problem.pick)


def present_before(goal: Goal, chosen: Choice) -> frozenset[str]:
    """The keys of what was in the environment when *goal* was decided."""
    return frozenset(_claimed_before(goal, chosen))


def _claimed_before(goal: Goal, chosen: Choice) -> Iterable[str]:
    for earlier, option in chosen.items():
        if earlier == goal:
            return
        yield from option.claims.values()


def walk(
    goals: Sequence[Goal], options_of: OptionsOf, shared: frozenset[str], pick: Pick
) -> Choice | None:
    """What *pick* takes for each goal, and for each goal that follows; None when it is stuck."""
    chosen: dict[Goal, Option] = {}
    present = set(shared)
    followed: set[str] = set()
    waiting = list(goals)
    for goal in waiting:  # which grows
        option = pick(in_order(goal, options_of(goal), present))
        if option is None:
            return None
        chosen[goal] = option
        if option.key not in followed:
            waiting += option.goals
        followed.add(option.key)
        present.update(option.claims.values())
    return chosen


def _first_that_agrees() -> Pick:
    taken = Taken()

    def pick(options: Sequence[Option]) -> Option | None:
        for option in options:
            if taken.admits(option):
                taken.add(option)
                return option
        return None

    return pick
