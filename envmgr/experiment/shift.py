"""Tests of a shift: by how much the logarithms of one sample lie above those of another.

Both know the probability of what was seen, or of something that says more, if a given shift
were the true one. The shifts that are not too improbable make the confidence interval, so a
test and its interval never contradict each other.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil, comb, inf, isnan, log2
from typing import TYPE_CHECKING, Any

from envmgr.experiment.extra import library
from envmgr.experiment.statistics import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    class Shift(Protocol):
        """What both tests know."""

        @property
        def effect(self) -> float:
            """How much of one lies above the other, from -1 (nothing) to 1 (everything)."""

        @property
        def candidates(self) -> Sequence[float]:
            """In order, the shifts at which `p` jumps; their median is the estimate."""

        def p(self, shift: float) -> float:
            """How probable it is to see this, or something that says more, given *shift*."""

        def fewest(self, level: float) -> int:
            """How many values of each it takes at least that `p` can be as small as *level*."""


_EXACT_PAIRS = 50
_EXACT_VALUES = 20
"""Up to so many values distributions are counted out; above, they are normal to three digits."""


@dataclass(frozen=True)
class SignedRank:
    """Wilcoxon's test of *differences*, one from each round.

    All it needs is that, without a shift, a round might as well have come out the other way
    round; the order of chance in each round sees to that.
    """

    differences: Sequence[float]

    @property
    def effect(self) -> float:
        """The rank-biserial correlation of matched pairs."""
        numpy, stats = library("numpy"), library("scipy.stats")
        differences = numpy.asarray(self.differences)
        ranks = stats.rankdata(numpy.abs(differences))
        return float(numpy.sum(numpy.sign(differences) * ranks) / numpy.sum(ranks))

    @cached_property
    def candidates(self) -> Sequence[float]:
        """The averages of any two differences, of each with itself also (Walsh)."""
        numpy = library("numpy")
        one, two = numpy.triu_indices(len(self.differences))
        differences = numpy.asarray(self.differences)
        averages: Sequence[float] = numpy.sort((differences[one] + differences[two]) / 2)
        return averages

    def p(self, shift: float) -> float:
        """Two-sided. A difference that is the shift itself says nothing, and does not count."""
        numpy, stats = library("numpy"), library("scipy.stats")
        shifted = numpy.asarray(self.differences) - shift
        shifted = shifted[shifted != 0]
        if not len(shifted):
            return 1.0
        if len(shifted) > _EXACT_PAIRS:
            return float(stats.wilcoxon(shifted, correction=True).pvalue)
        halves = (2 * stats.rankdata(numpy.abs(shifted))).astype(int)
        chances = _rank_sums(tuple(sorted(halves.tolist())))
        above = int(halves[shifted > 0].sum())
        return min(1.0, 2 * float(min(chances[: above + 1].sum(), chances[above:].sum())))

    def fewest(self, level: float) -> int:
        """Of n rounds that all say the same, both ends together have 2 of 2**n chances."""
        return ceil(1 - log2(level))


@lru_cache(maxsize=256)
def _rank_sums(ranks: tuple[int, ...]) -> Any:
    """How probable each sum of some of *ranks* is, if a coin is thrown for each of them.

    Counted out, because scipy does that only for ranks without ties, or for very few.
    """
    numpy = library("numpy")
    chances = numpy.zeros(sum(ranks) + 1)
    chances[0] = 1.0
    for rank in ranks:
        taken = numpy.roll(chances, rank)  # what rolls over the end is 0
        chances = (chances + taken) / 2
    return chances


@dataclass(frozen=True)
class RankSum:
    """The test of Mann and Whitney, of values that were not taken in turn."""

    base: Sequence[float]
    other: Sequence[float]

    @property
    def effect(self) -> float:
        """Cliff's delta."""
        above = self._test(0.0).statistic
        return float(2 * above / (len(self.base) * len(self.other)) - 1)

    @cached_property
    def candidates(self) -> Sequence[float]:
        """The differences of any two values."""
        numpy = library("numpy")
        differences: Sequence[float] = numpy.sort(
            numpy.subtract.outer(numpy.asarray(self.other), numpy.asarray(self.base)).ravel()
        )
        return differences

    def p(self, shift: float) -> float:
        """Two-sided."""
        p = float(self._test(shift).pvalue)
        return 1.0 if isnan(p) else p  # all values are one

    def fewest(self, level: float) -> int:
        """Of all ways to share 2n values out, both ends together are 2."""
        count = 1
        while 2 / comb(2 * count, count) > level:
            count += 1
        return count

    def _test(self, shift: float) -> Any:
        other = library("numpy").asarray(self.other) - shift
        few = max(len(self.base), len(self.other)) <= _EXACT_VALUES
        method = "exact" if few else "asymptotic"
        return library("scipy.stats").mannwhitneyu(other, self.base, method=method)


def estimate(test: Shift) -> float:
    """The shift that what was seen speaks for most (Hodges and Lehmann)."""
    candidates = test.candidates
    last = len(candidates) - 1
    return float(candidates[last // 2] + candidates[(last + 1) // 2]) / 2


def shift_interval(test: Shift, level: float) -> Interval:
    """The shifts whose probability is above *level*, about the estimate.

    `p` does not change between two neighbours of the candidates and falls to both sides of the
    estimate, so the first gaps between them that it does not rule out are found by halving.
    """
    middle = estimate(test)
    ends: Sequence[float] = library("numpy").unique(test.candidates).tolist()
    at = bisect_left(ends, middle)
    low = _first_held(test, ends, range(at + 1), level)
    high = _first_held(test, ends, range(len(ends), at - 1, -1), level)
    beyond = [-inf, *ends, inf]  # the gap at n lies between n and n + 1
    return Interval(
        middle if low is None else beyond[low],
        middle,
        middle if high is None else beyond[high + 1],
    )


def _first_held(test: Shift, ends: Sequence[float], gaps: range, level: float) -> int | None:
    """The first of *gaps* between *ends* that holds shifts that are not too improbable."""

    def is_held(gap: int) -> bool:
        below = ends[gap - 1] if gap else ends[0] - 2
        above = ends[gap] if gap < len(ends) else ends[-1] + 2
        return test.p((below + above) / 2) > level

    at = bisect_left(gaps, True, key=is_held)
    return gaps[at] if at < len(gaps) else None
