"""Where the arms of a claim end: the value of a measure for every seed there is, from the tables of runs.

Only runs on the paper's images and weights answer for its claims. Every one that has ended counts, those that went
wrong included: a loss that exploded or is no number counts as that of a head as wrong as record.EXPLODED says, an
accuracy then as chance, so that one such run does not hide the others' differences. Where a run is there with several
numbers of views, both arms of a pair are taken at the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sgd_core.experiment import fingerprints
from sgd_core.experiment.claims import MEASURES, Arm, Claim, Comparison
from sgd_core.experiment.datasets import DATASETS
from sgd_core.experiment.paper import FINAL_EPOCHS
from sgd_core.experiment.record import ANSWERS, EXPLODED
from sgd_core.runs.kept import table

WORST_LOSS = EXPLODED * math.log(10)


@dataclass(frozen=True)
class Ended:
    """A run of an arm that has ended."""

    key: str
    status: str
    chance: float
    """Accuracy of a head that knows nothing."""


@dataclass(frozen=True)
class Pair:
    """The values of both arms at one seed, NaN where one has none, and the views that both had (0: no crops)."""

    first: float
    second: float
    views: int


@dataclass(frozen=True)
class Tables:
    """Runs, their epochs with accuracies, and their measurements, as Store gives them."""

    runs: pd.DataFrame
    epochs: pd.DataFrame
    measurements: pd.DataFrame

    def of(self, arm: Arm) -> dict[tuple[int, int], Ended]:
        """(seed, views) -> every run of an arm that has ended; views is 0 where a run uses none."""
        return self._by_question.get(arm.spec.model_copy(update={"seed": 0}).question(), {})

    def epochs_of(self, key: str) -> pd.DataFrame:
        """The epochs of a run, in order."""
        ordered, places = self._by_key
        return ordered.iloc[places.get(key, slice(0))]

    @cached_property
    def _by_question(self) -> dict[str, dict[tuple[int, int], Ended]]:
        found: dict[str, dict[tuple[int, int], Ended]] = {}
        for row in table.rows(self.runs[self.runs["status"].isin(ANSWERS)]):
            spec = table.spec_of(row)
            expected = fingerprints.expected(spec)
            if (row["data_fingerprint"], row["weights_fingerprint"]) != (expected.data, expected.weights):
                continue
            ended = Ended(row["key"], row["status"], 1 / DATASETS[spec.dataset].classes)
            of = found.setdefault(spec.model_copy(update={"seed": 0}).question(), {})
            of[spec.seed, spec.views if spec.augment else 0] = ended
        return found

    @cached_property
    def _by_key(self) -> tuple[pd.DataFrame, dict[str, slice]]:
        """The epochs run by run, and where each stands: a table a run would take twice the memory."""
        return by_key(self.epochs)


def by_key(epochs: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, slice]]:
    """The epochs run by run, each in order, and where those of each key stand."""
    ordered = epochs.sort_values(["key", "epoch"], ignore_index=True)
    ends = ordered.groupby("key").size().cumsum()
    return ordered, {str(key): slice(begin, end) for key, begin, end in zip(ends.index, [0, *ends], ends)}


def pairs(claim: Claim, comparison: Comparison, tables: Tables) -> dict[int, Pair]:
    """Seed -> the two arms' values of the comparison's measure, for every seed of which both have ended, by number.

    On a log scale a value that is not above zero counts as not measured.
    """
    if comparison.measure == "kink_error":
        return _kink_errors(claim, tables)
    first, second = claim.arms[comparison.first], claim.arms[comparison.second]
    there = tables.of(first), tables.of(second)
    found: dict[int, Pair] = {}
    for seed, views in sorted(there[0].keys() & there[1].keys()):  # the most views last, which then stand
        one = _value(first, there[0][seed, views], comparison.measure, tables)
        other = _value(second, there[1][seed, views], comparison.measure, tables)
        if MEASURES[comparison.measure].scale == "log" and not min(one, other) > 0:
            one = math.nan
        found[seed] = Pair(one, other, views)
    return found


def values(arm: Arm, measure: str, tables: Tables) -> dict[tuple[int, int], float]:
    """(seed, views) -> a measure of one arm (views 0: no crops), those without a value left out.

    On a log scale a value that is not above zero counts as not measured.
    """
    found = {at: _value(arm, ended, measure, tables) for at, ended in tables.of(arm).items()}
    log = MEASURES[measure].scale == "log"
    return {at: value for at, value in found.items() if not math.isnan(value) and (value > 0 or not log)}


def difference(measure: str, first: float, second: float) -> float:
    """By how much the first arm has more, in the measure's units: log ratio, or percentage points."""
    told = MEASURES[measure]
    if told.scale == "log":
        return told.sign * (math.log(first) - math.log(second))
    return told.sign * 100 * (first - second)


def _value(arm: Arm, ended: Ended, measure: str, tables: Tables) -> float:
    """NaN where it was not measured, or never came to be."""
    epochs = tables.epochs_of(ended.key)
    if "." in measure:
        return _probed(arm, ended.key, measure, epochs, tables.measurements)
    if "_to_" in measure:
        column, _, percent = measure.partition("_to_")
        return _until({"updates": "updates", "time": "effective_time"}[column], int(percent) / 100, epochs)
    is_loss = measure.endswith("_loss")
    if ended.status == "diverged":
        return WORST_LOSS if is_loss else ended.chance
    value = _at(arm, epochs, measure)
    return min(value, WORST_LOSS) if is_loss else value


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


def _until(column: str, right: float, epochs: pd.DataFrame) -> float:
    """Where the paper's accuracy first reaches `right`, between two epochs by interpolation; NaN if it never does."""
    known = epochs.dropna(subset=["reported_accuracy"])
    accuracy, x = known["reported_accuracy"].to_numpy(dtype=float), known[column].to_numpy(dtype=float)
    reached = np.flatnonzero(accuracy >= right)
    if not len(reached) or reached[0] == 0:
        return math.nan
    i = reached[0]
    share = (right - accuracy[i - 1]) / (accuracy[i] - accuracy[i - 1])
    return float(x[i - 1] + share * (x[i] - x[i - 1]))


def _kink_errors(claim: Claim, tables: Tables) -> dict[int, Pair]:
    """Seed -> errors of predicting a left-out decay with a kink and with a smooth curve, as shares of the images."""
    ends: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for arm in claim.arms.values():
        for seed_and_views, ended in tables.of(arm).items():
            epochs = tables.epochs_of(ended.key)
            trained = epochs[epochs["epoch"] >= 0]
            time = float(trained["effective_time"].iloc[-1])
            end = time, float(trained["reported_accuracy"].tail(FINAL_EPOCHS).mean())
            ends.setdefault(seed_and_views, []).append(end)
    whole = {at: points for at, points in sorted(ends.items()) if len(points) == len(claim.arms)}
    return {
        seed: Pair(left_out_error(points, _kinked), left_out_error(points, _smooth), views)
        for (seed, views), points in whole.items()
    }


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
