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

POINTS_PER_SD = 1.2
"""Gauss-Legendre points for every standard deviation of a step's noise: an occupancy is then exact to 1e-10, an escape
of 10^6 steps to 1e-6."""
MOST_POINTS = 240
"""Points on one side of the barrier (15 ms). Steps that would need more get no answer (nan); the limit of small steps
is good there."""
SQUARINGS = 5
"""The matrix is squared this often, then applied: 5 squarings and 62 products with two vectors for 2,048 steps cost
half of 11 squarings."""
LONGEST_ESCAPE = 1e8
"""Longer escapes get no answer (nan): at 10^8 steps the points are good to 0.1%, at 10^9 rounding can turn the sign."""
ONE_THREAD = 2**19
"""Multiplications in a product that OpenBLAS keeps to one thread. With a second one, which spins while it waits, the
valleys page took 240 ms of CPU and 130 ms of time."""


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
    """The law after up to 2^doublings steps, by powers of the matrix of transitions; nan beyond MOST_POINTS."""
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
    at_step, second_half, times = [law[right].sum()], [law[right].sum()], 1
    pair = np.stack([law, law], axis=1)  # the law now, and the sum of the laws so far
    for doubling in range(doublings):
        moved = pair
        for _ in range(times):
            moved = transitions @ moved
        at_step.append(moved[right, 0].sum())
        second_half.append(moved[right, 1].sum() / 2**doubling)
        pair = np.stack([moved[:, 0], pair[:, 1] + moved[:, 1]], axis=1)
        if doubling < SQUARINGS:
            transitions = _square(transitions)
        else:
            times *= 2
    return OccupancyLaw(2 ** np.arange(doublings + 1), np.array(at_step), np.array(second_half))


def escape(
    landscape: Landscape, learning_rate: float, batch_size: float, variance: float, noise: Noise = "constant"
) -> float:
    """Mean steps from the left bottom to w >= right width / 2, as `valleys.escape` counts; nan beyond MOST_POINTS or
    LONGEST_ESCAPE."""
    stop = landscape.right.width / 2
    grid = _points(landscape, learning_rate, batch_size, variance, noise, stop)
    if grid is None:
        return math.nan
    weights, lengths, sd = grid
    drift = weights - learning_rate * landscape.slope(weights)
    stay = _gaussian(weights, drift, sd) * lengths[:, np.newaxis]
    first = _gaussian(weights, np.array([-landscape.left.width]), sd[:1])[:, 0] * lengths
    remaining, ahead = np.ones(len(weights)), stay.T
    while remaining.max() < LONGEST_ESCAPE:  # the steps within the first 1, 2, 4, ...
        more = ahead @ remaining
        remaining += more
        if more.max() < 1e-9 * remaining.max():
            return float(1 + first @ remaining)
        ahead = _square(ahead)
    return math.nan


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


def _square(matrix: FloatArray) -> FloatArray:
    rows = max(1, ONE_THREAD // matrix.size)
    return np.concatenate([matrix[k : k + rows] @ matrix for k in range(0, len(matrix), rows)])


def _gaussian(to: FloatArray, centre: FloatArray, sd: FloatArray) -> FloatArray:
    density: FloatArray = np.exp(-0.5 * ((to[:, np.newaxis] - centre) / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
    return density


@lru_cache
def _legendre(points: int) -> tuple[FloatArray, FloatArray]:
    return np.polynomial.legendre.leggauss(points)
