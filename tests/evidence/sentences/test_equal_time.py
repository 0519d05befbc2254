"""The sentences of the map: what is there, where it is lowest, and which rate is best."""

from __future__ import annotations

import math

import pytest

from sgd_core.evidence.equal_time import Best, Cell
from sgd_core.evidence.sentences import equal_time as sentences


def cell(batch: int, rate: float, *losses: float) -> Cell:
    return Cell(batch, rate, 33, dict(enumerate(losses)), {})


FULL, PART, NONE = cell(16, 32e-4, 0.05, 0.06, 0.07), cell(512, 8e-4, 0.03), cell(64, 8e-4)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([NONE, NONE], "None of the map's 2 cells has runs yet; 3 seeds of each are planned."),
        ([FULL, PART, NONE], "2 of 3 cells have runs (V = 33), 1 of them with all 3 planned seeds; 1 is still empty."),
        ([FULL, NONE, NONE], "1 of 3 cells have runs (V = 33), 1 of them with all 3 planned seeds; 2 are still empty."),
        ([FULL, PART], "2 of 2 cells have runs (V = 33), 1 of them with all 3 planned seeds."),
        ([FULL, FULL], "All 2 cells have 3 seeds or more (V = 33)."),
    ],
)
def test_what_is_there_and_what_is_missing(cells: list[Cell], said: str) -> None:
    assert sentences.there(cells, 3) == said


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([NONE, PART], ""),
        ([], ""),
        ([FULL, PART, NONE],
         "At equal training time the mean test loss is lowest at B = 512, μ = 8e-4 (0.03) and highest "
         "at B = 16, μ = 32e-4 (0.0594); from the one to the other the noise μ/B changes by a factor of 128 upwards."),
        ([cell(16, 8e-4, 0.1), cell(64, 32e-4, 0.2)], "changes not at all."),
        ([cell(16, 8e-4, 0.1), cell(64, 8e-4, 0.2)], "changes by a factor of 4 downwards."),
    ],
)  # fmt: skip
def test_the_lowest_and_the_highest_and_the_noise_between_them(cells: list[Cell], said: str) -> None:
    told = sentences.spread(cells)
    assert told.endswith(said)
    assert bool(told) == bool(said)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Best(16, "best", 8e-4, 3, 3), "B = 16: μ = 8e-4 is best, by more than a factor of 1.1 (n = 3)"),
        (Best(16, "does not matter", 8e-4, 3, 3),
         "B = 16: μ does not matter here, all 3 within a factor of 1.1 (n = 3)"),
        (Best(16, "cannot tell", 128e-4, 3, 2),
         "B = 16: μ = 0.0128 is lowest, but whether by a factor of 1.1 cannot be told (n = 3)"),
        (Best(16, "cannot tell", 8e-4, 1, 2), "B = 16: cannot tell from fewer than two seeds that the rates share"),
        (Best(16, "cannot tell", math.nan, 0, 1), "B = 16: cannot tell, 1 learning rate with runs"),
        (Best(16, "cannot tell", math.nan, 0, 0), "B = 16: cannot tell, no learning rate with runs"),
    ],
)  # fmt: skip
def test_the_best_rate_of_a_batch_size(found: Best, said: str) -> None:
    assert sentences.best(found) == said


def test_the_map_is_told_cell_by_cell() -> None:
    assert sentences.picture([FULL, NONE]).endswith("size and learning rate. B = 16, μ = 32e-4: 0.0594, 3 seeds.")
    assert sentences.picture([NONE]).endswith("No run is here yet.")


def row(*losses: float) -> list[Cell]:
    """Cells of one rate over ever larger batches, so of ever less noise."""
    return [Cell(2**place, 1e-3, 33, {0: loss}, {}) for place, loss in enumerate(losses)]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (row(0.5, 0.4, 0.3, 0.21, 0.2, 0.1), "6 cells more noise μ/B goes with more test loss (rank correlation 1.00"),
        (
            row(0.1, 0.2, 0.21, 0.3, 0.4, 0.5),
            "6 cells more noise μ/B goes with less test loss (rank correlation -1.00",
        ),
        (row(0.1, 0.3, 0.2, 0.3, 0.1, 0.2), "6 cells more noise μ/B goes with neither more nor less test loss"),
        (row(0.1, 0.2, 0.3, 0.4), ""),
        ([*row(0.1, 0.2, 0.3, 0.4), NONE], ""),
        (row(0.1, 0.1, 0.1, 0.1, 0.1), ""),
    ],
)
def test_whether_noise_decides(cells: list[Cell], said: str) -> None:
    told = sentences.by_noise(cells)
    assert said in told
    assert bool(told) == bool(said)
