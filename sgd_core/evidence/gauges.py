"""What a probe measured along runs, as tidy tables beside where along training each measurement was made."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from sgd_core.evidence.ends import Tables
from sgd_core.experiment.claims import Arm
from sgd_core.experiment.names import rate_of
from sgd_core.experiment.spec import RunSpec

PLACES = ("training_time", "effective_time", "updates", "train_loss", "reported_loss")
"""Columns of the epochs table along which a measurement can be drawn. reported_loss is that of the images and in the
mode in which curvature is measured; train_loss, with dropout on, is not there before training."""
ENDS = 2
"""Epochs that are no way: a start and an end."""
COLUMNS = ("run", "seed", "key", "epoch", *PLACES)


def name_of(spec: RunSpec) -> str:
    """A run in a table of measurements: 'B=512, mu=32e-4'."""
    return f"B={spec.batch_size}, mu={rate_of(spec.learning_rate)}"


def measured(specs: Iterable[RunSpec], probe: str, tables: Tables) -> pd.DataFrame:
    """One row a run, seed and epoch: COLUMNS, and every name that the probe gave; in the order of specs and epochs.

    Of one seed the run with the most views of those along which the probe measured, one that was measured along the
    way before one that was at two epochs at most. Empty where nothing was measured.
    """
    rows = tables.measurements[tables.measurements["probe"] == probe]
    epochs = rows.groupby("key")["epoch"].nunique()
    parts = []
    for spec in specs:
        found = [
            (seed, views, ended.key) for (seed, views), ended in tables.of(Arm(spec)).items() if ended.key in epochs
        ]
        found.sort(key=lambda each: (epochs[each[2]] > ENDS, each[1]))  # the last of a seed stands
        keys = {seed: key for seed, _, key in found}
        for seed, key in sorted(keys.items()):
            wide = rows[rows["key"] == key].pivot(index="epoch", columns="name", values="value")
            at = tables.epochs_of(key).set_index("epoch").reindex(wide.index)[list(PLACES)]
            each = pd.concat([at.astype(float), wide.astype(float)], axis=1).reset_index()
            parts.append(each.assign(run=name_of(spec), seed=seed, key=key))
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))
    return whole[[*COLUMNS, *sorted(set(whole.columns) - set(COLUMNS))]]


def at(rows: pd.DataFrame, column: str, place: float, value: str = "value") -> pd.DataFrame:
    """(run, seed, value) of each curve at one place of one of PLACES, such as equal loss or equal T_eff.

    Values above zero are read between measurements along straight lines of their logarithm. Runs that were not measured
    on both sides of the place are left out.
    """
    found = []
    for (run, seed), curve in rows.groupby(["run", "seed"], sort=False):
        known = curve[(curve[value] > 0) & curve[column].notna()].sort_values(column)
        x, y = known[column].to_numpy(dtype=float), known[value].to_numpy(dtype=float)
        if len(x) and x[0] <= place <= x[-1]:
            found.append((run, seed, float(np.exp(np.interp(place, x, np.log(y))))))
    return pd.DataFrame(found, columns=["run", "seed", value])
