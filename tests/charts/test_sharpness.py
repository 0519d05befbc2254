"""Sharpness along runs and beside the edge: dots where the axes say, bars of two standard errors."""

from __future__ import annotations

import math
import re

import pandas as pd
import pytest

from sgd_core.charts import sharpness
from tests.charts.drawing import LOOK, WIDTH, dots, svg, texts

COLOURS = {"a": "#a00000", "b": "#0000a0"}


def rows() -> pd.DataFrame:
    return pd.DataFrame(
        {"run": ["a", "a", "a", "b"], "key": ["k", "k", "k", "l"], "seed": 0, "views": 151.0,
         "epoch": [-1, 0, 149, 149], "trained": [0, 1, 150, 150], "effective_time": [0.0, 0.01, 1.0, 0.1],
         "reported_loss": [2.3, 1.0, 0.03, 0.4], "value": [10.0, 20.0, 10.0, 100.0],
         "standard_error": [1.0, 15.0, math.nan, 10.0]}
    )  # fmt: skip


@pytest.mark.parametrize(("column", "shown"), [("trained", 4), ("effective_time", 3), ("reported_loss", 4)])
def test_every_measurement_with_a_place_on_the_axis_is_a_dot(column: str, shown: int) -> None:
    picture = svg(sharpness.along(rows(), column, 0.1 if column != "trained" else 150, "trace", COLOURS, LOOK))
    drawn = [dot for layer in dots(picture) for dot in layer]
    assert len(drawn) == shown
    assert {"a", "b", "trace (log axis)"} <= set(texts(picture))
    by_height = sorted(drawn, key=lambda dot: dot.y)
    assert by_height[0].colour == COLOURS["b"]


def test_a_falling_loss_goes_to_the_right_and_so_does_time() -> None:
    for column in sharpness.AXES:
        at = {"trained": 150.0, "effective_time": 0.1, "reported_loss": 0.4}[column]
        picture = svg(sharpness.along(rows(), column, at, "trace", COLOURS, LOOK))
        places = [dot.x for layer in dots(picture) for dot in layer if dot.colour == COLOURS["a"]]
        assert places == sorted(places), column
        assert 0 <= places[0] < places[-1] <= WIDTH


def test_the_place_of_the_comparison_is_where_the_run_is_that_ends_there() -> None:
    chart = sharpness.along(rows(), "effective_time", 0.1, "trace", COLOURS, LOOK)
    assert chart["layer"][0]["data"]["values"] == [{"x": 0.1}]
    assert len(sharpness.along(rows(), "effective_time", None, "trace", COLOURS, LOOK)["layer"]) == 3


def test_bars_are_two_standard_errors_and_stay_on_the_log_axis() -> None:
    shown = sharpness.along(rows(), "trained", None, "trace", COLOURS, LOOK)["data"]["values"]
    assert [(row["low"], row["high"]) for row in shown] == [(8, 12), (5, 50), (10, 10), (80, 120)]


def test_a_run_measured_at_few_epochs_has_no_line() -> None:
    def lines(table: pd.DataFrame) -> list[str]:
        drawn = svg(sharpness.along(table, "trained", None, "trace", COLOURS, LOOK))
        return [part for part in re.findall(r'aria-roledescription="line mark"[^>]* d="([^"]*)"', drawn) if "L" in part]

    assert len(lines(rows())) == 1
    assert lines(rows().drop(index=1)) == []


def test_the_edge_is_one_and_curvature_its_share() -> None:
    table = pd.DataFrame(
        {"run": ["a", "a", "b"], "key": ["k", "k", "l"], "seed": 0, "epoch": [-1, 149, 0],
         "curvature": [10.0, 20.0, math.nan], "limit": 100.0, "relative": [0.1, 0.2, math.nan]}
    )  # fmt: skip
    picture = svg(sharpness.edge(table, COLOURS, {"a": [1, 0], "b": [4, 2]}, LOOK))
    (drawn,) = dots(picture)
    assert [dot.x for dot in drawn] == sorted(dot.x for dot in drawn)
    assert drawn[0].y > drawn[1].y
    assert "the edge of stability" in texts(picture)
    assert "1" in texts(picture)
