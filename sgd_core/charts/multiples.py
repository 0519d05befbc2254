"""Small multiples: a chart of one curve, with its band, for every batch size and learning rate, on one scale."""

from __future__ import annotations

import json

import pandas as pd

from sgd_core.charts import channels
from sgd_core.charts.axes import Axis
from sgd_core.charts.curves import Measure
from sgd_core.charts.look import Look, Spec
from sgd_core.experiment.names import rate_of

WIDTH, HEIGHT = 640, 64
MOST_POINTS = 60
"""Of a curve: a small chart has no more pixels than twice that."""


def chart(rows: pd.DataFrame, axis: Axis, measure: Measure, look: Look, colour: str) -> Spec:
    """The description with its data inside; `rows` have B, rate, x, y, and low and high where there are several seeds.

    Columns are batch sizes, from the left; rows are learning rates, the highest on top, as on a map.
    """
    batches, rates = rows["B"].nunique(), [float(rate) for rate in rows["rate"].unique()]
    shown = pd.concat([each.iloc[:: -(-len(each) // MOST_POINTS)] for _, each in rows.groupby(["B", "rate"])])
    if axis.logarithmic:
        shown = shown[shown["x"] > 0]
    data = shown[["B", "rate", "x", "y", "low", "high"]]
    low, high = measure.domain
    y = {
        "type": "quantitative", "title": None, "scale": {"domain": [low, high], "nice": False},
        "axis": {"format": "~g" if measure.loss else "%", "tickCount": 3, "grid": True},
    }  # fmt: skip
    along: Spec = {"tickCount": 3, "format": "~g" if axis.logarithmic else "~s", "grid": False}
    scale = {"type": "log" if axis.logarithmic else "linear", "nice": False}
    x = {"field": "x", "type": "quantitative", "title": None, "axis": along, "scale": scale}
    size = look.type_size
    header = {"labelFontSize": size, "titleFontSize": size, "labelColor": look.ink, "titleColor": look.ink}
    return {
        "data": {"values": json.loads(data.to_json(orient="records"))},
        "facet": {
            "column": {"field": "B", "type": "ordinal", "header": {**header, "title": "batch size B"}},
            "row": {"field": "rate", "type": "ordinal", "sort": "descending",
                    "header": {**header, "title": "learning rate μ₀", "labelAngle": 0, "labelAlign": "left",
                               "labelExpr": channels.labels({rate: rate_of(rate) for rate in rates})}},
        },
        "spec": {
            "width": max(60, round(WIDTH / batches) - 30), "height": HEIGHT * (2 if len(rates) == 1 else 1),
            "layer": [
                {"mark": {"type": "area", "color": colour, "opacity": 0.25, "clip": True},
                 "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
                {"mark": {"type": "line", "color": colour, "strokeWidth": 2, "clip": True},
                 "encoding": {"x": x, "y": {**y, "field": "y"}}},
            ],
        },
        "config": look.config(),
    }  # fmt: skip
