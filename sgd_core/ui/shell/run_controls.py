"""The controls of a run in a link: which keys and values a page that asks for runs must be given for this one."""

from __future__ import annotations

import math
from typing import Any

from sgd_core.experiment.spec import RunSpec
from sgd_core.ui.shell import schedule_controls
from sgd_core.ui.shell.choices import BATCHES, RATES

VIEWS = [2, 4, 8, 17, 33, 65, 151]
ALL = "all"
PER_CLASS = [ALL, 2, 5, 10, 20, 50, 100, 200]
MOST_EPOCHS = 300


def controls_of(spec: RunSpec) -> dict[str, Any]:
    """The keys and values of these controls for a run; the nearest that they offer."""
    return {
        "data": spec.dataset,
        "B": min(BATCHES, key=lambda batch: abs(math.log(batch / spec.batch_size))),
        "mu": min(RATES, key=lambda rate: abs(math.log(float(rate) / spec.learning_rate))),
        "epochs": min(spec.epochs, MOST_EPOCHS), "schedule": spec.schedule, **schedule_controls.values_of(spec),
        "seed": spec.seed, "m": spec.momentum, "wrong": spec.label_noise, "per_class": spec.images_per_class or ALL,
        "features": spec.features, "views": min(VIEWS, key=lambda views: abs(views - spec.views)),
    }  # fmt: skip
