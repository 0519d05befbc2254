"""The chart of runs under way: their curves grow over those of finished runs, in place.

Streamlit hands new rows to a chart that is there already as long as its description and its place on the page stay the
same, so everything in the description is fixed by what was asked for (the planned epochs, the runs beside it) and not
by what has been measured so far.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from sgd_core.charts import foreign, standing
from sgd_core.charts import run_channels as channels
from sgd_core.charts.axes import Axis, Scale
from sgd_core.charts.foreign import Overlay
from sgd_core.charts.lines import Line, Measure
from sgd_core.charts.look import PADDING, Look, Spec
from sgd_core.experiment.glimpse import EPOCHS
from sgd_core.experiment.schedules import plan
from sgd_core.experiment.spec import RunSpec

TYPES = {
    "run": "category", "kind": "category", "label": "category", "epoch": "float32", "y": "float32", "low": "float32",
    "high": "float32", "updates": "int32", "training_time": "float32", "effective_time": "float32",
    "images_seen": "float32", "learning_rate": "float32", "batch_size": "float32", "of": "float32", "sampled": "bool",
}  # fmt: skip
"""The columns that travel to the browser: 50 bytes a row, so 15 runs of 150 epochs are 110 kB."""
LEAST_LOSS = 1e-6
"""A log axis has no place for 0; a smaller loss is drawn as this, below all that the axis shows."""
EARLY = 10
"""A log axis begins at this part of the first epoch where that is looked at on its way."""
NARROW = 280
"""Pixels of a plot beside which there is room for numbers only, not for names."""

Kind = Literal["own", "seed", "mean", "other"]
"""A run that the reader asked for; one of several seeds of it; their mean; a run beside."""


@dataclass(frozen=True)
class Curve:
    """A run, or a mean over seeds, to be drawn."""

    name: str
    """Which no other curve has."""
    spec: RunSpec
    images: int
    epochs: pd.DataFrame
    """Columns of the epochs table with accuracies and images_seen; no rows before the first epoch. A mean has low and
    high too, of its measure."""
    kind: Kind
    label: str = ""
    """What stands at its end, beside its value."""
    early: bool = False
    """Whether it may have points before the end of its first epoch, `sampled` ones, and that of the untrained head."""
    quiet: bool = False
    """Whether nothing stands there for now; the room for it stays."""

    def noise(self) -> float:
        """Its mean mu/B, by its plan."""
        epochs = plan(self.spec, self.images)
        return sum(epoch.learning_rate / epoch.batch_size for epoch in epochs) / len(epochs)

    def along(self, axis: Axis) -> tuple[float, float]:
        """From where to where it goes along the axis, by its plan: from within the first epoch on."""
        epochs = plan(self.spec, self.images)
        part = EARLY if self.early else 2
        ends = {
            "epoch": (-1 if self.early else 0, epochs[-1].epoch),
            "updates": (epochs[0].updates / part, epochs[-1].updates),
            "training_time": (epochs[0].training_time / part, epochs[-1].training_time),
            "effective_time": (epochs[0].effective_time / part, epochs[-1].effective_time),
            "images_seen": (0 if self.early else self.images, self.images * len(epochs)),
        }  # fmt: skip
        return ends[axis.column]


def losses(classes: int) -> tuple[float, float]:
    """What the axis of the train loss spans: to above ln(classes), where a head that knows nothing starts."""
    return 0.003, max(3.0, 1.3 * math.log(classes))


def frame(curves: Sequence[Curve], column: str) -> pd.DataFrame:
    """The rows of the chart, in the columns of TYPES: every epoch of every curve in which `column` was measured."""
    parts = [
        curve.epochs.reindex(columns=list(TYPES)).assign(
            run=curve.name, kind=curve.kind, label="" if curve.quiet else curve.label, y=curve.epochs[column]
        )
        for curve in curves
        if len(curve.epochs)
    ]
    rows = pd.concat(parts or [pd.DataFrame(columns=list(TYPES))])
    rows["sampled"] = rows["sampled"].fillna(value=False)
    numbers = [name for name, kind in TYPES.items() if kind == "float32"]
    rows[numbers] = rows[numbers].apply(pd.to_numeric)  # the untrained head has neither learning rate nor batch size
    return rows[rows["y"].notna()].astype(TYPES).reset_index(drop=True)


def scale(curves: Sequence[Curve], axis: Axis) -> Scale:
    """The axis from where the first of the curves begins to where the last will end."""
    spans = [curve.along(axis) for curve in curves]
    return axis.scale(pd.Series([min(span[0] for span in spans), max(span[1] for span in spans)]))


def chart(
    curves: Sequence[Curve],
    measure: Measure,
    axis: Axis,
    lines: Sequence[Line],
    look: Look,
    elsewhere: Overlay | None = None,
) -> Spec:
    """The description that draws a `frame`; `lines` say how each curve looks, those beside in ink alone.

    `elsewhere` is a curve from elsewhere, of which the rest knows nothing.
    """
    height = 310 if look.large else 300
    at = {"x": _x(curves, axis), "y": channels.y(measure), "color": _colour(lines)}
    dashed = {**at, "strokeDash": channels.dashes(lines)}
    line = {"type": "line", "clip": True}
    own = {"filter": "(datum.kind == 'own' || datum.kind == 'mean') && !datum.sampled"}
    early = {"filter": f"datum.kind == 'own' && datum.epoch < {EPOCHS}"}
    newest: list[Spec] = [
        {"joinaggregate": [{"op": "max", "field": "epoch", "as": "latest"}], "groupby": ["run"]},
        {"filter": "datum.epoch == datum.latest"},
    ]
    sampled = {"type": "point", "filled": False, "size": 22, "clip": True}
    hovered = {"type": "point", "filled": True, "size": 60, "opacity": 0, "clip": True}
    return {
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": PADDING,
        "height": height,
        # The untrained head has no place on a log axis.
        "transform": [{"filter": f"datum.{axis.column} > 0"}] if axis.logarithmic else [],
        "layer": [
            {"transform": [{"filter": "datum.kind == 'other'"}],
             "mark": {**line, "strokeWidth": 1.5, "opacity": 0.55}, "encoding": dashed},
            {"transform": [{"filter": "datum.kind == 'mean' && isValid(datum.low)"}],
             "mark": {"type": "area", "clip": True, "opacity": 0.2},
             "encoding": {**at, "y": channels.y(measure, "low"), "y2": {"field": "high"}}},
            {"transform": [{"filter": "datum.kind == 'seed' && !datum.sampled"}],
             "mark": {**line, "strokeWidth": 2, "opacity": 0.75}, "encoding": dashed},
            {"transform": [early], "mark": {**line, "strokeWidth": 1, "opacity": 0.7}, "encoding": at},
            {"transform": [own], "mark": {**line, "strokeWidth": 3.5}, "encoding": at},
            {"transform": [{"filter": "datum.kind != 'other'"}, *newest],
             "mark": {"type": "point", "filled": True, "size": 70, "clip": True}, "encoding": at},
            {"transform": [{"filter": "datum.sampled"}], "mark": sampled, "encoding": at},
            _ends(newest, measure, at, (look.type_size + 4) / height, look.type_size),
            *([] if elsewhere is None else [foreign.layer(
                elsewhere, {**at["x"], "field": "at"}, at["y"], measure, look.ink, look.paper, look.type_size
            )]),
            {"transform": [{"calculate": _MEASURED_ON, "as": "measured"}],
             "mark": hovered, "encoding": {**at, "tooltip": _tooltip(measure)}},
        ],
        # The chart has one description, its alt. A signal, as the room for labels depends on the width.
        "config": look.config(
            mark={"aria": False}, signals=[{"name": "room", "update": _room(curves, measure, look.type_size)}]
        ),
    }  # fmt: skip


def _room(curves: Sequence[Curve], measure: Measure, size: int) -> str:
    """A Vega expression for the pixels that the labels take at the right of the plot."""
    letter, number = 0.52 * size, len("0.000  " if measure.loss else "100.0%  ")
    longest = max((len(curve.label) for curve in curves), default=0) + number
    narrow = round(number * letter) + standing.GAP
    return f"(width < {NARROW} ? {narrow} : min({round(longest * letter) + standing.GAP}, 0.42 * width))"


def _ends(newest: Sequence[Spec], measure: Measure, at: Spec, line: float, size: int) -> Spec:
    """The value and the label of every curve that has one, as high as its curve ends or near to that."""
    text = f"format(datum.y, '{measure.format}') + (width < {NARROW} ? '' : '  ' + datum.label)"
    return {
        "transform": [*newest, {"filter": "datum.label != ''"}, *standing.apart(measure, str(line)),
                      {"calculate": text, "as": "text"}],
        "mark": {"type": "text", "align": "left", "baseline": "middle", "fontSize": size,
                 "limit": {"expr": f"room - {standing.GAP}"}, "clip": False},
        "encoding": {
            "x": {"value": {"expr": f"width - room + {standing.GAP}"}},
            "y": {**at["y"], "field": "row"}, "color": at["color"], "text": {"field": "text"},
            "opacity": {"condition": {"test": "datum.kind == 'other'", "value": 0.7}, "value": 1},
        },
    }  # fmt: skip


def _x(curves: Sequence[Curve], axis: Axis) -> Spec:
    spans = [curve.along(axis) for curve in curves]
    low, high = min(span[0] for span in spans), max(span[1] for span in spans)
    return {
        "field": axis.column, "type": "quantitative",
        "scale": {"domain": [low, max(high, low + 1e-12)], "type": "log" if axis.logarithmic else "linear",
                  "nice": False, "range": [0, {"expr": "width - room"}]},
        "axis": {"title": axis.title, "tickCount": 8, **({} if axis.logarithmic else {"tickMinStep": 1}),
                 # There is no epoch before 0, but the first points lie there.
                 **({"labelExpr": "datum.value < 0 ? '' : datum.label"} if low < 0 else {})},
    }  # fmt: skip


def _colour(lines: Sequence[Line]) -> Spec:
    return {
        "field": "run", "type": "nominal", "legend": None,
        "scale": {"domain": [line.run for line in lines], "range": [line.colour for line in lines]},
    }  # fmt: skip


_MEASURED_ON = (
    "!isValid(datum.of) ? (datum.sampled ? 'the batches since the last point' : 'the batches of the epoch') : "
    "(datum.sampled ? 'a sample of ' : 'all ') + format(datum.of, ',') + ' images'"
)
"""A Vega expression: on what a point was measured."""


def _tooltip(measure: Measure) -> list[Spec]:
    return [
        {"field": "run", "title": "run"}, {"field": "epoch", "title": "epoch", "format": "~r"},
        {"field": "y", "title": measure.title, "format": measure.format},
        {"field": "measured", "title": "measured on"},
        {"field": "learning_rate", "title": "μ", "format": ".3~g"}, {"field": "batch_size", "title": "B"},
        {"field": "updates", "title": "updates", "format": ","},
        {"field": "training_time", "title": "T", "format": ".3~g"},
    ]  # fmt: skip
