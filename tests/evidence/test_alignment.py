"""Runs compared at an equal amount of something."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sgd_core.evidence.alignment import best_place, places, shared_end, spread_at, values_at


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


def along(run: str, x: list[float], y: list[float], batch: int = 16, first: int = 0) -> pd.DataFrame:
    epochs = range(first, first + len(x))
    return pd.DataFrame(
        {"run": run, "epoch": epochs, "updates": x, "mean": y, "learning_rate": 1e-4, "batch_size": batch}
    )


def test_every_end_is_a_place_with_the_runs_that_have_a_value_there() -> None:
    curves = pd.concat([along("a", [10, 20, 30], [0.1, 0.3, 0.5]), along("b", [2, 4, 25], [0.2, 0.4, 0.82], batch=64)])
    first, *rest = places(curves, "updates")
    assert rest == []  # at 30 only one is left
    assert first.at == 25
    assert first.values == pytest.approx({"a": 0.4, "b": 0.82})
    assert (first.slowest, first.finished) == ("a", 2)
    assert first.steepest == "a"
    assert first.step == pytest.approx(0.2)
    assert first.noise == pytest.approx(4)
    assert first.gap == pytest.approx(0.42)
    assert first.ranked(less_is_better=False) == ["b", "a"]
    assert first.ranked(less_is_better=True) == ["a", "b"]


def test_finished_epochs_are_counted_by_their_number_not_by_the_rows_there_are() -> None:
    """The test images are looked at every fifth epoch."""
    rare = along("rare", [50, 100], [0.5, 0.6]).assign(epoch=[4, 9])
    (place,) = places(pd.concat([rare, along("b", [30, 60, 90], [0.5, 0.6, 0.7])]), "updates")
    assert (place.at, place.finished) == (90, 3)
    (place,) = places(pd.concat([rare, along("b", list(range(10, 91, 10)), [0.5] * 9)]), "updates")
    assert (place.slowest, place.finished) == ("rare", 5)


def test_the_best_place_has_most_runs_none_of_which_has_only_begun() -> None:
    curves = pd.concat(
        [along("short", [1, 2, 3, 4], [0.1] * 4), along("slow", [3, 6, 9, 12, 15, 18], [0.1] * 6),
         along("long", list(range(1, 13)), [0.1] * 12)]
    )  # fmt: skip
    found = places(curves, "updates")
    assert [(place.at, len(place.values), place.finished) for place in found] == [(4, 3, 1), (12, 2, 4)]
    chosen = [best_place(found, fewest) for fewest in (1, 2, 4, 5)]
    assert [place and place.at for place in chosen] == [4, 12, 12, None]
