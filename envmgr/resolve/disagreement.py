"""Each query has an answer of its own, and all together have none: why, and what is nearest.

What is said is the least: requirements that contradict each other, and would not if any one
of them were left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from envmgr.errors import ResolutionError
from envmgr.resolve.nearest import nearest
from envmgr.resolve.option import Goal
from envmgr.resolve.requirement import Asked
from envmgr.resolve.scene import Scene
from envmgr.resolve.trial import Trial
from envmgr.resolve.universe import Universe

_MOST_LINES = 8


def disagreement(goals: Sequence[Goal], universe: Universe) -> ResolutionError:
    """The error that says why nothing answers all of *goals*, each of which has options."""
    trial = Trial(goals, universe)
    contradiction = trial.contradiction()
    asked = [each for each in contradiction if isinstance(each, Asked)]
    lines = Scene(goals, contradiction, universe).lines()
    if len(lines) > _MOST_LINES:
        left = len(lines) - _MOST_LINES + 1
        lines = [*lines[: _MOST_LINES - 1], f"and {left} more"]
    return ResolutionError(
        "no environment has all of these: " + ", ".join(str(each.query) for each in asked),
        lines=tuple(lines),
        hint=nearest(trial, asked),
    )
