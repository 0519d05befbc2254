"""Where the arms of a claim end: the value of a measure for every seed there is, from the tables of runs.

Every run that answers its question counts, those that went wrong included. A loss that exploded or is no number counts
as that of a head that is as wrong as record.EXPLODED says, so that one such run does not hide the others' differences.
Where a run is there with several numbers of views, both arms of a pair are taken at the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgd_core.experiment.claims import MEASURES, Arm, Claim, Comparison
from sgd_core.experiment.paper import FINAL_EPOCHS
from sgd_core.experiment.record import ANSWERS, EXPLODED
from sgd_core.runs import table

WORST_LOSS = EXPLODED * math.log(10)
RIGHT = 0.95
"""Share of the training images that 'updates until 95% are right' waits for."""


@dataclass(frozen=True)
class Tables:
    """Runs, their epochs with accuracies, and their measurements, as Store gives them."""

    runs: pd.DataFrame
    epochs: pd.DataFrame
    measurements: pd.DataFrame

    def rows_of(self, arm: Arm) -> dict[tuple[int, int], str]:
        """(seed, views) -> key of every run of an arm that has ended; views is 0 where a run uses none."""
        asked = arm.spec.model_copy(update={"seed": 0}).question()
        found = {}
        for row in table.rows(self.runs[self.runs["status"].isin(ANSWERS)]):
            spec = table.spec_of(row)
            if spec.model_copy(update={"seed": 0}).question() == asked:
                found[spec.seed, spec.views if spec.augment else 0] = row["key"]
        return found


def pairs(claim: Claim, comparison: Comparison, tables: Tables) -> dict[int, tuple[float, float]]:
    """Seed -> the two arms' values of the comparison's measure, for every seed that both have measured."""
    if comparison.measure == "kink_error":
        return _kink_errors(claim, tables)
    first, second = claim.arms[comparison.first], claim.arms[comparison.second]
    there = tables.rows_of(first), tables.rows_of(second)
    found: dict[int, tuple[float, float]] = {}
    for seed, views in sorted(there[0].keys() & there[1].keys()):  # the most views last, which then stand
        values = (
            _value(first, there[0][seed, views], comparison.measure, tables),
            _value(second, there[1][seed, views], comparison.measure, tables),
        )
        if not any(math.isnan(value) for value in values):
            found[seed] = values
    return found


def difference(measure: str, first: float, second: float) -> float:
    """By how much the first arm has more, in the measure's units: log ratio, or percentage points."""
    told = MEASURES[measure]
    if told.scale == "log":
        return told.sign * (math.log(first) - math.log(second))
    return told.sign * 100 * (first - second)


def _value(arm: Arm, key: str, measure: str, tables: Tables) -> float:
    """NaN where it was not measured."""
    epochs = tables.epochs[tables.epochs["key"] == key].sort_values("epoch")
    if "." in measure:
        return _probed(arm, key, measure, epochs, tables.measurements)
    return _READ[measure](arm, epochs)


def _test_loss(arm: Arm, epochs: pd.DataFrame) -> float:
    last = epochs.iloc[-1]
    if arm.epoch is None and arm.time is None and pd.isna(last["train_loss"]):  # diverged
        return WORST_LOSS
    return min(_at(arm, epochs, "test_loss"), WORST_LOSS)


def _test_accuracy(arm: Arm, epochs: pd.DataFrame) -> float:
    return _at(arm, epochs, "test_accuracy")


def _at(arm: Arm, epochs: pd.DataFrame, column: str) -> float:
    """The column where the arm is read: at its time, after its epoch, or at the end."""
    if arm.time is not None:
        known = epochs.dropna(subset=[column])
        x, y = known["training_time"].to_numpy(dtype=float), known[column].to_numpy(dtype=float)
        return float(np.interp(arm.time, x, y)) if len(x) and x[0] <= arm.time <= x[-1] else math.nan
    row = epochs[epochs["epoch"] == arm.epoch] if arm.epoch is not None else epochs.tail(1)
    return math.nan if row.empty or pd.isna(row[column].iloc[0]) else float(row[column].iloc[0])


def _probed(arm: Arm, key: str, measure: str, epochs: pd.DataFrame, measurements: pd.DataFrame) -> float:
    probe, _, name = measure.partition(".")
    epoch = arm.epoch if arm.epoch is not None else int(epochs["epoch"].iloc[-1])
    rows = measurements[
        (measurements["key"] == key) & (measurements["probe"] == probe) & (measurements["name"] == name)
        & (measurements["epoch"] == epoch)
    ]  # fmt: skip
    return math.nan if rows.empty or pd.isna(rows["value"].iloc[0]) else float(rows["value"].iloc[0])


def _until_right(column: str) -> Callable[[Arm, pd.DataFrame], float]:
    def until(arm: Arm, epochs: pd.DataFrame) -> float:
        """Where the paper's accuracy first reaches RIGHT, between two epochs by interpolation; NaN if it never does."""
        known = epochs.dropna(subset=["reported_accuracy"])
        accuracy, x = known["reported_accuracy"].to_numpy(dtype=float), known[column].to_numpy(dtype=float)
        reached = np.flatnonzero(accuracy >= RIGHT)
        if not len(reached) or reached[0] == 0:
            return math.nan
        i = reached[0]
        share = (RIGHT - accuracy[i - 1]) / (accuracy[i] - accuracy[i - 1])
        return float(x[i - 1] + share * (x[i] - x[i - 1]))

    return until


_READ: Mapping[str, Callable[[Arm, pd.DataFrame], float]] = {
    "test_loss": _test_loss,
    "test_accuracy": _test_accuracy,
    "updates_to_95": _until_right("updates"),
    "time_to_95": _until_right("effective_time"),
}


def _kink_errors(claim: Claim, tables: Tables) -> dict[int, tuple[float, float]]:
    """Seed -> errors of predicting a left-out decay with a kink and with a smooth curve, as shares of the images."""
    ends: dict[int, dict[str, tuple[float, float]]] = {}
    for name, arm in claim.arms.items():
        for (seed, _), key in sorted(tables.rows_of(arm).items()):
            epochs = tables.epochs[(tables.epochs["key"] == key) & (tables.epochs["epoch"] >= 0)].sort_values("epoch")
            time = float(epochs["effective_time"].iloc[-1])
            ends.setdefault(seed, {})[name] = time, float(epochs["reported_accuracy"].tail(FINAL_EPOCHS).mean())
    whole = {seed: list(each.values()) for seed, each in ends.items() if len(each) == len(claim.arms)}
    return {seed: (left_out_error(points, _kinked), left_out_error(points, _smooth)) for seed, points in whole.items()}


Fit = Callable[[np.ndarray, np.ndarray], Callable[[float], float]]


def left_out_error(points: list[tuple[float, float]], fit: Fit) -> float:
    """Root mean square error of predicting each point's y from a fit over log x to all the others."""
    x, y = np.log([point[0] for point in points]), np.array([point[1] for point in points])
    keep = ~np.eye(len(x), dtype=bool)
    errors = [fit(x[keep[i]], y[keep[i]])(x[i]) - y[i] for i in range(len(x))]
    return float(np.sqrt(np.mean(np.square(errors))))


def _smooth(x: np.ndarray, y: np.ndarray) -> Callable[[float], float]:
    """A parabola: three numbers."""
    coefficients = np.polyfit(x, y, 2)
    return lambda at: float(np.polyval(coefficients, at))


def _kinked(x: np.ndarray, y: np.ndarray) -> Callable[[float], float]:
    """Two straight lines that meet, where they fit best: four numbers, the threshold among them."""
    best: tuple[float, float, np.ndarray] | None = None
    for knot in np.linspace(np.sort(x)[1], np.sort(x)[-2], 25):
        columns = np.column_stack([np.ones_like(x), x, np.clip(x - knot, 0, None)])
        solved, *_ = np.linalg.lstsq(columns, y, rcond=None)
        squares = float(np.sum((columns @ solved - y) ** 2))
        if best is None or squares < best[0]:
            best = squares, float(knot), solved
    assert best is not None
    _, knot, solved = best
    return lambda at: float(solved @ np.array([1.0, at, max(at - knot, 0.0)]))
