"""A picture that fills a screen: as high as its place, in type sizes by the size of the window, moving once or not.

For charts of one view, single or layered; `alone` takes the curves out of a chart of charts.curves, with its strips.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sgd_core.charts.look import PADDING, Spec
from sgd_core.charts.player import CALM

SIZES = ("fontSize", "labelFontSize", "titleFontSize", "legendFontSize")
"""What is scaled by the size of the window."""
ZOOM = "type"
"""The signal by which type is scaled."""
SCALE = "windowSize()[0] < 600 ? 0.68 : windowSize()[0] < 1100 ? 0.9 : windowSize()[1] > 900 ? 1.35 : 1"


def filling(chart: Spec, ink: str) -> Spec:
    """The chart without a height of its own, as its place has one, and its axes and legend in `ink`."""
    config = {**chart.get("config", {})}
    config["axis"] = {**config.get("axis", {}), "labelColor": ink, "titleColor": ink}
    config["legend"] = {**config.get("legend", {}), "labelColor": ink}
    signals = [_wider(signal) for signal in config.pop("signals", [])] + [{"name": ZOOM, "init": SCALE}]
    view = {name: value for name, value in chart.items() if name not in ("height", "config")}
    return {
        **_scaled(view),
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": PADDING,
        "config": {**_scaled(config), "signals": signals},
    }


def alone(curves: Spec) -> Spec:
    """The curves of charts.curves.chart, without the small charts and the sentence below them."""
    first, *_ = curves["vconcat"]
    rest = {name: value for name, value in curves.items() if name not in ("vconcat", "spacing")}
    config = {**rest["config"]}
    pointer = {"events": "pointermove, pointerdown", "update": "x() / (width - room)"}
    config["signals"] = [
        {**signal, "on": [pointer]} if signal["name"] == "pointer" else signal for signal in config["signals"]
    ]
    return {**rest, **first, "config": config}


def line(pixels: int) -> str:
    """The Vega expression for a line of text as a share of the height of a chart that fills its place."""
    return f"{pixels} * {ZOOM} / height"


def once(chart: Spec, start: float, end: float, pace: float, frame_ms: int) -> Spec:
    """The chart with its player's clock going once from `start` to `end`, either way, without controls.

    Equal ends stand still, and so does a reader's who has asked for less motion, at the end.
    """
    there = f"min(clock + {pace}, {end})" if start < end else f"max(clock - {pace}, {end})"
    tick = {"events": {"type": "timer", "throttle": frame_ms}, "update": f"calm ? {end} : {there}"}
    clock: Spec = {"name": "clock", "value": start, **({"on": [tick]} if start != end else {})}
    signals = [signal for signal in chart["config"]["signals"] if signal["name"] not in ("play", "clock", CALM["name"])]
    return {**chart, "config": {**chart["config"], "signals": [CALM, clock, *signals]}}


def _wider(signal: Spec) -> Spec:
    """The room for the curves' values, in which type is scaled too; any other signal as it is."""
    return {**signal, "update": f"({signal['update']}) * {ZOOM}"} if signal["name"] == "room" else signal


def _scaled(part: Any) -> Any:
    """The same with every fixed type size times ZOOM."""
    if isinstance(part, Mapping):
        return {
            name: {"expr": f"{value} * {ZOOM}"} if name in SIZES and isinstance(value, int | float) else _scaled(value)
            for name, value in part.items()
        }
    return [_scaled(each) for each in part] if isinstance(part, list | tuple) else part
