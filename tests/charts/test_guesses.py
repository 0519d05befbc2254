"""Sheets on which guesses are drawn, and bars of votes."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from sgd_core.charts import guesses, screen
from sgd_core.charts.axes import AXES
from sgd_core.charts.curves import Line, Measure
from sgd_core.charts.look import Look
from sgd_core.evidence.guesses import Options, Range
from tests.charts.drawing import svg, texts

LINES = [Line("A", "#111111"), Line("B", "#222222", (7, 3))]
POINTS = pd.DataFrame(
    {"run": ["A", "A", "B", "B", "B"], "position": [0, 1, 0, 0.5, 1], "y": [0.1, 0.9, 0.2, 0.777, None]}
)
SCALE = AXES["epoch"].scale(pd.Series([0, 100]))
LOOK = Look("#000000", "#ffffff", "#cccccc", ("#aa0000", "#0000aa"))


def sheet(measure: Measure | None = None) -> guesses.Sheet:
    return guesses.sheet(LINES, POINTS, "B", SCALE, measure or Measure("accuracy", (0.5, 1.0)), "A picture")


def test_what_is_asked_for_is_not_on_the_sheet_until_it_is_revealed() -> None:
    covered = sheet()
    assert [line.name for line in covered.known] == ["A"]
    assert covered.asked == guesses.Drawn("B", "#222222", (7, 3))
    assert covered.range == Range(0.5, 1.0)
    assert "0.777" not in json.dumps(covered.data())
    shown = covered.revealed(guesses.curve(POINTS, "B"))
    assert shown.asked.points == ((0.0, 0.2), (0.5, 0.777))  # as far as it has values
    assert shown.known == covered.known


def test_a_sheet_travels_with_its_guesses() -> None:
    one, other = ((0.0, 0.6), (1.0, 0.61234567)), ((0.0, 0.8), (1.0, 0.8))
    assert sheet().data([one])["guesses"] == [[[0.0, 0.6], [1.0, 0.6123]]]
    assert sheet().data([one])["middle"] == []
    assert sheet().data([one, other])["middle"][0] == [0.0, 0.7]


@pytest.mark.parametrize(
    ("measure", "labels"),
    [
        (Measure("accuracy", (0.0, 1.0)), ["0%", "20%", "40%", "60%", "80%", "100%"]),
        (Measure("accuracy", (0.5, 1.0)), ["50%", "60%", "70%", "80%", "90%", "100%"]),
        (Measure("accuracy", (0.55, 1.0)), ["60%", "70%", "80%", "90%", "100%"]),
        (Measure("loss", (0.2, 5.0), loss=True), ["0.2", "0.5", "1", "2", "5"]),
        (Measure("loss", (1e-6, 10.0), loss=True), ["1e-06", "1e-05", "0.0001", "0.001", "0.01", "0.1", "1", "10"]),
    ],
)
def test_the_levels_of_an_axis(measure: Measure, labels: list[str]) -> None:
    assert [label for _, label in sheet(measure).y.ticks] == labels


@pytest.mark.parametrize(
    ("losses", "range_"),
    [
        ([0.03, 0.5], (0.01, 1.0)),
        ([0.8, 2.0], (0.2, 5.0)),
        ([1.0], (0.5, 2.0)),
        ([], (0.05, 5.0)),
        ([float("nan"), 1e9, 1.0], (0.5, 2.0)),
        ([1e-5, 2.3], (5e-6, 5.0)),
    ],
)
def test_a_free_range_has_room_on_both_sides(losses: list[float], range_: tuple[float, float]) -> None:
    assert guesses.free(pd.Series(losses, dtype=float)) == pytest.approx(range_)


def test_votes_are_bars_and_what_is_right_is_marked_at_the_reveal() -> None:
    options = Options(("Lower", "Equal", "Higher"), right=1)
    before, after = (
        screen.filling(guesses.votes(options, [0, 0, 2], reveal, LOOK), "#000000") for reveal in (False, True)
    )
    assert [row["votes"] for row in before["data"]["values"]] == [2, 0, 1]
    assert {"Lower", "Equal", "Higher", "2", "0", "1"} <= set(texts(svg(before)))
    assert "✓ Equal" in texts(svg(after))
    assert [row["strong"] for row in before["data"]["values"]] == [True, True, True]
    assert [row["strong"] for row in after["data"]["values"]] == [False, True, False]
