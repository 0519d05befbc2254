"""The line, the plane and the rescaled ends, as the browser draws them standing still."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from sgd_core.charts import between
from tests.charts.drawing import LOOK, WIDTH, dots, svg, texts

COLOURS = {"training images": "#a00000", "test images": "#0000a0"}
RUNS = {"a": "#a00000", "b": "#0000a0"}


@pytest.mark.parametrize("what", ["loss", "accuracy"])
def test_the_line_has_its_ends_where_alpha_says(what: str) -> None:
    table = pd.DataFrame(
        {"alpha": [-0.5, 0.5, 1.5] * 2, "split": ["train"] * 3 + ["test"] * 3, "loss": [1.0, 0.1, 2.0] * 2,
         "accuracy": [0.5, 0.9, 0.4] * 2}
    )  # fmt: skip
    picture = svg(between.line(table, what, {0.0: "here", 1.0: "there"}, COLOURS, LOOK))
    (drawn,) = dots(picture)
    assert sorted({dot.x for dot in drawn}) == [0, WIDTH / 2, WIDTH]
    assert {"here", "there", "training images", "test images"} <= set(texts(picture))
    middle = [dot.y for dot in drawn if dot.x == WIDTH / 2]
    others = [dot.y for dot in drawn if dot.x != WIDTH / 2]
    assert (min(middle) > max(others)) if what == "loss" else (max(middle) < min(others))


def test_the_plane_holds_every_tile_and_both_ways_from_the_start() -> None:
    tiles = pd.DataFrame(
        [(float(x), float(y), "train", 0.1 + x) for x in range(4) for y in range(3)],
        columns=["x", "y", "split", "loss"],
    )
    ways = pd.DataFrame(
        [("a", -1, 0.0, 0.0, 0.0), ("a", 149, 3.0, 0.0, 0.0), ("b", -1, 0.0, 0.0, 0.0), ("b", 149, 1.0, 2.0, 0.0)],
        columns=["run", "epoch", "x", "y", "away"],
    )
    chart = between.plane(tiles, ways, RUNS, LOOK)
    picture = svg(chart)
    assert picture.count("<path") > len(tiles)
    (drawn,) = dots(picture)
    wide = WIDTH / (3 + between.OVERLAP)
    assert [dot.x for dot in drawn] == pytest.approx([wide * (x + between.OVERLAP / 2) for x in (0, 3, 0, 1)], abs=0.1)
    assert {"start", "a", "b", "loss"} <= set(texts(picture))
    first = chart["layer"][0]["data"]["values"][0]
    assert first["x2"] - first["x1"] == pytest.approx(between.OVERLAP)


def tables() -> dict[str, pd.DataFrame]:
    def end(scale: float) -> pd.DataFrame:
        return pd.DataFrame(
            {"alpha": [0.25, 1.0, 4.0] * 2, "measure": ["trace"] * 3 + ["scale-free sharpness"] * 3,
             "value": [16 * scale, scale, 16 * scale, 0.7, 0.7, 0.7]}
        )  # fmt: skip

    return {"a": end(1.0), "b": end(5.0)}


TEXTS = {(alpha, m): f"{m} at {alpha:g}" for alpha in (0.25, 1.0, 4.0) for m in ("trace", "scale-free sharpness")}
MEASURES = ["trace", "scale-free sharpness"]


def test_at_first_nothing_is_rescaled() -> None:
    picture = svg(between.rescaled(tables(), TEXTS, MEASURES, RUNS, LOOK))
    small, large = dots(picture)
    assert len(small) == 6
    assert [dot.x for dot in large] == pytest.approx([WIDTH / 2] * 2)
    assert "trace at 1" in texts(picture)


@pytest.mark.parametrize(("k", "which", "x"), [(2, "trace", WIDTH), (-2, "scale-free sharpness", 0)])
def test_the_slider_moves_in_powers_of_two_and_the_measure_is_chosen(k: int, which: str, x: float) -> None:
    chart = between.rescaled(tables(), TEXTS, MEASURES, RUNS, LOOK)
    signals = {signal["name"]: signal for signal in chart["config"]["signals"]}
    assert (signals["k"]["bind"]["min"], signals["k"]["bind"]["max"], signals["k"]["bind"]["step"]) == (-2, 2, 1)
    signals["k"]["value"], signals["which"]["value"] = k, which
    picture = svg(json.loads(json.dumps(chart)))
    _, large = dots(picture)
    assert [dot.x for dot in large] == pytest.approx([x] * 2)
    assert f"{which} at {2.0**k:g}" in texts(picture)
    (rule,) = re.findall(r'class="mark-rule role-mark.*?translate\(([-\d.]+),', picture, flags=re.DOTALL)
    assert float(rule) == pytest.approx(x)
    if which == "scale-free sharpness":
        assert large[0].y == large[1].y
