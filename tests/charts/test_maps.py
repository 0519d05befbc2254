"""The map of stationary variance: tiles around their settings, lines where the small-step limit changes shade."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sgd_core.charts import maps
from tests.charts.drawing import LOOK, WIDTH, dots, svg, texts

CELLS = pd.DataFrame(
    {
        "batch_size": [1, 2, 1, 2],
        "learning_rate": [0.1, 0.1, 0.4, 0.4],
        "measured": [1.0, 0.25, 64.0, math.inf],
        "standard_error": 0.01,
        "exact": 1.0,
        "small_steps": 1.0,
        "kramers": math.nan,
        "diverged": [False, False, False, True],
    }
)


HERE = pd.DataFrame({"name": ["First", "Second"], "batch_size": [1, 2], "learning_rate": [0.1, 0.2]})


def test_settings_are_marked_where_they_are_and_once_where_they_are_one() -> None:
    picture = svg(maps.chart(CELLS, 0.5, 0.5, ["#0000ff", "#ff0000"], HERE, LOOK))
    assert {"First", "Second"} <= set(texts(picture))
    first, second = next(layer for layer in dots(picture) if len(layer) == 2)
    assert second.x - first.x == pytest.approx(WIDTH / 2, rel=0.35)  # half of the axis, beside the legend
    assert first.y > second.y
    one = svg(maps.chart(CELLS, 0.5, 0.5, ["#0000ff", "#ff0000"], HERE.assign(batch_size=1, learning_rate=0.1), LOOK))
    assert "First and Second" in texts(one)
    svg(maps.chart(CELLS, 0.5, 0.5, ["#0000ff", "#ff0000"], HERE.head(0), LOOK))


@pytest.mark.parametrize(
    ("batch", "rate", "there"), [(1, 0.1, True), (2, 0.4, True), (4, 0.1, False), (1, 0.01, False), (1, 0.5, False)]
)
def test_what_is_on_the_map(batch: float, rate: float, there: bool) -> None:
    assert maps.on_it(CELLS, batch, rate) is there


def test_tiles_surround_their_settings_and_what_diverged_has_no_shade() -> None:
    chart = maps.chart(CELLS, 0.5, 0.5, ["#0000ff", "#ff0000"], HERE, LOOK)
    assert {"μh", "batch size B", "variance"} <= set(texts(svg(chart)))
    stable, gone = (layer["data"]["values"] for layer in chart["layer"][:2])
    for tile in (*stable, *gone):
        assert tile["left"] < tile["batch_size"] < tile["right"]
        assert tile["low"] < tile["learning_rate"] < tile["high"]
    assert [tile["shade"] for tile in stable] == [0, -1, 3]
    assert [tile["batch_size"] for tile in gone] == [2]
    assert [row["low"] for row in chart["layer"][3]["data"]["values"]] == [0.5]


def test_a_line_of_constant_noise_is_a_border_between_two_shades() -> None:
    lines = maps.isolines(0.5, (1.0, 256.0))
    assert lines["low"].to_numpy() / lines["left"].to_numpy() == pytest.approx(lines["noise"].to_numpy())
    powers = np.log(0.5 * lines["noise"]) / np.log(maps.SHADE)
    assert (powers % 1).tolist() == pytest.approx([0.5] * len(lines))
