"""What guesses are drawn on and drawn as: a sheet with a picture's axes for a curve, bars for votes.

A sheet is drawn by ui/lesson/drawing.js, before the reveal and after, so that nothing jumps at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sgd_core.charts.look import Look, Spec
from sgd_core.evidence.guesses import Curve, Options, Range, counts, middle

DIGITS = 4
"""Significant digits of a point as it travels to the browser."""


@dataclass(frozen=True)
class Ruler:
    """An axis: its title, and its ticks (place, label); a place is a fraction along x, in the data's units along y."""

    title: str
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Drawn:
    """A run as it is drawn; no points, while it is covered."""

    name: str
    colour: str
    dash: tuple[int, ...] = ()
    points: Curve = ()


@dataclass(frozen=True)
class Sheet:
    """A picture's axes, the curves that are not covered, and the run that is asked for.

    While that is covered nothing here depends on how it went.
    """

    x: Ruler
    y: Ruler
    low: float
    high: float
    loss: bool
    """Whether y is a loss, on a log axis, or a share."""
    known: tuple[Drawn, ...]
    asked: Drawn
    alt: str

    @property
    def range(self) -> Range:
        """What can be drawn on it."""
        return Range(self.low, self.high)

    def revealed(self, points: Curve) -> Sheet:
        """The same with the truth of the run that is asked for."""
        return replace(self, asked=replace(self.asked, points=points))

    def data(self, guesses: Sequence[Curve] = ()) -> dict[str, Any]:
        """What the browser needs to draw it with these guesses over it."""
        return {
            "x": {"title": self.x.title, "ticks": self.x.ticks},
            "y": {"title": self.y.title, "ticks": self.y.ticks, "low": self.low, "high": self.high},
            "loss": self.loss,
            "known": [_data(each) for each in self.known],
            "asked": _data(self.asked),
            "guesses": [_rounded(guess) for guess in guesses],
            "middle": _rounded(middle(guesses)) if len(guesses) > 1 else [],
            "alt": self.alt,
        }


def votes(options: Options, chosen: Sequence[int], reveal: bool, look: Look) -> Spec:
    """How often each option was chosen, as bars; what is right stands out from the reveal on."""
    numbers = counts(options, chosen)
    right = options.right if reveal else None
    rows = [
        {"option": f"✓ {name}" if place == right else name, "place": place, "votes": number,
         "strong": right in (None, place)}
        for place, (name, number) in enumerate(zip(options.names, numbers, strict=True))
    ]  # fmt: skip
    y = {"field": "option", "type": "nominal", "sort": {"field": "place"},
         "axis": {"title": None, "labelLimit": {"expr": "width * 0.8"}, "ticks": False, "domain": False}}  # fmt: skip
    x = {"field": "votes", "type": "quantitative", "axis": None, "scale": {"domain": [0, max(1, *numbers)]}}
    strong = {"condition": {"test": "datum.strong", "value": 1}, "value": 0.35}
    bars = {"mark": {"type": "bar", "color": look.accents[0]}, "encoding": {"x": x, "y": y, "opacity": strong}}
    texts = {
        "mark": {"type": "text", "align": "left", "dx": 8, "fontWeight": 600, "fontSize": look.type_size + 4,
                 "color": look.ink},
        "encoding": {"x": x, "y": y, "text": {"field": "votes"}},
    }  # fmt: skip
    return look.framed({"data": {"values": rows}, "layer": [bars, texts]}, [{"name": "clock", "value": 0}])


def _data(line: Drawn) -> dict[str, Any]:
    return {"name": line.name, "colour": line.colour, "dash": line.dash, "points": _rounded(line.points)}


def _rounded(points: Curve) -> list[list[float]]:
    return [[float(f"{x:.{DIGITS}g}"), float(f"{y:.{DIGITS}g}")] for x, y in points]
