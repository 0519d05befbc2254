"""The channels of a chart of runs: the place along its axis, its measure, and the colour and dashes of a run."""

from __future__ import annotations

from collections.abc import Sequence

from sgd_core.charts.axes import Scale
from sgd_core.charts.clock import PLOT
from sgd_core.charts.lines import Line, Measure, Style
from sgd_core.charts.look import Spec


def x(scale: Scale, titled: bool) -> Spec:
    """The place along the axis, `titled` with its ticks and what it is."""
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
        "scale": {"domain": [0, 1], "nice": False, "range": [0, {"expr": "width - room"}]},
        "axis": axis if titled else bare,
    }


def y(measure: Measure, field: str = "y") -> Spec:
    """The measure, from a column of the frame."""
    return {
        "field": field,
        "type": "quantitative",
        "title": measure.title,
        "scale": {"domain": list(measure.domain), "type": "log" if measure.loss else "linear", "nice": False},
        "axis": {"format": "~g" if measure.loss else ".0%", "tickCount": 6, "minExtent": 52, "grid": True},
    }


def colour(lines: Sequence[Line], style: Style) -> Spec:
    """The colour of a run, with the legend."""
    return {
        "field": "run",
        "type": "nominal",
        "scale": {"domain": [line.run for line in lines], "range": [line.colour for line in lines]},
        "legend": {
            "title": None,
            "orient": "top",
            # Not by `width`, which still changes when the room for the legend is already settled.
            "columns": {"expr": f"max(1, floor({PLOT} / {_entry_width(lines, style)}))"},
            "symbolType": "stroke",
            "symbolStrokeWidth": 3,
            "symbolSize": 300,
            "symbolOpacity": 1,
        },
    }


def _entry_width(lines: Sequence[Line], style: Style) -> int:
    """Pixels of the longest legend entry, as the browser's sans-serif draws it, with its symbol."""
    return round(max(len(line.run) for line in lines) * 0.52 * style.type_size) + 34


def prominence(lines: Sequence[Line], width: float) -> Spec:
    """Channels by which some runs stand out from those that are faint; none where all are alike."""
    if not any(line.faint for line in lines):
        return {}
    runs = [line.run for line in lines]

    def by_run(strong: float, weak: float) -> Spec:
        values = [weak if line.faint else strong for line in lines]
        return {"field": "run", "type": "nominal", "scale": {"domain": runs, "range": values}, "legend": None}

    return {"strokeWidth": by_run(width + 1.5, width - 0.5), "strokeOpacity": by_run(1, 0.5)}


def dashes(lines: Sequence[Line]) -> Spec:
    """The dashes of a run."""
    return {
        "field": "run",
        "type": "nominal",
        "scale": {"domain": [line.run for line in lines], "range": [list(line.dash) or [1, 0] for line in lines]},
    }
