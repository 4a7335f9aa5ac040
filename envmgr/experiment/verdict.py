"""Verdicts on a replay: what was recorded held against what came out now.

Outputs and figures are judged apart: a machine that is slower writes the same. An output is
reproduced when it has the bytes of a recorded one, or when the program's own checks, with their
tolerance, say that it is right, as they did before. One that did not come out twice alike when it
was recorded is named and does not count, and neither does one with nothing in it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from envmgr.errors import EnvmgrError
from envmgr.experiment.comparison import FASTER, NOT_COMPARED, SAME, SLOWER, Rule, compare
from envmgr.experiment.samples import sample_of
from envmgr.experiment.statistics import Interval
from envmgr.model.measurement import RIGHT, UNSTEADY, Measurement

REPRODUCED, DIFFERS, CANNOT = "reproduced", "differs", "cannot be done here"
VERDICTS = (REPRODUCED, DIFFERS, CANNOT)
SAME_BYTES, RIGHT_AGAIN, OTHER, MISSING = "same bytes", "right again", "other bytes", "not written"
NOT_STEADY, EMPTY = "not deterministic", "empty"
_COUNTED = (SAME_BYTES, RIGHT_AGAIN)
NOT_COMPARABLE = "not comparable"
AT_LEAST = 0.05
"""The smallest difference of figures that matters, as a share: weeks and reboots lie between the
two, and those alone move a figure by more than the 1 % of runs that were interleaved."""


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a point."""

    name: str
    verdict: str
    """`same bytes` as recorded, `right again` by the checks; `other bytes`, `not written`;
    or what does not count: `not deterministic`, `empty`."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What can be said of everything that a point writes."""

    verdict: str
    why: str = ""
    each: tuple[Output, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """What can be said of one figure of a point."""

    figure: str
    verdict: str
    """As of a comparison, or `not comparable`."""
    why: str = ""
    ratio: Interval | None = None
    """What it is now over what it was."""

    @property
    def outcome(self) -> str:
        """That as a verdict on a replay."""
        if self.verdict == SAME:
            return REPRODUCED
        return DIFFERS if self.verdict in (FASTER, SLOWER) else CANNOT


def worst(verdicts: Collection[str]) -> str:
    """The verdict on all of them: one that differs, else one that cannot be done, decides."""
    return next((one for one in (DIFFERS, CANNOT) if one in verdicts), REPRODUCED)


# -- outputs ---------------------------------------------------------------------------------


def judge_outputs(
    recorded: Sequence[Measurement], replayed: Sequence[Measurement], checked: Collection[str]
) -> Outputs:
    """What the *replayed* runs of a point wrote, against the *recorded* ones.

    *checked* are the outputs that the program's checks look at.
    """
    results = [one for one in recorded if one.is_result]
    if not results:
        return _failed_again(recorded, replayed)
    bad = next((one for one in replayed if not one.is_result), None)
    if bad is not None:
        return Outputs(DIFFERS, f"{bad.verdict}: {bad.why}")
    names = dict.fromkeys(name for one in results for name in one.outputs)
    each = tuple(_output(name, results, replayed, checked) for name in names)
    wrong = [one.name for one in each if one.verdict in (OTHER, MISSING)]
    if wrong:
        return Outputs(DIFFERS, f"not as it was recorded: {', '.join(wrong)}", each)
    counted = [one for one in each if one.verdict in _COUNTED]
    if not counted:
        return Outputs(CANNOT, "nothing that it writes can be compared", each)
    by_checks = [one.name for one in counted if one.verdict == RIGHT_AGAIN]
    why = f"within the tolerance of its checks: {', '.join(by_checks)}" if by_checks else ""
    return Outputs(REPRODUCED, why, each)


def _failed_again(recorded: Sequence[Measurement], replayed: Sequence[Measurement]) -> Outputs:
    """Of a point that gave no result when it was recorded."""
    was = sorted({one.verdict for one in recorded})
    now = sorted({one.verdict for one in replayed})
    if UNSTEADY in was:
        return Outputs(CANNOT, "it was not deterministic when it was recorded")
    if was == now:
        return Outputs(REPRODUCED, f"{was[0]}, as it was recorded")
    return Outputs(DIFFERS, f"it was recorded as {', '.join(was)}, and is {', '.join(now)} now")


def _output(
    name: str,
    results: Sequence[Measurement],
    replayed: Sequence[Measurement],
    checked: Collection[str],
) -> Output:
    was = {one.outputs[name] for one in results if name in one.outputs}
    now = {one.outputs[name] for one in replayed if name in one.outputs}
    if not all(name in one.outputs for one in replayed):
        return Output(name, MISSING)
    if now <= was:
        is_empty = all(name in one.empty for one in replayed)
        return Output(name, EMPTY if is_empty else SAME_BYTES)
    if name in checked and all(one.verdict == RIGHT for one in (*results, *replayed)):
        return Output(name, RIGHT_AGAIN)
    if len(was) > 1:
        return Output(name, NOT_STEADY, "recorded runs differ in it")
    if len(results) == 1 and len(now) > 1:
        return Output(name, NOT_STEADY, "it was recorded once, and the runs differ in it now")
    return Output(name, OTHER, f"sha256 {_short(was)} was recorded, and is {_short(now)} now")


def _short(digests: Collection[str]) -> str:
    return ", ".join(f"{digest[:12]}…" for digest in sorted(digests))


# -- figures ---------------------------------------------------------------------------------


def judge_figures(
    recorded: Sequence[Measurement],
    replayed: Sequence[Measurement],
    rule: Rule,
    processors: tuple[str, str],
) -> Figures:
    """One figure of the *replayed* runs against the *recorded* ones.

    *processors* are the models that they ran on; figures of two models are not compared.
    """
    was, now = processors
    if not was or was != now:
        why = f"it was recorded on {was or 'an unknown processor'}, and this is {now or 'unknown'}"
        return Figures(rule.figure, NOT_COMPARABLE, why)
    try:
        base = sample_of("recorded", recorded, rule.figure)
        found = compare(base, sample_of("replayed", replayed, rule.figure), rule)
    except EnvmgrError as error:  # no such figure, or the libraries are not here
        hint = f" ({error.hint})" if error.hint else ""
        return Figures(rule.figure, NOT_COMPARABLE, f"{error.message}{hint}")
    if found.verdict == NOT_COMPARED:
        return Figures(rule.figure, NOT_COMPARABLE, found.why)
    return Figures(rule.figure, found.verdict, found.why, found.ratio)
