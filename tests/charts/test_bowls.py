"""Two bowls over each other: walkers on the loss at the right time, the variance below."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sgd_core.charts import bowls
from tests.charts.drawing import LOOK, WIDTH, dots, svg, texts

REACH, END = 4.0, 2.0


def panel(name: str, curvature: float, rate: float, exact: float = 0.5) -> bowls.Panel:
    return bowls.Panel(
        name, f"{name}: here", "(5% of it)", curvature, rate, exact, np.linspace(0, 0.5, round(END / rate) + 1)
    )


def paths(rate: float, speed: float) -> np.ndarray:
    """Three walkers that go from 3, 1 and -2 to the bottom, `speed` of the way a unit of time."""
    times = np.arange(round(END / rate) + 1) * rate
    return np.asarray(np.array([3.0, 1.0, -2.0]) * (1 - speed * times[:, np.newaxis]))


FIRST, SECOND = panel("First", 1.0, 0.1), panel("Second", 0.25, 0.4)
FILM = bowls.packed([bowls.film(FIRST, paths(0.1, 0.25), END, REACH), bowls.film(SECOND, paths(0.4, 0.25), END, REACH)])


def test_every_walker_lies_on_the_loss_of_its_own_bowl() -> None:
    layers = dots(svg(bowls.chart([FIRST, SECOND], 0.5, END, REACH, None, LOOK), FILM))
    assert [len(layer) for layer in layers] == [3, 3]
    for one, layer in zip((FIRST, SECOND), layers, strict=True):
        top = one.curvature * REACH**2 / 2
        weights = [REACH * (2 * dot.x / WIDTH - 1) for dot in layer]
        assert sorted(weights) == pytest.approx([-1.0, 0.5, 1.5], abs=1e-3)
        losses = [-0.12 * top + 1.12 * top * (1 - dot.y / bowls.HEIGHT) for dot in layer]
        assert losses == pytest.approx([one.curvature * w**2 / 2 for w in weights], abs=1e-3)


def test_both_films_keep_one_time() -> None:
    half_way = FILM[FILM["frame"] == bowls.FRAMES // 2]
    assert half_way.loc[half_way["panel"] == "First", "w"].max() == pytest.approx(3 * 0.75, abs=0.01)
    assert half_way.loc[half_way["panel"] == "Second", "w"].max() == pytest.approx(
        3 * 0.8, abs=0.01
    )  # t = 0.8, rounded
    assert FILM["w"].abs().max() <= REACH


def test_a_walk_that_ended_early_stays_where_it_ended() -> None:
    film = bowls.film(panel("Second", 1.0, 0.4), np.array([[0.0], [50.0]]), END, REACH)
    assert film["w"].iloc[-1] == REACH


def test_a_cloud_beyond_the_edge_has_no_bar_and_a_log_axis() -> None:
    gone = panel("Second", 1.0, 0.4, math.inf)
    picture = svg(bowls.chart([FIRST, gone], 0.5, END, REACH, 1e8, LOOK), FILM)
    assert any("e" in text and text[0].isdigit() for text in texts(picture))
    assert "First: here   (5% of it)" in texts(picture)
    both = svg(bowls.chart([panel("First", 1.0, 0.1, math.inf), gone], 0.5, END, REACH, 1e8, LOOK), FILM)
    assert "weight w" in texts(both)


def test_the_variance_is_drawn_over_time_not_steps() -> None:
    traces = bowls.traces([FIRST, SECOND], END)
    first, second = (traces[traces["panel"] == name] for name in ("First", "Second"))
    assert first["t"].max() == second["t"].max() == END
    assert (first["t"].min(), second["t"].min()) == (0.1, 0.4)  # the common start has no variance, nor a logarithm
    assert first["v"].iloc[-1] == 0.5


def test_the_walkers_before_stay_as_rings_and_move_no_axis() -> None:
    alone = bowls.chart([FIRST, SECOND], 0.5, END, REACH, None, LOOK)
    chart = bowls.chart([FIRST, SECOND], 0.5, END, REACH, None, LOOK, {"First": np.array([0.5, -1.0, 50.0])})
    layers = dots(svg(chart, FILM))
    assert [len(layer) for layer in layers] == [2, 3, 3]  # what is out of sight is left out
    assert [REACH * (2 * dot.x / WIDTH - 1) for dot in layers[0]] == pytest.approx([0.5, -1.0])
    drawn = [[view["layer"][0]["encoding"][axis]["scale"] for view in one["vconcat"] for axis in "xy"]
             for one in (alone, chart)]  # fmt: skip
    assert drawn[0] == drawn[1]


def test_the_axis_of_the_variance_goes_with_the_axis_of_weights_alone() -> None:
    for exact in (0.1, 0.5, 1.5):
        chart = bowls.chart([panel("First", 1.0, 0.1, exact), SECOND], 0.5, END, REACH, None, LOOK)
        assert chart["vconcat"][-1]["layer"][0]["encoding"]["y"]["scale"]["domain"] == [0, 1.6]
