"""Walkers in two valleys as a film, with their histogram, and how long they take to leave one.

The table of a film has the columns frame and w; the browser finds each walker's height and counts the bars.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgd_core.charts import channels, player
from sgd_core.charts.dots import records
from sgd_core.charts.look import Look, Spec
from sgd_core.noise.landscape import Landscape

Floats = npt.NDArray[np.float64]

BARS = 40
HEIGHT, ESCAPE_HEIGHT = 190, 170
INTEGRAL, KRAMERS = "first-passage integral", "Kramers"
"""Lines of the escape picture."""
CHAIN, MEASURED = "exact for these steps", "measured"
"""Its marks: diamonds and dots."""
WIDE_LEGEND = {"columns": {"expr": "width < 420 ? 1 : 4"}}


def film(places: npt.NDArray[np.float32], ends: tuple[float, float]) -> pd.DataFrame:
    """The rows of a film of `places` (frames, walkers), kept between the ends of the axis."""
    low, high = ends
    frames, walkers = places.shape
    inside = places.clip(low * 0.999, high * 0.999)
    return pd.DataFrame({"frame": np.repeat(np.arange(frames, dtype="int8"), walkers), "w": inside.ravel()})


def chart(
    film: pd.DataFrame,
    landscape: Landscape,
    curve: pd.DataFrame,
    peak: float,
    counters: Sequence[str],
    ends: tuple[float, float],
    look: Look,
) -> Spec:
    """Walkers on the loss and as bars; `curve` has w, loss and density.

    The density is where they are in the long run, `peak` at most over all of the landscape. `counters` has a text for
    each frame; the last frame is shown first.
    """
    low, high = ends
    frames, walkers = len(counters) - 1, len(film) // len(counters)
    width = (high - low) / BARS
    last = film.loc[film["frame"] == frames, "w"]
    tallest = float(np.histogram(last, bins=BARS, range=ends)[0].max()) / walkers / width
    deepest = max(landscape.left.depth, landscape.right.depth)
    x = channels.quantity("w", "weight w", scale=channels.linear(low, high), tickCount=10)
    share = {
        "field": "density", "type": "quantitative", "axis": None,
        "scale": {"domain": [0, 1.25 * max(tallest, peak)], "nice": False},
    }  # fmt: skip
    y = channels.quantity("loss", "loss", scale=channels.linear(-1.1 * deepest, 2.5 * deepest), tickCount=4)
    now = {"filter": "datum.frame == floor(now)"}
    bars = {
        "transform": [
            now,
            {"bin": {"extent": [low, high], "step": width}, "field": "w", "as": ["w", "to"]},
            {"aggregate": [{"op": "count", "as": "walkers"}], "groupby": ["w", "to"]},
            {"calculate": f"datum.walkers / {walkers * width}", "as": "density"},
        ],
        "mark": {"type": "bar", "color": look.accents[0], "opacity": 0.4, "binSpacing": 1, "clip": True},
        "encoding": {"x": {**x, "bin": "binned"}, "x2": {"field": "to"}, "y": share},
    }
    in_the_end = {
        "data": records(curve),
        "mark": {"type": "line", "color": look.accents[1], "strokeDash": [5, 4], "clip": True},
        "encoding": {"x": x, "y": share},
    }
    loss = {
        "data": records(curve),
        "mark": {"type": "line", "color": look.ink, "strokeWidth": 2.5, "clip": True},
        "encoding": {"x": x, "y": y},
    }
    dots = {
        "transform": [now, *height(landscape)],
        "mark": {"type": "point", "filled": True, "size": 40, "opacity": 0.4, "color": look.accents[0], "clip": True},
        "encoding": {"x": x, "y": y},
    }
    counter = {
        "data": {"values": [{"frame": frame, "text": text} for frame, text in enumerate(counters)]},
        "transform": [now],
        "mark": {"type": "text", "baseline": "top", "fontWeight": 600},
        "encoding": {"text": {"field": "text"}, "x": {"value": {"expr": "width / 2"}}, "y": {"value": 2}},
    }
    layers = [{"layer": [bars, in_the_end]}, {"layer": [loss, dots, counter]}]
    scales = {"resolve": {"scale": {"y": "independent"}}}
    return look.framed({"height": HEIGHT, "layer": layers, **scales}, player.film("Time", frames, frames))


def height(landscape: Landscape) -> list[Spec]:
    """The loss of a row, as `Landscape.loss` has it, computed by the browser."""
    left, right = (f"{{d: {side.depth}, u: datum.w / {side.width}}}" for side in (landscape.left, landscape.right))
    return [
        {"calculate": f"datum.w < 0 ? {left} : {right}", "as": "side"},
        {"calculate": "datum.side.d * (pow(datum.side.u, 4) - 2 * pow(datum.side.u, 2))", "as": "loss"},
    ]


def decades(values: Floats) -> list[float]:
    """Ticks of a log axis of these values, at most seven: whole powers of ten, evenly apart."""
    powers = np.arange(np.floor(np.log10(values.min())), np.ceil(np.log10(values.max())) + 1)
    return [float(10.0**power) for power in powers[:: math.ceil(len(powers) / 7)]]


def escapes(lines: pd.DataFrame, marks: pd.DataFrame, colours: dict[str, str], look: Look) -> Spec:
    """Mean steps to escape over B/mu: lines (x, steps, line, rate) and marks (x, steps, mark, rate).

    `colours` has one for each rate; the lines' dashes and the marks' shapes say what they are.
    """
    x = channels.quantity("x", "B/μ", scale={"zero": True})
    shown = np.concatenate([lines["steps"][np.isfinite(lines["steps"])], marks["steps"]])
    y = channels.quantity(
        "steps", "mean steps to escape (log)", scale=channels.log(), nice=True, values=decades(shown),
        labelExpr="datum.value < 1e6 ? format(datum.value, ',d') : replace(format(datum.value, '.0e'), '+', '')",
    )  # fmt: skip
    drawn = [line for line in (INTEGRAL, KRAMERS) if (lines["line"] == line).any()]
    legend = {**WIDE_LEGEND, "title": "μ"} if len(colours) > 1 else None
    dash = {
        "field": "line", "type": "nominal", "scale": {"domain": drawn, "range": [[1, 0], [5, 4]][: len(drawn)]},
        "legend": {**WIDE_LEGEND, "symbolSize": 300},
    }  # fmt: skip
    shape = {
        "field": "mark", "type": "nominal", "legend": WIDE_LEGEND,
        "scale": {"domain": [CHAIN, MEASURED], "range": ["diamond", "circle"]},
    }  # fmt: skip
    filled = {"field": "filled", "type": "quantitative", "scale": None}
    tips = [{"field": "mark", "title": "what"}, {"field": "x", "title": "B/μ"}]
    steps = {"field": "steps", "type": "quantitative", "format": ",.0f"}
    layers = [
        {
            "data": records(lines[np.isfinite(lines["steps"])]),
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {"x": x, "y": y, "color": channels.names("rate", colours, legend), "strokeDash": dash},
        },
        {
            "data": records(marks.assign(filled=(marks["mark"] == MEASURED).astype(float))),
            "mark": {"type": "point", "size": 70, "stroke": look.ink, "fill": look.ink, "opacity": 1},
            "encoding": {"x": x, "y": y, "shape": shape, "fillOpacity": filled, "tooltip": [*tips, steps]},
        },
    ]
    return look.framed({"height": ESCAPE_HEIGHT, "layer": layers})
