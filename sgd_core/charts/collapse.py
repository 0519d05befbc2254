"""All runs along epochs, gliding to training time with momentum, with a handle that says how far apart they are.

One view with two parts that share the y axis: the curves at positions 0 to 1, and from DOTS on a dot for every run, at
its end or where the handle meets its curve. Everything moves in the browser. The frame has a row per run and epoch:
`run`, `epochs` and `time` (positions along either axis), `y`, `noise` (its place among the dots, 0 to 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgd_core.charts.axes import Scale
from sgd_core.charts.clock import DRAWN, TIMER, onward
from sgd_core.charts.curves import Line, Measure
from sgd_core.charts.look import Look, Spec
from sgd_core.evidence.collapse import LEAST_ERROR

TYPES = {
    "run": "category", "epochs": "float32", "time": "float32", "y": "float32", "noise": "float32",
    "low": "float32", "high": "float32",
}  # fmt: skip
HEIGHT = 350
FINE = 1e-5
"""More than rounding moves a position, and less than what runs that end near each other are apart."""
DOTS, RIGHT = 1.1, 1.45
"""Where the dots begin, and where the view ends."""
NARROW = 520
"""Pixels of a plot on a phone."""
HOLD_MS, GLIDE_MS = 1500, 1800
"""The curves stand along epochs first, then glide, as clock.onward does."""
BY_TIME, BY_EPOCH = "training time T_eff", "epochs"
OVER_NOISE, OVER_TIME, SAME = "ends, over μ/B", "ends, over T_eff", "same T_eff for all, over μ/B"


@dataclass(frozen=True)
class Scales:
    """The axes: epochs, T_eff, and mu/B as powers of ten from low to high."""

    epochs: Scale
    time: Scale
    noise: tuple[float, float]


def frame(curves: pd.DataFrame, scales: Scales, measure: Measure) -> pd.DataFrame:
    """The chart's rows from those of evidence.collapse.table; a loss beyond the axis lies at its edge."""
    low, high = scales.noise
    shown = ["mean", "low", "high"] if curves["low"].notna().any() else ["mean"]
    beyond = curves[shown].clip(*measure.domain) if measure.loss else curves[shown]
    rows = pd.DataFrame(
        {
            "run": curves["run"],
            "epochs": scales.epochs.position(curves["epoch"]),
            "time": scales.time.position(curves["effective_time"]),
            **beyond.rename(columns={"mean": "y"}),
            "noise": (np.log10(curves["noise"].astype(float)) - low) / (high - low),
        }
    )
    return rows.astype({str(name): TYPES[str(name)] for name in rows})


def chart(lines: Sequence[Line], scales: Scales, measure: Measure, look: Look, handle: float) -> Spec:
    """The Vega-Lite description; `handle` is where the handle stands at first, along T_eff (0 to 1)."""
    at = {"x": _x(), "y": _y(measure), "color": _colour(lines)}
    big = look.type_size + (4 if look.large else 3)
    return look.framed(
        {
            "height": _tall(look),
            "transform": [
                {"window": [{"op": "lead", "field": f, "as": f"{f}2"} for f in ("epochs", "time", "y", "noise")],
                 "groupby": ["run"]},
                {"calculate": "datum.epochs + (datum.time - datum.epochs) * share", "as": "x"},
                {"calculate": "datum.epochs2 + (datum.time2 - datum.epochs2) * share", "as": "x2"},
            ],
            "layer": [
                {"transform": [{"filter": "isValid(datum.low)"}],
                 "mark": {"type": "area", "clip": True, "opacity": 0.15},
                 "encoding": {**at, "y": _y(measure, "low"), "y2": {"field": "high"}}},
                {"mark": {"type": "line", "clip": True, "strokeWidth": 1.6, "opacity": 0.75},
                 "encoding": {**at, "tooltip": {"field": "run"}}},
                _rule(look),
                {"transform": _MET, "mark": {"type": "point", "filled": True, "size": 34, "opacity": 1},
                 "encoding": {**at, "x": _x("handle"), "y": _y(measure, "met"), "tooltip": {"field": "run"}}},
                {"transform": _DOTS, "mark": {"type": "point", "filled": True, "size": 70, "opacity": 0.9},
                 "encoding": {**at, "x": _x("place"), "y": _y(measure, "end"), "tooltip": {"field": "run"}}},
                {"transform": [*_fitted(measure), _back(measure)],
                 "mark": {"type": "line", "clip": True, "strokeWidth": 2, "strokeDash": [5, 4], "color": look.ink},
                 "encoding": {"x": _x("place"), "y": _y(measure, "end")}},
                _meeting(scales, measure, look, big),
                _slope(scales, measure, look),
                *_ticks(scales, look),
            ],
        },
        _signals(handle, look.still),
    )  # fmt: skip


def just_before(position: float) -> float:
    """Where the handle stands for a position: at the very end of a run rounding would count it out."""
    return max(0.0, round(position - FINE, 6))


def _signals(handle: float, still: bool) -> list[Spec]:
    drag = "[pointerdown, window:pointerup] > window:pointermove!, pointerdown"
    return [
        {"name": "along", "value": BY_TIME,
         "bind": {"input": "radio", "options": [BY_EPOCH, BY_TIME], "name": "Curves along"}},
        {"name": "dots", "value": OVER_NOISE,
         "bind": {"input": "select", "options": [OVER_NOISE, OVER_TIME, SAME], "name": "Dots"}},
        {"name": "handle", "value": handle,
         "bind": {"input": "range", "min": 0, "max": 1, "step": 0.001, "name": "Bar"},
         "on": [{"events": drag, "update": "invert('x', x()) <= 1.04 ? clamp(invert('x', x()), 0, 1) : handle"}]},
        {"name": "begun", "init": f"now() + {HOLD_MS}", "on": [{"events": {"signal": "along"}, "update": "now()"}]},
        {"name": "way", "value": 1 if still else 0, "on": [] if still else [
            {"events": TIMER, "update": f"now() < begun ? 0 : {onward('way', GLIDE_MS)}"},
            {"events": {"signal": "along"}, "update": "0"},
        ]},
        DRAWN,
        {"name": "gone", "update": f"along == '{BY_TIME}' ? way : 1 - way"},
        {"name": "share", "update": "gone * gone * (3 - 2 * gone)"},
    ]  # fmt: skip


_HERE = "(handle - datum.x) / (datum.x2 - datum.x)"
_MET: list[Spec] = [
    {"filter": "isValid(datum.epochs2) && datum.x <= handle && datum.x2 >= handle && datum.x2 > datum.x"},
    {"calculate": f"datum.y + (datum.y2 - datum.y) * {_HERE}", "as": "met"},
    {"calculate": f"datum.noise + (datum.noise2 - datum.noise) * {_HERE}", "as": "loud"},
    {"calculate": f"datum.time + (datum.time2 - datum.time) * {_HERE}", "as": "far"},
    {"calculate": "handle", "as": "handle"},
    # At a row's own place two pairs of rows meet the handle; one is kept.
    {"window": [{"op": "row_number", "as": "nth"}], "groupby": ["run"]},
    {"filter": "datum.nth == 1"},
]
"""Every run's value where the handle meets its curve."""
_DOTS: list[Spec] = [
    {"calculate": f"dots == '{SAME}'", "as": "same"},
    {"filter": "datum.same ? isValid(datum.epochs2) && datum.x <= handle && datum.x2 >= handle && datum.x2 > datum.x "
               ": !isValid(datum.epochs2)"},
    {"calculate": f"datum.same ? datum.y + (datum.y2 - datum.y) * {_HERE} : datum.y", "as": "end"},
    {"calculate": f"datum.same ? datum.noise + (datum.noise2 - datum.noise) * {_HERE} : "
                  f"dots == '{OVER_TIME}' ? datum.time : datum.noise", "as": "among"},
    {"calculate": f"{DOTS} + {RIGHT - DOTS - 0.03} * datum.among", "as": "place"},
    {"window": [{"op": "row_number", "as": "nth"}], "groupby": ["run"]},
    {"filter": "datum.nth == 1"},
]  # fmt: skip
"""Every run's dot: its end, or where the handle meets it."""


def _x(field: str = "x") -> Spec:
    return {
        "field": field, "type": "quantitative", "scale": {"domain": [0, RIGHT], "nice": False},
        "axis": {"title": " ", "labels": False, "ticks": False, "domain": False, "titlePadding": 34},
    }  # fmt: skip


def _y(measure: Measure, field: str = "y") -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "title": measure.title,
        "scale": {"domain": list(measure.domain), "type": "log" if measure.loss else "linear", "nice": False},
        "axis": {"format": "~g" if measure.loss else ".0%", "tickCount": 6, "grid": True},
    }


def _colour(lines: Sequence[Line]) -> Spec:
    scale = {"domain": [line.run for line in lines], "range": [line.colour for line in lines]}
    return {"field": "run", "type": "nominal", "scale": scale, "legend": None}


def _rule(look: Look) -> Spec:
    return {
        "data": {"values": [{}]},
        "transform": [{"calculate": "handle", "as": "x"}],
        "mark": {"type": "rule", "strokeWidth": 3, "color": look.ink, "opacity": 0.55, "cursor": "ew-resize"},
        "encoding": {"x": _x()},
    }


def _tall(look: Look) -> int:
    return HEIGHT + (90 if look.large else 0)


def _edge(measure: Measure, look: Look, high: int, row: int) -> str:
    """A Vega expression for where a text so many pixels high begins, in the corner that curves leave empty.

    `row`: by how many pixels it is moved in where the plot is narrow.
    """
    within = f"(width < {NARROW} ? {row} : 0)"
    return f"10 + {within}" if measure.loss else f"{_tall(look) - 8 - high} - {within}"


def _gap(measure: Measure, low: str, high: str) -> str:
    if measure.loss:
        return f"format({high} - {low}, '.3f')"
    return f"format(100 * ({high} - {low}), '.1f') + ' points'"


def _meeting(scales: Scales, measure: Measure, look: Look, size: int) -> Spec:
    """What the runs at the handle have in common, counted there."""
    low, high = scales.noise
    span = scales.time.high - scales.time.low
    fold = f"format(pow(10, (datum.loudest - datum.quietest) * {high - low:.8g}), '.2~r') + '-fold'"
    further = f"format(pow(10, (datum.furthest - datum.nearest) * {span:.8g}), '.2~r') + '-fold'"
    gap = _gap(measure, "datum.least", "datum.most")
    noise = f"'Their noise μ/B differs ' + {fold}"
    here = f"'At T_eff = ' + {scales.time.expression('handle')} + '\\n' + datum.runs"
    equal = f"{here} + ' runs have trained equally far.\\n' + {noise} + '.'"
    here = f"'At epoch ' + {scales.epochs.expression('handle')} + '\\n' + datum.runs"
    unequal = f"{here} + ' runs have seen equally much.\\nTheir training time differs ' + {further} + '.'"
    text = f"(share > 0.5 ? {equal} : {unequal}) + '\\nThey are ' + {gap} + ' apart.'"
    return {
        "transform": [
            *_MET,
            {"aggregate": [
                {"op": "count", "as": "runs"},
                *({"op": op, "field": f, "as": name} for op, f, name in (
                    ("min", "met", "least"), ("max", "met", "most"), ("min", "loud", "quietest"),
                    ("max", "loud", "loudest"), ("min", "far", "nearest"), ("max", "far", "furthest"))),
            ]},
            {"calculate": f"datum.runs < 2 ? 'Here are fewer than two runs.' : {text}", "as": "text"},
        ],
        "mark": {
            "type": "text", "align": "right", "baseline": "top", "lineBreak": "\n",
            "fontSize": {"expr": f"width < {NARROW} ? {size - 4} : {size}"}, "fontWeight": 600, "color": look.ink,
            "opacity": {"expr": "gone > 0 && gone < 1 ? 0 : 1"},
        },
        "encoding": {
            "x": {"value": {"expr": f"width < {NARROW} ? width : width * {0.99 / RIGHT:.4f}"}},
            "y": {"value": {"expr": _edge(measure, look, 4 * (size + 5), 22)}}, "text": {"field": "text"},
        },
    }  # fmt: skip


def _fitted(measure: Measure, params: bool = False) -> list[Spec]:
    """A least-squares line through the logarithms of the dots' loss or error, as evidence.collapse.slope has it."""
    fit = {"calculate": f"log({'datum.end' if measure.loss else f'max(1 - datum.end, {LEAST_ERROR})'})", "as": "fit"}
    # A line is drawn by its two ends, a polynomial by many points: on the axis of an accuracy it bends.
    line = {"regression": "fit", "on": "place", "method": "poly", "order": 1}
    return [*_DOTS, fit, {**line, "params": True} if params else line]


def _back(measure: Measure) -> Spec:
    return {"calculate": "exp(datum.fit)" if measure.loss else "1 - exp(datum.fit)", "as": "end"}


def _slope(scales: Scales, measure: Measure, look: Look) -> Spec:
    """What ten times more of the dots' axis goes with: the slope of the dashed line."""
    low, high = scales.noise
    span = f"(dots == '{OVER_TIME}' ? {scales.time.high - scales.time.low:.8g} : {high - low:.8g})"
    change = f"(datum.coef[1] * {RIGHT - DOTS - 0.03:.6g} / {span})"
    shown = f"'{'loss' if measure.loss else 'error'} × ' + format(exp({change}), '.2~r')"
    what = f"(dots == '{OVER_TIME}' ? 'T_eff' : 'μ/B')"
    return {
        "transform": [
            *_fitted(measure, params=True),
            {"calculate": f"isValid(datum.coef) ? 'ten times ' + {what} + ': ' + {shown} : ''", "as": "text"},
        ],
        "mark": {
            "type": "text", "align": "right", "baseline": "top", "fontWeight": 600,
            "fontSize": {"expr": f"width < {NARROW} ? 11 : {look.type_size + 1}"}, "color": look.ink,
        },
        "encoding": {"x": {"value": {"expr": "width"}},
                     "y": {"value": {"expr": _edge(measure, look, look.type_size + 6, 0)}},
                     "text": {"field": "text"}},
    }  # fmt: skip


def _ticks(scales: Scales, look: Look) -> list[Spec]:
    """The numbers and titles below either part, for what is shown there."""
    low, high = scales.noise
    powers = [k for k in range(-12, 1) if low <= k <= high]
    noise = [((k - low) / (high - low), f"1e{k}") for k in powers]
    time = list(zip(*scales.time.ticks(), strict=True))
    decades = [tick for tick in time if tick[1] in ("0.001", "0.01", "0.1", "1", "10")]
    right = RIGHT - DOTS - 0.03
    by_time = f"dots == '{OVER_TIME}' ? 1 : 0"
    parts = [
        (list(zip(*scales.epochs.ticks(), strict=True)), 0.0, 1.0, "share < 0.1 ? 1 : 0", ("epoch", "epoch")),
        (time, 0.0, 1.0, "share > 0.9 ? 1 : 0", ("training time with momentum, T_eff (log axis)", "T_eff (log axis)")),
        (noise, DOTS, right, f"1 - ({by_time})", ("mean μ/B (log axis)", "μ/B (log)")),
        (decades, DOTS, right, by_time, ("T_eff at the end (log axis)", "T_eff (log)")),
    ]
    return [
        {
            "data": {"values": [
                *({"at": begin + wide * place, "text": label, "short": "" if number % 2 else label, "row": 14}
                  for number, (place, label) in enumerate(ticks)),
                {"at": begin + wide / 2, "text": title[0], "short": title[1], "row": 36},
            ]},
            "transform": [{"calculate": f"width < {NARROW} ? datum.short : datum.text", "as": "said"}],
            "mark": {"type": "text", "baseline": "middle", "color": look.ink, "opacity": {"expr": shown},
                     "fontSize": {"expr": f"width < {NARROW} ? 11 : {look.type_size}"}, "yOffset": 0},
            "encoding": {
                "x": {"field": "at", "type": "quantitative"},
                "y": {"value": _tall(look)},
                "yOffset": {"field": "row", "type": "quantitative", "scale": None},
                "text": {"field": "said"},
            },
        }
        for ticks, begin, wide, shown, title in parts
    ]  # fmt: skip
