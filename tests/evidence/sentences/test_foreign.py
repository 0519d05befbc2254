"""What is said of a curve from elsewhere, against a table small enough to read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sgd_core.charts.axes import AXES
from sgd_core.evidence.sentences import foreign
from sgd_core.runs.foreign import Curve

MINE = Curve("mine", "val_acc", False, (0.25, 0.5), {"updates": (0.0, 9.0)})


@pytest.mark.parametrize(
    ("curve", "told"),
    [
        (MINE, r"Dashed: mine (column val\_acc, 2 values, B unknown, μ unknown)."),
        (replace(MINE, taken="epoch", percent=True),
         r"(column val\_acc, 2 values, read as percent, its steps taken as epochs, B unknown, μ unknown)."),
        (replace(MINE, batch_size=16, learning_rate=1e-4, taken="training_time"),
         "2 values, its steps taken as T, B = 16, μ = 0.0001)."),
        (replace(MINE, changing=True), "B unknown, μ changes)."),
        (replace(MINE, label="[x](javascript:1) <b>"), r"Dashed: \[x\]\(javascript\:1\) \<b\> (column"),
    ],
)  # fmt: skip
def test_what_stands_under_the_chart(curve: Curve, told: str) -> None:
    said = foreign.laid(curve)
    assert said.startswith(":gray-badge[from elsewhere] Dashed: ")
    assert told in said
    assert said.endswith("No sentence, rank, mean or table here knows of it.")


@pytest.mark.parametrize(
    ("curve", "axis", "loss", "counts", "said"),
    [
        (MINE, "updates", False, (2, 0, 1), ""),
        (MINE, "updates", False, (2, 1, 1), "1 of its 2 points lies beyond the axes."),
        (MINE, "updates", False, (1200, 1000, 4),
         "1,000 of its 1,200 points lie beyond the axes. One point in 4 of it is drawn."),
        (MINE, "updates", False, (2, 2, 1), "All of it lies beyond the axes of this chart."),
        (MINE, "updates", True, (0, 0, 1), "It is not drawn here: it is an accuracy, and this chart shows a loss."),
        (replace(MINE, loss=True), "updates", False, (0, 0, 1),
         "It is not drawn here: it is a loss, and this chart shows an accuracy."),
        (MINE, "epoch", False, (0, 0, 1), "It is not drawn along epochs: its file counts updates."),
        (MINE, "images", False, (0, 0, 1), "It is not drawn along images seen: its file counts updates."),
        (replace(MINE, along={"epoch": (), "updates": ()}), "images", False, (0, 0, 1),
         "It is not drawn along images seen: its file counts epochs and updates."),
        (MINE, "time", False, (0, 0, 1),
         "It is not drawn along training time: T is μ times updates while μ stays, and its μ is not known."),
        (replace(MINE, changing=True), "time", False, (0, 0, 1),
         "It is not drawn along training time: T is μ times updates while μ stays, and its μ changes."),
        (replace(MINE, along={"epoch": ()}), "time", False, (0, 0, 1),
         "It is not drawn along training time: its file counts epochs."),
        (MINE, "effective", False, (0, 0, 1),
         "It is not drawn along training time with momentum: its file counts updates, and its momentum is not known."),
    ],
)  # fmt: skip
def test_why_it_is_not_drawn_or_not_all_of_it(
    curve: Curve, axis: str, loss: bool, counts: tuple[int, int, int], said: str
) -> None:
    assert foreign.place(curve, AXES[axis], loss, *counts) == said


def test_those_who_cannot_see_it_hear_of_it() -> None:
    assert foreign.described(MINE) == "Dashed, from elsewhere: mine, which ends at 0.500."


def test_what_may_be_brought() -> None:
    assert foreign.about(explore=False).startswith("Choose a CSV")
    assert foreign.about(explore=True).startswith("No files are taken here, so paste a CSV")
    assert "a link does not carry it" in foreign.about(explore=True)
