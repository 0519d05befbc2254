"""Paired differences over seeds: interval, equivalence, Holm's correction, and what they would have found.

The unit is a seed: both arms of a pair start from the same weights. All tests are one-sample t tests of the differences
against a bound. The 95% interval has a one-sided level of 2.5%, the 90% interval, which is two one-sided tests
(Schuirmann 1987), of 5%.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import nctdtr, stdtr, stdtrit

BEYOND, WITHIN = 0.025, 0.05
"""One-sided levels: of a 95% and of a 90% interval."""
POWER = 0.8


@dataclass(frozen=True)
class Paired:
    """The differences of n pairs, one a seed: their mean and standard deviation, NaN where there are too few."""

    n: int
    mean: float
    sd: float

    @classmethod
    def of(cls, differences: Sequence[float], resolution: float = 0.0) -> Paired:
        """From the differences; their spread is taken to be at least `resolution`, what rounding alone can hide."""
        n = len(differences)
        mean = statistics.fmean(differences) if n else math.nan
        return cls(n, mean, max(statistics.stdev(differences), resolution) if n > 1 else math.nan)

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
        return self._tail(self.mean - bound)

    def p_below(self, bound: float) -> float:
        """One-sided p-value against 'the true difference is at least `bound`'; 1 with fewer than two pairs."""
        return self._tail(bound - self.mean)

    def detectable(self, margin: float, level: float = BEYOND) -> float:
        """The smallest true difference that as many seeds put beyond the margin 8 times in 10; NaN if n < 2."""
        return margin + shift_found(self.n, level) * self.error if self.n > 1 else math.nan

    def _tail(self, away: float) -> float:
        if self.n < 2:
            return 1.0
        if self.error == 0:
            return 0.0 if away > 0 else 1.0
        return float(stdtr(self.n - 1, -away / self.error))


def shift_found(n: int, level: float = BEYOND) -> float:
    """By how many standard errors the truth must exceed a bound for a test to say so with POWER, n >= 2.

    From the noncentral t distribution, by bisection.
    """
    critical = float(stdtrit(n - 1, 1 - level))
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
