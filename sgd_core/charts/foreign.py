"""A curve from elsewhere over a chart of runs: dashed, in ink, with its badge at its end, and with rows of its own.

The rows of the chart, its legend, axes, values and sentence know nothing of it, so that it can answer no question.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sgd_core.charts.axes import Scale
from sgd_core.charts.lines import Measure
from sgd_core.charts.look import Spec
from sgd_core.evidence.sentences.foreign import BADGE
from sgd_core.runs.foreign import Curve

NAME = "elsewhere"
"""The layer, by which a page finds it in the browser."""
DASH = [11, 5]
"""Longer than any run's: those beside a run on the Train page are dashed too."""
MOST = 300
"""Points that are drawn: 15 kB, so that a chart stays below what it may send."""


@dataclass(frozen=True)
class Overlay:
    """What is drawn of a curve over one chart."""

    label: str
    rows: list[dict[str, float]]
    """x, the position along the axis from 0 to 1; at, the same in the axis's own units; y."""
    points: int
    """That have a place along the axis."""
    outside: int
    """Of them, beyond the axes."""
    every: int = 1
    """Only every so-manieth is drawn, and the last."""


def overlay(curve: Curve, scale: Scale, measure: Measure) -> Overlay | None:
    """What of the curve lies on these axes; None where it is of another kind or has no place along this axis."""
    steps = curve.along.get(scale.axis.column)
    if steps is None or curve.loss != measure.loss:
        return None
    table = pd.DataFrame({"at": steps, "y": curve.y}).dropna()
    placed = table[table["at"] > 0] if scale.axis.logarithmic else table
    placed = placed.assign(x=scale.position(placed["at"]).clip(-1, 2))
    inside = placed[placed["x"].between(0, 1)]
    low, high = measure.domain
    seen = int(inside["y"].between(low, high).sum())
    every = max(1, math.ceil(len(inside) / MOST))
    kept = inside[(len(inside) - 1 - pd.RangeIndex(len(inside))) % every == 0]
    # A log axis has no place for 0; beyond the axis a line goes on to its edge and is cut there.
    y = kept["y"].clip(lower=low / 10) if measure.loss else kept["y"]
    rows = [
        {"x": round(float(x), 5), "at": float(f"{at:.6g}"), "y": float(f"{value:.5g}")}
        for x, at, value in zip(kept["x"], kept["at"], y, strict=True)
    ]
    return Overlay(curve.label, rows, len(table), len(table) - seen, every)


def layer(
    drawn: Overlay, x: Spec, y: Spec, measure: Measure, ink: str, paper: str, size: int, shown: Sequence[str] = ()
) -> Spec:
    """The layer over a chart with these channels; `shown` are Vega expressions that hold for a row on screen."""
    low, high = measure.domain
    at = {"x": x, "y": y}
    left = "datum.x < 0.5"
    # Most runs that have learnt lie above the end of an accuracy, and below that of a loss.
    side = {"baseline": "bottom", "dy": -6} if measure.loss else {"baseline": "top", "dy": 6}
    text = {
        "type": "text", "align": {"expr": f"{left} ? 'left' : 'right'"}, "dx": {"expr": f"{left} ? 4 : -4"}, **side,
        "fontSize": size, "fontStyle": "italic", "fontWeight": 600, "clip": True,
    }  # fmt: skip
    badge: Spec = {
        "transform": [
            {"filter": f"datum.y >= {low} && datum.y <= {high}"},
            {"joinaggregate": [{"op": "max", "field": "x", "as": "end"}]},
            {"filter": "datum.x == datum.end"},
        ],
        "encoding": {**at, "text": {"value": f"{BADGE}: {drawn.label}"}},
    }
    return {
        "name": NAME,
        "data": {"values": drawn.rows},
        "transform": [{"filter": each} for each in shown],
        "layer": [
            {"mark": {"type": "line", "clip": True, "strokeDash": DASH, "strokeWidth": 2, "color": ink},
             "encoding": at},
            {**badge, "mark": {**text, "color": paper, "stroke": paper, "strokeWidth": 4}},
            {**badge, "mark": {**text, "color": ink}},
        ],
    }  # fmt: skip
