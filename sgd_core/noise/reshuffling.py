"""Reshuffled epochs beside independent draws: SGD on L = mean of h (w - z_i)^2 / 2 over N examples, without momentum.

Every walker really shuffles N = 64 examples every epoch. With batches of 2 (32 steps an epoch) the exact variance is
1.5 to 5% above the small-step ratios, and is measured to about 1% in 100 ms. All walkers start at one point, START
standard deviations of an example away; what is measured is how far apart they drift.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sgd_core.errors import UserError
from sgd_core.noise.gradients import examples
from sgd_core.noise.statistics import Estimate, mean
from sgd_core.noise.theory import FloatArray

IMAGES = 64
BATCH_SIZE = 2
START = 1.0
EXAMPLES_DRAWN = 10_000_000
MOST_WALKERS = 8_000


@dataclass(frozen=True)
class EpochWalk:
    """Stationary variance across walkers, in weight^2."""

    profile: FloatArray
    """After each step of an epoch, (N/B,)."""
    over_epoch: Estimate
    """Averaged over the epoch's steps."""
    at_epoch_end: Estimate


def walk(
    learning_rate: float,
    curvature: float,
    variance: float,
    *,
    reshuffle: bool,
    images: int = IMAGES,
    batch_size: int = BATCH_SIZE,
    seed: int,
) -> EpochWalk:
    """Epochs of images/batch_size steps over one data set, reshuffled or with each example drawn anew."""
    if images % batch_size:
        raise UserError(f"batch_size is {batch_size}, but must divide images, {images}.")
    if not 0 < learning_rate * curvature < 2:
        product = learning_rate * curvature
        raise UserError(f"learning_rate times curvature is {product:g}, but must be above 0 and below 2.")
    rng = np.random.default_rng(seed)
    steps, kept = images // batch_size, 1 - learning_rate * curvature
    forgotten = -math.log(max(abs(kept), 1e-9)) * steps
    burn_in = math.ceil(4 / forgotten)
    epochs = burn_in + max(8, math.ceil(6 / forgotten))
    walkers = max(100, min(MOST_WALKERS, EXAMPLES_DRAWN // (images * epochs)))
    gradients = rng.standard_normal(images)
    gradients = (gradients - gradients.mean()) / gradients.std() * math.sqrt(variance)
    w = np.full(walkers, START * math.sqrt(variance) / curvature)
    sums = np.zeros((steps, walkers))
    average = np.full(batch_size, learning_rate / batch_size)
    for epoch in range(epochs):
        drawn = examples(rng, images, walkers, not reshuffle, images)
        noise = gradients.take(drawn).reshape(walkers, steps, batch_size) @ average
        moves = np.ascontiguousarray(noise.T)
        for step in range(steps):
            w *= kept
            w += moves[step]
            if epoch >= burn_in:
                sums[step] += (w - w.mean()) ** 2
    squares = sums * (walkers / (walkers - 1) / (epochs - burn_in))
    return EpochWalk(squares.mean(axis=1), mean(squares.mean(axis=0)), mean(squares[-1]))
