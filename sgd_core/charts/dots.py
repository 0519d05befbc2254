"""Measured dots with their errors on the lines of a theory, and what several runs measured along training.

The tables have the columns x and y and what belongs to their rows: `name` (the line's, and the colour), `low` and
`high` (the ends of an error bar), `size` (pixels squared), `shape`. All their numbers are finite: JSON has no others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sgd_core.charts import channels
from sgd_core.charts.look import Look, Spec

ERRORS = 2.0
"""Standard errors from a dot to the end of its bar."""


def bars(measured: Any, standard_error: Any, lowest: float = -np.inf, highest: float = np.inf) -> dict[str, Any]:
    """The columns low and high of an error bar, ERRORS either way, between the ends of an axis."""
    ends = {"low": measured - ERRORS * standard_error, "high": measured + ERRORS * standard_error}
    return {name: np.clip(end, lowest, highest) for name, end in ends.items()}


def on_lines(
    lines: pd.DataFrame,
    dots: pd.DataFrame,
    x: Spec,
    y: Spec,
    colours: Mapping[str, str],
    tips: Sequence[Spec] = (),
    *,
    ink: str | None = None,
    legend: Spec | None = None,
    strong: str | None = None,
    opacity: float = 1,
    clip: bool = True,
) -> Spec:
    """Dots of x, y, size on lines of x, y, name; in `ink`, else each in the colour of its own line.

    `strong` is the line that the dots are of, where there are others; `legend` None shows none; `clip`
    cuts lines where the axes end, which halves one that runs along an end.
    """
    colour = channels.names("name", colours, legend)
    own = {"value": ink} if ink else colour
    fade = {"opacity": {"condition": {"test": f"datum.name == '{strong}'", "value": 1}, "value": 0.4}}
    layers = [
        {
            "data": records(lines),
            "mark": {"type": "line", "clip": clip},
            "encoding": {"x": x, "y": y, "color": colour, **(fade if strong else {})},
        }
    ]
    if "low" in dots:
        layers.append(
            {
                "data": records(dots),
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": own},
            }
        )
    shape = {"shape": {"field": "shape", "type": "nominal", "scale": None}} if "shape" in dots else {}
    layers.append(
        {
            "data": records(dots),
            "mark": {"type": "point", "filled": True, "opacity": opacity},
            "encoding": {"x": x, "y": y, "color": own, "size": _size(), "tooltip": list(tips), **shape},
        }
    )
    return {"layer": layers}


def upright(at: float, x: Spec, look: Look) -> Spec:
    """A dashed line across the picture at one x."""
    return {
        "data": {"values": [{"x": at}]},
        "mark": {"type": "rule", "strokeDash": [6, 4], "color": look.ink},
        "encoding": {"x": x},
    }


def rings(dots: pd.DataFrame, x: Spec, y: Spec, colours: Mapping[str, str], legend: Spec, tips: Sequence[Spec]) -> Spec:
    """Hollow dots of x, y, size, coloured by name."""
    return {
        "data": records(dots),
        "mark": {"type": "point", "filled": False, "strokeWidth": 2.5, "opacity": 1},
        "encoding": {
            "x": x, "y": y, "color": channels.names("name", colours, legend), "size": _size(), "tooltip": list(tips),
        },
    }  # fmt: skip


def along_training(table: pd.DataFrame, x: Spec, y: Spec, colours: Mapping[str, str], look: Look) -> Spec:
    """Quantities (`name`, a colour each) of several runs (`run`, a dash each) at the epochs they were measured."""
    legend = {"orient": "top", "title": None, "columns": 1, "labelLimit": 0, "symbolType": "stroke"}
    runs = {"orient": "top", "title": None, "symbolStrokeColor": look.ink, "symbolSize": 300}
    at = {"x": x, "y": y, "color": channels.names("name", colours, legend)}
    tips = channels.tips(("run", "run"), ("epoch", "epoch"), ("name", "quantity"), ("y", "value", ".3~g"))
    return {
        "data": records(table),
        "layer": [
            {
                "mark": {"type": "line"},
                "encoding": {**at, "strokeDash": {"field": "run", "type": "nominal", "legend": runs}},
            },
            {"mark": {"type": "point", "filled": True, "size": 50}, "encoding": {**at, "tooltip": tips}},
        ],
    }


def records(table: pd.DataFrame) -> Spec:
    """A table as the inline data of a chart."""
    return {"values": table.to_dict("records")}


def _size() -> Spec:
    return {"field": "size", "type": "quantitative", "scale": None, "legend": None}
