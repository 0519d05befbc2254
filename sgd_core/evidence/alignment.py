"""Runs compared at an equal amount of something: epochs, updates, training time T or images.

Curves are read between epochs by linear interpolation along that axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Spread:
    """How far apart the runs' mean curves are at one place of one axis."""

    at: float
    best: str
    best_value: float
    worst: str
    worst_value: float

    @property
    def gap(self) -> float:
        return abs(self.best_value - self.worst_value)


def shared_end(curves: pd.DataFrame, column: str) -> float:
    """The largest value of an axis column that every run reaches."""
    return float(curves.groupby("run")[column].max().min())


def fewest_epochs(curves: pd.DataFrame, column: str, at: float) -> tuple[str, int]:
    """The run that has finished the fewest epochs at one place of an axis, and how many (epochs of `curves`)."""
    finished = (curves[column] <= at).groupby(curves["run"], sort=False).sum()
    return str(finished.idxmin()), int(finished.min())


def values_at(curves: pd.DataFrame, column: str, at: float) -> dict[str, float]:
    """Every run's mean at one place of an axis; runs whose curve begins later or ends earlier are left out."""
    values = {}
    for run, rows in curves.sort_values(column).groupby("run", sort=False):
        x, y = rows[column].to_numpy(dtype=float), rows["mean"].to_numpy(dtype=float)
        if x[0] <= at <= x[-1]:
            values[str(run)] = float(np.interp(at, x, y))
    return values


def spread_at(curves: pd.DataFrame, column: str, at: float, less_is_better: bool = False) -> Spread | None:
    """Best and worst run at one place of an axis; None where fewer than two runs have a value there."""
    values = values_at(curves, column, at)
    if len(values) < 2:
        return None
    ranked = sorted(values, key=values.__getitem__, reverse=not less_is_better)
    best, worst = ranked[0], ranked[-1]
    return Spread(at, best, values[best], worst, values[worst])
