"""Monte Carlo estimates: a value with its standard error, from samples that do not depend on each other.

Autocorrelation is dealt with at the source: steps of one walker depend on each other, walkers do not, so every
simulation first averages over time within a walker and only then takes the spread over walkers. No autocorrelation time
has to be estimated. On a bowl with mu h = 0.1 the error that takes every step as independent is 3 times too small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sgd_core.noise.theory import FloatArray


@dataclass(frozen=True)
class Estimate:
    """A measured value and its standard error, in one unit."""

    value: float
    standard_error: float


def mean(samples: FloatArray) -> Estimate:
    """The mean of independent samples (W,), W >= 2."""
    return Estimate(float(samples.mean()), float(samples.std(ddof=1) / np.sqrt(len(samples))))


def ratio_of_means(numerators: FloatArray, denominators: FloatArray) -> Estimate:
    """mean(numerators) / mean(denominators) of independent pairs (W,); the error is the delta method's."""
    bottom = float(denominators.mean())
    value = float(numerators.mean()) / bottom
    residuals = (numerators - value * denominators) / bottom
    return Estimate(value, mean(residuals).standard_error)
