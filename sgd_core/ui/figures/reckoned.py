"""What a figure's page draws and says of the published runs alone, made once for all visitors of one theme and size.

`covered` are the runs that a reader still has to guess; `stamp` stands for the state of the files.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sgd_core.charts import curves
from sgd_core.charts.axes import Axis, Scale
from sgd_core.charts.curves import Line, Measure, Style
from sgd_core.charts.foreign import Overlay
from sgd_core.evidence.sentences import figures as sentences
from sgd_core.experiment import paper
from sgd_core.ui.figures import saved
from sgd_core.ui.shell import library, replay, theme
from sgd_core.ui.shell.replay import Guesses, View
from sgd_core.ui.shell.shared import shared


@dataclass(frozen=True)
class Reckoned:
    """What follows from the published runs, the controls and the theme, before anything is drawn."""

    measure: Measure
    """Of all runs, covered ones too."""
    lines: list[Line]
    scale: Scale
    equal_noise: bool
    """Of all runs, covered ones too: it decides what colour means."""
    cut: str
    """What is said of values that the axis cannot show."""


def tables(number: int, view: View, covered: tuple[str, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The means and, where each seed is drawn, the epochs of the runs that are not covered."""
    epochs = library.figure_epochs(number)
    if not view.each_seed:
        epochs = epochs.head(0)
    return means(number, view, covered), epochs[~epochs["run"].isin(covered)] if covered else epochs


def means(number: int, view: View, covered: tuple[str, ...]) -> pd.DataFrame:
    """The means of the runs that are not covered."""
    mean = replay.means(number, view)
    return mean[~mean["run"].isin(covered)] if covered else mean


@shared
def _of_all(number: int, metric: str, dark: bool, stamp: float) -> tuple[Measure, list[Line], bool]:
    """What every view of a measure has in common: axis, how each run looks, whether all have the same noise."""
    every = library.figure_curves(number, replay.METRICS[metric])
    lines = replay.lines(number, library.figure_rows(number), every)
    return replay.measure_of(metric, every["mean"], every), lines, replay.equal_noise(every)


@shared
def reckoned(number: int, view: View, covered: tuple[str, ...], dark: bool, stamp: float) -> Reckoned:
    measure, lines, equal_noise = _of_all(number, view.metric, dark, stamp)
    mean = means(number, view, covered)
    placed = replay.placed(mean if len(mean) else replay.means(number, view), view)
    return Reckoned(
        measure,
        [line for line in lines if line.run not in covered],
        replay.scale_of(view.axis, placed, measure),
        equal_noise,
        sentences.cut(mean["mean"], *measure.domain) if measure.loss and len(mean) else "",
    )


@shared
def picture(
    number: int, view: View, covered: tuple[str, ...], dark: bool, style: Style, before: Axis, stamp: float
) -> curves.Spec:
    return picture_for_one(number, view, covered, dark, style, before, stamp)


def picture_for_one(
    number: int,
    view: View,
    covered: tuple[str, ...],
    dark: bool,
    style: Style,
    before: Axis,
    stamp: float,
    guessed: Guesses = None,
    foreign: Overlay | None = None,
) -> curves.Spec:
    """The picture with what this reader alone guessed or brought; it is made anew every time."""
    rows, known = library.figure_rows(number), reckoned(number, view, covered, dark, stamp)
    mean = means(number, view, covered)
    bare = replay.picture(known.lines, rows, mean, view, known.measure, style, guessed, before, foreign)
    return saved.under_title(bare, paper.FIGURES[number], view, rows, style)


@shared
def data(number: int, view: View, covered: tuple[str, ...], before: Axis, stamp: float) -> tuple[pd.DataFrame, int]:
    known = reckoned(number, view, covered, theme.dark(), stamp)
    return curves.pack(replay.frame(*tables(number, view, covered), view, known.measure, before))


@shared
def said(number: int, view: View, covered: tuple[str, ...], stamp: float) -> tuple[str, str, str]:
    known = reckoned(number, view, covered, theme.dark(), stamp)
    mean = means(number, view, covered)
    return saved.said(number, library.figure_rows(number), mean, view, known.measure.loss)
