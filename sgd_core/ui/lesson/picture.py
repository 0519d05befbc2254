"""What a lesson's picture is: its settings, how many presses it holds back, and how it is drawn after so many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sgd_core.charts.guesses import Sheet
from sgd_core.charts.look import Look, Spec
from sgd_core.evidence.guesses import Guess
from sgd_core.ui.lesson.script import Part
from sgd_core.ui.shell import theme


@dataclass(frozen=True)
class Moment:
    """Where the class is: which screen, by lesson and step, and after how many presses."""

    place: str
    presses: int
    drawn: bool = False
    """Whether the class guesses by drawing the covered curve."""
    guesses: tuple[Guess, ...] = ()
    """What the class has guessed: held against the truth once it is shown."""


@dataclass(frozen=True)
class Shown:
    """What goes on screen: a chart that fills its place, its text for those who cannot see it, and what is said."""

    chart: Spec
    alt: str
    frame: pd.DataFrame | None = None
    read: str = ""
    """How to read it: what colour and dots are."""
    answer: str = ""
    """What it has shown; nothing of what is still held back."""
    seconds: float = 0.0
    """How long the picture moves before the answer stands below it."""
    sheet: Sheet | None = None
    """What stands in the chart's place where the class draws its guesses."""


@dataclass(frozen=True)
class Picture:
    """A picture by which steps ask."""

    settings: type[Part]
    presses: Callable[[Any], int]
    """How many presses show all of it."""
    draw: Callable[[Any, Moment], Shown]
    """Raises UserError where what it draws is not there yet."""
    sheet: Callable[[Any], Sheet] | None = None
    """The axes on which its covered curve can be drawn as a guess; raises UserError as `draw` does."""


def look() -> Look:
    """Colours of the theme that the reader has on, in the size of a projector."""
    return Look(
        theme.colour("textColor"), theme.colour("backgroundColor"), theme.colour("borderColor"),
        tuple(theme.accents()), large=True,
    )  # fmt: skip
