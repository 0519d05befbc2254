"""The runs behind a claim: which arms are drawn, along what, and over which seeds."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sgd_core.charts import arms as chart
from sgd_core.charts.curves import Line, Style
from sgd_core.evidence import arms
from sgd_core.evidence.ends import Tables
from sgd_core.experiment.claims import CLAIMS
from sgd_core.runs.kept import table
from tests.evidence.simulated import tables

CLAIM = CLAIMS["3"]
LOSSES = {"B=16, equal T": 2.0, "B=512, equal T": 1.0}


def grown(losses: dict[str, float], seeds: int, epochs: int = 4) -> Tables:
    """As simulated.tables, each run with more epochs before its last, ten times as bad at the first."""
    found = tables(CLAIM, losses, seeds)
    parts = [
        found.epochs.assign(
            epoch=epoch, effective_time=found.epochs["effective_time"] * (epoch + 1) / epochs,
            test_loss=found.epochs["test_loss"] * 10 ** (1 - epoch / (epochs - 1)),
        )
        for epoch in range(epochs)
    ]  # fmt: skip
    return Tables(found.runs, pd.concat(parts, ignore_index=True), found.measurements)


@pytest.mark.parametrize(("name", "drawn"), [("1", 4), ("2", 2), ("3", 5), ("3b", 3), ("4", 3), ("6", 8), ("7", 4)])
def test_the_arms_of_claim_and_controls_are_drawn_each_run_once(name: str, drawn: int) -> None:
    found = arms.compared(CLAIMS[name])
    assert len(found) == drawn
    questions = [arm.spec.question() for arm in found.values()]
    assert len(set(questions)) == len(questions)


@pytest.mark.parametrize(
    ("name", "column"),
    [("3", "test_loss"), ("4", "reported_loss"), ("6", "reported_accuracy"), ("8", "reported_accuracy")],
)
def test_what_is_drawn_is_what_the_claim_is_about(name: str, column: str) -> None:
    assert arms.measure_of(CLAIMS[name]) == column


def test_a_curve_is_the_mean_over_seeds_in_a_band_from_the_lowest_to_the_highest() -> None:
    found = grown(LOSSES, seeds=3)
    curves = arms.curves(arms.compared(CLAIM), "test_loss", found)
    assert set(curves["arm"]) == set(LOSSES)
    assert set(curves["n"]) == {3}
    at_end = found.epochs[found.epochs["epoch"] == 3]
    key = {row["key"] for row in table.rows(found.runs) if row["batch_size"] == 16}
    ends = at_end[at_end["key"].isin(key)]["test_loss"].astype(float)
    last = curves[(curves["arm"] == "B=16, equal T") & (curves["epoch"] == 3)].iloc[0]
    assert (last["low"], last["mean"], last["high"]) == pytest.approx(
        (ends.min(), np.exp(np.log(ends).mean()), ends.max())
    )


def test_values_that_are_missing_no_number_or_without_a_logarithm_are_left_out() -> None:
    found = grown(LOSSES, seeds=2)
    odd = found.epochs["test_loss"].astype(float).to_numpy(copy=True)
    odd[0], odd[1], odd[2], odd[3] = math.nan, math.inf, 0.0, -1.0
    curves = arms.curves(arms.compared(CLAIM), "test_loss", Tables(found.runs, found.epochs.assign(test_loss=odd),
                                                                   found.measurements))  # fmt: skip
    assert (curves["low"] > 0).all()
    assert curves["high"].max() < math.inf


def test_without_runs_there_are_no_curves_and_no_seeds() -> None:
    none = tables(CLAIM, {}, seeds=0)
    assert arms.curves(arms.compared(CLAIM), "test_loss", none).empty
    assert set(arms.table(CLAIM, none)["seeds"]) == {0}


def test_long_runs_are_thinned_and_keep_both_ends() -> None:
    found = grown({"B=512, equal T": 1.0}, seeds=1, epochs=600)
    curves = arms.curves(arms.compared(CLAIM), "test_loss", found)
    assert len(curves) <= arms.POINTS
    assert (curves["epoch"].min(), curves["epoch"].max()) == (0, 599)


def test_the_table_says_how_long_each_arm_trains_and_at_which_noise() -> None:
    rows = arms.table(CLAIM, grown(LOSSES, seeds=3)).set_index("arm")
    assert list(rows.index) == list(CLAIM.arms)
    assert list(rows["T"]) == pytest.approx([2.88] * len(rows))
    assert set(rows["updates"]) == {900}
    assert rows.loc["B=16, equal T", "noise"] == pytest.approx(2e-4)
    assert (rows.loc["B=16, equal T", "seeds"], rows.loc["B=64, equal T", "seeds"]) == (3, 0)


@pytest.mark.parametrize("along", chart.AXES)
@pytest.mark.parametrize("loss", [True, False])
def test_the_chart_shows_every_arm_within_its_axes(along: str, loss: bool) -> None:
    curves = arms.curves(arms.compared(CLAIM), "test_loss" if loss else "test_accuracy", grown(LOSSES, seeds=2))
    frame = chart.pack(curves, along)
    lines, style = [Line(name, "#123456") for name in LOSSES], Style("#0", "#1")
    spec = chart.chart(frame, lines, "test loss", along, loss, style, chart.domain(frame, loss))
    x, y = (spec["layer"][1]["encoding"][axis]["scale"] for axis in ("x", "y"))
    assert x["domain"] == [pytest.approx(frame["x"].min()), pytest.approx(frame["x"].max())]
    assert (x["type"] == "log") == (along == "T_eff")
    assert y["domain"][0] <= frame["low"].min() if loss else y["domain"][1] == 1
    assert spec["layer"][1]["encoding"]["color"]["scale"]["domain"] == list(LOSSES)
