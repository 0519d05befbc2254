"""Rank correlations, and whether the authors' order of their runs is found again on the test images."""

from __future__ import annotations

import math

import pandas as pd
from scipy.special import ndtri

from sgd_core.experiment import paper
from sgd_core.experiment.record import ANSWERS
from sgd_core.runs.kept.table import spec_of


def side_by_side(runs: pd.DataFrame) -> pd.DataFrame:
    """One row for each of the paper's runs that is there: `run`, the authors' final, our test accuracy, n seeds.

    Test accuracy is the mean over seeds, at the largest number of views that the run is there with.
    """
    rows = []
    for row in runs[runs["status"].isin(ANSWERS)].to_dict("records"):
        run = paper.find(spec_of(row))
        if run is not None and pd.notna(row["final_test_accuracy"]):
            rows.append((run.name, run.reported, float(row["final_test_accuracy"]), int(row["views"])))
    table = pd.DataFrame(rows, columns=["run", "reported", "test_accuracy", "views"])
    most = table[table["views"] == table.groupby("run")["views"].transform("max")]
    return most.groupby("run", as_index=False, sort=False).agg(
        reported=("reported", "first"), test_accuracy=("test_accuracy", "mean"), n=("views", "count")
    )


def spearman(one: pd.Series, other: pd.Series) -> float:
    """Spearman's rank correlation, ties at their mean rank; NaN of fewer than three, or where all are the same."""
    if len(one) < 3 or one.nunique() < 2 or other.nunique() < 2:
        return float("nan")
    return float(one.rank().corr(other.rank()))


def spearman_interval(rho: float, n: int) -> tuple[float, float]:
    """95% interval of a rank correlation of n independent pairs; NaN of fewer than five.

    Fisher's z with the variance (1 + rho^2/2)/(n - 3): Bonett and Wright, Psychometrika 65 (2000), 23. For few pairs,
    or |rho| near 1, it is approximate.
    """
    if n < 5 or math.isnan(rho):
        return math.nan, math.nan
    if abs(rho) >= 1:
        return rho, rho
    half = float(ndtri(0.975)) * math.sqrt((1 + rho**2 / 2) / (n - 3))
    return math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half)
