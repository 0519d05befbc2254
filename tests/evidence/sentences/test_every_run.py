from __future__ import annotations

import math

import pandas as pd
import pytest

from sgd_core.charts.axes import AXES
from sgd_core.evidence.grid import Cell
from sgd_core.evidence.sentences import every_run


@pytest.mark.parametrize(
    ("found", "said"),
    [(0, "0 runs. Tick rows"), (1, "1 run. Tick"), (200, "200 runs. Tick"),
     (10_000, "10,000 runs. The first 200 rows are shown. Tick")],
)  # fmt: skip
def test_how_many_are_listed(found: int, said: str) -> None:
    assert every_run.listed(found, 200, 16).startswith(said)


@pytest.mark.parametrize(
    ("short", "settings", "end"),
    [
        (0, None, "An accuracy is the mean of the last ten epochs."),
        (1, None, "last ten epochs; 1 of the runs has fewer, all of which it averages."),
        (3, None, "last ten epochs; 3 of the runs have fewer, all of which it averages."),
        (0, 4, "last ten epochs. ±: half of the 95% interval over seeds."),
    ],
)
def test_what_an_accuracy_averages(short: int, settings: int | None, end: str) -> None:
    assert every_run.listed(12, 200, 16, short, settings).endswith(end)


def test_how_many_settings() -> None:
    assert every_run.listed(12, 200, 16, settings=4).startswith("12 runs of 4 settings. Tick")
    assert every_run.listed(2, 200, 16, settings=1).startswith("2 runs of 1 setting. Tick")
    assert every_run.listed(900, 200, 16, settings=300).startswith("900 runs of 300 settings. The first 200 rows")


@pytest.mark.parametrize(
    ("rho", "n", "grouped", "said"),
    [
        (0.5, 30, True, "Over 30 settings: the rank correlation of T and test is 0.50, 95% interval 0.15 to 0.74."),
        (-1.0, 30, True, "Over 30 settings: the rank correlation of T and test is -1.00, 95% interval -1.00 to -1.00."),
        (0.5, 4, True, "Over 4 settings: the rank correlation of T and test is 0.50."),
        (float("nan"), 1, False, "Over 1 run: too few, or too much alike, for a rank correlation."),
        (0.5, 30, False, "Over 30 runs: the rank correlation of T and test is 0.50, 95% interval 0.15 to 0.74. Seeds "
                         "of one setting count as runs of their own: they are less independent than that."),
    ],
)  # fmt: skip
def test_a_scatter_says_its_rank_correlation(rho: float, n: int, grouped: bool, said: str) -> None:
    assert every_run.correlated("T", "test", rho, n, grouped) == said


def test_dots_that_are_left_out() -> None:
    assert every_run.first_drawn(2000, 2000) == ""
    assert every_run.first_drawn(2001, 2000) == "The first 2000 of 2001 are drawn; the correlation is of all."


def test_what_is_missing() -> None:
    assert every_run.not_here(0) == every_run.not_measured(0) == ""
    assert every_run.not_here(1) == "1 of the runs in this link is not here."
    assert every_run.not_here(2) == "2 of the runs in this link are not here."
    assert every_run.not_measured(1) == "1 of the runs has no value of this measure."
    assert every_run.not_measured(3) == "3 of the runs have no value of this measure."


def test_the_chart_in_words_says_where_every_run_ends() -> None:
    rows = [("b", 1, 0.5), ("b", 0, 0.25), ("a", 0, 0.75), ("a", 1, None)]
    curves = pd.DataFrame(rows, columns=["run", "epoch", "y"])
    said = every_run.described(curves.dropna(), "Train loss", AXES["time"])
    assert said == "Train loss along training time: b ends at 0.500; a ends at 0.750."


@pytest.mark.parametrize(("every", "nth"), [(2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (21, "21st")])
def test_thinned_curves_say_so(every: int, nth: str) -> None:
    assert every_run.thinned(every) == f"So many curves: every {nth} epoch is drawn."
    assert every_run.thinned(1) == ""


def test_what_an_import_brought() -> None:
    assert every_run.imported(1, 0) == "1 run is imported, and marked so."
    assert every_run.imported(2, 1) == ("2 runs are imported, and marked so. 1 was there already and stays as before.")
    assert every_run.imported(0, 2).endswith("2 were there already and stay as before.")


def test_what_is_deleted_and_exported() -> None:
    assert every_run.deleted(1) == "1 run is deleted."
    assert every_run.deleted(3) == "3 runs are deleted."
    assert every_run.to_delete(1)[0] == "Delete the ticked run"
    assert every_run.to_delete(4) == (
        "Delete the 4 ticked runs", "These 4 runs are removed, with all curves and notes. Published runs stay."
    )  # fmt: skip
    assert every_run.export(1) == "**Export** this run:"
    assert every_run.export(2).startswith("**Export** these 2 runs")


def test_other_images_than_the_papers_are_said_to_be_other_images() -> None:
    assert every_run.other_images([], 1) == ""
    said = every_run.other_images(["my-set", "shapes"], 2)
    assert said.startswith(
        r"Thick: yours, on other images (my\-set and shapes). Figure 2 is of the paper's photographs"
    )


def cell(batch: int, rate: float, mean: float, n: int = 3) -> Cell:
    return Cell(batch, rate, mean, math.nan, math.nan, n)


@pytest.mark.parametrize(
    ("cells", "share", "across", "said"),
    [
        ([], True, [], "No run here has test accuracy."),
        ([cell(16, 1e-4, 0.9, 1)], True, [], "1 cell of 1 run each. Dotted lines: equal μ/B."),
        (
            [cell(16, 1e-4, 0.9), cell(64, 32e-4, 0.95, 5)], True, [],
            "2 cells of 3 to 5 runs each. Test accuracy is highest at B = 64, μ₀ = 32e-4 (95.0%) and lowest at B = 16, "
            "μ₀ = 1e-4 (90.0%). Dotted lines: equal μ/B.",
        ),
        (
            [cell(16, 1e-4, 0.02), cell(64, 1e-4, 0.02)], False, ["updates"],
            "2 cells of 3 runs each. Cells differ in updates too. Dotted lines: equal μ/B.",
        ),
        (
            [cell(16, 1e-4, 0.3), cell(64, 1e-4, 0.02)], False, ["decay_every", "updates"],
            "2 cells of 3 runs each. Test accuracy is highest at B = 16, μ₀ = 1e-4 (0.3) and lowest at B = 64, "
            "μ₀ = 1e-4 (0.02). Cells differ in decay every and updates too. Dotted lines: equal μ/B.",
        ),
    ],
)  # fmt: skip
def test_what_a_map_says(cells: list[Cell], share: bool, across: list[str], said: str) -> None:
    assert every_run.on_the_map(cells, "test accuracy", share, across) == said
    if share and len(cells) != 0:
        assert every_run.on_the_map(cells, "test", share, across) == said, (
            "a column is called test, its number accuracy"
        )


def test_why_there_is_no_map() -> None:
    told = every_run.mixed(["epochs", "step_decay", "views"])
    assert told.startswith("Runs of one B and μ₀ differ here in epochs, step decay and views too, so that a mean")


@pytest.mark.parametrize(
    ("fewest", "most", "said"),
    [(1, 1, "One seed each, so no band."), (3, 3, "Lines: means over 3 seeds;"), (1, 5, "means over 1 to 5 seeds;")],
)
def test_what_small_charts_draw(fewest: int, most: int, said: str) -> None:
    assert said in every_run.band(fewest, most)


@pytest.mark.parametrize(
    ("alone", "said"),
    [
        ({"B=7": 0}, "No run here has B=7."),
        ({"B=7": 0, "step": 38}, "No run here has B=7."),
        ({"B=7": 0, "seed=99": 0, "step": 38}, "No run here has B=7 and none has seed=99."),
        ({"B=16": 41, "exponential": 1}, "No run here has all of it: B=16 finds 41 runs, exponential finds 1 run."),
    ],
)
def test_why_nothing_is_found(alone: dict[str, int], said: str) -> None:
    assert every_run.none_found(alone) == said
