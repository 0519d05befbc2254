"""The largest curvature along runs beside what their learning rate can stand, 2 (1 + m) / mu, and what came of them.

Full-batch gradient descent leaves a valley that is more curved than that (Polyak 1964; Cohen et al. 2103.00065, which
found that training without noise comes to rest about there). A run that stays far below it and still falls to chance
was not thrown off by curvature alone.
"""

from __future__ import annotations

import pandas as pd

from sgd_core.evidence import gauges
from sgd_core.evidence.ends import Tables
from sgd_core.experiment.measurements import EDGE, MEASUREMENTS
from sgd_core.experiment.spec import RunSpec
from sgd_core.noise.theory import stability_limit

SHORT = tuple(EDGE.values())
COLUMNS = [*gauges.COLUMNS, "learning_rate", "curvature", "limit", "relative"]
ENDS = ["run", "seed", "key", "status", "accuracy", "loss", "epochs"]


def table(tables: Tables, runs: tuple[RunSpec, ...] = (*SHORT, *MEASUREMENTS["sharpness"].runs)) -> pd.DataFrame:
    """One row a run, seed and epoch: COLUMNS. limit is 2 (1 + m) / mu, relative is curvature over it: above 1 unstable.

    For runs whose learning rate is constant. The curvature is NaN where the weights were not finite.
    """
    parts = []
    for spec in runs:
        rows = gauges.measured([spec], "curvature", tables)
        if not rows.empty:
            # The rate that curvature h can stand is 2 (1 + m) / h, and so the curvature that mu can: the same formula.
            limit = float(stability_limit(spec.learning_rate, spec.momentum))
            found = rows.assign(learning_rate=spec.learning_rate, curvature=rows["largest_eigenvalue"], limit=limit)
            parts.append(found.assign(relative=found["curvature"] / limit)[COLUMNS])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def ends(tables: Tables, runs: tuple[RunSpec, ...] = SHORT) -> pd.DataFrame:
    """One row a run and seed: ENDS, the status, and accuracy and loss as the paper counts them after the last epoch."""
    measured = gauges.measured(runs, "curvature", tables)[["run", "seed", "key"]].drop_duplicates(ignore_index=True)
    status = dict(zip(tables.runs["key"], tables.runs["status"]))
    rows = []
    for run, seed, key in measured.itertuples(index=False):
        last = tables.epochs_of(key).iloc[-1]
        values = (
            float("nan") if pd.isna(last[name]) else last[name] for name in ("reported_accuracy", "reported_loss")
        )
        rows.append((run, seed, key, status[key], *map(float, values), int(last["epoch"]) + 1))
    return pd.DataFrame(rows, columns=ENDS)
