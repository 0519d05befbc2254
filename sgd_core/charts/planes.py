"""Planes of two weights, or of two inputs: points, lines of equal loss, and the cloud of batch steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from sgd_core.charts import channels, player
from sgd_core.charts.dots import records
from sgd_core.charts.look import Look, Spec

Floats = npt.NDArray[np.float64]

INPUTS = (-4.0, 4.0)
"""Both axes of the plane of inputs."""
Window = tuple[tuple[float, float], tuple[float, float]]
WEIGHTS: Window = ((-1.7, 3.5), (-2.0, 3.2))
"""Both axes of the plane of weights."""
HEIGHT = 300


def examples(points: Floats, labels: Floats, drawn: npt.NDArray[np.int64], weights: Floats, look: Look) -> Spec:
    """Examples (N, 2) in the colours of their labels (N,), those of a batch ringed, and where the model is undecided.

    `drawn` (N,) is how often the batch holds each; weights (2,) of 0 draw no line.
    """
    table = pd.DataFrame(points, columns=["x1", "x2"]).assign(
        label=np.where(labels == 1, "label 1", "label 0"), drawn=drawn
    )
    x, y = (
        channels.quantity(name, title, scale=channels.linear(*INPUTS), tickCount=4)
        for name, title in (("x1", "x₁"), ("x2", "x₂"))
    )
    colours = dict(zip(("label 0", "label 1"), look.accents[1::-1], strict=True))
    layers = [
        {
            "data": records(table),
            "mark": {"type": "point", "filled": True, "size": 28, "opacity": 0.75, "clip": True},
            "encoding": {"x": x, "y": y, "color": channels.names("label", colours, {})},
        },
        {
            "data": records(table[table["drawn"] > 0]),
            "mark": {"type": "point", "color": look.ink, "strokeWidth": 1.6, "size": 90, "clip": True},
            "encoding": {"x": x, "y": y},
        },
    ]
    length = float(np.linalg.norm(weights))
    if length > 0:
        along = np.array([-weights[1], weights[0]]) / length * 6
        layers.append(_line(pd.DataFrame([-along, along], columns=["x1", "x2"]), x, y, look.ink, 2))
    return look.framed({"height": HEIGHT, "layer": layers})


def steps(
    levels: pd.DataFrame,
    weights: Floats,
    full: Floats,
    sizes: Sequence[int],
    size: int,
    look: Look,
    window: Window = WEIGHTS,
) -> Spec:
    """The steps of batches on lines of equal loss, as the batch grows through `sizes`, each twice the one before.

    `levels` are points (level, order, a, b) of lines of equal loss; the arrow goes from `weights` (2,) against the full
    gradient (2,). The chart draws the table of `places`, within `window`; its clock stands at `size`.
    """
    last = len(sizes) - 1
    x, y = (
        channels.quantity(field, title, scale=channels.linear(*domain), tickCount=5)
        for field, title, domain in (("a", "weight w₁", window[0]), ("b", "weight w₂", window[1]))
    )
    tip = weights - full
    lines = {
        "data": records(levels),
        "mark": {"type": "line", "clip": True, "strokeWidth": 1, "opacity": 0.35, "color": look.ink},
        "encoding": {"x": x, "y": y, "detail": {"field": "level"}, "order": {"field": "order"}},
    }
    cloud = {
        "transform": [{"calculate": _between(axis, last), "as": axis} for axis in "ab"],
        "mark": {
            "type": "point", "filled": True, "size": 60 if look.large else 22, "opacity": 0.55, "clip": True,
            "color": look.accents[0],
        },
        "encoding": {"x": x, "y": y},
    }  # fmt: skip
    arrow = {
        "data": {"values": [{"a": weights[0], "b": weights[1], "a2": tip[0], "b2": tip[1]}]},
        "mark": {"type": "rule", "strokeWidth": 3, "color": look.ink},
        "encoding": {"x": x, "y": y, "x2": {"field": "a2"}, "y2": {"field": "b2"}},
    }
    head = _head(weights, tip, window, x, y, look.ink)
    label = {
        "data": {"values": [{}]},
        "mark": {
            "type": "text", "align": "left", "baseline": "top", "fontWeight": 600,
            "fontSize": round(1.25 * look.type_size),
            "text": {"expr": f"'B = ' + format(round({sizes[0]} * pow(2, now)), 'd')"},
        },
        "encoding": {"x": {"value": 8}, "y": {"value": 6}},
    }  # fmt: skip
    signals = [
        *player.film("Let B grow", last, sizes.index(size), 0.04),
        {"name": "low", "update": f"min(floor(now + 1e-9), {last})"},
    ]
    chart = {"height": HEIGHT, "layer": [lines, cloud, arrow, head, label]}
    return look.framed(chart, signals, padding=None)


def places(weights: Floats, gradients: Floats) -> pd.DataFrame:
    """Where a step of length 1 leads from `weights` (2,), for batch gradients (K, M, 2): columns a0, b0, a1, ... of M
    rows."""
    there = weights - gradients
    columns = {f"{axis}{k}": at[:, i] for k, at in enumerate(there) for i, axis in enumerate("ab")}
    return pd.DataFrame(columns, dtype="float32")


def rescaled(minima: pd.DataFrame, levels: pd.DataFrame, across: pd.DataFrame, here: Floats, look: Look) -> Spec:
    """A curve of minima (w1, w2), lines of equal loss beside it (w1, w2, product), and the valley's width at a point.

    `across` are the two ends (w1, w2) of a bar through `here` (2,).
    """
    x = channels.quantity("w1", "w₁", scale=channels.linear(0, 5.5), tickCount=6)
    y = channels.quantity("w2", "w₂", scale=channels.linear(0, 4.5), tickCount=5)
    beside = {
        "data": records(levels),
        "mark": {"type": "line", "clip": True, "color": look.ink, "strokeWidth": 1, "opacity": 0.5},
        "encoding": {"x": x, "y": y, "detail": {"field": "product", "type": "nominal"}},
    }
    return {
        "layer": [
            _line(minima, x, y, look.accents[0], 2.5),
            beside,
            _line(across, x, y, look.accents[1], 4),
            _dot({"w1": here[0], "w2": here[1]}, x, y, look.ink, 45),
        ]
    }


def _between(axis: str, last: int) -> str:
    """Where a point is between its places at two sizes of its batch."""
    here, there = f"datum['{axis}' + low]", f"datum['{axis}' + min(low + 1, {last})]"
    return f"{here} + ({there} - {here}) * (now - low)"


def _line(table: pd.DataFrame, x: Spec, y: Spec, colour: str, width: float) -> Spec:
    return {
        "data": records(table),
        "mark": {"type": "line", "clip": True, "color": colour, "strokeWidth": width},
        "encoding": {"x": x, "y": y},
    }


def _head(tail: Floats, tip: Floats, window: Window, x: Spec, y: Spec, colour: str) -> Spec:
    """The head of an arrow from `tail` (2,) to `tip` (2,), turned as the arrow is on a screen of any width."""
    (low, high), (bottom, top) = window
    across, up = (tip[0] - tail[0]) / (high - low), (tip[1] - tail[1]) / (top - bottom)
    turned = {"expr": f"90 - atan2({up} * height, {across} * width) * 180 / PI"}
    return {
        "data": {"values": [{"a": tip[0], "b": tip[1]}] if across or up else []},
        "mark": {"type": "point", "shape": "triangle", "filled": True, "size": 220, "opacity": 1, "color": colour,
                 "angle": turned},
        "encoding": {"x": x, "y": y},
    }  # fmt: skip


def _dot(at: dict[str, float], x: Spec, y: Spec, colour: str, size: float) -> Spec:
    return {
        "data": {"values": [at]},
        "mark": {"type": "point", "filled": True, "size": size, "opacity": 1, "color": colour},
        "encoding": {"x": x, "y": y},
    }
