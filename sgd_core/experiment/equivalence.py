"""Equivalence: other schedules that have the same noise mu_k/B_k as a given one, and where they stop having it.

Noise here is the intended one, mu_k / min(B_0 s_B^g(k), N), before B_k is cut to whole images: cutting moves it by up
to 1/B_k, which is 2% at B = 42 and would hide that two schedules are meant to agree. At equal mu_k/B_k the training
time of an epoch, about mu_k N / B_k, is equal too, so runs that agree here cannot tell noise from training time.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from itertools import groupby

from sgd_core.errors import UserError
from sgd_core.experiment.schedules import SCHEDULES, learning_rates, time_based
from sgd_core.experiment.spec import RunSpec

SAME = 1e-9
"""Relative difference up to which two numbers that were computed differently are the same."""


def keras_time_decay(spec: RunSpec) -> list[float]:
    """mu_0 / (1 + k d), d = mu_0 / epochs, for k = 0 .. epochs-1: Keras's InverseTimeDecay with one step an epoch.

    The paper's time-based decay divides by 1 + k d once more in every epoch: lower from k = 3 on.
    """
    d = spec.learning_rate / spec.epochs
    return [spec.learning_rate / (1 + k * d) for k in range(spec.epochs)]


def paper_time_decay(spec: RunSpec) -> list[float]:
    """The paper's time-based decay of this mu_0 over these epochs, without warm-up: what stands beside Keras's."""
    return time_based(spec, spec.epochs)


def with_batch_growth(spec: RunSpec, batch_growth: float) -> RunSpec:
    """The run with this s_B whose step decay keeps mu_k/B_k: s' = (s / s_B) s_B'. In Figure 4, 0.75 = (0.375 / 1) 2.

    A constant learning rate counts as s = 1, and is what comes out where s' is 1. Raises UserError for a decay that
    does not go in steps, and where s' would have to be above 1 (the learning rate would rise).
    """
    if not SCHEDULES[spec.schedule].in_steps:
        raise UserError(f"schedule is {spec.schedule}, but must be step or constant: a batch grows in steps.")
    decay = (spec.step_decay if spec.schedule == "step" else 1.0) / spec.batch_growth * batch_growth
    if decay > 1 + SAME:
        raise UserError(
            f"batch_growth is {batch_growth:g}, but must be at most {batch_growth / decay:g}: beyond that the learning "
            "rate would have to rise to keep mu/B."
        )
    changed: dict[str, object] = {"batch_growth": batch_growth, "schedule": "constant"}
    if decay < 1 - SAME:
        changed |= {"schedule": "step", "step_decay": decay}
    return RunSpec.parse({**spec.model_dump(), **changed})


def growing_batches(spec: RunSpec) -> list[float]:
    """Batch sizes B_k mu_0 / mu_k (not whole) that keep the noise of `spec` at the constant learning rate mu_0."""
    noise = [rate / batch for rate, batch in zip(learning_rates(spec), _intended_batches(spec), strict=True)]
    return [spec.learning_rate / level if level > 0 else math.inf for level in noise]


def first_above(batch_sizes: Sequence[float], images: int) -> int | None:
    """The first epoch whose batch would need more than all `images`; from there on the noise cannot be kept."""
    return next((k for k, batch in enumerate(batch_sizes) if batch > images * (1 + SAME)), None)


def agreeing_epochs(first: RunSpec, second: RunSpec, images: int) -> list[tuple[int, int]]:
    """The stretches of epochs (from, to), both included, in which the two runs have the same mu_k/B_k.

    Nothing agrees where a learning rate is too small for a computer (0 = 0).
    """
    pairs = zip(_noise(first, images), _noise(second, images), strict=False)
    same = [min(a, b) > sys.float_info.min and math.isclose(a, b, rel_tol=SAME) for a, b in pairs]
    stretches = [list(group) for agrees, group in groupby(range(len(same)), same.__getitem__) if agrees]
    return [(stretch[0], stretch[-1]) for stretch in stretches]


def _noise(spec: RunSpec, images: int) -> list[float]:
    return [
        rate / min(batch, images) for rate, batch in zip(learning_rates(spec), _intended_batches(spec), strict=True)
    ]


def _intended_batches(spec: RunSpec) -> list[float]:
    """B_0 s_B^g(k), not cut to whole images and not limited by them; infinite where it overflows."""
    batches = []
    for k in range(spec.epochs):
        exponent = (k // spec.decay_every) * math.log(spec.batch_growth)
        batches.append(spec.batch_size * math.exp(exponent) if exponent < 700 else math.inf)
    return batches
