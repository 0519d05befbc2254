"""Walkers in a double well: plain SGD on a `Landscape` with Gaussian noise, every walker starting at the left bottom.

Two questions: which valley holds them after a while (`walk`), and how long it takes to leave the left one (`escape`).
Escape is counted with walkers that are put back at the start each time they cross: once they have spread within the
valley, crossings per step is one over the mean passage time whatever the walk's length, so that passages far longer
than the walk can be measured too. 1,500 walkers take 4,096 steps, 6 million walker-steps, in about 120 ms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sgd_core.errors import UserError
from sgd_core.noise.agreement import LARGEST_Z
from sgd_core.noise.landscape import Landscape, Noise
from sgd_core.noise.statistics import Estimate, mean
from sgd_core.noise.theory import FloatArray

STEPS = 4096
WALKERS = 1500
CLIP = 5.0
"""Walkers are clipped at this many widths; one that gets there has diverged, as the wall is 575 depths high there."""
_BLOCK = 1_000_000


@dataclass(frozen=True)
class ValleyWalk:
    """Where walkers went, for each batch size (K)."""

    right: FloatArray
    """Fraction of walkers right of the barrier after each step, (K, T+1); 0 at the start."""
    final: FloatArray
    """Last positions, (K, W)."""
    occupancy: list[Estimate]
    """Fraction of the time right of the barrier, over the second half of the steps, K of them."""
    settled: list[bool]
    """The third and the fourth quarter of the steps agree within LARGEST_Z standard errors, K of them."""
    diverged: FloatArray
    """Fraction of walkers that ended on the clip, (K,)."""


def walk(
    landscape: Landscape,
    learning_rate: float,
    batch_sizes: npt.ArrayLike,
    variance: float,
    noise: Noise = "constant",
    *,
    steps: int = STEPS,
    walkers: int = WALKERS,
    seed: int,
) -> ValleyWalk:
    """SGD from the left bottom for each batch size (K,), K * walkers * steps walker-steps."""
    motion = _Motion(landscape, learning_rate, batch_sizes, variance, noise, walkers, seed)
    w = motion.start()
    right = np.zeros((len(motion.scale), steps + 1))
    quarters = np.zeros((2, *w.shape))
    begin, middle = steps // 2, steps - steps // 4
    for step in range(1, steps + 1):
        motion.step(w)
        beyond = w > 0
        right[:, step] = np.count_nonzero(beyond, axis=1)
        if step > begin:
            quarters[int(step > middle)] += beyond
    third, fourth = quarters[0] / (middle - begin), quarters[1] / (steps - middle)
    over_time = (quarters[0] + quarters[1]) / (steps - begin)
    drifts = [mean(change) for change in fourth - third]
    return ValleyWalk(
        right / walkers, w, [_occupancy(row) for row in over_time],
        [abs(drift.value) <= LARGEST_Z * drift.standard_error for drift in drifts], np.mean(motion.clipped(w), axis=1),
    )  # fmt: skip


def escape(
    landscape: Landscape,
    learning_rate: float,
    batch_sizes: npt.ArrayLike,
    variance: float,
    noise: Noise = "constant",
    *,
    steps: int = STEPS,
    walkers: int = WALKERS,
    seed: int,
) -> list[Estimate]:
    """Mean steps from the left bottom to half way up the right valley (w = right width / 2), for each batch size (K,).

    Infinite, with an error that is not a number, where no walker crossed.
    """
    motion = _Motion(landscape, learning_rate, batch_sizes, variance, noise, walkers, seed)
    w, stop = motion.start(), landscape.right.width / 2
    crossings = np.zeros_like(w)
    # The way down the flatter valley counts too: with less, a walk of 2,048 steps finds escapes up to 2% too long.
    flattest = min(landscape.left.curvature, landscape.right.curvature)
    burn_in = min(steps // 2, math.ceil(8 / (learning_rate * flattest)))
    for step in range(steps):
        motion.step(w)
        crossed = w >= stop
        np.copyto(w, -landscape.left.width, where=crossed)
        if step >= burn_in:
            crossings += crossed
    rates = [mean(row) for row in crossings / (steps - burn_in)]
    return [
        Estimate(1 / rate.value, rate.standard_error / rate.value**2) if rate.value else Estimate(math.inf, math.nan)
        for rate in rates
    ]


def _occupancy(shares: FloatArray) -> Estimate:
    """Mean of the walkers' shares; its error counts one unseen walker on each side, for when hardly any crossed."""
    spread = np.append(shares, [0.0, 1.0]).std(ddof=1)
    return Estimate(float(shares.mean()), float(spread / np.sqrt(len(shares))))


class _Motion:
    """One SGD step of all walkers (K, W) in place; draws its noise in blocks."""

    def __init__(
        self,
        landscape: Landscape,
        learning_rate: float,
        batch_sizes: npt.ArrayLike,
        variance: float,
        noise: Noise,
        walkers: int,
        seed: int,
    ) -> None:
        sizes = np.atleast_1d(np.asarray(batch_sizes, dtype=float))
        if not learning_rate > 0 or not np.all(sizes > 0):
            raise UserError(
                f"learning_rate is {learning_rate} and batch_size {sizes.tolist()}, but both must be above 0."
            )
        self.scale = learning_rate * np.sqrt(variance / sizes)[:, np.newaxis]
        self.shape = (len(sizes), walkers)
        self.left = landscape.left.width
        self.low, self.high = -CLIP * landscape.left.width, CLIP * landscape.right.width
        sides = [landscape.left, landscape.right]
        self.linear = [1 + 4 * learning_rate * side.depth / side.width**2 for side in sides]
        self.cubic = [4 * learning_rate * side.depth / side.width**4 for side in sides]
        self.factors = None if noise == "constant" else [math.sqrt(f) for f in landscape.noise_factors(noise)]
        self.rng = np.random.default_rng(seed)
        self.block = np.empty((max(1, _BLOCK // (len(sizes) * walkers)), *self.shape))
        self.used = len(self.block)

    def start(self) -> FloatArray:
        return np.full(self.shape, -self.left)

    def step(self, w: FloatArray) -> None:
        if self.used == len(self.block):
            self.rng.standard_normal(out=self.block)
            self.block *= self.scale
            self.used = 0
        noise = self.block[self.used]
        self.used += 1
        left = w < 0
        growth = w * w
        growth *= np.where(left, -self.cubic[0], -self.cubic[1])
        growth += np.where(left, self.linear[0], self.linear[1])
        w *= growth
        w += noise if self.factors is None else noise * np.where(left, *self.factors)
        np.clip(w, self.low, self.high, out=w)

    def clipped(self, w: FloatArray) -> npt.NDArray[np.bool_]:
        return (w <= self.low) | (w >= self.high)
