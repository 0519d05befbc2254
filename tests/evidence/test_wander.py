"""How far runs are from their start at one training time, and what a random walk of the steps' noise would add."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sgd_core.evidence import wander
from sgd_core.evidence.ends import Tables
from tests.evidence.probed import Made


def tables(missing: int = 0) -> Tables:
    """Runs whose distance is their T times 1 and 1.2 (two seeds); the last `missing` runs are not there."""
    made, factor = Made(), {}
    for spec in wander.RUNS[: len(wander.RUNS) - missing]:
        for seed, speed in ((0, 1.0), (1, 1.2)):
            factor[made.add(spec.model_copy(update={"seed": seed}), {})] = speed
    found = made.tables()
    distance = found.epochs["training_time"] * found.epochs["key"].map(factor)
    return Tables(found.runs, found.epochs.assign(distance_from_init=distance), found.measurements)


def test_runs_are_compared_where_all_of_them_were_recorded_first() -> None:
    found = wander.travelled(tables())
    assert found["run"].tolist() == ["B=16, mu=1e-4", "B=512, mu=32e-4", "B=16, mu=32e-4"]
    # an epoch of B=16 at 32e-4 takes ceil(2967 / 16) = 186 updates
    assert found["training_time"].unique() == pytest.approx([186 * 32e-4])
    assert found["distance"].tolist() == pytest.approx([1.1 * 186 * 32e-4] * 3)
    assert found["seeds"].tolist() == [2, 2, 2]
    assert found["noise"].tolist() == pytest.approx([6.25e-6, 6.25e-6, 2e-4])


def test_what_is_not_there_is_left_out() -> None:
    assert len(wander.travelled(tables(missing=1))) == 2
    empty = wander.travelled(Made().tables())
    assert empty.empty
    assert list(empty.columns) == wander.COLUMNS


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_a_random_walk_goes_as_far_as_its_formula(momentum: float) -> None:
    rate, batch, trace, steps = 0.01, 4, 3.0, 2000
    rng = np.random.default_rng(0)
    w, v = np.zeros((4000, 2)), np.zeros((4000, 2))
    for _ in range(steps):
        v = momentum * v + np.sqrt(trace / 2 / batch) * rng.standard_normal(v.shape)
        w = w - rate * v
    row = pd.Series({"training_time": rate * steps, "noise": rate / batch, "momentum": momentum})
    assert (w**2).sum(axis=1).mean() == pytest.approx(wander.random_walk(row, trace), rel=0.05)
