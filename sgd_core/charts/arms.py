"""The curves of a claim's arms: the mean over seeds, and a band from the lowest seed to the highest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from sgd_core.charts.curves import Line, Style

Spec = dict[str, Any]
AXES = {"T_eff": ("effective_time", "training time T_eff (log axis)"), "Epochs": ("epoch", "epoch (counted from 0)")}
"""Along what -> column of the frame, title."""
BELOW = 0.15
"""An accuracy axis begins so far below the lowest end."""
SMALL = {"arm": "category", "x": "float32", "mean": "float32", "low": "float32", "high": "float32"}


def chart(
    frame: pd.DataFrame,
    lines: Sequence[Line],
    title: str,
    along: str,
    loss: bool,
    style: Style,
    domain: tuple[float, float],
) -> Spec:
    """The Vega-Lite description for a packed frame; `lines` in the order of the legend.

    `domain` is that of the y axis.
    """
    size = style.type_size
    arms = [line.run for line in lines]
    x = {
        "field": "x", "type": "quantitative", "title": AXES[along][1],
        "scale": {"type": "log" if along == "T_eff" else "linear", "nice": False,
                  "domain": [float(frame["x"].min()), float(frame["x"].max())]},
        "axis": {"tickCount": 6, **({"format": ".1~g"} if along == "T_eff" else {})},
    }  # fmt: skip
    y = {
        "field": "mean", "type": "quantitative", "title": title,
        "scale": {"type": "log" if loss else "linear", "nice": False, "domain": list(domain)},
        "axis": {"format": ".2~g" if loss else ".0%", "tickCount": 6, "grid": True, "gridOpacity": 0.4},
    }  # fmt: skip
    colour = {
        "field": "arm", "type": "nominal", "scale": {"domain": arms, "range": [line.colour for line in lines]},
        "legend": {"title": None, "orient": "top", "symbolType": "stroke", "symbolStrokeWidth": 3, "symbolOpacity": 1,
                   "columns": {"expr": "width < 420 ? 1 : width < 800 ? 2 : 3"}},
    }  # fmt: skip
    dash = {
        "field": "arm", "type": "nominal", "legend": colour["legend"],
        "scale": {"domain": arms, "range": [list(line.dash) or [1, 0] for line in lines]},
    }  # fmt: skip
    tooltip = [
        {"field": "arm", "title": "arm"},
        {"field": "x", "title": along, "format": ".3~g"},
        *({"field": name, "title": name, "format": ".3~g" if loss else ".1%"} for name in ("mean", "low", "high")),
    ]
    return {
        "height": 420 if style.large else 300,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.16, "clip": True},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour},
            },
            {
                "mark": {"type": "line", "strokeWidth": 2.5, "clip": True},
                "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 40, "opacity": 0, "clip": True},
                "encoding": {"x": x, "y": y, "color": colour, "tooltip": tooltip},
            },
        ],
        "config": {
            "axis": {"labelFontSize": size - 1, "titleFontSize": size, "grid": False},
            "legend": {"labelFontSize": size, "labelLimit": 0, "symbolSize": 300},
            "view": {"stroke": None},
            "mark": {"aria": False},
        },
    }  # fmt: skip


def pack(curves: pd.DataFrame, along: str) -> pd.DataFrame:
    """The frame that the chart draws, in small types; an axis on a log scale begins above zero."""
    frame = curves.assign(x=curves[AXES[along][0]])
    if along == "T_eff":
        frame = frame[frame["x"] > 0]
    return frame[list(SMALL)].astype(SMALL).reset_index(drop=True)


def domain(frame: pd.DataFrame, loss: bool) -> tuple[float, float]:
    """The y axis that shows all of a packed frame, of an accuracy from below the lowest end."""
    low, high = float(frame["low"].min()), float(frame["high"].max())
    if loss:
        return 0.9 * low, 1.1 * high
    worst = float(frame.groupby("arm", observed=True)["mean"].last().min())
    return max(0.0, math.floor(20 * (worst - BELOW)) / 20), 1.0
