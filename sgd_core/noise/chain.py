"""The exact law of SGD on one weight with Gaussian noise, step by step: a Markov chain, solved on a quadrature grid.

No small-step limit, no sampling: it says what `valleys` must measure at the given step size, before the walkers have
settled as well as after, and so how much of a difference from `theory` is due to the size of the steps. At mu h = 0.28
in the sharp valley the occupancy of a valley twice as wide is 0.679, not the 2/3 of small steps. Two times 80 points,
enough for the pages' usual settings, take 5 ms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sgd_core.noise import theory
from sgd_core.noise.landscape import Landscape, Noise
from sgd_core.noise.theory import FloatArray

POINTS_PER_SD = 1.7
"""Gauss-Legendre points for every standard deviation of a step's noise: the widest gap between n points is pi/2 of the
average one, and a rule with gaps below one standard deviation is exact to about 1e-8."""
MOST_POINTS = 240
"""Points on one side of the barrier (15 ms). Steps that would need more, less than 1/150 of a side long,
get no answer (nan); the limit of small steps is good there."""


@dataclass(frozen=True)
class OccupancyLaw:
    """Probability of being right of the barrier for a walker that starts at the left bottom; all arrays (K+1,)."""

    steps: npt.NDArray[np.int64]
    """1, 2, 4, ... 2^K."""
    at_step: FloatArray
    """After exactly that many steps."""
    second_half: FloatArray
    """Averaged over the second half of that many steps, as `valleys.walk` measures the occupancy."""


def occupancy(
    landscape: Landscape,
    learning_rate: float,
    batch_size: float,
    variance: float,
    noise: Noise = "constant",
    *,
    doublings: int,
) -> OccupancyLaw:
    """The law after up to 2^doublings steps, by squaring the matrix of transitions; nan beyond MOST_POINTS."""
    grid = _points(landscape, learning_rate, batch_size, variance, noise, None)
    if grid is None:
        return OccupancyLaw(2 ** np.arange(doublings + 1), *np.full((2, doublings + 1), np.nan))
    weights, lengths, sd = grid
    drift = weights - learning_rate * landscape.slope(weights)
    transitions = _gaussian(weights, drift, sd) * lengths[:, np.newaxis]
    transitions /= transitions.sum(axis=0)
    law = _gaussian(weights, np.array([-landscape.left.width]), sd[:1])[:, 0] * lengths
    law /= law.sum()
    right = weights > 0
    summed, at_step, second_half = law, [law[right].sum()], [law[right].sum()]
    for doubling in range(doublings):
        law = transitions @ law
        later = transitions @ summed
        summed = summed + later
        at_step.append(law[right].sum())
        second_half.append(later[right].sum() / 2**doubling)
        transitions = transitions @ transitions
    return OccupancyLaw(2 ** np.arange(doublings + 1), np.array(at_step), np.array(second_half))


def escape(
    landscape: Landscape, learning_rate: float, batch_size: float, variance: float, noise: Noise = "constant"
) -> float:
    """Mean steps from the left bottom to w >= right width / 2, as `valleys.escape` counts; nan beyond MOST_POINTS."""
    stop = landscape.right.width / 2
    grid = _points(landscape, learning_rate, batch_size, variance, noise, stop)
    if grid is None:
        return math.nan
    weights, lengths, sd = grid
    drift = weights - learning_rate * landscape.slope(weights)
    stay = _gaussian(weights, drift, sd) * lengths[:, np.newaxis]
    remaining = np.linalg.solve(np.eye(len(weights)) - stay.T, np.ones(len(weights)))
    first = _gaussian(weights, np.array([-landscape.left.width]), sd[:1])[:, 0] * lengths
    return float(1 + first @ remaining)


def _points(
    landscape: Landscape, learning_rate: float, batch_size: float, variance: float, noise: Noise, stop: float | None
) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """Quadrature points, their weights, and the step noise's standard deviation at each, all (P,); None: too many."""
    heat = float(theory.temperature(learning_rate, batch_size, variance))
    low, high = landscape.reach(heat, noise)
    weights, lengths, spreads = [], [], []
    for (begin, end), factor in zip([(low, 0.0), (0.0, stop or high)], landscape.noise_factors(noise), strict=True):
        sd = math.sqrt(2 * learning_rate * heat * factor)
        points = 20 * math.ceil(POINTS_PER_SD * (end - begin) / sd / 20 + 1)
        if points > MOST_POINTS:
            return None
        nodes, sizes = _legendre(points)
        weights.append(begin + (nodes + 1) / 2 * (end - begin))
        lengths.append(sizes / 2 * (end - begin))
        spreads.append(np.full(points, sd))
    return np.concatenate(weights), np.concatenate(lengths), np.concatenate(spreads)


def _gaussian(to: FloatArray, centre: FloatArray, sd: FloatArray) -> FloatArray:
    density: FloatArray = np.exp(-0.5 * ((to[:, np.newaxis] - centre) / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
    return density


@lru_cache
def _legendre(points: int) -> tuple[FloatArray, FloatArray]:
    return np.polynomial.legendre.leggauss(points)
