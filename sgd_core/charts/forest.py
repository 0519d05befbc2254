"""The forest plot: one row a comparison, its mean and 95% interval against the margin, and where the claim would hold.

All rows share one scale, that of the margin: 1 is a difference as large as the margin, whatever its unit, and to the
right is more of what the claim expects. So a claim of 'more' holds to the right of 1, and one of 'the same' between -1
and 1; that stretch is tinted in every row. What lies beyond LIMIT ends in an arrow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sgd_core.charts import channels
from sgd_core.charts.curves import Style
from sgd_core.experiment.claims import Kind

Spec = dict[str, Any]
LIMIT = math.log(4) / math.log(1.1)
"""Where the picture ends on both sides, in margins: a factor of 4 where the margin is one of 1.1."""
NARROW = 560
"""Pixels below which names and outcomes stand above the bars, not beside them."""
FACTORS = ((-math.log(4), "×4"), (-math.log(2), "×2"), (0.0, "equal"), (math.log(2), "×2"), (math.log(4), "×4"))


@dataclass(frozen=True)
class Row:
    """One comparison; mean, low and high in margins, NaN where they are not known."""

    name: str
    outcome: str
    """What stands in bold at its right, and decides its colour."""
    note: str
    """What stands below the outcome."""
    kind: Kind
    mean: float
    low: float
    high: float
    light: bool = False
    """Whether it is a control, in lighter ink."""


@dataclass(frozen=True)
class Tick:
    """A mark on the axis, at so many margins."""

    at: float
    label: str


MARGIN_TICKS = tuple(Tick(at, f"{at:+g}" if at else "equal") for at in (-10, -5, 0, 5, 10))
"""For rows of different units."""
LOG_TICKS = tuple(Tick(value / math.log(1.1), label) for value, label in FACTORS)


def chart(
    rows: Sequence[Row], colours: Mapping[str, str], ticks: Sequence[Tick], style: Style, zoom: str = "1"
) -> Spec:
    """The Vega-Lite description, its data inside; `colours` by outcome.

    `zoom` is the Vega expression by which its type is scaled, so that names and outcomes have the room they need.
    """
    size = style.type_size
    step = 40 if style.large else 34
    left = _room((row.name for row in rows), size) + size
    right = _room((text for row in rows for text in (row.outcome, row.note)), size) + size
    start, end = f"width < {NARROW} ? 8 : {left} * {zoom}", f"width - (width < {NARROW} ? 8 : {right} * {zoom})"
    data = [_values(place, row) for place, row in enumerate(rows)]
    x = {
        "type": "quantitative",
        "scale": {
            "domain": [-LIMIT, LIMIT], "nice": False, "zero": False, "clamp": True,
            "range": [{"expr": start}, {"expr": end}],
        },
        "axis": {
            "values": [tick.at for tick in ticks],
            "labelExpr": channels.labels({tick.at: tick.label for tick in ticks}),
            "grid": False, "ticks": True, "domain": False,
            "title": "← the other way · difference · the way the claim says →", "titlePadding": 2,
        },
    }  # fmt: skip
    y = {"type": "quantitative", "scale": {"domain": [len(rows), 0], "nice": False}, "axis": None}
    colour = {"field": "outcome", "type": "nominal", "legend": None,
              "scale": {"domain": list(colours), "range": list(colours.values())}}  # fmt: skip
    faint = {"condition": {"test": "datum.light", "value": 0.62}, "value": 1}
    middle = {**y, "field": "middle"}
    known = [{"filter": "isValid(datum.low)"}]
    return {
        "height": step * len(rows),
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 0, "top": 2, "right": 0, "bottom": 4},
        "data": {"values": data},
        "transform": [{"calculate": f"datum.row + (width < {NARROW} ? 0.72 : 0.5)", "as": "middle"}],
        "layer": [
            {
                "data": {"values": [{"from": -1, "to": 1}]},
                "mark": {"type": "rect", "color": style.ink, "opacity": 0.09},
                "encoding": {"x": {**x, "field": "from"}, "x2": {"field": "to"}},
            },
            {
                "mark": {"type": "rect", "color": colours["supported"], "opacity": 0.17},
                "transform": [{"calculate": "datum.middle - 0.24", "as": "top"},
                              {"calculate": "datum.middle + 0.24", "as": "bottom"}],
                "encoding": {"x": {**x, "field": "from"}, "x2": {"field": "to"},
                             "y": {**y, "field": "top"}, "y2": {"field": "bottom"}},
            },
            {
                "data": {"values": [{"zero": 0}]},
                "mark": {"type": "rule", "color": style.ink, "opacity": 0.7},
                "encoding": {"x": {**x, "field": "zero"}},
            },
            {
                "transform": known,
                "mark": {"type": "rule", "strokeCap": "butt"},
                "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": middle, "color": colour,
                             "opacity": faint,
                             "size": {"condition": {"test": "datum.light", "value": 3}, "value": 5}},
            },
            {
                "transform": [{"filter": "isValid(datum.mean) && datum.inside"}],
                "mark": {"type": "point", "filled": True, "opacity": 1, "stroke": style.paper, "strokeWidth": 1},
                "encoding": {"x": {**x, "field": "mean"}, "y": middle, "color": colour,
                             "size": {"condition": {"test": "datum.light", "value": 60}, "value": 110},
                             "tooltip": _tooltip()},
            },
            *(
                {
                    "transform": [{"filter": f"datum.{side}"}],
                    "mark": {"type": "point", "filled": True, "opacity": 1, "shape": f"triangle-{side}", "size": 150},
                    "encoding": {"x": {"value": {"expr": place}}, "y": middle, "color": colour, "tooltip": _tooltip()},
                }
                for side, place in (("left", start), ("right", end))
            ),
            *_texts(style, y, colour, middle),
        ],
        "config": {
            "axis": {"labelFontSize": size - 1, "titleFontSize": size - 1, "grid": False, "titleFontWeight": "normal"},
            "legend": {"labelFontSize": size},
            "view": {"stroke": None},
            "mark": {"aria": False},
        },
    }  # fmt: skip


def _texts(style: Style, y: Spec, colour: Spec, middle: Spec) -> list[Spec]:
    """Names at the left, outcomes and notes at the right; above the bar, and without notes, where it is narrow."""
    size = style.type_size
    top = {**y, "field": "row"}
    narrow, wide = (f"width < {NARROW} ? {a} : {b}" for a, b in ((1, 0), (0, 1)))
    name = {"type": "text", "align": "left", "fontSize": size, "color": style.ink}
    outcome = {"type": "text", "align": "right", "fontSize": size, "fontWeight": 600}
    return [
        {
            "mark": {**name, "baseline": "middle"},
            "encoding": {"x": {"value": 0}, "y": middle, "text": {"field": "name"},
                         "opacity": {"value": {"expr": wide}}},
        },
        {
            "mark": {**name, "baseline": "top", "dy": 3, "fontSize": size - 1},
            "encoding": {"x": {"value": 0}, "y": top, "text": {"field": "name"},
                         "opacity": {"value": {"expr": narrow}}},
        },
        {
            "mark": {**outcome, "baseline": "bottom", "dy": 1},
            "encoding": {"x": {"value": {"expr": "width"}}, "y": middle, "text": {"field": "outcome"},
                         "color": colour, "opacity": {"value": {"expr": wide}}},
        },
        {
            "mark": {**outcome, "baseline": "top", "dy": 3, "fontSize": size - 1},
            "encoding": {"x": {"value": {"expr": "width"}}, "y": top, "text": {"field": "outcome"},
                         "color": colour, "opacity": {"value": {"expr": narrow}}},
        },
        {
            "mark": {"type": "text", "align": "right", "baseline": "top", "dy": 2, "fontSize": size - 1,
                     "color": style.ink},
            "encoding": {"x": {"value": {"expr": "width"}}, "y": middle, "text": {"field": "note"},
                         "opacity": {"value": {"expr": wide}}},
        },
    ]  # fmt: skip


def _room(texts: Iterable[str], size: int) -> int:
    """Pixels that the longest of some texts takes, about."""
    return round(0.42 * size * max(map(len, texts), default=0))


def _values(place: int, row: Row) -> Spec:
    def number(value: float) -> float | None:
        return None if math.isnan(value) else round(min(max(value, -LIMIT), LIMIT), 4)

    start, end = (1.0, LIMIT) if row.kind == "more" else (-1.0, 1.0)
    ends = [value for value in (row.low, row.mean, row.high) if not math.isnan(value)]
    return {
        "row": place, "name": row.name, "outcome": row.outcome, "note": row.note, "light": row.light,
        "from": start, "to": round(end, 4), "mean": number(row.mean), "low": number(row.low), "high": number(row.high),
        "inside": abs(row.mean) <= LIMIT, "left": min(ends, default=0) < -LIMIT, "right": max(ends, default=0) > LIMIT,
    }  # fmt: skip


def _tooltip() -> list[Spec]:
    return [{"field": field, "title": title} for field, title in (("name", "claim"), ("outcome", "is"), ("note", " "))]
