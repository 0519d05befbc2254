"""How far runs are from their start at one training time: two of one mu/B, and one of 32 times as much.

What nothing pulls back adds up: each step brings the variance (mu / (1 - m))^2 tr Sigma / B, so a training time T
brings T mu tr Sigma / (B (1 - m)^2). It is a random walk, an upper end where the loss curves.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sgd_core.evidence.ends import Tables
from sgd_core.evidence.gauges import name_of
from sgd_core.experiment.claims import LARGE_FAST, NOMINAL, Arm, equal_time

RUNS = (NOMINAL, LARGE_FAST, equal_time(16))
COLUMNS = ["run", "batch_size", "learning_rate", "noise", "momentum", "training_time", "seeds", "distance"]


def travelled(tables: Tables) -> pd.DataFrame:
    """One row a run of RUNS that there is: COLUMNS, `noise` mu/B, `distance` from the start, mean over seeds, at T.

    T is the first place at which all of them were recorded; between epochs along a straight line.
    """
    curves = []
    for spec in RUNS:
        for seed in sorted({seed for seed, _ in tables.of(Arm(spec))}):
            key = max((views, one.key) for (other, views), one in tables.of(Arm(spec)).items() if other == seed)[1]
            curves.append((spec, tables.epochs_of(key).dropna(subset="distance_from_init")))
    curves = [(spec, rows) for spec, rows in curves if len(rows) > 1]
    if not curves:
        return pd.DataFrame(columns=COLUMNS)
    place = max(float(rows["training_time"][rows["training_time"] > 0].min()) for _, rows in curves)
    each = pd.DataFrame(
        {
            "run": name_of(spec), "batch_size": spec.batch_size, "learning_rate": spec.learning_rate,
            "noise": spec.learning_rate / spec.batch_size, "momentum": spec.momentum, "training_time": place,
            "distance": np.interp(place, rows["training_time"], rows["distance_from_init"]),
        }
        for spec, rows in curves
    )  # fmt: skip
    mean = each.groupby(COLUMNS[:6], sort=False)["distance"].agg(seeds="count", distance="mean").reset_index()
    return mean[COLUMNS]


def random_walk(row: pd.Series, trace: float) -> float:
    """The mean squared distance that noise alone brings by then where nothing pulls back, for a tr Sigma."""
    return float(row["training_time"] * row["noise"] * trace / (1 - row["momentum"]) ** 2)
