"""Walkers on a bowl: SGD with heavy-ball momentum on L = h w^2 / 2, all from one point far from the bottom.

All walkers start at rest at START, which is forgotten at the rate `theory.contraction`; the burn-in is planned from
that rate and then checked on the samples (`settled`). Noise is Gaussian with variance sigma^2/B, which is what the mean
of B examples with Gaussian gradients is. 5 million walker-steps (about 90 ms) are shared out between walkers and steps:
at mu h = 0.1 that is 20,000 walkers and a standard error of about 0.4%.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sgd_core.errors import UserError
from sgd_core.noise import theory
from sgd_core.noise.agreement import LARGEST_Z
from sgd_core.noise.statistics import Estimate, mean
from sgd_core.noise.theory import FloatArray

START = 3.0
WALKER_STEPS = 5_000_000
FEWEST_WALKERS, MOST_WALKERS = 500, 20_000
SHORTEST_BURN_IN = 20
PATHS = 50
"""Walkers whose whole path is kept for drawing."""
CLIP = 1e4
"""A mean square above CLIP^2 is a divergence: the walk ends there and positions are clipped to +-CLIP. The most noise
that a stable setting of the pages has is a standard deviation of about 100."""
_BLOCK = 1_000_000


@dataclass(frozen=True)
class Sizes:
    """How long to walk and with how many walkers; `long_enough` is False where the budget cut the burn-in short."""

    walkers: int
    burn_in: int
    steps: int
    long_enough: bool


@dataclass(frozen=True)
class BowlWalk:
    """What the walkers did. Traces have one value a step, the start included; they end early at a divergence."""

    mean: FloatArray
    """Mean over walkers, (T+1,)."""
    variance: FloatArray
    """Variance across walkers, (T+1,): 0 at the common start."""
    paths: FloatArray
    """(T+1, PATHS) single walkers."""
    final: FloatArray
    """(W,) where they are at the end, within +-CLIP."""
    stationary: Estimate
    """Mean squared distance from the bottom after the burn-in: each walker's average over time, then over walkers.
    Infinite after a divergence."""
    settled: bool
    """The first and the second half after the burn-in agree within LARGEST_Z standard errors."""
    diverged_at: int | None
    """The step at which the walk left +-CLIP."""


def sizes(learning_rate: float, batch_size: float, curvature: float, variance: float, momentum: float = 0.0) -> Sizes:
    """Walkers, burn-in and steps within WALKER_STEPS; the burn-in lets START shrink to 1% of the predicted spread."""
    rate = float(theory.contraction(learning_rate, curvature, momentum))
    longest = WALKER_STEPS // FEWEST_WALKERS // 2
    wanted = math.inf
    if rate < 1:
        spread = math.sqrt(theory.stationary_variance(learning_rate, batch_size, curvature, variance, momentum))
        wanted = math.log(min(0.5, 0.01 * spread / START)) / math.log(max(rate, 1e-9))
    burn_in = max(SHORTEST_BURN_IN, math.ceil(min(wanted, longest)))
    steps = 2 * burn_in
    return Sizes(max(FEWEST_WALKERS, min(MOST_WALKERS, WALKER_STEPS // steps)), burn_in, steps, wanted <= longest)


def walk(
    learning_rate: float,
    batch_size: float,
    curvature: float,
    variance: float,
    momentum: float = 0.0,
    *,
    curvature_sd: float = 0.0,
    size: Sizes | None = None,
    start: float = START,
    seed: int,
) -> BowlWalk:
    """SGD from `start` with v = m v + h w + xi, w = w - mu v, Var(xi) = sigma^2/B; `size` defaults to `sizes(...)`.

    With `curvature_sd` s_h each batch has its own h, of variance s_h^2/B: examples that differ in curvature.
    """
    for name, value in (("learning_rate", learning_rate), ("batch_size", batch_size)):
        if not value > 0:
            raise UserError(f"{name} is {value}, but must be above 0.")
    size = size or sizes(learning_rate, batch_size, curvature, variance, momentum)
    rng = np.random.default_rng(seed)
    walkers, block = size.walkers, max(1, _BLOCK // size.walkers)
    w, v = np.full(walkers, start), np.zeros(walkers)
    means, variances = np.full(size.steps + 1, start), np.zeros(size.steps + 1)
    paths = np.full((size.steps + 1, min(PATHS, walkers)), start)
    halves = np.zeros((2, walkers))
    middle = size.burn_in + (size.steps - size.burn_in) // 2
    for step in range(1, size.steps + 1):
        at = (step - 1) % block
        if at == 0:
            noise = rng.standard_normal((min(block, size.steps + 1 - step), walkers))
            noise *= math.sqrt(variance / batch_size)
        v *= momentum
        v += _curvature(rng, curvature, curvature_sd / math.sqrt(batch_size), walkers) * w
        v += noise[at]
        w -= learning_rate * v
        squares = w * w
        means[step] = w.mean()
        variances[step] = (mean_square := squares.mean()) - means[step] ** 2
        paths[step] = w[:PATHS]
        if mean_square > CLIP**2:
            return _diverged(step, means, variances, paths, w)
        if step > size.burn_in:
            halves[int(step > middle)] += squares
    first, second = halves[0] / (middle - size.burn_in), halves[1] / (size.steps - middle)
    drift = mean(second - first)
    return BowlWalk(
        means, variances, paths, w, mean((halves[0] + halves[1]) / (size.steps - size.burn_in)),
        abs(drift.value) <= LARGEST_Z * drift.standard_error, None,
    )  # fmt: skip


def _curvature(rng: np.random.Generator, mean: float, sd: float, walkers: int) -> FloatArray | float:
    return mean + sd * rng.standard_normal(walkers) if sd else mean


def _diverged(step: int, means: FloatArray, variances: FloatArray, paths: FloatArray, w: FloatArray) -> BowlWalk:
    end = step + 1
    means, paths, final = (values.clip(-CLIP, CLIP) for values in (means[:end], paths[:end], w))
    never = Estimate(math.inf, math.nan)
    return BowlWalk(means, variances[:end].clip(0, CLIP**2), paths, final, never, False, step)
