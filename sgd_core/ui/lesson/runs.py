"""Pictures of a lesson from the paper's runs: curves of a figure, some of them covered, along axis after axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal, Self

import pandas as pd
import streamlit as st
from pydantic import Field, model_validator

from sgd_core.charts import curves, guesses, screen
from sgd_core.charts.axes import AXES, Axis
from sgd_core.charts.curves import Line, Measure, Style
from sgd_core.charts.guesses import Sheet
from sgd_core.errors import UserError
from sgd_core.evidence import guesses as guessed
from sgd_core.evidence.sentences import lesson as sentences
from sgd_core.experiment import paper
from sgd_core.ui.lesson.picture import Moment, Picture, Shown
from sgd_core.ui.lesson.script import Part
from sgd_core.ui.shell import library, replay, theme
from sgd_core.ui.shell.replay import View

Along = Literal["epoch", "updates", "time", "effective", "images"]
Metric = Literal["The paper's accuracy", "Validation accuracy", "Test accuracy", "Train loss"]
HALF = 0.5
"""An accuracy axis of runs that all are shown begins here where every one ends well above."""
LINE = 21
"""Pixels of a line of the readout."""
PACE = 7
"""Thousandths of the axis a frame: the curves play in six seconds."""


class Curves(Part):
    """The curves of a figure: those named in `hide` are covered at first, and `along` is gone through axis by axis."""

    figure: Annotated[int, Field(ge=1, le=4)]
    runs: tuple[str, ...] = ()
    """Which of the figure's runs; none named: all."""
    hide: tuple[str, ...] = ()
    along: tuple[Along, ...] = ("epoch",)
    metric: Metric = "The paper's accuracy"
    least: Annotated[float, Field(ge=0, le=0.9)] = 0.0
    """Where an accuracy axis begins while runs are covered, whatever they do."""

    @model_validator(mode="after")
    def _runs_are_the_figure_s(self) -> Self:
        if not self.along:
            raise ValueError("must have in along at least one axis")
        there = [run.label(self.figure) for run in paper.runs_of(self.figure)]
        for field, names, of in (("runs", self.runs, there), ("hide", self.hide, self.runs or there)):
            for name in names:
                if name not in of:
                    raise ValueError(f"must have in {field} only runs that it shows, which {name!r} is none of: "
                                     f"{', '.join(of)}")  # fmt: skip
        return self

    @property
    def covered(self) -> str:
        return self.hide[0] if len(self.hide) == 1 else ""


def presses(settings: Curves) -> int:
    """One uncovers the hidden runs, one more for every further axis."""
    return bool(settings.hide) + len(settings.along) - 1


def draw(settings: Curves, moment: Moment) -> Shown:
    """The curves after so many presses; between axes they glide in the browser."""
    _, mean = _rows(settings)
    axis = AXES[settings.along[max(0, moment.presses - bool(settings.hide))]]
    before = _before(f"{settings.figure} {settings.metric} {settings.runs}", axis, moment)
    of = settings.model_dump_json(), before.column, theme.dark(), library.stamp()
    shown = _drawn(settings, axis, before, moment.presses, moment.drawn, of)
    answer = _answer(settings, mean, axis, moment, settings.metric == "Train loss")
    return replace(shown, chart=dict(shown.chart), answer=answer)


@st.cache_resource(max_entries=64, show_spinner=False)
def _drawn(_settings: Curves, _axis: Axis, _before: Axis, presses: int, drawn: bool, of: tuple[object, ...]) -> Shown:
    """The picture without its answer, made once for all screens; `of` stands for what else it hangs on."""
    settings, axis, before = _settings, _axis, _before
    number, column = settings.figure, replay.METRICS[settings.metric]
    rows, mean = _rows(settings)
    covered = list(settings.hide) if presses == 0 else []
    view = View(settings.metric, axis, False, False, tuple(covered))
    measure = _measure(settings, mean, covered)
    shown = mean[~mean["run"].isin(covered)]
    alt = sentences.pictured(settings.metric, list(map(str, shown["run"].unique())), covered, axis.noun)
    if drawn and presses <= 1:
        seconds = guesses.SECONDS if presses else 0.0
        return Shown({}, alt, read=_read(column, covered), seconds=seconds, sheet=_sheet(settings, presses == 0))
    look = _lines(number, rows, mean, covered)
    style = Style(theme.colour("textColor"), theme.colour("backgroundColor"), large=True, line=screen.line(LINE))
    scale = replay.scale_of(axis, replay.placed(mean, view), _uncropped(settings, measure))
    spec = screen.alone(curves.chart(look, scale, measure, style, replay.spans(mean), glides=before is not axis))
    plays = bool(settings.hide) and presses == 1 and before is axis
    data = replay.frame(mean, library.figure_epochs(number), view, _uncropped(settings, measure), before)
    data, _ = curves.pack(data[~data["run"].isin(covered)].reset_index(drop=True))
    start = 0 if plays else curves.END
    chart = screen.once(screen.filling(spec, style.ink), start, curves.END, PACE, curves.FRAME_MS)
    return Shown(chart, alt, data, _read(column, covered), seconds=_seconds(plays, before is not axis))


def _lines(number: int, rows: pd.DataFrame, mean: pd.DataFrame, covered: list[str]) -> list[Line]:
    """How runs are drawn, the covered ones in ink: the colour of their noise would say where they end."""
    ink = theme.colour("textColor")
    return [replace(line, colour=ink) if line.run in covered else line for line in replay.lines(number, rows, mean)]


def sheet(settings: Curves) -> Sheet:
    """The axes and the curves that are not covered, for one that is to be drawn."""
    return _sheet(settings, covered=True)


def _sheet(settings: Curves, covered: bool) -> Sheet:
    rows, mean = _rows(settings)
    axis, asked = AXES[settings.along[0]], settings.covered
    hidden = [asked] if covered else []
    view = View(settings.metric, axis, False, False, ())
    measure = _measure(settings, mean, hidden)
    whole = _uncropped(settings, measure)
    scale = replay.scale_of(axis, replay.placed(mean, view), whole)
    points = replay.frame(mean, library.figure_epochs(settings.figure), view, whole, axis)
    shown = mean["run"][~mean["run"].isin(hidden)]
    alt = sentences.pictured(settings.metric, list(map(str, shown.unique())), hidden, axis.noun)
    drawn = guesses.sheet(_lines(settings.figure, rows, mean, hidden), points, asked, scale, measure, alt)
    return drawn if covered else drawn.revealed(guesses.curve(points, asked))


def _rows(settings: Curves) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The runs of the picture, and their mean curves; raises UserError where they are not there."""
    view = View(settings.metric, AXES["epoch"], False, False, ())
    rows, mean = library.figure_rows(settings.figure), replay.means(settings.figure, view)
    rows, mean = _only(settings, rows), _only(settings, mean)
    if mean.empty:
        raise UserError(f"The runs of this picture, of Figure {settings.figure}, are not published yet.")
    return rows, mean


def _seconds(plays: bool, glides: bool) -> float:
    """How long the curves move."""
    return (curves.END / PACE * curves.FRAME_MS if plays else curves.GLIDE_MS if glides else 0) / 1000


def _answer(settings: Curves, mean: pd.DataFrame, axis: Axis, moment: Moment, loss: bool) -> str:
    if moment.presses == 0:
        return ""
    if settings.hide and moment.presses == 1:
        best = sentences.leader(mean, loss)
        updates = mean.groupby("run", sort=False, observed=True)["updates"].max()
        taken = sentences.taken({str(run): int(updates[run]) for run in (best, *settings.hide)})
        ended = sentences.ended(mean, settings.hide, loss)
        held = _held(settings, mean, moment, loss)
        return " ".join(filter(None, (ended, held, taken or sentences.longer(mean, best))))
    return sentences.apart(mean, axis, loss)


def _held(settings: Curves, mean: pd.DataFrame, moment: Moment, loss: bool) -> str:
    """What the guesses are held against: the end of the run that was asked for."""
    ends = [guessed.end(each) for each in moment.guesses if not isinstance(each, int)]
    truth = mean["mean"][mean["run"] == settings.covered].dropna()
    return sentences.guessed(ends, float(truth.iloc[-1]), loss) if ends and len(truth) else ""


def _read(column: str, covered: list[str]) -> str:
    what = "Colour: μ/B, cold (little noise) to hot (much)."
    if column == "reported_accuracy":
        what = f"Accuracy: the paper's, on the training images. {what}"
    return f"{what} Still covered: {', '.join(covered)}." if covered else what


def _only(settings: Curves, table: pd.DataFrame) -> pd.DataFrame:
    return table[table["run"].isin(settings.runs)] if settings.runs else table


def _measure(settings: Curves, mean: pd.DataFrame, covered: Sequence[str]) -> Measure:
    """What the y axis shows; nothing of it comes from runs that are covered."""
    measure = replay.measure_of(settings.metric, mean["mean"], mean)
    shown = mean[~mean["run"].isin(covered)]
    if measure.loss:
        if not settings.hide:
            return measure
        low, high = guesses.free(mean["mean"][~mean["run"].isin(settings.hide)])
        there = measure.domain if not covered else (low, high)
        return replace(measure, domain=(min(low, there[0]), max(high, there[1])))
    worst = float(shown["mean"].dropna().groupby(shown["run"]).last().min())
    if settings.hide:
        return Measure(measure.title, (0.0 if worst < settings.least else settings.least, 1.0))
    return Measure(measure.title, (HALF if worst > HALF + 0.1 else 0.0, 1.0))


def _uncropped(settings: Curves, measure: Measure) -> Measure:
    """The measure by which a log axis is cropped to where curves come into view: where runs are hidden, not at all."""
    return replace(measure, domain=(0.0, 1.0)) if settings.hide and not measure.loss else measure


def _before(picture: str, axis: Axis, moment: Moment) -> Axis:
    """The axis from which these curves come: where this reader saw them last, as long as this screen is up.

    A note that is shown draws the same again, so that the browser leaves the chart as it is.
    """
    key, place = "lesson's curves", (moment.place, moment.presses)
    last: dict[str, object] = st.session_state.get(key, {})
    if last.get("place") == place and isinstance(kept := last.get("before"), Axis):
        return kept
    here = last.get("axis")
    before = here if last.get("picture") == picture and isinstance(here, Axis) else axis
    st.session_state[key] = {"place": place, "picture": picture, "axis": axis, "before": before}
    return before


PICTURES = {"curves": Picture(Curves, presses, draw, sheet)}
