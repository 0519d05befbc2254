"""All runs of the paper along epochs and along training time with momentum: where their curves become one.

The noise of a run up to a moment is here the mean of mu/B over its updates until then: the paper's measure, for runs in
which it changes too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgd_core.evidence import alignment, figures

TIME = "effective_time"
LEAST_ERROR = 1e-3
"""Errors below it, which of 409 or 2,000 images is next to none, count as this where logarithms are taken."""


@dataclass(frozen=True)
class Meeting:
    """The runs that have trained equally far, at one training time with momentum."""

    time: float
    runs: int
    gap: float
    """Between the best and the worst."""
    spread: float
    """Standard deviation over runs."""
    fold: float
    """Largest noise over the smallest."""


def table(epochs: pd.DataFrame, column: str) -> pd.DataFrame:
    """Mean curves of a column over seeds (evidence.figures.curves) with the runs' `noise`, where they belong along T.

    `epochs` are the runs' epochs with `run`, `order` and `seed`.
    """
    curves = figures.mid_epoch(figures.curves(epochs, column), column)
    return curves.merge(_noise(epochs), on=["run", "epoch"]).sort_values(["order", "epoch"], ignore_index=True)


def _noise(epochs: pd.DataFrame) -> pd.DataFrame:
    trained = epochs[epochs["epoch"] >= 0].sort_values(["run", "epoch"]).drop_duplicates(["run", "epoch"])
    by = trained["run"].astype(str)
    taken = trained["updates"] - trained.groupby(by)["updates"].shift(1).fillna(0)
    noise = (taken * trained["learning_rate"] / trained["batch_size"]).groupby(by).cumsum() / trained["updates"]
    return trained[["run", "epoch"]].assign(noise=noise.astype(float))


def at(rows: pd.DataFrame, time: float) -> pd.DataFrame:
    """Every run that has come to this T_eff and begun before it: `run`, `mean` and `noise` there, by interpolation."""
    values, noise = (alignment.values_at(rows, TIME, time, of) for of in ("mean", "noise"))
    order = [run for run in rows["run"].drop_duplicates().astype(str) if run in values]
    found = [(run, values[run], noise[run]) for run in order]
    return pd.DataFrame(found, columns=["run", "mean", "noise"])


def ends(rows: pd.DataFrame) -> pd.DataFrame:
    """The last row of every run."""
    return rows.groupby("run", sort=False, observed=True).tail(1).reset_index(drop=True)


def meeting(rows: pd.DataFrame, time: float) -> Meeting | None:
    """How far apart the runs are that have come to this T_eff; None for fewer than two."""
    there = at(rows, time)
    if len(there) < 2:
        return None
    values, noise = there["mean"], there["noise"]
    gap, fold = values.max() - values.min(), noise.max() / noise.min()
    return Meeting(time, len(there), float(gap), float(values.std()), float(fold))


def where_most_can_tell(rows: pd.DataFrame) -> float:
    """The furthest end of a run that two thirds of all runs reach."""
    time = rows.groupby("run", sort=False, observed=True)[TIME].agg(["min", "max"])
    there = {float(end): int(((time["min"] <= end) & (end <= time["max"])).sum()) for end in time["max"]}
    told = [end for end, runs in there.items() if runs > 1 and 3 * runs >= 2 * len(time)]
    return max(told, default=float(time["max"].min()))


def slope(values: pd.DataFrame, loss: bool = False) -> float:
    """Least squares slope of the logarithm of a loss, or of an accuracy's error (1 - `mean`), over log10 of `noise`.

    So e to the slope is by what ten times more noise multiplies it. An accuracy itself bends: it ends at 1.
    """
    x = np.log10(values["noise"].to_numpy(dtype=float))
    if len(x) < 2 or float(np.ptp(x)) == 0:
        return math.nan
    y = values["mean"].to_numpy(dtype=float)
    return float(np.polyfit(x, np.log(y if loss else np.maximum(1 - y, LEAST_ERROR)), 1)[0])
