"""A grid of runs: every combination of some values of one setting or two, each at several seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from sgd_core.errors import UserError
from sgd_core.experiment.schedules import plan
from sgd_core.experiment.spec import RunSpec

MOST_VARIED = 2
"""Settings with several values: more make no map."""
MOST_RUNS = 1000
EQUAL_EPOCHS, EQUAL_UPDATES, EQUAL_TIME = STOPS = ("epochs", "updates", "training time T")
"""What all runs of a grid may have in common at their end."""


def runs(
    values: Mapping[str, Sequence[str]], seeds: Sequence[int], training_time: float | None = None
) -> list[RunSpec]:
    """The runs, seeds last to change; field of RunSpec -> its values as text.

    `training_time`: every run stops where T = sum of mu over its updates comes nearest to it, whatever its rate.
    Raises UserError or SpecError, which name the setting.
    """
    several = [name for name, each in values.items() if len(each) > 1]
    if len(several) > MOST_VARIED:
        raise UserError(f"{', '.join(several)} have several values each, but a grid is of one setting or two.")
    count = len(seeds)
    for each in values.values():
        count *= len(each)
    if count > MOST_RUNS:
        raise UserError(f"This grid has {count:,} runs, but may have at most {MOST_RUNS:,}.")
    made = [
        RunSpec.parse({**dict(zip(values, each, strict=True)), "seed": seed})
        for seed in seeds
        for each in product(*values.values())
    ]
    return made if training_time is None else [_until(spec, training_time) for spec in made]


def around(
    spec: RunSpec, batch_sizes: Sequence[int], rates: Sequence[float], seeds: Sequence[int], stop: str, images: int
) -> list[RunSpec]:
    """A run with each of these batch sizes, learning rates and seeds; `stop` (of STOPS) says what all have in common.

    As many epochs, as many updates or as much training time as `spec` has with its `images`. Raises UserError.
    """
    end = plan(spec, images)[-1]
    several = product(seeds, batch_sizes, rates)
    made = [
        spec.model_copy(update={"seed": seed, "batch_size": batch, "learning_rate": rate})
        for seed, batch, rate in several
    ]
    if stop == EQUAL_UPDATES:
        return [RunSpec.parse({**each.model_dump(), "updates": end.updates}) for each in made]
    if stop == EQUAL_TIME:
        return [_until(each, end.training_time) for each in made]
    return made


def _until(spec: RunSpec, training_time: float) -> RunSpec:
    if spec.schedule != "constant":
        raise UserError(f"training-time needs a constant learning rate, but schedule is {spec.schedule!r}.")
    if spec.updates is not None:
        raise UserError("updates and training-time both say when to stop; give one of them.")
    updates = round(training_time / spec.learning_rate)
    if updates < 1:
        raise UserError(
            f"training-time is {training_time:g}, but one update at a learning rate of {spec.learning_rate:g} goes "
            "beyond it."
        )
    return RunSpec.parse({**spec.model_dump(), "updates": updates})
