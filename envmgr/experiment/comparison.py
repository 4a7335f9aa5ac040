"""Comparisons: whether one of two points is faster, and by how much at least and at most.

What is compared are logarithms, so that a difference is a ratio whatever the size. Where runs
were done in rounds, each round is a block of its own and gives one difference; nothing that
changes from round to round can then pass for one. Otherwise the two samples are compared as they
are, with a warning. A claim is made only where the whole confidence interval supports it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, exp, inf, log, log1p
from typing import TYPE_CHECKING

from envmgr.errors import UsageError
from envmgr.experiment.samples import Block, Sample, blocks
from envmgr.experiment.shift import RankSum, SignedRank, estimate, shift_interval
from envmgr.experiment.statistics import Interval, outliers

if TYPE_CHECKING:
    from envmgr.experiment.shift import Shift

FASTER, SLOWER, SAME = "faster", "slower", "same"
UNCLEAR, NOT_COMPARED = "not distinguishable", "not compared"
VERDICTS = (FASTER, SLOWER, SAME, UNCLEAR, NOT_COMPARED)
"""The other one is better, or worse, by more than the least difference that matters; it differs
by less; the runs do not say which of these; there is nothing to compare. For figures that are no
times, `faster` means better and `slower` worse."""
INTERLEAVED, APART = "interleaved", "apart"
"""Whether the runs of both were done in rounds."""
_ANY_RATIO = Interval(0.0, 1.0, inf)
_MOST = 1000
"""Above so many values, neighbours are averaged: more would cost much and say no more."""
_FEWEST_TO_DOUBT = 6
"""Rounds from which it is no chance that one of two came first in all of them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When to call something a difference."""

    figure: str = "cpu"
    better: str = "lower"
    """`lower` or `higher`."""
    alpha: float = 0.05
    """At most this often may `faster` or `slower` be said where the true difference is no larger
    than `at_least`: of one comparison, or of any of those that are judged together."""
    at_least: float = 0.01
    """The smallest difference that matters, as a share. A difference of 1 % can come from where
    the code and the stack happen to lie, and says nothing of the program."""

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise UsageError(f"the rate of errors must lie between 0 and 1, not at {self.alpha:g}")
        if not 0 <= self.at_least < inf:
            raise UsageError(f"a difference that matters is no less than 0: {self.at_least:g}")
        if self.better not in ("lower", "higher"):
            raise UsageError(f"better is lower or higher, not {self.better!r}")

    @property
    def band(self) -> float:
        """Logarithms of ratios up to this, up or down, do not matter."""
        return log1p(self.at_least)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What can be said of two samples."""

    base: Sample
    other: Sample
    rule: Rule
    verdict: str
    why: str = ""
    """Of what is not distinguishable or not compared: what it lacks."""
    design: str = APART
    rounds: int = 0
    """Rounds that were compared; 0 unless they were interleaved."""
    ratio: Interval = _ANY_RATIO
    """The other's figure over that of the base: the estimate of Hodges and Lehmann."""
    confidence: float = 0.0
    """Of the interval: 1 - alpha, and more where several are judged together."""
    effect: float = 0.0
    """From -1 to 1: how surely a figure of the other is above one of the base. The rank-biserial
    correlation of rounds, or Cliff's delta."""
    p: float = 1.0
    """How probable it would be to see this, if the true difference did not matter."""
    adjusted: float = 1.0
    """The same, for several comparisons that are judged together (Holm)."""
    warnings: tuple[str, ...] = ()

    @property
    def claims(self) -> bool:
        """Whether it says that there is a difference."""
        return self.verdict in (FASTER, SLOWER)


def compare(base: Sample, other: Sample, rule: Rule) -> Comparison:
    """How *other* does against *base*. Raises EnvmgrError when scipy is not there."""
    return compare_all([(base, other)], rule)[0]


def compare_all(pairs: Sequence[tuple[Sample, Sample]], rule: Rule) -> list[Comparison]:
    """Each other against its base, judged together: `rule.alpha` holds for all of them at once."""
    trials = [_trial(base, other, rule) for base, other in pairs]
    real = [trial for trial in trials if trial.test is not None]
    judged = iter(holm([trial.result.p for trial in real], rule.alpha))
    return [
        _judged(trial.result, trial.test, *next(judged)) if trial.test else trial.result
        for trial in trials
    ]


def holm(probabilities: Sequence[float], alpha: float) -> list[tuple[float, float]]:
    """Each of *probabilities* adjusted for there being several, and the level it is held against.

    They are gone through from the smallest, each against a larger level than the one before; at
    the first that fails the level stays.
    """
    found: dict[int, tuple[float, float]] = {}
    adjusted, level = 0.0, 0.0
    for at in sorted(range(len(probabilities)), key=probabilities.__getitem__):
        left = len(probabilities) - len(found)
        if adjusted <= alpha:
            level = alpha / left
        adjusted = max(adjusted, min(1.0, probabilities[at] * left))
        found[at] = (adjusted, level)
    return [found[at] for at in range(len(probabilities))]


# -- one of them -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Trial:
    """A comparison before it is judged; without a test there is nothing to judge."""

    result: Comparison
    test: Shift | None = None


def _trial(base: Sample, other: Sample, rule: Rule) -> _Trial:
    why = _obstacle(base) or _obstacle(other)
    if why:
        return _Trial(Comparison(base, other, rule, NOT_COMPARED, why))
    found = blocks(base, other)
    if 2 * len(found) > min(len(base.runs), len(other.runs)):
        test: Shift = SignedRank(_averaged([_difference(block) for block in found]))
        design, rounds, doubts = INTERLEAVED, len(found), _doubts(base, other, found)
    else:
        test = RankSum(_averaged(_logs(base)), _averaged(_logs(other)))
        design, rounds, doubts = APART, 0, (_DRIFT,)
    result = Comparison(
        base, other, rule, UNCLEAR, design=design, rounds=rounds, effect=test.effect,
        p=_p_of_mattering(test, rule.band), warnings=(*doubts, *_oddities(base, other)),
    )  # fmt: skip
    return _Trial(result, test)


def _obstacle(sample: Sample) -> str:
    if not sample.runs:
        failed = f" ({sample.failed} failed)" if sample.failed else ""
        return f"{sample.name} has no result{failed}"
    if min(sample.values) <= 0:
        return f"{sample.name} has values that are not above 0, which have no ratio"
    return ""


def _difference(block: Block) -> float:
    return log(block.other.value / block.base.value)


def _logs(sample: Sample) -> list[float]:
    return [log(value) for value in sample.values]


def _averaged(values: Sequence[float]) -> Sequence[float]:
    """*values* as they are, or averages of so many neighbours that few enough are left."""
    step = ceil(len(values) / _MOST)
    groups = (values[at : at + step] for at in range(0, len(values), step))
    return [sum(group) / len(group) for group in groups]


def _p_of_mattering(test: Shift, band: float) -> float:
    """How probable this is at the shift closest to the estimate that does not matter."""
    middle = estimate(test)
    if abs(middle) <= band:
        return 1.0
    return test.p(band if middle > 0 else -band)


def _judged(result: Comparison, test: Shift, adjusted: float, level: float) -> Comparison:
    logs = shift_interval(test, level)
    ratio = Interval(exp(logs.low), exp(logs.middle), exp(logs.high))
    verdict = _verdict(logs, result.rule)
    why = _lacking(result, test.fewest(level), ratio) if verdict == UNCLEAR else ""
    return replace(
        result, verdict=verdict, why=why, ratio=ratio, adjusted=adjusted, confidence=1 - level
    )


def _verdict(logs: Interval, rule: Rule) -> str:
    less, more = (FASTER, SLOWER) if rule.better == "lower" else (SLOWER, FASTER)
    if logs.low > rule.band:
        return more
    if logs.high < -rule.band:
        return less
    return SAME if logs.low >= -rule.band and logs.high <= rule.band else UNCLEAR


def _lacking(result: Comparison, fewest: int, ratio: Interval) -> str:
    if ratio.is_bounded and ratio.low > 0:
        return f"the ratio may be anything from {ratio.low:.4f} to {ratio.high:.4f}"
    if result.design == INTERLEAVED:
        return f"{result.rounds} rounds say nothing; it takes {fewest} at least"
    return (
        f"{len(result.base.runs)} and {len(result.other.runs)} runs say nothing;"
        f" it takes {fewest} of each at least"
    )


# -- what to be warned of --------------------------------------------------------------------

_DRIFT = (
    "the runs were not interleaved: what changed on the machine meanwhile"
    " cannot be told from a difference"
)


def _doubts(base: Sample, other: Sample, found: Sequence[Block]) -> tuple[str, ...]:
    doubts = []
    alone = len(base.runs) + len(other.runs) - 2 * len(found)
    if alone:
        doubts.append(f"{alone} runs are in no round with the other and were left out")
    ahead = sum(block.base.started < block.other.started for block in found)
    if len(found) >= _FEWEST_TO_DOUBT and ahead in (0, len(found)):
        first = base if ahead else other
        doubts.append(
            f"{first.name} came first in every round: what that costs or gains"
            " cannot be told from a difference"
        )
    return tuple(doubts)


def _oddities(*samples: Sample) -> tuple[str, ...]:
    odd = []
    for sample in samples:
        if sample.failed:
            odd.append(f"{sample.name}: {sample.failed} measurements were no results")
        far = len(outliers(sample.values))
        if far:
            odd.append(f"{sample.name}: {far} of {len(sample.runs)} values lie far off the others")
        if len(sample.contexts) > 1:
            odd.append(
                f"{sample.name} was measured in {len(sample.contexts)} contexts:"
                " the machine, the lock, the sources or the build may differ"
            )
    return tuple(odd)
