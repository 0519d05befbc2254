"""Paired differences over seeds: interval, equivalence, Holm's correction, and what they would have found.

The unit is a seed: both arms of a pair start from the same weights. All tests are one-sample t tests of the differences
against a margin. A difference is *beyond* the margin where the 95% interval lies beyond it (one-sided level 2.5%), and
*within* or *below* where the 90% interval does: that is two one-sided tests at 5% (Schuirmann 1987).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from scipy.special import nctdtr, stdtr, stdtrit

BEYOND, WITHIN = 0.025, 0.05
"""One-sided levels: of a 95% and of a 90% interval."""
POWER = 0.8
MOST_SEEDS = 200
"""Further than this nobody plans."""


@dataclass(frozen=True)
class Paired:
    """Differences of pairs, one a seed, and the margin up to which a difference does not matter."""

    differences: tuple[float, ...]
    margin: float

    @property
    def n(self) -> int:
        return len(self.differences)

    @cached_property
    def mean(self) -> float:
        """Their mean; NaN where there is none."""
        return statistics.fmean(self.differences) if self.differences else math.nan

    @cached_property
    def sd(self) -> float:
        """Their standard deviation; NaN with fewer than two."""
        return statistics.stdev(self.differences) if self.n > 1 else math.nan

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        return self.sd / math.sqrt(self.n) if self.n > 1 else math.nan

    def interval(self, level: float = BEYOND) -> tuple[float, float]:
        """The interval that leaves out this much on each side (Student's t); NaN with fewer than two pairs."""
        if self.n < 2:
            return math.nan, math.nan
        half = float(stdtrit(self.n - 1, 1 - level)) * self.error
        return self.mean - half, self.mean + half

    def p_above(self, bound: float) -> float:
        """One-sided p-value against 'the true difference is at most `bound`'; 1 with fewer than two pairs."""
        return self._tail(bound, 1)

    def p_below(self, bound: float) -> float:
        """One-sided p-value against 'the true difference is at least `bound`'; 1 with fewer than two pairs."""
        return self._tail(bound, -1)

    def detectable(self) -> float:
        """The smallest true difference that as many seeds put beyond the margin 8 times in 10; NaN if n < 2."""
        return self.margin + shift_found(self.n) * self.error if self.n > 1 else math.nan

    def _tail(self, bound: float, side: int) -> float:
        if self.n < 2:
            return 1.0
        away = side * (self.mean - bound)
        if self.error == 0:
            return 0.0 if away > 0 else 1.0
        return float(stdtr(self.n - 1, -away / self.error))


def shift_found(n: int) -> float:
    """By how many standard errors the truth must exceed a bound for a test at BEYOND to say so with POWER, n >= 2.

    From the noncentral t distribution, by bisection.
    """
    critical = float(stdtrit(n - 1, 1 - BEYOND))
    low, high = 0.0, 10 * critical
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if 1 - nctdtr(n - 1, middle, critical) < POWER else (low, middle)
    return high


def holm(ratios: Sequence[float]) -> list[bool]:
    """Which of these tests hold together by Holm's step-down; each is given as its p-value over its level."""
    order = sorted(range(len(ratios)), key=ratios.__getitem__)
    held = [False] * len(ratios)
    for step, index in enumerate(order):
        if ratios[index] > 1 / (len(ratios) - step):
            break
        held[index] = True
    return held


def seeds_that_would_tell(paired: Paired) -> int | None:
    """How many seeds would set the mean apart from the nearer end of the margin, if mean and spread stay as they are.

    None with fewer than two pairs, and beyond MOST_SEEDS.
    """
    if paired.n < 2:
        return None
    away = min(abs(paired.mean - paired.margin), abs(paired.mean + paired.margin))
    for n in range(paired.n + 1, MOST_SEEDS + 1):
        if away > float(stdtrit(n - 1, 1 - BEYOND)) * paired.sd / math.sqrt(n):
            return n
    return None
