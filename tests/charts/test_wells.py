"""The film of two valleys and the picture of escapes, measured in the drawing itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sgd_core.charts import wells
from sgd_core.noise.landscape import Landscape, Valley
from tests.charts.drawing import LOOK, WIDTH, dots, svg, texts

SHARP_AND_FLAT = Landscape(Valley(0.5, 0.35), Valley(1.5, 0.25))
ENDS = (-0.95, 2.85)
PLACES = np.array([[-0.5] * 5, [-0.7, -0.25, 0.1, 1.5, 2.6]], dtype=np.float32)
"""Five walkers in two frames: all at the left bottom, then all over."""


def drawn(landscape: Landscape = SHARP_AND_FLAT, places: np.ndarray = PLACES) -> str:
    shown = np.linspace(*ENDS, 61)
    curve = pd.DataFrame({"w": shown, "loss": landscape.loss(shown), "density": 0.3})
    film = wells.film(places, ENDS)
    return svg(wells.chart(film, landscape, curve, 0.5, ["step 0", "step 9"], ENDS, LOOK), film)


@pytest.mark.parametrize("landscape", [SHARP_AND_FLAT, Landscape(Valley(1.2, 0.15), Valley(0.6, 0.4))])
def test_every_walker_lies_on_the_loss(landscape: Landscape) -> None:
    (walkers,) = dots(drawn(landscape))
    assert len(walkers) == 5
    weights = [ENDS[0] + (ENDS[1] - ENDS[0]) * dot.x / WIDTH for dot in walkers]
    assert sorted(weights) == pytest.approx(sorted(PLACES[-1].tolist()), abs=1e-3)
    deepest = max(landscape.left.depth, landscape.right.depth)
    losses = [-1.1 * deepest + 3.6 * deepest * (1 - dot.y / wells.HEIGHT) for dot in walkers]
    assert losses == pytest.approx(landscape.loss(weights).tolist(), abs=1e-3)


def test_the_last_frame_is_shown_with_its_counter() -> None:
    assert "step 9" in texts(drawn())
    assert "step 0" not in texts(drawn())


def test_a_walker_beyond_the_picture_stays_at_its_edge() -> None:
    film = wells.film(np.array([[-9.0, 9.0]], dtype=np.float32), ENDS)
    assert film["w"].tolist() == pytest.approx([-0.95 * 0.999, 2.85 * 0.999])


@pytest.mark.parametrize(
    ("steps", "ticks"),
    [
        ([20.0, 7000.0], [10, 100, 1e3, 1e4]),
        ([100.0, 100.0], [100]),
        ([12.0, 9e11], [10, 1e3, 1e5, 1e7, 1e9, 1e11]),
    ],
)
def test_ticks_of_escapes_are_powers_of_ten(steps: list[float], ticks: list[float]) -> None:
    assert wells.decades(np.array(steps)) == ticks


def test_an_escape_without_a_number_is_not_drawn() -> None:
    lines = pd.DataFrame(
        {"x": [20.0, 40.0, 80.0], "steps": [100.0, 1e4, np.inf], "line": wells.INTEGRAL, "rate": "0.05"}
    )
    marks = pd.DataFrame(
        {"x": [20.0, 20.0], "steps": [98.0, 97.0], "mark": [wells.CHAIN, wells.MEASURED], "rate": "0.05"}
    )
    picture = svg(wells.escapes(lines, marks, {"0.05": "#a00000"}, LOOK))
    assert len(dots(picture)[0]) == 2
    assert {wells.INTEGRAL, wells.CHAIN, wells.MEASURED} <= set(texts(picture))
    assert wells.KRAMERS not in texts(picture)
    assert "μ" not in texts(picture)  # one rate needs no legend
    both = pd.concat([lines, lines.assign(line=wells.KRAMERS, rate="0.1")])
    picture = svg(wells.escapes(both, marks, {"0.05": "#a00000", "0.1": "#0000a0"}, LOOK))
    assert {wells.KRAMERS, "μ", "0.05", "0.1"} <= set(texts(picture))
