"""Two bowls side by side in one view: walkers that every step kicks and the slope pulls back, and how wide they lie.

It draws the films of charts.bowls; a covered bowl shows a question mark in place of its walkers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sgd_core.charts import bowls, channels
from sgd_core.charts.bowls import FRAMES, Panel
from sgd_core.charts.look import Look, Spec

APART = 2.25
"""From the middle of a bowl to that of the next, in their half-widths."""
PACE, FRAME_MS = 0.5, 60


def chart(panels: Sequence[Panel], reach: float, covered: Sequence[str], look: Look) -> Spec:
    """The description for a table of `bowls.packed`; `covered` are the names of bowls that hold their walkers back."""
    layers = [
        layer
        for place, panel in enumerate(panels)
        for layer in _bowl(panel, place, len(panels), reach, panel.name in covered, look)
    ]
    signals: list[Spec] = [{"name": "clock", "value": FRAMES}, {"name": "now", "update": f"min(clock, {FRAMES})"}]
    return look.framed({"layer": layers}, signals)


def _bowl(panel: Panel, place: int, bowls_: int, reach: float, covered: bool, look: Look) -> list[Spec]:
    colour, middle = look.accents[place % len(look.accents)], place * APART * reach
    top = panel.curvature * reach**2 / 2
    last = (bowls_ - 1) * APART * reach
    at = {
        "x": channels.quantity("x", None, scale=channels.linear(-reach, last + reach)),
        "y": channels.quantity("loss", None, scale=channels.linear(-0.16 * top, 1.2 * top)),
    }
    for channel in at.values():
        channel["axis"] = None
    there = [
        {"calculate": bowls.height(panel.curvature), "as": "loss"},
        {"calculate": f"datum.w + {middle}", "as": "x"},
    ]
    layers: list[Spec] = [
        {
            "data": {"sequence": {"start": -reach, "stop": reach * 1.001, "step": reach / 40, "as": "w"}},
            "transform": there,
            "mark": {"type": "line", "color": look.ink, "opacity": 0.45, "strokeWidth": 2.5},
            "encoding": at,
        },
        _text(panel.label, {"x": middle, "loss": 1.12 * top}, at, look, 3),
    ]
    if covered:
        return [*layers, _text("?", {"x": middle, "loss": 0.45 * top}, at, look, 60)]
    layers.append(
        {
            "transform": [{"filter": f"datum.panel == '{panel.name}' && datum.frame == floor(now)"}, *there],
            "mark": {"type": "point", "filled": True, "size": 110, "opacity": 0.6, "color": colour, "clip": True},
            "encoding": at,
        }
    )
    if np.isfinite(panel.exact):
        wide = min(reach, bowls.DEVIATIONS * float(np.sqrt(panel.exact)))
        layers.append(
            {
                "data": {"values": [{"x": middle - wide, "to": middle + wide, "loss": -0.08 * top}]},
                "mark": {"type": "rule", "strokeWidth": 9, "color": colour,
                         "opacity": {"expr": f"now >= {FRAMES} ? 0.85 : 0"}},
                "encoding": {**at, "x2": {"field": "to"}},
            }
        )  # fmt: skip
    return layers


def _text(text: str, where: Spec, at: Spec, look: Look, larger: int) -> Spec:
    return {
        "data": {"values": [where]},
        "mark": {"type": "text", "text": text, "fontWeight": 600, "fontSize": look.type_size + larger,
                 "color": look.ink},
        "encoding": at,
    }  # fmt: skip
