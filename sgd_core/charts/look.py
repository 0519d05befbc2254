"""How a chart looks: type sizes, colours and the frame around it, which the page that knows the reader passes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Spec = dict[str, Any]

PADDING = {"left": 5, "top": 5, "right": 5, "bottom": 5}
"""Pixels; left to itself Streamlit keeps 20 below a chart."""


@dataclass(frozen=True)
class Look:
    """Colours and size of a chart; `large` is for a projector."""

    ink: str
    paper: str
    """The colour of the ground, for lines laid over areas."""
    faint: str
    """The colour of what is there but has no value."""
    accents: tuple[str, ...]
    """Colours for unordered things."""
    large: bool = False
    still: bool = False
    """Whether the reader wants nothing to move that was not asked to."""

    @property
    def type_size(self) -> int:
        return 17 if self.large else 12

    def config(self, **more: Any) -> Spec:
        """The `config` of a chart: type sizes, and no frame."""
        size = self.type_size
        return {
            "axis": {"labelFontSize": size - 1, "titleFontSize": size, "grid": False},
            "legend": {"labelFontSize": size, "labelLimit": 0, "title": None, "orient": "top"},
            "text": {"fontSize": size, "fill": self.ink},
            "view": {"stroke": None},
            **more,
        }

    def framed(self, chart: Spec, signals: Sequence[Spec] = (), padding: Spec | None = PADDING) -> Spec:
        """The chart as wide as its place, in these type sizes, with the signals that move it; `padding` None is
        Streamlit's."""
        more = {"signals": list(signals)} if signals else {}
        frame = {"padding": padding} if padding else {}
        return {**chart, "autosize": {"type": "fit-x", "contains": "padding"}, **frame, "config": self.config(**more)}


def titled(chart: Spec, title: str, below: Sequence[str], ink: str, size: int) -> Spec:
    """The chart under its title and lines in type of this size, so that a picture saved from it says what it is."""
    return {
        **chart,
        "title": {
            "text": title, "subtitle": list(below), "anchor": "start", "frame": "group", "fontSize": size + 2,
            "subtitleFontSize": size, "color": ink, "subtitleColor": ink, "subtitlePadding": 3, "offset": 8,
        },
    }  # fmt: skip
