"""The sentences of the schedule workbench: what schedules do, and where two of them have the same mu/B."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence

from sgd_core.evidence.sentences.words import percent
from sgd_core.experiment import equivalence
from sgd_core.experiment.schedules import Epoch
from sgd_core.experiment.spec import RunSpec
from sgd_core.noise import theory

MOST_STRETCHES = 4
"""Stretches of epochs that are named; more are counted."""
TINY = sys.float_info.min
"""The smallest number that a computer holds to all its digits."""
BITES = 1.1
"""Noise that differs by this factor, because batches hold no image twice, is said to."""
WORTH_SAYING = 0.0005
"""A smaller change of mu/B by cutting batches to whole images goes unsaid: it would read 0.0%."""


def does(epochs: Sequence[Epoch]) -> str:
    """What one schedule does to mu/B, in how many updates, and when half of its training time is over."""
    end = epochs[-1]
    half = next(epoch.epoch for epoch in epochs if epoch.training_time >= end.training_time / 2)
    return (
        f"{_change(_noise(epochs))} in {len(epochs)} epochs and "
        f"{end.updates:,} updates; half of the training time T = {end.training_time:.3g} is over after epoch {half}."
    )


def rests(schedules: Mapping[str, Sequence[Epoch]]) -> str:
    """From when on a schedule, by its name, moves nothing any more; '' for those that go on."""
    told = ""
    for name, epochs in schedules.items():
        whose = f" of the {name} schedule" if len(schedules) > 1 else ""
        if (rest := at_rest(epochs)) is not None:
            told += f" From epoch {rest} on μ{whose} is too small for a computer: nothing moves."
    return told


def at_rest(epochs: Sequence[Epoch]) -> int | None:
    """The first epoch whose mu/B is too small for a computer; None where there is none."""
    return next((epoch.epoch for epoch, noise in zip(epochs, _noise(epochs), strict=True) if noise < TINY), None)


def compared(first: Epoch, second: Epoch) -> str:
    """The totals of two schedules, by their last epochs."""
    return (
        f"The second takes {second.updates:,} updates to the first's {first.updates:,}, and ends at "
        f"T = {second.training_time:.3g} against {first.training_time:.3g} "
        f"({second.training_time / first.training_time - 1:+.1%})."
    )


def agreement(stretches: Sequence[tuple[int, int]], epochs: int) -> str:
    """In which of so many epochs two schedules have the same mu/B; `stretches` are (from, to), both included."""
    if not stretches:
        return "Their μ/B agree in no epoch."
    if list(stretches) == [(0, epochs - 1)]:
        return "Their μ/B agree in **every epoch**."
    shown = ", ".join(f"{a} to {b}" if b > a else str(a) for a, b in stretches[:MOST_STRETCHES])
    left = len(stretches) - MOST_STRETCHES
    more = f" and {left} more stretch{'es' * (left > 1)}" if left > 0 else ""
    return f"Their μ/B agree in **epochs {shown}**{more}, of {epochs}."


def end(first: Sequence[float], second: Sequence[float], images: int) -> str:
    """Where the equivalence ends: at the first epoch in which either schedule asks for more than all images.

    `first` and `second` are batch sizes B_k as the schedules mean them, beyond N too.
    """
    ends = {"first": equivalence.first_above(first, images), "second": equivalence.first_above(second, images)}
    passed = min((epoch for epoch in ends.values() if epoch is not None), default=None)
    bites = _bites(first[:passed], second[:passed], images)
    if passed is None:
        return f"B_k never passes N = {images:,} in either schedule, so μ/B agrees to the end.{bites}"
    capped = [name for name, epoch in ends.items() if epoch == passed]
    where = f"in the {capped[0]} schedule" if len(capped) == 1 else "in both schedules"
    return (
        f"**At epoch {passed} B_k passes N = {images:,} {where}** and the equivalence ends: a batch cannot hold more "
        "than all images, and in one that holds them all the choice of images makes no noise. What crops and dropout "
        f"masks make is left, and goes on as 1/N.{bites}"
    )


def _bites(first: Sequence[float], second: Sequence[float], images: int) -> str:
    """How far the noise itself is apart at equal mu/B, as batches hold no image twice; '' for next to nothing."""
    left = [[float(theory.without_replacement_factor(batch, images)) for batch in each] for each in (first, second)]
    apart = [max(pair) / min(pair) if min(pair) > 0 else math.inf for pair in zip(*left, strict=True)]
    at = max(range(len(apart)), key=apart.__getitem__, default=0)
    if not apart or apart[at] < BITES:
        return ""
    times = f", and g is {apart[at]:.2g} times apart" if math.isfinite(apart[at]) else ""
    return (
        " Equal μ/B is not equal noise: a batch holds no image twice, which leaves (N−B)/(N−1) of it. In epoch "
        f"{at} that is {percent(left[0][at])} in the first schedule and {percent(left[1][at])} in the second{times}."
    )


def noise_scale_counts() -> str:
    """Which noise the scale g counts."""
    return (
        "It counts the choice of images alone and is 0 at B = N, where crops and dropout masks still make noise: in "
        "the paper's network most of it (page *On the real network*)."
    )


def rounding(first: Sequence[Epoch], second: Sequence[Epoch], agreeing: Sequence[int]) -> str:
    """What whole images in a batch do to the agreement in the epochs `agreeing`; '' for next to nothing."""
    one, other = _noise(first), _noise(second)
    most = max((abs(other[k] / one[k] - 1) for k in agreeing if one[k] >= TINY), default=0.0)
    return f" Cutting batches to whole images moves μ/B by up to {most:.1%} there." if most >= WORTH_SAYING else ""


def grows_instead(learning_rate: float) -> str:
    """What the second schedule does where the first decays in every epoch."""
    return f"μ stays at μ₀ = {learning_rate:g}; B grows in every epoch by what μ loses in the first."


def would_need(epoch: int, batch: float) -> str:
    """How many images the last batch of such a schedule would hold."""
    count = f"{batch:,.0f}" if batch < 1e6 else f"{batch:.1e}" if math.isfinite(batch) else "infinitely many"
    return f"Here B_k = B₀ μ₀/μ_k: at epoch {epoch} that would be {count} images."


def ratio(falls: float, growth: float, left: float, other: float) -> str:
    """s/s_B of the first schedule (falls/growth) and of the second (left/other)."""
    return f"s/s_B stays the same: {falls:g} / {growth:g} = **{left:.4g} / {other:.4g}**."


def keras(spec: RunSpec) -> str:
    """Where the paper's time-based decay and Keras's end, for the mu_0 and the epochs of `spec`, warm-up left out."""
    start = spec.learning_rate
    paper, closed = (decay(spec)[-1] / start for decay in (equivalence.paper_time_decay, equivalence.keras_time_decay))
    return (
        f"With μ₀ = {start:g} and {spec.epochs} epochs, so d = μ₀/epochs = {start / spec.epochs:.3g}, the paper's "
        f"recursion ends at {paper:.1%} of μ₀ and Keras's closed form at {closed:.1%}."
    )


def _noise(epochs: Sequence[Epoch]) -> list[float]:
    """mu/B of every epoch, with whole images in a batch."""
    return [epoch.learning_rate / epoch.batch_size for epoch in epochs]


def _change(noise: Sequence[float]) -> str:
    first, last = noise[0], noise[-1]
    if all(math.isclose(first, each) for each in noise):
        return f"μ/B stays at {first:.3g}"
    if math.isclose(first, last):
        return f"μ/B ends at {last:.3g}, where it began,"
    return f"μ/B goes from {first:.3g} to {last:.3g}"
