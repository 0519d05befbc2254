"""How long a run takes: from the steps that were taken, never from a guess.

An epoch costs about as much as its updates and a fixed number more, for scoring: 100 for 2967 images, measured at B=16
on two cores, in proportion for other sets. What one unit of that takes is the median over the epochs of a run, so the
few epochs that also made features do not count.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from sgd_core.experiment.paper import TRAIN_IMAGES
from sgd_core.experiment.record import EpochRecord
from sgd_core.experiment.schedules import plan, steps_per_epoch
from sgd_core.experiment.spec import RunSpec
from sgd_core.images.sets import images_of

if TYPE_CHECKING:
    from sgd_core.runs.kept.store import Store

SCORING = 100 / TRAIN_IMAGES
"""Updates that scoring costs, per training image."""
LATEST = 20
"""Epochs from which the time left is judged: the batch may grow, and features be made or not."""


def unit(batch_sizes: Iterable[int], seconds: Iterable[float], images: int) -> float | None:
    """Seconds per unit of cost over epochs of these effective batch sizes; None where there are none."""
    each = [taken / _cost(batch, images) for batch, taken in zip(batch_sizes, seconds, strict=True)]
    return statistics.median(each) if each else None


def expected(spec: RunSpec, images: int, unit_seconds: float) -> float:
    """Seconds that the whole run takes at this pace, without the making of features."""
    return unit_seconds * units(spec, images)


def left(spec: RunSpec, images: int, records: Sequence[EpochRecord]) -> float | None:
    """Seconds that a run under way still takes; None before its first epoch."""
    trained = [record for record in records if record.epoch >= 0]
    latest = trained[-LATEST:]
    pace = unit([record.batch_size or images for record in latest], [record.seconds for record in latest], images)
    if pace is None:
        return None
    return pace * sum(_cost(epoch.batch_size, images) for epoch in plan(spec, images)[len(trained) :])


def units(spec: RunSpec, images: int | None = None) -> float:
    """The cost of a whole run in units: its updates, and scoring in proportion."""
    used = images_of(spec) if images is None else images
    return sum(_cost(epoch.batch_size, used) for epoch in plan(spec, used))


def epochs_of(spec: RunSpec) -> int:
    """How many epochs a run has."""
    return len(plan(spec, images_of(spec)))


def forecast(specs: Sequence[RunSpec], store: Store, measure: Callable[[], float], at_once: int = 1) -> str:
    """How long these runs will take here, `at_once` of them at a time; a sentence.

    From what was trained on this machine before; where nothing was, `measure` says how many seconds a unit takes.
    """
    runs = store.runs()
    paces = runs.loc[runs["source"] == "this machine", "unit_seconds"].dropna()
    by = (
        f"the median of {_counted(len(paces), 'run')} of this machine"
        if len(paces)
        else "a few steps that were just timed"
    )
    seconds = (float(paces.median()) if len(paces) else measure()) * sum(units(spec) for spec in specs) / at_once
    told = _counted(max(1, round(seconds / 60)), "minute") if seconds < 5400 else f"{seconds / 3600:.1f} hours"
    of = "in one process" if at_once == 1 else f"on {at_once} workers"
    return f"That takes about {told} {of}, by {by}; features and probes are not counted."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _cost(batch_size: int, images: int) -> float:
    return steps_per_epoch(batch_size, images) + SCORING * images
