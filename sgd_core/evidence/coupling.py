"""How the paper's runs couple noise and training time: mu/B and T of those with a constant schedule, Figures 1 and 2.

At equal epochs T is epochs x N x mu/B, up to the last partial batch, so that no run of these figures has one without
the other; at equal updates it is updates x mu. From the schedules alone: nothing has to be trained.
"""

from __future__ import annotations

import pandas as pd

from sgd_core.experiment import paper
from sgd_core.experiment.schedules import plan


def runs(updates: int | None = None) -> pd.DataFrame:
    """One row a run: batch_size, learning_rate, noise (mu/B) and training_time, after its epochs or so many updates."""
    specs = [run.spec for run in paper.RUNS if run.spec.schedule == "constant" and run.spec.batch_growth == 1]
    return pd.DataFrame(
        {
            "batch_size": spec.batch_size,
            "learning_rate": spec.learning_rate,
            "noise": spec.learning_rate / spec.batch_size,
            "training_time": plan(spec, paper.TRAIN_IMAGES)[-1].training_time
            if updates is None
            else updates * spec.learning_rate,
        }
        for spec in specs
    )


def rank_correlation(table: pd.DataFrame) -> float:
    """Spearman's correlation of noise and training time over such rows; nan where one of them is the same in all."""
    return float(table["noise"].rank().corr(table["training_time"].rank()))
