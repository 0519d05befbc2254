"""Which run is sharper at equal epochs, equal T_eff or equal training loss: where the run that comes least far ends.

Beside a measurement stands the loss of the same head on the same images, dropout off.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from sgd_core.evidence import sharpness
from sgd_core.evidence.ends import Tables
from sgd_core.evidence.gauges import name_of
from sgd_core.experiment.claims import LAST
from sgd_core.experiment.measurements import MEASUREMENTS
from sgd_core.experiment.spec import RunSpec

Place = Literal["trained", "effective_time", "reported_loss"]
"""How many epochs a head was trained for (0: untrained), T_eff, or its loss on the training images."""
NEAR = 1.1
"""A value measured within this factor of a place is taken for that place where none was measured on its other side."""


@dataclass(frozen=True)
class Reading:
    """What a run has at a place: geometric mean over seeds."""

    value: float
    seeds: tuple[int, ...]
    between: bool
    """Read between two measured epochs, for some seed."""


@dataclass(frozen=True)
class Compared:
    """All runs at one place; `lacking` are those that were not measured there."""

    place: float
    readings: Mapping[str, Reading] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()

    @property
    def values(self) -> dict[str, float]:
        return {run: reading.value for run, reading in self.readings.items()}


def table(tables: Tables) -> pd.DataFrame:
    """sharpness.table where a value is above zero, with `trained`, `views`, and runs named with μ."""
    rows = sharpness.table(tables)
    views = dict(zip(tables.runs["key"], tables.runs["views"], strict=True))
    rows = rows.assign(
        run=rows["run"].map(shown), trained=rows["epoch"] + 1, views=rows["key"].map(views).astype("float")
    )
    return rows[np.isfinite(rows["value"].astype(float)) & (rows["value"] > 0)].reset_index(drop=True)


def shown(name: str) -> str:
    """A run's name as pages have it."""
    return name.replace("mu=", "μ=")


def shown_of(spec: RunSpec) -> str:
    """The name of a run's setting as pages have it, without its seed."""
    return shown(name_of(spec))


def compared(rows: pd.DataFrame, place: Place) -> Compared | None:
    """All runs of a table of one measure where the one that comes least far ends; None where nothing is measured.

    Least far: the fewest epochs, the smallest T_eff, the largest loss at its end. Of a run the seeds with the most
    views that were measured there count.
    """
    ends = {run: _geometric(of.sort_values("epoch").groupby("key")[place].last()) for run, of in _by_run(rows)}
    known = [end for end in ends.values() if math.isfinite(end)]
    if not known:
        return None
    at = max(known) if place == "reported_loss" else min(known)
    readings = {run: reading for run, of in _by_run(rows) if (reading := _reading(of, place, at)) is not None}
    return Compared(at, readings, tuple(run for run in ends if run not in readings))


def _by_run(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    return ((str(run), of) for run, of in rows.groupby("run", sort=False))


def _geometric(values: pd.Series) -> float:
    numbers = values.to_numpy(dtype=float)
    numbers = numbers[np.isfinite(numbers) & (numbers > 0)]
    return float(np.exp(np.log(numbers).mean())) if len(numbers) else math.nan


def _reading(rows: pd.DataFrame, place: Place, at: float) -> Reading | None:
    read = [
        (int(of["views"].iloc[0]), int(of["seed"].iloc[0]), *found)
        for _, of in rows.groupby("key")
        if (found := _read(of, place, at)) is not None
    ]
    if not read:
        return None
    most = [each for each in read if each[0] == max(views for views, *_ in read)]
    value = math.exp(sum(math.log(each[2]) for each in most) / len(most))
    return Reading(value, tuple(sorted(each[1] for each in most)), any(each[3] for each in most))


def _read(rows: pd.DataFrame, place: Place, at: float) -> tuple[float, bool] | None:
    """A run's value at a place, and whether it was read between two measured ones (straight on log axes)."""
    rows = rows[rows[place].astype(float) > 0].sort_values(place)
    x, y = (np.log(rows[column].to_numpy(dtype=float)) for column in (place, "value"))
    if not len(x):
        return None
    away = x - math.log(at)
    nearest = int(np.abs(away).argmin())
    if abs(away[nearest]) < 1e-9:
        return math.exp(y[nearest]), False
    if away[0] < 0 < away[-1]:
        return math.exp(float(np.interp(0, away, y))), True
    near = abs(away[nearest]) <= math.log(NEAR) and place != "trained"
    return (math.exp(y[nearest]), False) if near else None


def lacking(rows: pd.DataFrame, seed: int = 0) -> dict[str, list[int]]:
    """Run -> the epochs of the measurement "sharpness" that are not all there (-1: untrained), at whatever views."""
    found = {}
    measurement = MEASUREMENTS["sharpness"]
    for spec in measurement.runs:
        planned = sorted(spec.epochs - 1 if epoch == LAST else epoch for epoch in measurement.epochs)
        of = rows[(rows["run"] == shown_of(spec)) & (rows["seed"] == seed)]
        there = [set(of.loc[of["measure"] == measure, "epoch"]) for measure in sharpness.MEASURES]
        lacks = [epoch for epoch in planned if not all(epoch in each for each in there)]
        if lacks:
            found[shown_of(spec)] = lacks
    return found
