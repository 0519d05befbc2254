"""The chart of learning curves: one Vega-Lite description that plays, isolates and glides between axes in the browser.

A chart is a plain dict because Altair has no place for the signals that the player needs. Points lie at positions in
[0, 1] along the x axis, so that a change of axis is a glide from one position to another (signal `glide`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from sgd_core.charts import clock, foreign, standing, strips
from sgd_core.charts import run_channels as channels
from sgd_core.charts.axes import Scale
from sgd_core.charts.clock import END, FRAME_MS, GLIDE_MS, GLIDING, LATEST, MEANS, SHOWN, opacity
from sgd_core.charts.foreign import Overlay
from sgd_core.charts.lines import MEAN, NEVER, TYPES, Line, Mark, Measure, Spans, Style, pack
from sgd_core.charts.look import Spec
from sgd_core.charts.strips import Strip

__all__ = [
    "BATCH_SIZES", "END", "FRAME_MS", "GLIDE_MS", "LOWEST_RATE", "MEAN", "NEVER", "TYPES", "Line", "Mark", "Measure",
    "Spans", "Spec", "Style", "chart", "pack", "standalone",
]  # fmt: skip

LOWEST_RATE = 1e-7
"""Where the small chart of the learning rate stops drawing a decay (r = 1 ends at 1e-67)."""
NEAR = 0.025
"""How far from the pointer, along the axis, points can be hovered: targets for all took 60 ms of every drawing."""
BATCH_SIZES = [16, 512]
"""What the small chart of the batch size spans at least: the paper's."""


def chart(
    lines: Sequence[Line],
    scale: Scale,
    measure: Measure,
    style: Style,
    spans: Spans,
    marks: Sequence[Mark] = (),
    each_seed: bool = False,
    beside: Measure | None = None,
    glides: bool = False,
    elsewhere: Overlay | None = None,
) -> Spec:
    """The Vega-Lite description that draws a packed frame; `lines` in the order of the legend.

    `beside` adds a second panel: the means of another measure, from the column of that name; `glides` starts the points
    at `before` instead of `position`. `elsewhere` is a curve from elsewhere, of which the rest knows nothing.
    """
    size = style.type_size
    style = replace(style, low=beside is not None)
    return {
        "autosize": {"type": "fit-x", "contains": "padding"},
        "spacing": 6,
        "transform": [{"calculate": GLIDING if glides else "datum.position", "as": "x"}],
        "vconcat": [
            _curves(lines, scale, measure, style, marks, each_seed, elsewhere),
            *([_second(lines, scale, beside, style)] if beside else []),
            _strip("learning_rate", "μ", lines, scale, spans.learning_rate),
            _strip("batch_size", "B", lines, scale, spans.batch_size),
            standing.sentence(lines, scale, measure, style),
        ],
        "config": {
            "signals": clock.signals(glides, scale.step, standing.room(lines, style)),
            "axis": {"labelFontSize": size - 1, "titleFontSize": size, "grid": False},
            "legend": {"labelFontSize": size, "labelLimit": 0, "unselectedOpacity": 1},
            "view": {"stroke": None},
            # The chart has one description (alt); points and ticks in positions would tell a screen reader nothing.
            "mark": {"aria": False},
        },
    }


def standalone(spec: Spec, frame: pd.DataFrame, width: int = 900) -> Spec:
    """The same chart with its data inside and a fixed width, standing still at the end: for a file."""
    values = json.loads(frame.to_json(orient="records"))
    curves, *strips = spec["vconcat"]
    still = {**curves, "layer": curves["layer"][:-1]}  # the last layer waits for the pointer
    config = {
        **spec["config"],
        "signals": [{**s, "value": 1} if s["name"] == "glide" else s for s in spec["config"]["signals"]],
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        **spec,
        "autosize": "pad",
        "config": config,
        "data": {"values": values},
        "vconcat": [{**view, "width": width} for view in (still, *strips)],
    }


def _curves(
    lines: Sequence[Line],
    scale: Scale,
    measure: Measure,
    style: Style,
    marks: Sequence[Mark],
    each_seed: bool,
    elsewhere: Overlay | None,
) -> Spec:
    at = {"x": channels.x(scale, True), "y": channels.y(measure), "color": channels.colour(lines, style)}
    band: Spec = {
        "transform": [SHOWN, MEANS, {"filter": "isValid(datum.low)"}],
        "mark": {"type": "area", "clip": True},
        "encoding": {**at, "y": channels.y(measure, "low"), "y2": {"field": "high"}, "opacity": opacity(0.2, 0.03)},
    }
    width = 3 if style.large else 2
    drawn: Spec = {
        "transform": [SHOWN] if each_seed else [SHOWN, MEANS],
        "mark": {"type": "line", "clip": True, "strokeWidth": width},
        # Makes the legend's entries clickable; what a click does is the signal `isolated`.
        "params": [{"name": "entry", "select": {"type": "point", "fields": ["run"]}, "bind": "legend"}],
        "encoding": {
            **at,
            "strokeDash": channels.dashes(lines),
            "detail": {"field": "seed"},
            "opacity": opacity(0.6 if each_seed else 1),
            **channels.prominence(lines, width),
        },
    }
    ends: Spec = {
        "name": standing.POINTS,
        "transform": LATEST,
        "mark": {"type": "point", "filled": True, "size": 60, "clip": True},
        "encoding": {**at, "opacity": opacity(1)},
    }
    layers = [drawn, _ruler(at, style), ends, standing.readout(measure, style, at)]
    if not each_seed:
        layers.insert(0, band)
    if marks:
        layers.append(_marks(marks, at, style))
    if elsewhere is not None:
        # On the way to another axis it waits: its rows have one place only.
        shown = ["glide >= 1", SHOWN["filter"].replace("position", "x")]
        layers.append(
            foreign.layer(elsewhere, at["x"], at["y"], measure, style.ink, style.paper, style.type_size, shown)
        )
    return {"height": style.height, "layer": [*layers, _hover(measure, at)]}


def _second(lines: Sequence[Line], scale: Scale, measure: Measure, style: Style) -> Spec:
    """The panel below the curves: the same runs and the same clock, another measure."""
    at = {
        "x": channels.x(scale, False),
        "y": channels.y(measure, "beside"),
        "color": {"field": "run", "type": "nominal"},
    }
    line = {"type": "line", "clip": True, "strokeWidth": 3 if style.large else 2}
    point = {"type": "point", "filled": True, "size": 60, "clip": True}
    return {
        "height": style.height * 0.6,
        "transform": [MEANS, {"filter": "isValid(datum.beside)"}],
        "layer": [
            {
                "transform": [SHOWN],
                "mark": line,
                "encoding": {**at, "strokeDash": channels.dashes(lines), "opacity": opacity(1)},
            },
            _ruler(at, style),
            {"transform": LATEST, "mark": point, "encoding": {**at, "opacity": opacity(1)}},
        ],
    }


def _ruler(at: Spec, style: Style) -> Spec:
    return {
        "data": {"values": [{}]},
        "transform": [{"filter": f"clock < {END} - 0.5"}, {"calculate": "now", "as": "x"}],
        "mark": {"type": "rule", "strokeDash": [3, 3], "color": style.ink, "opacity": 0.6},
        "encoding": {"x": at["x"]},
    }


def _marks(marks: Sequence[Mark], at: Spec, style: Style) -> Spec:
    rows = [{"run": m.run, "x": m.position, "y": m.y, "note": m.note, "shape": m.shape} for m in marks]
    return {
        "data": {"values": rows},
        "mark": {"type": "point", "size": 130, "strokeWidth": 2.5, "filled": False, "fill": style.paper},
        "encoding": {
            **at,
            "shape": {"field": "shape", "type": "nominal", "scale": None},
            "opacity": opacity(1),
            "tooltip": [{"field": "run", "title": "run"}, {"field": "note", "title": " "}],
        },
    }


def _hover(measure: Measure, at: Spec) -> Spec:
    near = {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout", "fields": ["run", "epoch"]}
    return {
        "transform": [
            {"filter": f"abs(datum.x - pointer) < {NEAR}"},
            SHOWN,
            {"calculate": "datum.learning_rate / datum.batch_size", "as": "noise"},
            {"calculate": clock.WHICH, "as": "which"},
        ],
        "mark": {"type": "point", "filled": True, "size": 70, "clip": True},
        "params": [{"name": "hovered", "select": near}],
        "encoding": {
            **at,
            "opacity": {"condition": {"param": "hovered", "empty": False, "value": 1}, "value": 0},
            "tooltip": [
                {"field": "run", "title": "run"},
                {"field": "which", "title": "seed"},
                {"field": "epoch", "title": "epoch"},
                {"field": "y", "title": measure.title, "format": measure.format},
                {"field": "learning_rate", "title": "μ", "format": ".3~g"},
                {"field": "batch_size", "title": "B"},
                {"field": "noise", "title": "μ/B", "format": ".3~g"},
                {"field": "updates", "title": "updates", "format": ","},
                {"field": "training_time", "title": "T", "format": ".3~g"},
            ],
        },
    }


def _strip(field: str, title: str, lines: Sequence[Line], scale: Scale, span: tuple[float, float]) -> Spec:
    """A small aligned chart of the learning rate or the batch size below the curves, on a log scale.

    Its lines have points only where the schedule changes, and at the clock.
    """
    rate = field == "learning_rate"
    ticks = {"tickCount": 3, "format": ".0~e"} if rate else {"values": [16, 64, 256], "format": "~g"}
    at = {
        "x": channels.x(scale, False),
        "y": strips.y(Strip(field, title), span, {"minExtent": 52, **ticks}, padding=6, clamp=True),
        "color": {"field": "run", "type": "nominal"},
        "opacity": opacity(1),
    }
    line = {**strips.STEPS, "strokeWidth": 2}
    corners = {"filter": "datum.turn || datum.until > now"}
    return {
        "height": 60,
        "transform": [
            SHOWN,
            MEANS,
            *([{"filter": f"datum.learning_rate >= {LOWEST_RATE}"}] if rate else []),
        ],
        "layer": [
            {"transform": [corners], "mark": line, "encoding": {**at, "strokeDash": channels.dashes(lines)}},
            {
                "transform": [{"filter": "datum.until > now"}],
                "mark": {"type": "point", "filled": True, "size": 40},
                "encoding": at,
            },
        ],
    }
