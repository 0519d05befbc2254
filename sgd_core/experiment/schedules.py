"""Schedules: learning rate mu_k and batch size B_k of every epoch k = 0, 1, ..., and the plan of a run that they make.

A schedule is one entry of SCHEDULES: a function with its formula, its source, the settings it reads and its words. The
settings themselves stand in ScheduleSettings, from which RunSpec inherits, so that a new schedule, its settings
included, is this file and its test. The paper's formulas are those of its section II; its time-based decay is a
recursion that compounds, Keras's mu_0/(1+kd) is a different schedule.

Two totals go with a plan. Training time T is the sum of mu over updates: the time of the gradient flow that SGD
discretises. Effective time T_eff is the sum of mu_t (1 - m^(t+1)) over updates t = 0, 1, ...: (1 - m) times how far a
constant gradient would have moved the weights, which differs from T where mu falls before the momentum has warmed up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from sgd_core.errors import UserError
from sgd_core.experiment.choice import OneOf

if TYPE_CHECKING:
    from sgd_core.experiment.spec import RunSpec

LARGEST_BATCH = 2**31
"""Where a growing batch stops growing; far beyond any image set, it only keeps extreme settings finite."""
MOST_EPOCHS = 1000
"""Of a run, whether it counts epochs or updates."""

Rates = Callable[["RunSpec", int], list[float]]
"""(spec, epochs) -> mu_k for k = 0 .. epochs-1, warm-up left out."""


@dataclass(frozen=True)
class Schedule:
    """One way in which the learning rate changes from epoch to epoch."""

    rates: Rates
    title: Callable[[RunSpec], str]
    """In a run's name: 'step s=0.5'; empty for the one that needs no word."""
    formula: str
    source: str
    fields: tuple[str, ...] = ()
    """The settings that it reads, besides learning_rate and epochs."""
    in_steps: bool = False
    """Whether mu stays or falls every decay_every epochs, as a batch grows: then one can stand for the other."""


def constant(spec: RunSpec, epochs: int) -> list[float]:
    """mu_0 in every epoch."""
    return [spec.learning_rate] * epochs


def time_based(spec: RunSpec, epochs: int) -> list[float]:
    """mu_(k+1) = mu_k / (1 + k d) with d = mu_0 / epochs (paper, section II): it compounds."""
    d = spec.learning_rate / epochs
    return list(accumulate(range(epochs - 1), lambda mu, k: mu / (1 + k * d), initial=spec.learning_rate))


def step(spec: RunSpec, epochs: int) -> list[float]:
    """mu_0 s^floor(k / N_dec) (paper, section II)."""
    return [spec.learning_rate * spec.step_decay ** (k // spec.decay_every) for k in range(epochs)]


def exponential(spec: RunSpec, epochs: int) -> list[float]:
    """mu_0 exp(-r k) (paper, section II)."""
    return [spec.learning_rate * math.exp(-spec.decay_rate * k) for k in range(epochs)]


def cosine(spec: RunSpec, epochs: int) -> list[float]:
    """mu_0 (1 + cos(pi k / epochs)) / 2 (Loshchilov and Hutter 1608.03983, eq. 5, one period, minimum 0)."""
    return [spec.learning_rate * (1 + math.cos(math.pi * k / epochs)) / 2 for k in range(epochs)]


SCHEDULES: dict[str, Schedule] = {
    "constant": Schedule(constant, lambda spec: "", "μ_k = μ₀", "the paper, section II", in_steps=True),
    "time": Schedule(
        time_based, lambda spec: "time-based", "μ_{k+1} = μ_k / (1 + k d), d = μ₀ / epochs", "the paper, section II"
    ),
    "step": Schedule(
        step, lambda spec: f"step s={spec.step_decay:g}", "μ_k = μ₀ s^⌊k / N_dec⌋", "the paper, section II",
        ("step_decay", "decay_every"), in_steps=True,
    ),
    "exponential": Schedule(
        exponential, lambda spec: f"exponential r={spec.decay_rate:g}", "μ_k = μ₀ exp(−r k)", "the paper, section II",
        ("decay_rate",),
    ),
    "cosine": Schedule(
        cosine, lambda spec: "cosine", "μ_k = μ₀ (1 + cos(π k / epochs)) / 2",
        "Loshchilov and Hutter, SGDR (1608.03983), without restarts",
    ),
}  # fmt: skip


class ScheduleSettings(BaseModel):
    """The settings of a run that say how mu and B change over epochs."""

    batch_growth: float = Field(default=1.0, ge=1, le=16, description="s_B, factor on B every decay_every epochs")
    schedule: Annotated[str, OneOf(SCHEDULES)] = Field(default="constant", description="of the learning rate")
    step_decay: float = Field(default=0.5, gt=0, lt=1, description="s, factor on mu every decay_every epochs")
    decay_every: int = Field(default=10, ge=1, le=1000, description="N_dec, epochs between two steps")
    decay_rate: float = Field(default=0.1, gt=0, le=10, description="r, exponential decay per epoch")
    warmup_epochs: int = Field(default=0, ge=0, le=1000, description="epochs in which mu rises to its schedule")


@dataclass(frozen=True)
class Slider:
    """How a reader sets one of these settings: its key in the URL, its label, and the range that is offered."""

    key: str
    label: str
    low: float
    high: float
    step: float
    help: str = ""
    only_where_read: bool = True
    """Whether it is off for schedules that do not read it."""


SLIDERS: dict[str, Slider] = {
    "step_decay": Slider("s", "s, factor on μ", 0.05, 0.95, 0.005, "Every N_dec epochs, for the step schedule only."),
    "decay_rate": Slider(
        "r", "r, decay rate", 0.01, 2.0, 0.01, "For the exponential schedule only: μ_k = μ₀ e^(−rk)."
    ),
    "batch_growth": Slider("sB", "s_B, factor on B", 1.0, 4.0, 0.25, "Every N_dec epochs.", only_where_read=False),
    "decay_every": Slider(
        "Ndec", "N_dec, epochs between", 1, 60, 1, "Between two steps: for the step schedule, or where the batch grows."
    ),
    "warmup_epochs": Slider(
        "warm", "W, warm-up epochs", 0, 30, 1, "In the first W epochs μ_k is (k + 1)/(W + 1) of its schedule.",
        only_where_read=False,
    ),
}  # fmt: skip
"""Setting -> its slider, on every page that sets a schedule."""


@dataclass(frozen=True)
class Epoch:
    """One epoch of a plan; `updates`, `training_time` and `effective_time` are totals after this epoch."""

    epoch: int
    learning_rate: float
    batch_size: int
    updates: int
    training_time: float
    effective_time: float


def fields_read(schedule: str, batch_growth: float) -> set[str]:
    """The settings that a schedule reads, of those that only some schedules do."""
    return set(SCHEDULES[schedule].fields) | ({"decay_every"} if batch_growth > 1 else set())


def unused_fields(spec: RunSpec) -> set[str]:
    """The settings of ScheduleSettings that do not matter for this run."""
    everything = {name for schedule in SCHEDULES.values() for name in schedule.fields}
    return everything - fields_read(spec.schedule, spec.batch_growth)


def learning_rates(spec: RunSpec, epochs: int | None = None) -> list[float]:
    """mu_k for k = 0 .. epochs-1 (spec.epochs unless said), warm-up included."""
    rates = SCHEDULES[spec.schedule].rates(spec, spec.epochs if epochs is None else epochs)
    return [mu * warmup(spec, k) for k, mu in enumerate(rates)] if spec.warmup_epochs else rates


def warmup(spec: RunSpec, epoch: int) -> float:
    """The factor (k + 1) / (W + 1) on mu_k of any schedule in the first W epochs, then 1.

    Gradual warm-up of Goyal et al. 1706.02677, section 2.2, by epochs: none begins at mu = 0, epoch W is the first at
    the full rate.
    """
    return min(1.0, (epoch + 1) / (spec.warmup_epochs + 1))


def batch_sizes(spec: RunSpec, images: int, epochs: int | None = None) -> list[int]:
    """Effective batch size min(int(B_0 s_B^g(k)), images), g(k) = floor(k / N_dec), for k = 0 .. epochs-1."""
    count = spec.epochs if epochs is None else epochs
    grown = [min(_grown(spec, step), images) for step in range(math.ceil(count / spec.decay_every))]
    return [grown[k // spec.decay_every] for k in range(count)]


def steps_per_epoch(batch_size: int, images: int) -> int:
    """Updates in one pass over `images`, the last partial batch kept."""
    return math.ceil(images / batch_size)


def steps(spec: RunSpec, images: int) -> list[int]:
    """Updates of every epoch of the run: whole passes for spec.epochs, or until spec.updates, the last maybe a part.

    Raises UserError where so many updates would take more than MOST_EPOCHS epochs.
    """
    if spec.updates is None:
        return [steps_per_epoch(batch, images) for batch in batch_sizes(spec, images)]
    counts: list[int] = []
    for batch in batch_sizes(spec, images, MOST_EPOCHS):
        left = spec.updates - sum(counts)
        if left <= 0:
            break
        counts.append(min(left, steps_per_epoch(batch, images)))
    if sum(counts) < spec.updates:
        raise UserError(
            f"updates is {spec.updates}, which takes more than {MOST_EPOCHS} epochs of {images} images at B="
            f"{spec.batch_size}; at most {sum(counts)} fit."
        )
    return counts


def plan(spec: RunSpec, images: int) -> list[Epoch]:
    """Every epoch of the run on `images` training images."""
    if images < 1:
        raise UserError(f"images is {images}, but must be a whole number of at least 1.")
    counts = steps(spec, images)
    rates, batches = learning_rates(spec, len(counts)), batch_sizes(spec, images, len(counts))
    return epochs_of(rates, batches, counts, spec.momentum)


def epochs_of(rates: Sequence[float], batches: Sequence[int], counts: Sequence[int], momentum: float) -> list[Epoch]:
    """The plan of these learning rates, batch sizes and numbers of updates, one of each an epoch."""
    updates = list(accumulate(counts))
    times = accumulate(mu * n for mu, n in zip(rates, counts, strict=True))
    warmed = (
        mu * (n - momentum_still_cold(momentum, total - n, n))
        for mu, n, total in zip(rates, counts, updates, strict=True)
    )
    totals = zip(rates, batches, updates, times, accumulate(warmed), strict=True)
    return [Epoch(k, *values) for k, values in enumerate(totals)]


def momentum_still_cold(momentum: float, first: int, count: int) -> float:
    """The sum of m^(t+1) over the updates t = first .. first+count-1: what momentum has not yet built up of them."""
    return momentum ** (first + 1) * (1 - momentum**count) / (1 - momentum)


def _grown(spec: RunSpec, steps: int) -> int:
    if steps * math.log2(spec.batch_growth) + math.log2(spec.batch_size) >= math.log2(LARGEST_BATCH):
        return LARGEST_BATCH
    return int(spec.batch_size * spec.batch_growth**steps)
