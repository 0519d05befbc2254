"""The chart of runs under way: their curves grow over those of finished runs, in place.

Streamlit hands new rows to a chart that is there already as long as its description and its place on the page stay the
same, so everything in the description is fixed by what was asked for (the planned epochs, the runs beside it) and not
by what has been measured so far.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sgd_core.charts.axes import Axis
from sgd_core.charts.curves import Measure
from sgd_core.charts.look import Look, Spec
from sgd_core.experiment.schedules import plan
from sgd_core.experiment.spec import RunSpec

TYPES = {
    "run": "category", "own": "bool", "epoch": "int16", "y": "float32", "updates": "int32",
    "training_time": "float32", "effective_time": "float32", "images_seen": "int32", "learning_rate": "float32",
    "batch_size": "int16",
}  # fmt: skip
"""The columns that travel to the browser: 34 bytes a row, so 15 runs of 150 epochs are 77 kB."""
LEAST_LOSS = 1e-6
"""A log axis has no place for 0; a smaller loss is drawn as this, below all that the axis shows."""


@dataclass(frozen=True)
class Curve:
    """A run to be drawn: its name, its settings and images, its epochs so far, and whether the reader asked for it."""

    name: str
    spec: RunSpec
    images: int
    epochs: pd.DataFrame
    """Columns of the epochs table with accuracies and images_seen; no rows before the first epoch."""
    own: bool

    def noise(self) -> float:
        """Its mean mu/B, by its plan."""
        epochs = plan(self.spec, self.images)
        return sum(epoch.learning_rate / epoch.batch_size for epoch in epochs) / len(epochs)

    def along(self, axis: Axis) -> tuple[float, float]:
        """From where to where it goes along the axis, by its plan: from the middle of the first epoch on."""
        epochs = plan(self.spec, self.images)
        ends = {
            "epoch": (0, epochs[-1].epoch), "updates": (epochs[0].updates / 2, epochs[-1].updates),
            "training_time": (epochs[0].training_time / 2, epochs[-1].training_time),
            "effective_time": (epochs[0].effective_time / 2, epochs[-1].effective_time),
            "images_seen": (self.images, self.images * len(epochs)),
        }  # fmt: skip
        return ends[axis.column]


def losses(classes: int) -> tuple[float, float]:
    """What the axis of the train loss spans: to above ln(classes), where a head that knows nothing starts."""
    return 0.003, max(3.0, 1.3 * math.log(classes))


def frame(curves: Sequence[Curve], column: str) -> pd.DataFrame:
    """The rows of the chart, in the columns of TYPES: every epoch of every curve in which `column` was measured."""
    parts = [curve.epochs.assign(run=curve.name, own=curve.own, y=curve.epochs[column]) for curve in curves]
    rows = pd.concat([part[list(TYPES)] for part in parts if len(part)] or [pd.DataFrame(columns=list(TYPES))])
    return rows[rows["y"].notna()].astype(TYPES).reset_index(drop=True)


def chart(curves: Sequence[Curve], measure: Measure, axis: Axis, colours: Sequence[str], look: Look) -> Spec:
    """The description that draws a `frame`, with a colour for each curve."""
    at = {"x": _x(curves, axis), "y": _y(measure), "color": _colour(curves, colours)}
    line = {"type": "line", "clip": True}
    newest = [
        {"joinaggregate": [{"op": "max", "field": "epoch", "as": "latest"}], "groupby": ["run"]},
        {"filter": "datum.own && datum.epoch == datum.latest"},
    ]
    label = {
        "type": "text", "align": "right", "dy": -11, "fontWeight": 600, "fontSize": look.type_size, "clip": False,
    }  # fmt: skip
    hovered = {"type": "point", "filled": True, "size": 60, "opacity": 0, "clip": True}
    return {
        "autosize": {"type": "fit-x", "contains": "padding"},
        "height": 420 if look.large else 320,
        "layer": [
            {
                "transform": [{"filter": "!datum.own"}],
                "mark": {**line, "strokeWidth": 1.5, "strokeDash": [5, 3], "opacity": 0.8},
                "encoding": at,
            },
            {"transform": [{"filter": "datum.own"}], "mark": {**line, "strokeWidth": 3.5}, "encoding": at},
            {"transform": newest, "mark": {"type": "point", "filled": True, "size": 80, "clip": True}, "encoding": at},
            {"transform": newest, "mark": label, "encoding": {**at, "text": {"field": "y", "format": measure.format}}},
            {"mark": hovered, "encoding": {**at, "tooltip": _tooltip(measure)}},
        ],
        "config": look.config(mark={"aria": False}),  # the chart has one description, its alt
    }


def _x(curves: Sequence[Curve], axis: Axis) -> Spec:
    spans = [curve.along(axis) for curve in curves]
    low, high = min(span[0] for span in spans), max(span[1] for span in spans)
    return {
        "field": axis.column, "type": "quantitative",
        "scale": {"domain": [low, max(high, low + 1e-12)], "type": "log" if axis.logarithmic else "linear",
                  "nice": False},
        "axis": {"title": axis.title, "tickCount": 8, **({} if axis.logarithmic else {"tickMinStep": 1})},
    }  # fmt: skip


def _y(measure: Measure) -> Spec:
    return {
        "field": "y", "type": "quantitative", "title": measure.title + (" (log axis)" if measure.loss else ""),
        "scale": {"domain": list(measure.domain), "type": "log" if measure.loss else "linear", "nice": False},
        "axis": {"format": "~g" if measure.loss else ".0%", "tickCount": 6, "minExtent": 52, "grid": True},
    }  # fmt: skip


def _colour(curves: Sequence[Curve], colours: Sequence[str]) -> Spec:
    return {
        "field": "run", "type": "nominal",
        "scale": {"domain": [curve.name for curve in curves], "range": list(colours)},
        "legend": {
            "columns": {"expr": "max(1, floor(width / 290))"}, "symbolType": "stroke", "symbolStrokeWidth": 3,
            "symbolSize": 300,
        },
    }  # fmt: skip


def _tooltip(measure: Measure) -> list[Spec]:
    return [
        {"field": "run", "title": "run"}, {"field": "epoch", "title": "epoch"},
        {"field": "y", "title": measure.title, "format": measure.format},
        {"field": "learning_rate", "title": "μ", "format": ".3~g"}, {"field": "batch_size", "title": "B"},
        {"field": "updates", "title": "updates", "format": ","},
        {"field": "training_time", "title": "T", "format": ".3~g"},
    ]  # fmt: skip
