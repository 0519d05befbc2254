"""How long a run takes: from the steps that were taken, never from a guess.

An epoch costs about as much as its updates and a fixed number more, for scoring: 100 for 2967 images, measured at B=16
on two cores, in proportion for other sets. What one unit of that takes is the median over the epochs of a run, so the
few epochs that also made features do not count.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from sgd_core.experiment.paper import TRAIN_IMAGES
from sgd_core.experiment.record import EpochRecord
from sgd_core.experiment.schedules import plan, steps_per_epoch
from sgd_core.experiment.spec import RunSpec

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
    return unit_seconds * sum(_cost(epoch.batch_size, images) for epoch in plan(spec, images))


def left(spec: RunSpec, images: int, records: Sequence[EpochRecord]) -> float | None:
    """Seconds that a run under way still takes; None before its first epoch."""
    trained = [record for record in records if record.epoch >= 0]
    latest = trained[-LATEST:]
    pace = unit([record.batch_size or images for record in latest], [record.seconds for record in latest], images)
    if pace is None:
        return None
    return pace * sum(_cost(epoch.batch_size, images) for epoch in plan(spec, images)[len(trained) :])


def _cost(batch_size: int, images: int) -> float:
    return steps_per_epoch(batch_size, images) + SCORING * images
