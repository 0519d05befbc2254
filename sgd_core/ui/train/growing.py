"""The chart of runs under way: their curves grow over those of finished runs, in place.

Streamlit hands new rows to a chart that is there already as long as its description and its place on the page stay the
same, so everything in the description is fixed by what was asked for (the planned epochs, the runs beside it) and not
by what has been measured so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from sgd_core.charts.axes import Axis
from sgd_core.experiment.schedules import plan
from sgd_core.experiment.spec import RunSpec
from sgd_core.ui.shell import lab, page, replay, theme

TYPES = {
    "run": "category", "own": "bool", "epoch": "int16", "y": "float32", "updates": "int32",
    "training_time": "float32", "images_seen": "int32", "learning_rate": "float32", "batch_size": "int16",
}  # fmt: skip
"""The columns that travel to the browser: 30 bytes a row, so 15 runs of 150 epochs are 70 kB."""
LOSSES = (0.003, 3.0)
"""What the axis of the train loss spans; ten classes start at ln 10 = 2.3."""


@dataclass(frozen=True)
class Curve:
    """A run to be drawn: its name, its settings and images, its epochs so far, and whether the reader asked for it."""

    name: str
    spec: RunSpec
    images: int
    epochs: pd.DataFrame
    """Columns of the epochs table with accuracies and images_seen; no rows before the first epoch."""
    own: bool


def draw(curves: Sequence[Curve], metric: str, axis: Axis, live: bool) -> None:
    """Draw the curves along the axis; while `live`, the y axis shows all that can still come."""
    column = replay.METRICS[metric]
    parts = [curve.epochs.assign(run=curve.name, own=curve.own, y=curve.epochs[column]) for curve in curves]
    frame = pd.concat([part[list(TYPES)] for part in parts if len(part)] or [pd.DataFrame(columns=list(TYPES))])
    frame = frame[frame["y"].notna()].astype(TYPES).reset_index(drop=True)
    spec = _chart(curves, metric, axis, _domain(frame, column, live))
    st.vega_lite_chart(frame, spec, width="stretch", key="growing", alt=_alt(curves, metric, axis))


def takeaway(curves: Sequence[Curve], metric: str, axis: Axis, live: bool) -> str:
    """Where the reader's runs stand now, and where the first of the others was at that place; '' before any epoch."""
    column = replay.METRICS[metric]
    loss = column == "train_loss"
    own = [(curve, curve.epochs[curve.epochs[column].notna()]) for curve in curves if curve.own]
    own = [(curve, epochs) for curve, epochs in own if len(epochs)]
    if not own:
        return ""
    ends = {curve.name: float(epochs[column].iloc[-1]) for curve, epochs in own}
    if len(own) > 1:
        best, worst = (pick(ends, key=ends.__getitem__) for pick in (max, min))
        when = "So far" if live else "At the end"
        return f"{when} {best} is highest at {_text(ends[best], loss)}, {worst} lowest at {_text(ends[worst], loss)}."
    name, end = next(iter(ends.items()))
    place = float(own[0][1][axis.column].iloc[-1])
    said = f"At {axis.place} {axis.text(place)} {name} is at {_text(end, loss)}"
    other = next((curve for curve in curves if not curve.own), None)
    if other is None:
        return f"{said}."
    along, values = other.epochs[axis.column].astype(float), other.epochs[column].astype(float)
    if place > along.max():
        return f"{said}; {other.name} ended at {axis.place} {axis.text(along.max())}."
    if place < along.min():
        return f"{said}; {other.name} begins at {axis.place} {axis.text(along.min())}."
    return f"{said}; {other.name} was at {_text(float(np.interp(place, along, values)), loss)} there."


def _text(value: float, loss: bool) -> str:
    return f"{value:.3f}" if loss else f"{value:.1%}"


def _domain(frame: pd.DataFrame, column: str, live: bool) -> tuple[float, float]:
    if column == "train_loss":
        return LOSSES
    if live or frame.empty:
        return (0.0, 1.0)
    return replay.accuracy("", frame["y"], frame).domain


def _along(curve: Curve, axis: Axis) -> tuple[float, float]:
    """From where to where a run goes along the axis, by its plan."""
    epochs = plan(curve.spec, curve.images)
    ends = {
        "epoch": (0, epochs[-1].epoch), "updates": (epochs[0].updates, epochs[-1].updates),
        "training_time": (epochs[0].training_time, epochs[-1].training_time),
        "images_seen": (curve.images, curve.images * len(epochs)),
    }  # fmt: skip
    return ends[axis.column]


def _chart(curves: Sequence[Curve], metric: str, axis: Axis, domain: tuple[float, float]) -> lab.Spec:
    loss = replay.METRICS[metric] == "train_loss"
    shown = ".3f" if loss else ".1%"
    spans = [_along(curve, axis) for curve in curves]
    low, high = min(span[0] for span in spans), max(span[1] for span in spans)
    x = {
        "field": axis.column, "type": "quantitative",
        "scale": {"domain": [low, max(high, low + 1e-12)], "type": "log" if axis.logarithmic else "linear",
                  "nice": False},
        "axis": {"title": axis.title, "tickCount": 8, **({} if axis.logarithmic else {"tickMinStep": 1})},
    }  # fmt: skip
    y = {
        "field": "y", "type": "quantitative", "title": metric.lower() + (" (log axis)" if loss else ""),
        "scale": {"domain": list(domain), "type": "log" if loss else "linear", "nice": False},
        "axis": {"format": "~g" if loss else ".0%", "tickCount": 6, "minExtent": 52, "grid": True},
    }  # fmt: skip
    names = [curve.name for curve in curves]
    colour = {
        "field": "run", "type": "nominal",
        "scale": {"domain": names, "range": theme.by_noise([_noise(curve) for curve in curves])},
        "legend": {
            "columns": {"expr": "max(1, floor(width / 290))"}, "symbolType": "stroke", "symbolStrokeWidth": 3,
            "symbolSize": 300,
        },
    }  # fmt: skip
    at = {"x": x, "y": y, "color": colour}
    line = {"type": "line", "clip": True}
    newest = [
        {"joinaggregate": [{"op": "max", "field": "epoch", "as": "latest"}], "groupby": ["run"]},
        {"filter": "datum.own && datum.epoch == datum.latest"},
    ]
    tooltip = [
        {"field": "run", "title": "run"}, {"field": "epoch", "title": "epoch"},
        {"field": "y", "title": metric.lower(), "format": shown},
        {"field": "learning_rate", "title": "μ", "format": ".3~g"}, {"field": "batch_size", "title": "B"},
        {"field": "updates", "title": "updates", "format": ","},
        {"field": "training_time", "title": "T", "format": ".3~g"},
    ]  # fmt: skip
    size = 17 if page.presenting() else 12
    label = {"type": "text", "align": "right", "dy": -11, "fontWeight": 600, "fontSize": size, "clip": False}
    return {
        "autosize": {"type": "fit-x", "contains": "padding"},
        "height": 420 if page.presenting() else 320,
        "layer": [
            {
                "transform": [{"filter": "!datum.own"}],
                "mark": {**line, "strokeWidth": 1.5, "strokeDash": [5, 3], "opacity": 0.8},
                "encoding": at,
            },
            {"transform": [{"filter": "datum.own"}], "mark": {**line, "strokeWidth": 3.5}, "encoding": at},
            {"transform": newest, "mark": {"type": "point", "filled": True, "size": 80, "clip": True}, "encoding": at},
            {"transform": newest, "mark": label, "encoding": {**at, "text": {"field": "y", "format": shown}}},
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 0, "clip": True},
                "encoding": {**at, "tooltip": tooltip},
            },
        ],
        "config": lab.config(mark={"aria": False}),  # the chart has one description, its alt
    }


def _noise(curve: Curve) -> float:
    """Its mean mu/B, by its plan."""
    epochs = plan(curve.spec, curve.images)
    return sum(epoch.learning_rate / epoch.batch_size for epoch in epochs) / len(epochs)


def _alt(curves: Sequence[Curve], metric: str, axis: Axis) -> str:
    own = ", ".join(curve.name for curve in curves if curve.own)
    beside = ", ".join(curve.name for curve in curves if not curve.own)
    return f"{metric} along {axis.noun} of {own or 'no run of yours'}" + (f", over {beside}." if beside else ".")
