"""The chart of learning curves: one Vega-Lite description that plays, isolates and glides between axes in the browser.

Everything a reader does with it (play, scrub, hover, isolate) happens in Vega signals, without a server round trip.
A chart is a plain dict because Altair has no place for the signals that the player needs. Points lie at positions in
[0, 1] along the x axis, so that a change of axis is a glide from one position to another (signal `glide`).

The data frame has one row per run, epoch and seed (MEAN for means over seeds), with the columns of TYPES: `position`
(and `before`, where the chart glides from another axis), y (and low, high, where there is a band), the schedule, and
`beside`, the mean of a second measure for the panel below. Columns that a chart does not need are left out. `pack` adds
`until`, the position of the run's next row, and `turn`, whether the schedule changes here: with them the newest row and
the corners of the small charts are one comparison a row, which matters because Streamlit's Vega interprets expressions.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from sgd_core.charts import player, strips
from sgd_core.charts.axes import Scale
from sgd_core.charts.strips import Strip

TYPES = {
    "run": "category", "seed": "int8", "epoch": "int16", "y": "float32", "low": "float32", "high": "float32",
    "position": "float32", "before": "float32", "beside": "float32", "until": "float32",
    "turn": "int8",
    "learning_rate": "float32", "batch_size": "int16", "updates": "int32", "training_time": "float32",
}  # fmt: skip
"""The small types in which a frame travels to the browser: at most 40 bytes a row."""
BUDGET = 110_000
"""Bytes of data in one chart; a frame beyond it is thinned. The description takes 15 to 25 kB more."""

MEAN = -1
"""The `seed` of rows that are means over seeds."""

NEVER = 9
"""The `until` of a run's last row."""

END = 1000
"""The player's clock counts positions in thousandths."""
PACE = 5
HOLD = 200
"""For so many thousandths the whole curves stay before the player starts again."""
GLIDE_STEP = 0.04
FRAME_MS = 40

LOWEST_RATE = 1e-7
"""Where the small chart of the learning rate stops drawing a decay (r = 1 ends at 1e-67)."""
AXIS = 92
"""Pixels that the y axis takes of a chart's width, labels and title and padding together."""
NEAR = 0.025
"""How far from the pointer, along the axis, points can be hovered: targets for all took 60 ms of every drawing."""
BATCH_SIZES = [16, 512]
"""What the small chart of the batch size spans at least: the paper's."""

Spec = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """How one run is drawn: its name, its colour and its dashes (empty: solid)."""

    run: str
    colour: str
    dash: tuple[int, ...] = ()


@dataclass(frozen=True)
class Measure:
    """What the y axis shows: title, domain, whether more is better (a share) or less (a loss, on a log axis)."""

    title: str
    domain: tuple[float, float]
    loss: bool = False

    @property
    def format(self) -> str:
        return ".3f" if self.loss else ".1%"

    @property
    def order(self) -> str:
        """The sort order that puts the best first."""
        return "ascending" if self.loss else "descending"


@dataclass(frozen=True)
class Spans:
    """From where to where the small charts of the schedule reach."""

    learning_rate: tuple[float, float]
    batch_size: tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """A value from elsewhere laid beside a run's end: the authors' final, or a guess."""

    run: str
    position: float
    y: float
    note: str
    shape: str = "diamond"


@dataclass(frozen=True)
class Style:
    """Size, ink and ground of a chart; `large` is for a projector."""

    ink: str
    paper: str
    """The colour of the ground, inside hollow marks."""
    large: bool = False
    low: bool = False
    """Whether the curves leave room for a second panel on a projector."""
    line: str = ""
    """The Vega expression for a line of the readout as a share of the curves' height, where that is not `height`."""

    @property
    def type_size(self) -> int:
        return 18 if self.large else 12

    @property
    def height(self) -> int:
        """Of the curves, in pixels."""
        if self.large:
            return 300 if self.low else 460
        return 360


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
) -> Spec:
    """The Vega-Lite description that draws a packed frame; `lines` in the order of the legend.

    `beside` adds a second panel: the means of another measure, from the column of that name; `glides` starts the points
    at `before` instead of `position`.
    """
    size = style.type_size
    style = replace(style, low=beside is not None)
    return {
        "autosize": {"type": "fit-x", "contains": "padding"},
        "spacing": 6,
        "transform": [{"calculate": _GLIDING if glides else "datum.position", "as": "x"}],
        "vconcat": [
            _curves(lines, scale, measure, style, marks, each_seed),
            *([_second(lines, scale, beside, style)] if beside else []),
            _strip("learning_rate", "μ", lines, scale, spans.learning_rate),
            _strip("batch_size", "B", lines, scale, spans.batch_size),
            _sentence(lines, scale, measure, style),
        ],
        "config": {
            "signals": _signals(glides),
            "axis": {"labelFontSize": size - 1, "titleFontSize": size, "grid": False},
            "legend": {"labelFontSize": size, "labelLimit": 0, "unselectedOpacity": 1},
            "view": {"stroke": None},
            # The chart has one description (alt); points and ticks in positions would tell a screen reader nothing.
            "mark": {"aria": False},
        },
    }


def pack(frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The frame in small types, with `until` and `turn`, and k: only every k-th epoch (and the last) is kept.

    So it stays within BUDGET.
    """
    types = {name: TYPES[name] for name in frame.columns}
    row = sum(
        np.dtype(kind).itemsize if kind != "category" else 1
        for kind in [*types.values(), TYPES["until"], TYPES["turn"]]
    )
    every = max(1, math.ceil(len(frame) * row / BUDGET))
    kept = frame[(frame["epoch"].max() - frame["epoch"]) % every == 0]
    kept = kept.reset_index(drop=True)  # any other index would travel too, at 8 bytes a row
    curve = kept.groupby(["run", "seed"], sort=False, observed=True)
    schedule = ["learning_rate", "batch_size"]
    kept["until"] = curve["position"].shift(-1).fillna(NEVER)
    earlier = curve[schedule].shift(1)
    kept["turn"] = (earlier.isna() | (kept[schedule] != earlier)).any(axis=1)
    return kept.astype(types | {name: TYPES[name] for name in ("until", "turn")}), every


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


def _signals(glides: bool) -> list[Spec]:
    clock = player.signals(
        "Move along the axis", END, END, pace=PACE, step=1, rest=HOLD - PACE, frame_ms=FRAME_MS, at_once=True
    )
    timer = {"type": "timer", "throttle": FRAME_MS}
    return [
        *clock,
        {
            "name": "glide",
            "value": 0 if glides else 1,
            "on": [{"events": timer, "update": f"min(1, glide + {GLIDE_STEP})"}],
        },
        {"name": "now", "update": f"min(clock, {END}) / {END} + 1e-6"},
        {"name": "pointer", "value": -1, "on": [{"events": "pointermove, pointerdown", "update": _POINTED}]},
        {
            "name": "isolated",
            "value": None,
            "on": [{"events": "click", "update": f"({_CLICKED}) === isolated ? null : ({_CLICKED})"}],
        },
    ]


_CLICKED = (
    "!event.item || !datum ? null : event.item.isVoronoi ? datum.datum.run : "
    "isDefined(datum.run) ? datum.run : indexof(event.item.mark.role, 'legend') === 0 ? datum.value : null"
)
"""The run under a click: the nearest curve's, a legend entry's, or none.

Not a selection: bound to the legend it hears no clicks on curves, and told to hear them too it loses the first click on
the legend (Vega-Lite 6.4).
"""


_PLOT = f"((containerSize()[0] || width + {AXIS}) - {AXIS})"
"""The width that the plot will have; in a file, where there is no container, it has it already."""
_PANEL = "group('concat_0_group')"
_POINTED = f"{_PANEL} ? x('concat_0_group') / {_PANEL}.width : pointer"
"""Where along the axis the pointer is, of the panel with the curves; -1 before it has been there."""

_PATH = "datum.before + (datum.position - datum.before) * glide * glide * (3 - 2 * glide)"
_GLIDING = f"glide >= 1 ? datum.position : {_PATH}"
_GOING = f"datum.until < {NEVER} || datum.position >= now - 2 / {END}"
"""Whether a run reaches the clock, asked of its newest row: one that has ended before is no longer ranked."""
_SHOWN = {"filter": "datum.position <= now"}
_WHICH = f"datum.seed != {MEAN} ? datum.seed : isValid(datum.low) ? 'mean' : 'one seed'"
_MEANS = {"filter": f"datum.seed == {MEAN}"}
_LATEST = [_SHOWN, _MEANS, {"filter": "datum.until > now"}]


def _opacity(strong: float, weak: float = 0.1) -> Spec:
    return {"condition": {"test": "!isValid(isolated) || isolated === datum.run", "value": strong}, "value": weak}


def _x(scale: Scale, titled: bool) -> Spec:
    positions, labels = scale.ticks()
    names = ", ".join(f"'{label}'" for label in labels)
    places = ", ".join(str(round(p * 1e5)) for p in positions)  # they have five decimals
    axis = {
        "values": positions,
        "labelExpr": f"[{names}][indexof([{places}], round(datum.value * 1e5))]",
        "title": scale.axis.title,
        "labelFlush": True,
        "labelOpacity": {"expr": "glide < 1 ? 0.2 : 1"},  # they are not true of curves on their way
    }
    bare = {"values": positions, "labels": False, "ticks": False, "title": None}
    return {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [0, 1], "nice": False},
        "axis": axis if titled else bare,
    }


def _y(measure: Measure, field: str = "y") -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "title": measure.title,
        "scale": {"domain": list(measure.domain), "type": "log" if measure.loss else "linear", "nice": False},
        "axis": {"format": "~g" if measure.loss else ".0%", "tickCount": 6, "minExtent": 52, "grid": True},
    }


def _colour(lines: Sequence[Line], style: Style) -> Spec:
    return {
        "field": "run",
        "type": "nominal",
        "scale": {"domain": [line.run for line in lines], "range": [line.colour for line in lines]},
        "legend": {
            "title": None,
            "orient": "top",
            # Not by `width`, which still changes when the room for the legend is already settled.
            "columns": {"expr": f"max(1, floor({_PLOT} / {_entry_width(lines, style)}))"},
            "symbolType": "stroke",
            "symbolStrokeWidth": 3,
            "symbolSize": 300,
            "symbolOpacity": 1,
        },
    }


def _entry_width(lines: Sequence[Line], style: Style) -> int:
    """Pixels of the longest legend entry, as the browser's sans-serif draws it, with its symbol."""
    return round(max(len(line.run) for line in lines) * 0.52 * style.type_size) + 34


def _dash(lines: Sequence[Line]) -> Spec:
    return {
        "field": "run",
        "type": "nominal",
        "scale": {"domain": [line.run for line in lines], "range": [list(line.dash) or [1, 0] for line in lines]},
    }


def _curves(
    lines: Sequence[Line],
    scale: Scale,
    measure: Measure,
    style: Style,
    marks: Sequence[Mark],
    each_seed: bool,
) -> Spec:
    at = {"x": _x(scale, True), "y": _y(measure), "color": _colour(lines, style)}
    band: Spec = {
        "transform": [_SHOWN, _MEANS, {"filter": "isValid(datum.low)"}],
        "mark": {"type": "area", "clip": True},
        "encoding": {**at, "y": _y(measure, "low"), "y2": {"field": "high"}, "opacity": _opacity(0.2, 0.03)},
    }
    drawn: Spec = {
        "transform": [_SHOWN] if each_seed else [_SHOWN, _MEANS],
        "mark": {"type": "line", "clip": True, "strokeWidth": 3 if style.large else 2},
        # Makes the legend's entries clickable; what a click does is the signal `isolated`.
        "params": [{"name": "entry", "select": {"type": "point", "fields": ["run"]}, "bind": "legend"}],
        "encoding": {
            **at,
            "strokeDash": _dash(lines),
            "detail": {"field": "seed"},
            "opacity": _opacity(0.6 if each_seed else 1),
        },
    }
    ends: Spec = {
        "transform": _LATEST,
        "mark": {"type": "point", "filled": True, "size": 60, "clip": True},
        "encoding": {**at, "opacity": _opacity(1)},
    }
    layers = [drawn, _ruler(at, style), ends, _readout(measure, style, at, len(lines))]
    if not each_seed:
        layers.insert(0, band)
    if marks:
        layers.append(_marks(marks, at, style))
    return {"height": style.height, "layer": [*layers, _hover(measure, at)]}


def _second(lines: Sequence[Line], scale: Scale, measure: Measure, style: Style) -> Spec:
    """The panel below the curves: the same runs and the same clock, another measure."""
    at = {"x": _x(scale, False), "y": _y(measure, "beside"), "color": {"field": "run", "type": "nominal"}}
    line = {"type": "line", "clip": True, "strokeWidth": 3 if style.large else 2}
    point = {"type": "point", "filled": True, "size": 60, "clip": True}
    return {
        "height": style.height * 0.6,
        "transform": [_MEANS, {"filter": "isValid(datum.beside)"}],
        "layer": [
            {
                "transform": [_SHOWN],
                "mark": line,
                "encoding": {**at, "strokeDash": _dash(lines), "opacity": _opacity(1)},
            },
            _ruler(at, style),
            {"transform": _LATEST, "mark": point, "encoding": {**at, "opacity": _opacity(1)}},
        ],
    }


def _ruler(at: Spec, style: Style) -> Spec:
    return {
        "data": {"values": [{}]},
        "transform": [{"filter": f"clock < {END}"}, {"calculate": "now", "as": "x"}],
        "mark": {"type": "rule", "strokeDash": [3, 3], "color": style.ink, "opacity": 0.6},
        "encoding": {"x": at["x"]},
    }


def _readout(measure: Measure, style: Style, at: Spec, rows: int) -> Spec:
    """Every run's value at the clock, best first, in the corner that the curves leave empty."""
    low, high = (math.log10(v) if measure.loss else v for v in measure.domain)
    step = f"({style.line or (style.type_size + 4) / style.height})"
    place = f"1 - datum.rank * {step}" if measure.loss else f"({rows} + 1 - datum.rank) * {step}"
    value = f"{low} + {high - low} * ({place})"
    mark = {"type": "text", "align": "right", "baseline": "middle", "dx": -12, "fontSize": style.type_size}
    ended = f"({_GOING} ? '' : ' (ended)')"
    return {
        "transform": [
            *_LATEST,
            {"window": [{"op": "row_number", "as": "rank"}], "sort": [{"field": "y", "order": measure.order}]},
            {"calculate": f"pow(10, {value})" if measure.loss else value, "as": "row"},
            {"calculate": f"datum.run + {ended} + '   ' + format(datum.y, '{measure.format}')", "as": "text"},
            {"calculate": "1", "as": "x"},
        ],
        "mark": {**mark, "fontWeight": 600},
        "encoding": {
            **at,
            "y": _y(measure, "row"),
            "text": {"field": "text"},
            "opacity": {
                "condition": {"test": "isValid(isolated) && isolated !== datum.run", "value": 0.15},
                "value": {"expr": "width < 480 ? 0 : 1"},
            },
        },
    }


def _marks(marks: Sequence[Mark], at: Spec, style: Style) -> Spec:
    rows = [{"run": m.run, "x": m.position, "y": m.y, "note": m.note, "shape": m.shape} for m in marks]
    return {
        "data": {"values": rows},
        "mark": {"type": "point", "size": 130, "strokeWidth": 2.5, "filled": False, "fill": style.paper},
        "encoding": {
            **at,
            "shape": {"field": "shape", "type": "nominal", "scale": None},
            "opacity": _opacity(1),
            "tooltip": [{"field": "run", "title": "run"}, {"field": "note", "title": " "}],
        },
    }


def _hover(measure: Measure, at: Spec) -> Spec:
    near = {"type": "point", "on": "pointerover", "nearest": True, "clear": "pointerout", "fields": ["run", "epoch"]}
    return {
        "transform": [
            {"filter": f"abs(datum.x - pointer) < {NEAR}"},
            _SHOWN,
            {"calculate": "datum.learning_rate / datum.batch_size", "as": "noise"},
            {
                "calculate": f"datum.seed != {MEAN} ? datum.seed : isValid(datum.low) ? 'mean' : 'one seed'",
                "as": "which",
            },
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
        "x": _x(scale, False),
        "y": strips.y(Strip(field, title), span, {"minExtent": 52, **ticks}, padding=6, clamp=True),
        "color": {"field": "run", "type": "nominal"},
        "opacity": _opacity(1),
    }
    line = {**strips.STEPS, "strokeWidth": 2}
    corners = {"filter": "datum.turn || datum.until > now"}
    return {
        "height": 60,
        "transform": [_SHOWN, _MEANS, *([{"filter": f"datum.learning_rate >= {LOWEST_RATE}"}] if rate else [])],
        "layer": [
            {"transform": [corners], "mark": line, "encoding": {**at, "strokeDash": _dash(lines)}},
            {
                "transform": [{"filter": "datum.until > now"}],
                "mark": {"type": "point", "filled": True, "size": 40},
                "encoding": at,
            },
        ],
    }


CLOSE = 0.01
"""Accuracies this near to each other at the clock are not ranked, nor are losses within a factor of CLOSE_LOSS."""
CLOSE_LOSS = 1.1


def _sentence(lines: Sequence[Line], scale: Scale, measure: Measure, style: Style) -> Spec:
    """What is on screen at the clock, computed there: who leads and by how much, or that it is too close to rank.

    Only runs that reach the clock are compared, each by its newest epoch. No test is made: the leader was picked.
    """
    size = style.type_size + 1
    text = f"{_here(scale)} + {_ranking(lines, measure)}"
    seeds = "isValid(datum.low) ? 'Means over seeds, and no test.' : 'One seed each: small gaps may be chance.'"
    second = [
        {"calculate": f"datum.rank == {place} ? datum.{field} : null", "as": name}
        for place, field, name in ((1, "y", "y1"), (2, "y", "y2"), (2, "run", "run2"))
    ]
    taken = [("max", "y1", "first"), ("max", "y2", "second"), ("max", "run2", "runner")]
    level = [
        {"calculate": f"{_near('datum.first', measure)} ? 1 : 0", "as": "level"},
        {"calculate": f"datum.rank > 1 && {_near('datum.second', measure)} ? 1 : 0", "as": "behind"},
    ]
    return {
        "height": 3 * (size + 5),
        "transform": [
            *_LATEST,
            {"filter": _GOING},
            {"window": [{"op": "row_number", "as": "rank"}], "sort": [{"field": "y", "order": measure.order}]},
            *second,
            {"joinaggregate": [*({"op": op, "field": of, "as": name} for op, of, name in taken),
                               {"op": "count", "as": "runs"}]},
            *level,
            {"joinaggregate": [{"op": "sum", "field": of, "as": f"{of}s"} for of in ("level", "behind")]},
            {"filter": "datum.rank == 1"},
            {"calculate": text if len(lines) == 1 else f"{text} + '\\n' + ({seeds})", "as": "text"},
        ],
        "mark": {
            "type": "text", "align": "left", "baseline": "top", "lineBreak": "\n", "fontSize": size, "color": style.ink,
        },
        "encoding": {"x": {"value": 0}, "y": {"value": 6}, "text": {"field": "text"}},
    }  # fmt: skip


def _here(scale: Scale) -> str:
    return f"'At {scale.axis.place} ' + {scale.expression('now')} + ', '"


def _near(other: str, measure: Measure) -> str:
    """A Vega expression: whether a run's value is too near to another to be ranked."""
    if measure.loss:
        return f"max(datum.y, {other}) <= {CLOSE_LOSS} * min(datum.y, {other})"
    return f"abs(datum.y - {other}) < {CLOSE}"


def _ranking(lines: Sequence[Line], measure: Measure) -> str:
    """A Vega expression for the words after the place."""
    value, first = f"format(datum.y, '{measure.format}')", f"format(datum.first, '{measure.format}')"
    if len(lines) == 1:
        return f"datum.run + ' is at ' + {value} + '.'"
    gap = "abs(datum.y - datum.second)"
    gap = f"format({gap}, '.3f')" if measure.loss else f"format(100 * {gap}, '.1f') + ' points'"
    alone = f"'only ' + datum.run + ' has come so far,\\nto ' + {value} + '.'"
    close, best = ("within a tenth", "lowest") if measure.loss else ("within 1 point", "best")
    level = (
        "(datum.levels == datum.runs ? 'all ' + datum.runs : datum.levels + ' of ' + datum.runs) + "
        f"' runs lie {close} of the {best},\\n' + {first} + ': too close to rank.'"
    )
    leads, ahead = ("is lowest with", "' below '") if measure.loss else ("leads with", "' ahead of '")
    who = "(datum.behinds > 1 ? 'the next ' + datum.behinds + ', which are level' : datum.runner)"
    leader = f"datum.run + ' {leads} ' + {value} + ',\\n' + {gap} + {ahead} + {who} + '.'"
    return f"(datum.runs == 1 ? {alone} : datum.levels > 1 ? {level} : {leader})"
