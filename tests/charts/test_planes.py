"""Planes: rings around a batch, the arrow downhill, the cloud at its batch size, a valley's width."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest

from sgd_core.charts import planes
from tests.charts.drawing import LOOK, WIDTH, dots, svg, texts

SIZES = [1, 2, 4]
WEIGHTS, FULL = np.array([1.0, 1.0]), np.array([0.5, -0.5])
GRADIENTS = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.8, 0.0], [0.0, 0.6]], [[0.5, -0.5], [0.5, -0.5]]])
"""(3, 2, 2): two draws at each of SIZES; at 4 both are the full gradient."""


def on_plane(x: float, y: float) -> tuple[float, float]:
    """Weights from pixels of the plane."""
    return -1.7 + 5.2 * x / WIDTH, -2.0 + 5.2 * (1 - y / planes.HEIGHT)


def steps(size: int) -> list[list[tuple[float, float]]]:
    levels = pd.DataFrame({"level": [0, 0], "order": [0, 1], "a": [0.0, 1.0], "b": [0.0, 1.0]})
    chart = planes.steps(levels, WEIGHTS, FULL, SIZES, size, LOOK)
    picture = svg(chart, planes.places(WEIGHTS, GRADIENTS))
    assert f"B = {size}" in texts(picture)
    return [[on_plane(dot.x, dot.y) for dot in layer] for layer in dots(picture)]


@pytest.mark.parametrize("full", [(0.5, -0.5), (-0.5, -1.0), (0.3, 0.0), (0.0, 0.4)])
def test_the_head_of_the_arrow_points_as_the_arrow_does(full: tuple[float, float]) -> None:
    levels = pd.DataFrame({"level": [0, 0], "order": [0, 1], "a": [0.0, 1.0], "b": [0.0, 1.0]})
    picture = svg(
        planes.steps(levels, WEIGHTS, np.array(full), SIZES, 4, LOOK), planes.places(WEIGHTS, GRADIENTS)
    )  # fmt: skip
    (angle,) = (float(found) for found in re.findall(r"<path[^>]*rotate\(([-\d.]+)\)", picture))
    across, up = -full[0] * WIDTH, -full[1] * planes.HEIGHT
    assert math.sin(math.radians(angle)) == pytest.approx(across / math.hypot(across, up), abs=1e-3)
    assert math.cos(math.radians(angle)) == pytest.approx(up / math.hypot(across, up), abs=1e-3)


@pytest.mark.parametrize("size", SIZES)
def test_the_cloud_stands_at_its_batch_size_against_the_gradients(size: int) -> None:
    cloud, head = steps(size)
    expected = WEIGHTS - GRADIENTS[SIZES.index(size)]
    assert np.array(cloud) == pytest.approx(expected, abs=0.01)
    assert head[0] == pytest.approx((0.5, 1.5), abs=0.01)


def test_a_batch_is_ringed_and_weights_of_zero_draw_no_line() -> None:
    points = np.array([[1.0, 0.0], [0.0, 2.0], [-1.0, -1.0]])
    drawn = np.array([0, 2, 1])
    picture = svg(planes.examples(points, np.array([0, 1, 1]), drawn, np.array([0.0, 1.0]), LOOK))
    assert [len(layer) for layer in dots(picture)] == [3, 2]
    assert 'class="mark-line role-mark' in picture
    assert 'class="mark-line role-mark' not in svg(
        planes.examples(points, np.array([0, 1, 1]), drawn, np.zeros(2), LOOK)
    )


def test_the_line_is_where_the_model_is_undecided() -> None:
    chart = planes.examples(np.zeros((1, 2)), np.zeros(1), np.zeros(1, dtype=int), np.array([3.0, 4.0]), LOOK)
    for end in chart["layer"][-1]["data"]["values"]:
        assert 3 * end["x1"] + 4 * end["x2"] == pytest.approx(0)
        assert np.hypot(end["x1"], end["x2"]) > 5.7  # beyond the corners of the plane


def test_the_minima_and_the_point_among_them() -> None:
    w1 = np.array([0.5, 1.0, 2.0])
    curve = pd.DataFrame({"w1": w1, "w2": 1 / w1})
    levels = pd.DataFrame({"w1": w1, "w2": 0.5 / w1, "product": 0.5})
    chart = planes.rescaled(curve, levels, curve.head(2), np.array([2.0, 0.5]), LOOK)
    ((dot,),) = dots(svg(LOOK.framed({"height": 90, **chart})))
    assert [dot.x, dot.y] == pytest.approx([WIDTH * 2 / 5.5, 80], abs=0.01)
