"""Learning rate mu_k, batch size B_k, updates and training time T of every epoch k = 0, 1, ... of a run.

All formulas are the paper's (section II). Its time-based decay is a recursion that compounds; Keras's mu_0/(1+kd) is a
different schedule. Training time T is the sum of mu over updates: the time of the gradient flow that SGD discretises.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate

from sgd_core.errors import UserError
from sgd_core.experiment.spec import RunSpec

LARGEST_BATCH = 2**31
"""Where a growing batch stops growing; far beyond any image set, it only keeps extreme settings finite."""


@dataclass(frozen=True)
class Epoch:
    """One epoch of a plan; `updates` and `training_time` are totals after this epoch."""

    epoch: int
    learning_rate: float
    batch_size: int
    updates: int
    training_time: float


def learning_rates(spec: RunSpec) -> list[float]:
    """mu_k for k = 0 .. epochs-1."""
    mu_0, epochs = spec.learning_rate, range(spec.epochs)
    if spec.schedule == "constant":
        return [mu_0 for _ in epochs]
    if spec.schedule == "step":
        return [mu_0 * spec.step_decay ** (k // spec.decay_every) for k in epochs]
    if spec.schedule == "exponential":
        return [mu_0 * math.exp(-spec.decay_rate * k) for k in epochs]
    d = mu_0 / spec.epochs
    return list(accumulate(range(spec.epochs - 1), lambda mu, k: mu / (1 + k * d), initial=mu_0))


def batch_sizes(spec: RunSpec, images: int) -> list[int]:
    """Effective batch size min(int(B_0 s_B^g(k)), images) for k = 0 .. epochs-1."""
    return [min(_grown(spec, k // spec.decay_every), images) for k in range(spec.epochs)]


def steps_per_epoch(batch_size: int, images: int) -> int:
    """Updates in one pass over `images`, the last partial batch kept."""
    return math.ceil(images / batch_size)


def plan(spec: RunSpec, images: int) -> list[Epoch]:
    """Every epoch of the run on `images` training images."""
    if images < 1:
        raise UserError(f"images is {images}, but must be a whole number of at least 1.")
    rates, batches = learning_rates(spec), batch_sizes(spec, images)
    steps = [steps_per_epoch(batch, images) for batch in batches]
    updates = list(accumulate(steps))
    times = list(accumulate(rate * n for rate, n in zip(rates, steps, strict=True)))
    return [Epoch(k, rates[k], batches[k], updates[k], times[k]) for k in range(spec.epochs)]


def _grown(spec: RunSpec, steps: int) -> int:
    if steps * math.log2(spec.batch_growth) + math.log2(spec.batch_size) >= math.log2(LARGEST_BATCH):
        return LARGEST_BATCH
    return int(spec.batch_size * spec.batch_growth**steps)
