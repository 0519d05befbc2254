"""Agreement: how far a measurement is from its formula, and whether chance alone explains that.

Three standard errors decide: a true formula is called off once in 370 badges. `resolution` says what such a badge can
see at all: a formula off by 3 standard errors is caught only half the time, one off by 4.64 in 95 of 100. The sample
sizes of the pages' usual settings are chosen so that it is about 5% or less.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sgd_core.noise.statistics import Estimate

LARGEST_Z = 3.0
"""Differences up to this many standard errors are compatible with Monte Carlo error."""
CAUGHT_Z = 1.645
"""So many standard errors beyond LARGEST_Z a difference is caught with 95% (one-sided, normal)."""


@dataclass(frozen=True)
class Agreement:
    """A measured value beside the value that a formula predicts; all three in one unit."""

    measured: float
    standard_error: float
    predicted: float

    @classmethod
    def of(cls, estimate: Estimate, predicted: float) -> Agreement:
        return cls(estimate.value, estimate.standard_error, float(predicted))

    @property
    def relative_difference(self) -> float:
        """measured / predicted - 1; nan where that has no meaning."""
        if self.predicted == 0 or not math.isfinite(self.predicted):
            return 0.0 if self.measured == self.predicted else math.nan
        return self.measured / self.predicted - 1

    @property
    def z(self) -> float:
        """The difference in standard errors; 0 where the two are equal up to rounding, infinite without an error."""
        if math.isclose(self.measured, self.predicted, rel_tol=1e-9, abs_tol=1e-20):
            return 0.0
        if self.standard_error == 0 or not math.isfinite(self.predicted):
            return math.copysign(math.inf, self.measured - self.predicted)
        return (self.measured - self.predicted) / self.standard_error

    @property
    def within_error(self) -> bool:
        """True where the difference is at most LARGEST_Z standard errors."""
        return abs(self.z) <= LARGEST_Z

    @property
    def resolution(self) -> float:
        """The smallest relative difference that would be seen with 95%; nan for a prediction of 0.

        LARGEST_Z + CAUGHT_Z standard errors over the predicted value.
        """
        return (LARGEST_Z + CAUGHT_Z) * self.standard_error / abs(self.predicted) if self.predicted else math.nan
