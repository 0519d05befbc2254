"""What guesses are drawn on and drawn as: a sheet with a picture's axes for a curve, bars for votes.

A sheet is drawn by ui/lesson/drawing.js, before the reveal and after, so that nothing jumps at it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from sgd_core.charts.axes import Scale
from sgd_core.charts.curves import Line, Measure
from sgd_core.charts.look import Look, Spec
from sgd_core.evidence.guesses import Curve, Options, Range, counts, middle

ROOM = 2.0
"""How far a loss axis reaches beyond what is shown on it, as a factor."""
LEAST_LOSS, MOST_LOSS = 1e-6, 1e3
"""What lies beyond is left at the edge."""
USUAL = (0.1, 2.5)
"""Losses of a run that learns; the upper one is that of knowing nothing of ten classes."""
SECONDS = 6.0
"""How long the truth plays."""
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
            "seconds": SECONDS,
            "alt": self.alt,
        }


def sheet(lines: Sequence[Line], points: pd.DataFrame, asked: str, scale: Scale, measure: Measure, alt: str) -> Sheet:
    """The sheet on which the curve of `asked` can be drawn: of `points` (run, position, y) that run's are left out."""
    looks = [Drawn(line.run, line.colour, line.dash) for line in lines]
    return Sheet(
        Ruler(scale.axis.title, tuple(zip(*scale.ticks(), strict=True))),
        Ruler(measure.title, _levels(measure)),
        *measure.domain,
        measure.loss,
        tuple(replace(each, points=curve(points, each.name)) for each in looks if each.name != asked),
        next(each for each in looks if each.name == asked),
        alt,
    )


def curve(points: pd.DataFrame, run: str) -> Curve:
    """One run of `points` (run, position, y) as a curve, as far as it has values."""
    own = points[(points["run"] == run) & points["y"].notna()]
    return tuple((float(x), float(y)) for x, y in zip(own["position"], own["y"], strict=True))


def free(shown: pd.Series) -> tuple[float, float]:
    """A range of losses with room on both sides of those that are shown, so that it tells nothing of one that is not.

    Its ends are 1, 2 or 5 times a power of ten, at least a factor of ROOM away from any loss that is shown; where none
    is, the range is that of USUAL.
    """
    known = [*shown[(shown > LEAST_LOSS) & (shown < MOST_LOSS)]] or USUAL
    low, high = min(known) / ROOM, max(known) * ROOM
    levels = [round(m * 10.0**power, -power) for power in range(-7, 4) for m in (1, 2, 5)]
    return max(at for at in levels if at <= low), min(at for at in levels if at >= high)


def votes(options: Options, chosen: Sequence[int], reveal: bool, look: Look) -> Spec:
    """How often each option was chosen, as bars; what is right stands out from the reveal on."""
    numbers = counts(options, chosen)
    right = options.right if reveal else None
    rows = [
        {"option": f"✓ {name}" if place == right else name, "place": place, "votes": number,
         "strong": right in (None, place)}
        for place, (name, number) in enumerate(zip(options.names, numbers, strict=True))
    ]  # fmt: skip
    named = {"title": None, "labelLimit": 0, "labelFontSize": look.type_size + 2, "ticks": False, "domain": False}
    y = {"field": "option", "type": "nominal", "sort": {"field": "place"}, "axis": named}
    x = {"field": "votes", "type": "quantitative", "axis": None, "scale": {"domain": [0, max(1, *numbers)]}}
    strong = {"condition": {"test": "datum.strong", "value": 1}, "value": 0.35}
    bars = {"mark": {"type": "bar", "color": look.accents[0]}, "encoding": {"x": x, "y": y, "opacity": strong}}
    texts = {
        "mark": {"type": "text", "align": "left", "dx": 8, "fontWeight": 600, "fontSize": look.type_size + 4,
                 "color": look.ink},
        "encoding": {"x": x, "y": y, "text": {"field": "votes"}},
    }  # fmt: skip
    return look.framed({"data": {"values": rows}, "layer": [bars, texts]}, [{"name": "clock", "value": 0}])


def _levels(measure: Measure) -> tuple[tuple[float, str], ...]:
    """Where the lines of the y axis lie, and their labels."""
    low, high = measure.domain
    if not measure.loss:
        step = 0.1 if high - low <= 0.6 else 0.2
        shares = [place * step for place in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
        return tuple((round(share, 3), f"{share:.0%}") for share in shares)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    few = math.log10(high / low) <= 3
    levels = [m * 10.0**power for power in powers for m in ((1, 2, 5) if few else (1,))]
    return tuple((level, f"{level:g}") for level in levels if low * 0.999 <= level <= high * 1.001)


def _data(line: Drawn) -> dict[str, Any]:
    return {"name": line.name, "colour": line.colour, "dash": line.dash, "points": _rounded(line.points)}


def _rounded(points: Curve) -> list[list[float]]:
    return [[float(f"{x:.{DIGITS}g}"), float(f"{y:.{DIGITS}g}")] for x, y in points]
