"""The first page's moving picture: the paper's Figure 1 gliding from equal epochs to equal training time and back.

Real curves, drawn once and moved in the browser: `phase` runs in a circle, `share` is how far the points have gone from
their place along epochs (0) to their place along training time (1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sgd_core.charts.curves import FRAME_MS, MEAN, Line, Style

REST, GLIDE = 70, 45
"""Frames for which the picture stands still, and in which it glides, each way."""
CIRCLE = 2 * (REST + GLIDE)
HEIGHT = 320
EMPTY = {"title": " ", "labels": False, "ticks": False, "titlePadding": 16}
"""An axis without marks, whose place the captions take."""


def chart(lines: Sequence[Line], floor: float, style: Style) -> dict[str, Any]:
    """The Vega-Lite description for a frame of ui.curves with `before` along epochs and `position` along T."""
    there, back = f"(phase - {REST}) / {GLIDE}", f"({CIRCLE} - phase) / {GLIDE}"
    signals: list[dict[str, Any]] = [
        {"name": "moving", "value": True, "bind": {"input": "checkbox", "name": "Keep moving"}},
        {
            "name": "phase",
            "value": 0,
            "on": [
                {
                    "events": {"type": "timer", "throttle": FRAME_MS},
                    "update": f"moving ? (phase + 1) % {CIRCLE} : phase",
                }
            ],
        },
        {"name": "line", "update": f"clamp(min({there}, {back}), 0, 1)"},
        {"name": "share", "update": "line * line * (3 - 2 * line)"},
    ]
    x = {"field": "x", "type": "quantitative", "scale": {"domain": [0, 1], "nice": False}, "axis": EMPTY}
    y = {
        "field": "y",
        "type": "quantitative",
        "scale": {"domain": [floor, 1], "nice": False},
        "axis": {"format": ".0%", "tickCount": 4, "title": "the paper's accuracy", "grid": True},
    }
    runs = [line.run for line in lines]
    colour = {
        "field": "run",
        "type": "nominal",
        "scale": {"domain": runs, "range": [line.colour for line in lines]},
        "legend": {
            "title": None, "orient": "top", "symbolType": "stroke", "symbolStrokeWidth": 3,
            "columns": {"expr": "width < 420 ? 3 : 6"},
        },
    }  # fmt: skip
    return {
        "height": HEIGHT,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "transform": [
            {"filter": f"datum.seed == {MEAN}"},
            {"calculate": "datum.before + (datum.position - datum.before) * share", "as": "x"},
        ],
        "layer": [
            {
                "mark": {"type": "line", "clip": True, "strokeWidth": 2.5},
                "encoding": {"x": x, "y": y, "color": colour, "detail": {"field": "run"}},
            },
            _caption("along epochs: 150 for every run", "clamp(1 - 4 * share, 0, 1)", style),
            _caption(
                "along training time T, the sum of μ over updates (log axis)", "clamp(4 * share - 3, 0, 1)", style
            ),
        ],
        "config": {
            "signals": signals,
            "axis": {"labelFontSize": style.type_size, "titleFontSize": style.type_size, "grid": False},
            "legend": {"labelFontSize": style.type_size, "labelLimit": 0},
            "view": {"stroke": None},
        },
    }


def _caption(text: str, opacity: str, style: Style) -> dict[str, Any]:
    return {
        "data": {"values": [{}]},
        "mark": {
            "type": "text", "align": "right", "baseline": "top", "fontSize": style.type_size + 2, "fontWeight": 600,
            "color": style.ink, "text": text, "opacity": {"expr": opacity},
        },
        "encoding": {"x": {"value": "width"}, "y": {"value": HEIGHT + 10}},
    }  # fmt: skip
