"""What is kept of the line, the plane and the rescaled ends comes back as tables."""

from __future__ import annotations

import pandas as pd
import pytest

from sgd_core.evidence import between
from sgd_core.experiment.claims import LARGE, NOMINAL
from tests.evidence.probed import Made


def measured(probe: str, values: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [{"key": "k", "probe": probe, "epoch": 149, "name": name, "value": value} for name, value in values.items()]
    )


def test_the_line_has_a_row_for_every_place_and_split() -> None:
    values = {"train_loss at -0.5": 1.0, "train_accuracy at -0.5": 0.5, "test_loss at 0.3": 2.0,
              "test_accuracy at 0.3": 0.25, "something else": 9.0}  # fmt: skip
    assert between.line(measured("line", values)).values.tolist() == [[-0.5, "train", 1.0, 0.5], [0.3, "test", 2, 0.25]]
    assert between.line(measured("plane", values)).empty


def test_the_plane_has_tiles_and_ways_in_the_order_of_training() -> None:
    values = {
        "train_loss at -1.5000 0.2500": 3.0, "train_loss at 1.0e-05 2.0000": 4.0, "first x": 20.0, "first y": 0.0,
        **{f"{run} {what} at {epoch}": value for run in ("first", "second") for epoch in (149, -1, 4)
           for what, value in (("x", epoch + 1.0), ("y", 2.0), ("away", 0.5))},
    }  # fmt: skip
    found = between.plane(measured("plane", values))
    assert found is not None
    assert found.tiles.values.tolist() == [[-1.5, 0.25, "train", 3.0], [1e-5, 2.0, "train", 4.0]]
    first = found.ways[found.ways["run"] == between.FIRST]
    assert first[["epoch", "x", "y", "away"]].values.tolist() == [[-1, 0, 2, 0.5], [4, 5, 2, 0.5], [149, 150, 2, 0.5]]
    assert set(found.ways["run"]) == {between.FIRST, between.SECOND}
    assert between.plane(measured("line", values)) is None


def test_where_only_the_ends_are_kept_the_ways_are_straight() -> None:
    values = {"train_loss at 0.0000 0.0000": 1.0, "first x": 20.0, "first y": 0.0, "second x": 6.0, "second y": 5.0}
    found = between.plane(measured("plane", values))
    assert found is not None
    second = found.ways[found.ways["run"] == between.SECOND]
    assert second[["epoch", "x", "y", "away"]].values.tolist() == [[-1, 0, 0, 0], [149, 6, 5, 0]]


def test_a_rescaled_end_has_every_measure_at_every_alpha() -> None:
    values = {
        f"{name} at {alpha:g}": value * alpha
        for alpha in (0.25, 4.0)
        for name, value in {"largest_eigenvalue": 8.0, "trace": 16.0, "trace_se": 1.0, "adaptive": 4.0, "changed": 0.0,
                            "images": 100.0, "logit_difference": 1e-6, "logit_size": 30.0}.items()
    }  # fmt: skip
    found = between.rescaled(measured("rescale", values))
    assert found[["alpha", "measure", "value"]].values.tolist() == [
        [0.25, "largest eigenvalue", 2], [4, "largest eigenvalue", 32], [0.25, "trace", 4], [4, "trace", 64],
        [0.25, "scale-free sharpness", 1], [4, "scale-free sharpness", 16],
    ]  # fmt: skip
    assert between.rescaled(measured("line", values)).empty


def test_a_value_that_is_not_known_is_no_row() -> None:
    values = {"largest_eigenvalue at 4": float("nan"), "trace at 4": 2.0, "adaptive at 4": 1.0, "changed at 4": 0.0,
              "images at 4": 1.0, "logit_difference at 4": 0.0, "logit_size at 4": 1.0, "largest_eigenvalue at 1": 3.0,
              "trace at 1": 1.0, "adaptive at 1": 1.0}  # fmt: skip
    found = between.rescaled(measured("rescale", values))
    assert found.loc[found["measure"] == "largest eigenvalue", "alpha"].tolist() == [1]


@pytest.mark.parametrize(("probe", "run", "seed"), [("line", between.SECOND, 1), ("rescale", between.FIRST, 2)])
def test_of_several_seeds_the_lowest_that_has_it_is_shown(probe: str, run: str, seed: int) -> None:
    made = Made()
    for each in (0, 1, 2):
        made.add(LARGE.model_copy(update={"seed": each}), {("line", 149): {"x": each}} if each else {})
        made.add(NOMINAL.model_copy(update={"seed": each}), {("rescale", 149): {"x": each}} if each == 2 else {})
    found = between.of_run(made.tables(), run, probe)
    assert found is not None
    assert found[0] == seed
    assert found[1]["value"].tolist() == [seed]
    assert between.of_run(made.tables(), run, "plane") is None
