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
    found = {str(run): _Curve.of(rows, column) for run, rows in curves.groupby("run", sort=False, observed=True)}
    ends = sorted({float(curve.x[-1]) for curve in found.values()})
    there = [(at, {run: curve for run, curve in found.items() if curve.x[0] <= at <= curve.x[-1]}) for at in ends]
    return [_place(at, runs) for at, runs in there if len(runs) > 1]


def best_place(found: list[Place], fewest: int) -> Place | None:
    """Where most runs can be compared, each with so many finished epochs at least; of equals the furthest."""
    late = [place for place in found if place.finished >= fewest]
    return max(late, key=lambda place: (len(place.values), place.at), default=None)


@dataclass(frozen=True)
class _Curve:
    """A run's rows along an axis, sorted once for all places."""

    x: np.ndarray
    y: np.ndarray
    epochs: np.ndarray
    noise: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame, column: str) -> _Curve:
        rows = rows.sort_values(column)
        x, y, rate, batch = (
            rows[name].to_numpy(dtype=float) for name in (column, "mean", "learning_rate", "batch_size")
        )
        return cls(x, y, rows["epoch"].to_numpy(dtype=int), rate / batch)

    def finished(self, at: float) -> int:
        return int(self.epochs[self.x <= at].max()) + 1

    def step(self, at: float) -> float:
        """By how much the rows on both sides of the place differ; 0 at a row."""
        if len(self.x) == 1 or np.isclose(self.x, at, rtol=1e-9, atol=0).any():
            return 0.0
        after = min(max(int(np.searchsorted(self.x, at)), 1), len(self.x) - 1)
        return float(abs(self.y[after] - self.y[after - 1]))


def _place(at: float, runs: dict[str, _Curve]) -> Place:
    values = {run: float(np.interp(at, curve.x, curve.y)) for run, curve in runs.items()}
    finished = {run: curve.finished(at) for run, curve in runs.items()}
    steps = {run: curve.step(at) for run, curve in runs.items()}
    slowest, steepest = min(finished, key=finished.__getitem__), max(steps, key=steps.__getitem__)
    noise = _fold([curve.noise for curve in runs.values()])
    return Place(at, values, slowest, finished[slowest], steepest, steps[steepest], noise)


def _fold(noise: list[np.ndarray]) -> float:
    """Largest mu/B over the smallest; NaN where one changes on the way, unless all means are the same."""
    means = [float(each.mean()) for each in noise]
    fold = max(means) / min(means)
    return fold if fold < SAME_NOISE or all(each.max() < SAME_NOISE * each.min() for each in noise) else math.nan


def shared_end(curves: pd.DataFrame, column: str) -> float:
    """The largest value of an axis column that every run reaches."""
    return float(curves.groupby("run")[column].max().min())


def values_at(curves: pd.DataFrame, column: str, at: float, of: str = "mean") -> dict[str, float]:
    """Every run's `of` at one place of an axis; runs whose curve begins later or ends earlier are left out."""
    values = {}
    for run, rows in curves.sort_values(column, kind="stable").groupby("run", sort=False, observed=True):
        x, y = rows[column].to_numpy(dtype=float), rows[of].to_numpy(dtype=float)
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
