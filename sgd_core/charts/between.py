"""What lies between two ends: the loss along a line, the plane with both ways, and the same function rescaled."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from sgd_core.charts import channels
from sgd_core.charts.dots import records
from sgd_core.charts.look import Look, Spec

HEIGHT = 260
PLANE = 320
OVERLAP = 1.03
"""Tiles are this much larger than their cells, or the ground shows between them."""
TEXT = 5
"""Lines of text that a rescaled head's readout takes."""


def line(table: pd.DataFrame, what: str, marks: Mapping[float, str], colours: Mapping[str, str], look: Look) -> Spec:
    """evidence.between.line along alpha: `what` is its column loss or accuracy; `marks`: alpha -> the end's name."""
    shown = table.assign(y=table[what], images=table["split"].map({"train": "training images", "test": "test images"}))
    shown = shown[["alpha", "images", "y"]].dropna()
    x = channels.quantity("alpha", "α, along the line", scale=channels.linear(-0.5, 1.5), tickCount=5, grid=False)
    y = (
        channels.quantity("y", "loss (log axis)", scale=channels.log(), nice=True, format="~g", tickCount=5)
        if what == "loss"
        else channels.quantity("y", "accuracy", format=".0%", tickCount=5, nice=True, scale={"zero": False})
    )
    tips = channels.tips(("images", "images"), ("alpha", "α"), ("y", what, ".3~g"))
    at = {"x": x, "y": y, "color": channels.names("images", colours, {})}
    layers: list[Spec] = [
        {"data": {"values": [{"alpha": place, "text": name} for place, name in marks.items()]},
         "layer": [
             {"mark": {"type": "rule", "strokeDash": [6, 4], "color": look.ink, "opacity": 0.6}, "encoding": {"x": x}},
             {"mark": {"type": "text", "align": "center", "baseline": "bottom"},
              "encoding": {"x": x, "y": {"value": -3}, "text": {"field": "text"}}},
         ]},
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": at},
        {"mark": {"type": "point", "filled": True, "size": 45}, "encoding": {**at, "tooltip": tips}},
    ]  # fmt: skip
    return look.framed({"height": _tall(HEIGHT, look), "data": records(shown), "layer": layers})


def plane(tiles: pd.DataFrame, ways: pd.DataFrame, colours: Mapping[str, str], look: Look) -> Spec:
    """Tiles (x, y, loss) of one split, and both ways (run, epoch, x, y, away) from the start at 0, 0.

    Grey, so that the ways stand out: the darker, the larger the loss.
    """
    wide, high = (_step(tiles[axis]) for axis in ("x", "y"))
    half_wide, half_high = OVERLAP * wide / 2, OVERLAP * high / 2
    shown = tiles.assign(
        x1=tiles["x"] - half_wide, x2=tiles["x"] + half_wide, y1=tiles["y"] - half_high, y2=tiles["y"] + half_high
    )
    ends = {axis: (float(shown[f"{axis}1"].min()), float(shown[f"{axis}2"].max())) for axis in "xy"}
    x = channels.quantity("x1", "distance from the start towards the end of B=16", scale=channels.linear(*ends["x"]))
    y = channels.quantity("y1", "distance at right angles to it", scale=channels.linear(*ends["y"]))
    x, y = ({**each, "axis": {"grid": False, "tickCount": 6}} for each in (x, y))
    legend = {"title": "loss", "orient": "right", "format": ".2~g", "gradientLength": 200}
    heat = {
        "field": "loss", "type": "quantitative", "legend": legend,
        "scale": {"type": "log", "range": [look.paper, _mixed(look, 0.6)], "interpolate": "rgb"},
    }  # fmt: skip
    way = {"x": {**x, "field": "x"}, "y": {**y, "field": "y"}}
    named = {**way, "color": channels.names("run", colours, {"symbolType": "circle"})}
    start = {
        "data": {"values": [{"x": 0, "y": 0, "text": "start"}]},
        "mark": {"type": "text", "align": "right", "baseline": "top", "dx": -6, "dy": 4},
        "encoding": {**way, "text": {"field": "text"}},
    }
    tips = channels.tips(("run", "run"), ("epoch", "after epoch (-1: start)"), ("away", "off the plane", ".2~g"))
    layers: list[Spec] = [
        {"data": records(shown[["x1", "x2", "y1", "y2", "loss"]]), "mark": {"type": "rect", "clip": True},
         "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}, "color": heat,
                      "tooltip": channels.tips(("loss", "loss", ".3~g"))}},
        {"data": records(ways), "mark": {"type": "line", "strokeWidth": 5, "color": look.paper},
         "encoding": {**way, "detail": {"field": "run"}, "order": {"field": "epoch"}}},
        {"data": records(ways), "mark": {"type": "line", "strokeWidth": 2.5},
         "encoding": {**named, "order": {"field": "epoch"}}},
        {"data": records(ways), "mark": {"type": "point", "filled": True, "size": 80, "stroke": look.paper,
                                         "strokeWidth": 1, "opacity": 1},
         "encoding": {**way, "color": channels.names("run", colours), "tooltip": tips}},
        start,
    ]  # fmt: skip
    chart = {"height": _tall(PLANE, look), "layer": layers, "resolve": {"scale": {"color": "independent"}}}
    return look.framed(chart)


def _mixed(look: Look, share: float) -> str:
    """A colour between ground and ink, so much of it ink."""
    both = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in (look.ink, look.paper)]
    return "#" + "".join(f"{round(share * ink + (1 - share) * paper):02x}" for ink, paper in zip(*both, strict=True))


def _step(places: pd.Series) -> float:
    """The step between evenly spaced places."""
    values = sorted(places.unique())
    return float(values[1] - values[0]) if len(values) > 1 else 1.0


def rescaled(
    tables: Mapping[str, pd.DataFrame], texts: Mapping[tuple[float, str], str], measures: Sequence[str],
    colours: Mapping[str, str], look: Look,
) -> Spec:  # fmt: skip
    """Both ends as alpha goes through its values by a slider in the browser; `texts`: (alpha, measure) -> what is said.

    `tables`: run -> evidence.between.rescaled. The slider moves in powers of two.
    """
    rows = pd.concat([table.assign(run=run) for run, table in tables.items()], ignore_index=True)
    shown = rows.assign(k=rows["alpha"].map(math.log2))[["run", "alpha", "k", "measure", "value"]]
    steps = sorted(shown["k"].unique())
    x = channels.quantity("alpha", "α (log axis)", scale=channels.log(base=2), values=[2.0**k for k in steps])
    x["axis"] |= {"format": "~g", "grid": False}
    y = channels.quantity("value", "value (log axis)", scale=channels.log(), nice=True, format=",~g", tickCount=5)
    at = {"x": x, "y": y, "color": channels.names("run", colours, {})}
    chosen, here = {"filter": "datum.measure == which"}, {"filter": "datum.k == k"}
    told = [
        {"k": math.log2(alpha), "measure": measure, "text": text} for (alpha, measure), text in texts.items()
    ]  # fmt: skip
    size = look.type_size + 1
    layers: list[Spec] = [
        {"transform": [chosen], "mark": {"type": "line", "strokeWidth": 2}, "encoding": at},
        {"transform": [chosen], "mark": {"type": "point", "filled": True, "size": 30}, "encoding": at},
        {"data": {"values": [{}]}, "transform": [{"calculate": "pow(2, k)", "as": "alpha"}],
         "mark": {"type": "rule", "strokeWidth": 2, "opacity": 0.5, "color": look.ink}, "encoding": {"x": x}},
        {"transform": [chosen, here], "mark": {"type": "point", "filled": True, "size": 130, "opacity": 1},
         "encoding": {**at, "tooltip": channels.tips(("run", "run"), ("alpha", "α"), ("value", "value", ".3~g"))}},
    ]  # fmt: skip
    readout = {
        "data": {"values": told}, "transform": [chosen, here],
        "height": TEXT * (size + 4),
        "mark": {"type": "text", "align": "left", "baseline": "top", "lineBreak": "\n", "fontSize": size,
                 "color": look.ink},
        "encoding": {"x": {"value": 0}, "y": {"value": 0}, "text": {"field": "text"}},
    }  # fmt: skip
    signals: list[Spec] = [
        {"name": "k", "value": 0,
         "bind": {"input": "range", "min": min(steps), "max": max(steps), "step": 1, "name": "α, in powers of two"}},
        {"name": "which", "value": measures[0],
         "bind": {"input": "radio", "options": list(measures), "name": "Measure"}},
    ]  # fmt: skip
    panel = {"height": _tall(HEIGHT, look), "data": records(shown), "layer": layers}
    return look.framed({"vconcat": [panel, readout], "spacing": 8}, signals)


def _tall(height: int, look: Look) -> int:
    return height + (30 if look.large else 0)
