"""The smallest change of a request that has an answer."""

from __future__ import annotations

from collections.abc import Sequence

from envmgr.resolve.requirement import Asked
from envmgr.resolve.trial import Trial
from envmgr.resolve.wording import argument, few


def nearest(trial: Trial, asked: Sequence[Asked]) -> str:
    """The smallest change of what was asked that has an answer, and what it gives.

    Only *asked*, which contradict each other, may have to change. A range that is widened is
    a smaller change than a query that is left out; what was asked later gives way first.
    """
    later_first = sorted((each.number for each in asked), reverse=True)
    return (
        _widened(trial, later_first) or _without_one(trial, later_first) or _without_several(trial)
    )


def _widened(trial: Trial, numbers: Sequence[int]) -> str | None:
    for number in numbers:
        for wider in trial.wider(number):
            changed = [wider if each == number else each for each in range(trial.size)]
            if trial.works(changed):
                new, old = argument(trial.query(wider)), argument(trial.query(number))
                given = trial.given(changed)[number]
                return f"ask for {new} in place of {old}: it works, with {given}"
    return None


def _without_one(trial: Trial, numbers: Sequence[int]) -> str | None:
    for number in numbers:
        kept = [each for each in range(trial.size) if each != number]
        if kept and trial.works(kept):
            return _left_out(trial, kept)
    return None


def _without_several(trial: Trial) -> str:
    """No single change is enough: what was asked first is kept as far as it agrees."""
    kept: list[int] = []
    for number in range(trial.size):
        if trial.works([*kept, number]):
            kept.append(number)
    if not kept:
        return "none of what was asked works even alone: ask for something else"
    return _left_out(trial, kept)


def _left_out(trial: Trial, kept: Sequence[int]) -> str:
    left = [argument(trial.query(number)) for number in range(trial.size) if number not in kept]
    given = few([str(subject) for subject in trial.given(kept)])
    return f"leave out {' and '.join(left)}: the rest works, with {given}"
