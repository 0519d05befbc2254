"""Runs compared at an equal amount of something."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sgd_core.evidence.alignment import fewest_epochs, shared_end, spread_at, values_at


def curve(run: str, times: list[float], values: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"run": run, "training_time": times, "epoch": range(len(times)), "mean": values})


@pytest.fixture
def one_function_of_time() -> pd.DataFrame:
    """Two runs that differ 8 times in speed and are one and the same function of T."""
    runs = []
    for name, speed in (("slow", 0.001), ("fast", 0.008)):
        times = [speed * (k + 1) for k in range(200)]
        runs.append(curve(name, times, [1 - math.exp(-5 * t) for t in times]))
    return pd.concat(runs, ignore_index=True)


def test_what_depends_on_time_alone_collapses_at_equal_time(one_function_of_time: pd.DataFrame) -> None:
    at = shared_end(one_function_of_time, "training_time")
    assert at == pytest.approx(0.2)
    by_epoch = spread_at(one_function_of_time, "epoch", 199)
    by_time = spread_at(one_function_of_time, "training_time", at)
    assert by_epoch is not None
    assert by_time is not None
    assert by_epoch.best == "fast"
    assert by_epoch.gap == pytest.approx(math.exp(-1) - math.exp(-8))
    assert by_time.gap < 2e-4  # what linear interpolation of the coarser curve leaves


def test_between_epochs_values_are_interpolated_linearly() -> None:
    curves = pd.concat([curve("a", [0.0, 1.0], [0.2, 0.6]), curve("b", [0.0, 2.0], [0.0, 1.0])])
    assert values_at(curves, "training_time", 0.25) == pytest.approx({"a": 0.3, "b": 0.125})


def test_runs_that_begin_later_or_end_earlier_are_left_out() -> None:
    curves = pd.concat([curve("early", [0, 1], [0, 1]), curve("late", [2, 3], [0, 1]), curve("long", [0, 3], [0, 3])])
    assert set(values_at(curves, "training_time", 0.5)) == {"early", "long"}
    assert set(values_at(curves, "training_time", 1)) == {"early", "long"}
    assert set(values_at(curves, "training_time", 1.5)) == {"long"}
    assert set(values_at(curves, "training_time", 2)) == {"late", "long"}
    assert spread_at(curves, "training_time", 1.5) is None
    assert shared_end(curves, "training_time") == 1


def test_the_order_of_rows_does_not_matter() -> None:
    rows = curve("a", list(np.linspace(0, 1, 20)), list(np.linspace(0, 1, 20) ** 2))
    shuffled = rows.sample(frac=1, random_state=1)
    assert values_at(shuffled, "training_time", 0.33) == values_at(rows, "training_time", 0.33)


def test_less_is_better_turns_best_and_worst_around() -> None:
    curves = pd.concat([curve("a", [0, 1], [3, 1]), curve("b", [0, 1], [3, 2])])
    accuracy, loss = spread_at(curves, "epoch", 1), spread_at(curves, "epoch", 1, less_is_better=True)
    assert accuracy is not None
    assert loss is not None
    assert (accuracy.best, accuracy.worst, accuracy.best_value) == ("b", "a", 2)
    assert (loss.best, loss.worst, loss.best_value) == ("a", "b", 1)
    assert accuracy.gap == loss.gap == 1


def test_fewest_epochs_counts_those_finished_at_a_place() -> None:
    curves = pd.DataFrame({"run": ["a"] * 3 + ["b"] * 2, "updates": [1, 2, 3, 2, 4], "mean": 0.5})
    assert fewest_epochs(curves, "updates", 3) == ("b", 1)
    assert fewest_epochs(curves, "updates", 1) == ("b", 0)
