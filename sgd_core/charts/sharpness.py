"""Sharpness along runs, with the place at which they are compared; curvature as a share of what its run can stand."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sgd_core.charts import channels
from sgd_core.charts.dots import bars, records, upright
from sgd_core.charts.look import Look, Spec

HEIGHT = 270
EDGE_HEIGHT = 260
FOLLOWED = 3
"""Measurements along a run from which it is drawn as a line."""
EPOCHS = channels.quantity(
    "x", "epochs trained", scale={"type": "symlog", "constant": 1, "padding": 12}, values=[0, 1, 2, 5, 15, 50, 150],
    grid=False,
)  # fmt: skip
TIME = channels.quantity(
    "x", "training time with momentum, T_eff (log axis)", scale=channels.log(padding=12), format="~g", tickCount=5,
    grid=False,
)  # fmt: skip
LOSS = channels.quantity(
    "x", "loss on the training images (log axis, falling)", scale=channels.log(reverse=True, padding=12), format="~g",
    tickCount=5, grid=False,
)  # fmt: skip
AXES: dict[str, Spec] = {"trained": EPOCHS, "effective_time": TIME, "reported_loss": LOSS}
"""Column that runs are compared at -> the axis along it; an untrained head has no place on that of T_eff."""


def along(
    rows: pd.DataFrame, column: str, at: float | None, measure: str, colours: Mapping[str, str], look: Look
) -> Spec:
    """Rows of evidence.sharper.table of one measure along a column, a line for every seed, and where they are compared.

    Bars are two standard errors of the estimate either way. A run measured at fewer than FOLLOWED epochs has dots
    alone: a line would invent what lies between.
    """
    table = rows.assign(x=rows[column].astype(float), y=rows["value"].astype(float))
    if column != "trained":
        table = table[table["x"] > 0]
    lowest = table["y"].min() / 2
    ends = bars(table["y"], table["standard_error"].astype(float).fillna(0.0), lowest=lowest)
    points = table.groupby("key")["x"].transform("size")
    shown = table.assign(**ends, points=points)[
        ["run", "key", "seed", "views", "epoch", "x", "y", "low", "high", "points"]
    ]
    y = channels.quantity("y", f"{measure} (log axis)", scale=channels.log(), nice=True, format=",~g", tickCount=5)
    colour = channels.names(
        "run", colours, {"orient": "top", "title": None, "columns": {"expr": "width < 420 ? 2 : 3"}}
    )
    where = {"x": AXES[column], "y": y, "color": colour}
    tips = channels.tips(
        ("run", "run"), ("seed", "seed"), ("views", "sets of crops"), ("epoch", "after epoch (-1: untrained)"),
        ("y", measure, ".3~g"), ("x", "here", ".3~g"),
    )  # fmt: skip
    layers: list[Spec] = [
        {"transform": [{"filter": f"datum.points >= {FOLLOWED}"}],
         "mark": {"type": "line", "strokeWidth": 2, "opacity": 0.7}, "encoding": {**where, "detail": {"field": "key"}}},
        {"mark": {"type": "rule", "strokeWidth": 1.5, "opacity": 0.6},
         "encoding": {**where, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
        {"mark": {"type": "point", "filled": True, "size": 70, "opacity": 0.85},
         "encoding": {**where, "tooltip": tips}},
    ]  # fmt: skip
    if at is not None:
        layers.insert(0, upright(at, AXES[column], look))
    return look.framed({"height": _tall(HEIGHT, look), "data": records(shown), "layer": layers})


def edge(rows: pd.DataFrame, colours: Mapping[str, str], dashes: Mapping[str, list[int]], look: Look) -> Spec:
    """Rows of evidence.edge.table: the largest eigenvalue over 2 (1 + m) / mu along training, and the edge at 1."""
    table = rows[rows["relative"].astype(float) > 0]
    shown = table.assign(x=table["epoch"] + 1, y=table["relative"].astype(float))
    shown = shown[["run", "key", "seed", "x", "y", "curvature", "limit"]]
    y = channels.quantity(
        "y", "largest eigenvalue over 2(1+m)/μ", scale=channels.log(), nice=True, format=",~g", tickCount=5
    )
    scale = {"domain": list(dashes), "range": list(dashes.values())}
    columns = {"expr": "width < 520 ? 2 : 4"}
    legend = {"orient": "top", "title": None, "columns": columns, "symbolType": "stroke", "symbolSize": 300}
    where = {"x": EPOCHS, "y": y, "color": channels.names("run", colours, legend)}
    tips = channels.tips(
        ("run", "run"), ("seed", "seed"), ("x", "epochs trained"), ("curvature", "largest eigenvalue", ".3~g"),
        ("limit", "2(1+m)/μ", ",.4~g"), ("y", "ratio", ".2~g"),
    )  # fmt: skip
    dash = {"field": "run", "type": "nominal", "scale": scale, "legend": legend}
    layers: list[Spec] = [
        {"mark": {"type": "line", "strokeWidth": 2},
         "encoding": {**where, "strokeDash": dash, "detail": {"field": "key"}}},
        {"mark": {"type": "point", "filled": True, "size": 60}, "encoding": {**where, "tooltip": tips}},
        {"data": {"values": [{"y": 1, "text": "the edge of stability"}]},
         "layer": [
             {"mark": {"type": "rule", "strokeDash": [6, 4], "color": look.ink}, "encoding": {"y": y}},
             {"mark": {"type": "text", "align": "right", "baseline": "bottom", "dy": -3},
              "encoding": {"y": y, "x": {"value": {"expr": "width - 4"}}, "text": {"field": "text"}}},
         ]},
    ]  # fmt: skip
    return look.framed({"height": _tall(EDGE_HEIGHT, look), "data": records(shown), "layer": layers})


def _tall(height: int, look: Look) -> int:
    return height + (30 if look.large else 0)
