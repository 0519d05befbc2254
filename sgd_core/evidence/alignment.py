"""Runs compared at an equal amount of something: epochs, updates, training time T or images.

Curves are read between epochs by linear interpolation along that axis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

SAME_NOISE = 1.02
"""Ratios of mu/B below this are 1: batches are whole."""


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


@dataclass(frozen=True)
class Place:
    """A place of an axis at which runs are compared: every run that has a value there, read between its own rows."""

    at: float
    values: dict[str, float]
    slowest: str
    finished: int
    """The run that has finished the fewest epochs by then, and how many."""
    steepest: str
    step: float
    """The run whose two rows around the place differ most, and by how much: what reading between them can hide."""
    noise: float
    """Largest mu/B of these runs over the smallest; NaN where it changes within runs, and not alike."""

    def ranked(self, less_is_better: bool) -> list[str]:
        """The runs, best first."""
        return sorted(self.values, key=self.values.__getitem__, reverse=not less_is_better)

    @property
    def gap(self) -> float:
        return max(self.values.values()) - min(self.values.values())


def places(curves: pd.DataFrame, column: str) -> list[Place]:
    """The ends of runs along an axis, each with the runs that have a value there (two at least), from left to right."""
    ends = sorted(set(curves.groupby("run", observed=True)[column].max()))
    found = [_place(curves, column, float(at)) for at in ends]
    return [place for place in found if place is not None]


def best_place(found: list[Place], fewest: int) -> Place | None:
    """Where most runs can be compared, each with so many finished epochs at least; of equals the furthest."""
    late = [place for place in found if place.finished >= fewest]
    return max(late, key=lambda place: (len(place.values), place.at), default=None)


def _place(curves: pd.DataFrame, column: str, at: float) -> Place | None:
    values, finished, steps, noise = {}, {}, {}, {}
    for run, rows in curves.groupby("run", sort=False, observed=True):
        rows = rows.sort_values(column)
        x, y = rows[column].to_numpy(dtype=float), rows["mean"].to_numpy(dtype=float)
        if not x[0] <= at <= x[-1]:
            continue
        after = min(max(int(np.searchsorted(x, at)), 1), len(x) - 1)
        values[str(run)] = float(np.interp(at, x, y))
        steps[str(run)] = (
            float(abs(y[after] - y[after - 1]))
            if len(x) > 1 and not np.isclose(x, at, rtol=1e-9, atol=0).any()
            else 0.0
        )
        finished[str(run)] = int(rows.loc[rows[column] <= at, "epoch"].max()) + 1
        noise[str(run)] = rows["learning_rate"] / rows["batch_size"]
    if len(values) < 2:
        return None
    slowest, steepest = min(finished, key=finished.__getitem__), max(steps, key=steps.__getitem__)
    return Place(at, values, slowest, finished[slowest], steepest, steps[steepest], _fold(list(noise.values())))


def _fold(noise: list[pd.Series]) -> float:
    """Largest mu/B over the smallest; NaN where one changes on the way, unless all means are the same."""
    means = [float(each.mean()) for each in noise]
    fold = max(means) / min(means)
    return fold if fold < SAME_NOISE or all(each.max() < SAME_NOISE * each.min() for each in noise) else math.nan


def shared_end(curves: pd.DataFrame, column: str) -> float:
    """The largest value of an axis column that every run reaches."""
    return float(curves.groupby("run")[column].max().min())


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
