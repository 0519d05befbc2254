"""Runs as a grid over batch size and learning rate: what a cell holds, and when there is no grid."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sgd_core.evidence import grid
from sgd_core.experiment.spec import RunSpec

VALUES = (0.9, 0.92, 0.97, 0.98, 0.99)


def runs(*settings: dict[str, object]) -> pd.DataFrame:
    rows = [{**RunSpec.parse(each).model_dump(), "final": value} for each, value in zip(settings, VALUES, strict=False)]
    return pd.DataFrame(rows)


def test_a_cell_is_the_mean_of_its_seeds() -> None:
    made = grid.of(runs({"seed": 0}, {"seed": 1}, {"batch_size": 64}), "final")
    one, other = made.cells
    assert (one.batch_size, one.learning_rate, one.n, other.batch_size, other.n) == (16, 1e-4, 2, 64, 1)
    assert one.mean == pytest.approx(0.91)
    assert one.high - one.low == pytest.approx(2 * 12.7062 * 0.01, rel=1e-4)  # t(1) x sd / sqrt(2)
    assert math.isnan(other.low)
    assert (made.mixed, made.across) == ([], [])


def test_what_differs_between_cells_alone_is_named() -> None:
    made = grid.of(runs({"learning_rate": 1e-3, "updates": 100}, {"updates": 1000}), "final")
    assert (len(made.cells), made.mixed, made.across) == (2, [], ["updates"])


@pytest.mark.parametrize(
    ("more", "mixed"),
    [
        ({"epochs": 8}, ["epochs"]),
        ({"momentum": 0.0, "updates": 5}, ["updates", "momentum"]),
        ({"views": 33}, ["views"]),
    ],
)  # fmt: skip
def test_a_cell_of_several_settings_is_no_cell(more: dict[str, object], mixed: list[str]) -> None:
    made = grid.of(runs({}, {"seed": 1, **more}, {"batch_size": 64}), "final")
    assert (made.cells, sorted(made.mixed)) == ([], sorted(mixed))


def test_runs_without_the_measure_make_no_cells() -> None:
    assert grid.of(runs({}).assign(final=None), "final").cells == []
