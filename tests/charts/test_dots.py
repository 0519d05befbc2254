"""Measured dots, their bars and the lines they are held against."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sgd_core.charts import channels, dots
from tests.charts.drawing import LOOK, WIDTH, svg, texts
from tests.charts.drawing import dots as drawn_dots

X = channels.quantity("x", "x here", scale=channels.linear(0, 10))
Y = channels.quantity("y", "y there", scale=channels.linear(0, 1))
LINES = pd.DataFrame({"x": [0.0, 10.0] * 2, "y": [0.1, 0.9, 0.2, 0.4], "name": ["with"] * 2 + ["without"] * 2})
COLOURS = dict(zip(("with", "without"), LOOK.accents, strict=False))


def test_a_bar_is_two_standard_errors_either_way_within_the_axis() -> None:
    found = dots.bars(np.array([0.5, 0.02, 0.99]), np.array([0.01, 0.02, 0.02]), 0.0, 1.0)
    assert found["low"].tolist() == pytest.approx([0.48, 0.0, 0.95])
    assert found["high"].tolist() == pytest.approx([0.52, 0.06, 1.0])


@pytest.mark.parametrize(("ink", "colours"), [("#123456", ["#123456"] * 2), (None, ["#a00000", "#0000a0"])])
def test_dots_lie_where_they_were_measured_in_ink_or_in_their_lines_colour(ink: str | None, colours: list[str]) -> None:
    table = pd.DataFrame({"x": [2.0, 5.0], "y": [0.25, 0.75], "name": ["with", "without"], "size": 60})
    chart = dots.on_lines(LINES, table.assign(**dots.bars(table["y"], 0.1)), X, Y, COLOURS, ink=ink, legend={})
    picture = svg(LOOK.framed({"height": 100, **chart}))
    (found,) = drawn_dots(picture)
    assert [dot.x for dot in found] == pytest.approx([0.2 * WIDTH, 0.5 * WIDTH])
    assert [dot.y for dot in found] == pytest.approx([75, 25])
    assert [dot.colour for dot in found] == colours
    assert {"with", "without", "x here", "y there"} <= set(texts(picture))


def test_a_legend_is_drawn_where_it_is_asked_for() -> None:
    table = pd.DataFrame({"x": [2.0], "y": [0.25], "size": 60, "shape": "triangle-up"})
    chart = dots.on_lines(LINES, table, X, Y, COLOURS, ink="#123456")
    chart["layer"].append(dots.upright(5.0, X, LOOK))
    assert "with" not in texts(svg(LOOK.framed({"height": 100, **chart})))


def test_the_line_that_the_dots_are_of_stands_out() -> None:
    dot = pd.DataFrame({"x": [2.0], "y": [0.3], "size": 9})
    chart = dots.on_lines(LINES, dot, X, Y, COLOURS, ink="#123456", strong="without")
    assert chart["layer"][0]["encoding"]["opacity"] == {
        "condition": {"test": "datum.name == 'without'", "value": 1}, "value": 0.4,
    }  # fmt: skip
    svg(LOOK.framed({"height": 100, **chart}))


def test_rings_and_quantities_along_training() -> None:
    runs = pd.DataFrame({"x": [1.0, 2.0], "y": [0.5, 0.6], "name": ["16", "512"], "size": [90, 360]})
    colours = {"16": "#a00000", "512": "#0000a0"}
    legend = {"title": "B"}
    picture = svg(LOOK.framed({"height": 100, **dots.rings(runs, X, Y, colours, legend, channels.tips(("name", "B")))}))
    assert [dot.colour for dot in drawn_dots(picture)[0]] == ["#a00000", "#0000a0"]
    table = pd.DataFrame(
        {"x": [1, 2] * 2, "y": 0.5, "name": "signal", "run": ["B=16", "B=512"] * 2, "epoch": [0, 1] * 2}
    )
    along = svg(LOOK.framed({"height": 100, **dots.along_training(table, X, Y, {"signal": "#a00000"}, LOOK)}))
    assert {"signal", "B=16", "B=512"} <= set(texts(along))
