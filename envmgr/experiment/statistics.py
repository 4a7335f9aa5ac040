"""What repeated figures say: the median, how sure it is, and which values lie far off.

Nothing is assumed of how figures are distributed: times of programs have long tails and often
several peaks. Only the standard library is used, for this decides when the repetitions of
every run may stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf, isfinite

CONFIDENCE = 0.95
_FENCE = 3.0
"""Values further from the quartiles than this many times their distance are far off (Tukey)."""
_FEWEST_FOR_FENCES = 5


@dataclass(frozen=True, slots=True)
class Interval:
    """A range that holds the true value with some confidence, and the estimate inside it.

    `low` is -inf and `high` is inf where there are too few values to bound it.
    """

    low: float
    middle: float
    high: float

    @property
    def is_bounded(self) -> bool:
        """Whether there were enough values to say anything."""
        return isfinite(self.low) and isfinite(self.high)

    @property
    def relative(self) -> float:
        """Half its width as a share of the estimate; infinite when it is not bounded."""
        if not self.is_bounded:
            return inf
        half = (self.high - self.low) / 2
        if half == 0:
            return 0.0
        return half / abs(self.middle) if self.middle else inf


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures in short, all in their own unit."""

    count: int
    least: float
    lower: float
    """A quarter of the values are at most this."""
    median: Interval
    upper: float
    """A quarter of the values are at least this."""
    most: float
    outliers: tuple[int, ...]
    """Positions of values that lie far off."""


def median(values: Sequence[float]) -> float:
    """The middle of *values*, of which there is at least one."""
    return quantile(sorted(values), 0.5)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which a *share* of values lies that are in order; between two, in part."""
    position = share * (len(ordered) - 1)
    at = int(position)
    if at + 1 == len(ordered):
        return ordered[at]
    return ordered[at] + (ordered[at + 1] - ordered[at]) * (position - at)


def interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """The median of what *values* are drawn from, without assuming how they are distributed.

    Its ends are two of the values. How many values lie below the true median is a matter of
    throwing coins, so how sure the ends are is known exactly. Fewer than six values cannot
    bound it with a confidence of 95 %.
    """
    ordered = sorted(values)
    rank = median_rank(len(ordered), confidence)
    if rank == 0:
        return Interval(-inf, quantile(ordered, 0.5), inf)
    return Interval(ordered[rank - 1], quantile(ordered, 0.5), ordered[-rank])


@lru_cache(maxsize=1024)
def median_rank(count: int, confidence: float = CONFIDENCE) -> int:
    """From which of *count* values in order, up to which from their end, the median is bounded.

    0 when even the smallest and the greatest of them do not bound it with that *confidence*.
    """
    numerator, denominator = ((1 - confidence) / 2).as_integer_ratio()
    allowed = numerator << count  # of 2**count sequences of coins, all whole numbers
    ways, below, rank = 1, 0, 0
    while rank < count:
        below += ways  # sequences with at most `rank` values below the median
        if below * denominator > allowed:
            return rank
        ways = ways * (count - rank) // (rank + 1)
        rank += 1
    return rank


def outliers(values: Sequence[float]) -> tuple[int, ...]:
    """Positions of *values* that lie far off the others. They are told of, never left out.

    Far off is what lies more than three times the distance of the quartiles outside of these.
    Of fewer than five values nothing can be said.
    """
    if len(values) < _FEWEST_FOR_FENCES:
        return ()
    ordered = sorted(values)
    lower, upper = quantile(ordered, 0.25), quantile(ordered, 0.75)
    reach = _FENCE * (upper - lower)
    return tuple(
        at for at, value in enumerate(values) if not lower - reach <= value <= upper + reach
    )


def summary(values: Sequence[float], confidence: float = CONFIDENCE) -> Summary:
    """*values*, of which there is at least one, in short."""
    ordered = sorted(values)
    return Summary(
        count=len(ordered),
        least=ordered[0],
        lower=quantile(ordered, 0.25),
        median=interval(ordered, confidence),
        upper=quantile(ordered, 0.75),
        most=ordered[-1],
        outliers=outliers(values),
    )
