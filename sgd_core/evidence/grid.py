"""Runs as a grid over batch size and learning rate: each cell holds the seeds of one setting, or there is no grid."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sgd_core.evidence.intervals import over_seeds
from sgd_core.runs.kept.table import SPEC_COLUMNS

SIDES = ["batch_size", "learning_rate"]


@dataclass(frozen=True)
class Cell:
    """The runs of one batch size and learning rate: their mean, its 95% interval (NaN where n = 1), their number."""

    batch_size: int
    learning_rate: float
    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Grid:
    """What runs make of a grid."""

    cells: list[Cell]
    """By batch size, then rate; none where `mixed` is not empty, or nothing was measured."""
    mixed: list[str]
    """Settings, by their field, in which runs of one cell differ."""
    across: list[str]
    """Settings in which only cells differ from each other."""


def of(runs: pd.DataFrame, column: str) -> Grid:
    """The grid that these rows of Store.runs make, of the mean of a column."""
    differing = [name for name in SPEC_COLUMNS if name not in (*SIDES, "seed") and runs[name].nunique(dropna=False) > 1]
    each = runs.groupby(SIDES, observed=True)
    mixed = [name for name in differing if (each[name].nunique(dropna=False) > 1).any()]
    if mixed:
        return Grid([], mixed, [])
    table = over_seeds(runs.assign(value=runs[column].astype("float64")), SIDES, "value")
    cells = [
        Cell(int(row["batch_size"]), float(row["learning_rate"]), row["mean"], row["low"], row["high"], int(row["n"]))
        for row in table.to_dict("records")
    ]
    return Grid(cells, [], differing)
