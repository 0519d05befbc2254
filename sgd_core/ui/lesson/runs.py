"""Pictures of a lesson from the paper's runs: curves of a figure, some of them covered, along axis after axis."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import pandas as pd
import streamlit as st
from pydantic import Field, model_validator

from sgd_core.charts import curves, screen
from sgd_core.charts.axes import AXES, Axis
from sgd_core.charts.curves import Measure, Style
from sgd_core.errors import UserError
from sgd_core.evidence.sentences import lesson as sentences
from sgd_core.experiment import paper
from sgd_core.ui.lesson.picture import Moment, Picture, Shown
from sgd_core.ui.lesson.script import Part
from sgd_core.ui.shell import library, replay, theme
from sgd_core.ui.shell.replay import View

Along = Literal["epoch", "updates", "time", "effective", "images"]
Metric = Literal["The paper's accuracy", "Validation accuracy", "Test accuracy", "Train loss"]
HALF = 0.5
"""An accuracy axis begins here where every run ends well above, whatever is covered, so that it tells nothing."""
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


def presses(settings: Curves) -> int:
    """One uncovers the hidden runs, one more for every further axis."""
    return bool(settings.hide) + len(settings.along) - 1


def draw(settings: Curves, moment: Moment) -> Shown:
    """The curves after so many presses; between axes they glide in the browser."""
    number, column = settings.figure, replay.METRICS[settings.metric]
    view = View(settings.metric, AXES["epoch"], False, False, [])
    rows, mean = _only(settings, library.figure_rows(number)), _only(settings, replay.means(number, view))
    if mean.empty:
        raise UserError(f"The runs of this picture, of Figure {number}, are not published yet.")
    covered = list(settings.hide) if settings.hide and moment.presses == 0 else []
    axis = AXES[settings.along[max(0, moment.presses - bool(settings.hide))]]
    before = _before(f"{number} {settings.metric} {settings.runs}", axis, moment)
    view = View(settings.metric, axis, False, False, covered)
    measure = _measure(settings.metric, mean)
    look = replay.lines(number, rows, mean)
    style = Style(theme.colour("textColor"), theme.colour("backgroundColor"), large=True, line=screen.line(LINE))
    shown = mean[~mean["run"].isin(covered)]
    scale = replay.scale_of(axis, replay.placed(mean, view), measure)
    spec = screen.alone(curves.chart(look, scale, measure, style, replay.spans(mean), glides=before is not axis))
    plays = bool(settings.hide) and moment.presses == 1 and before is axis
    data = replay.frame(mean, library.figure_epochs(number), view, measure, before)
    data, _ = curves.pack(data[~data["run"].isin(covered)].reset_index(drop=True))
    return Shown(
        screen.once(screen.filling(spec, style.ink), 0 if plays else curves.END, curves.END, PACE, curves.FRAME_MS),
        sentences.pictured(settings.metric, list(map(str, shown["run"].unique())), covered, axis.noun),
        data,
        _read(column, covered),
        _answer(settings, mean, axis, moment, measure.loss),
        _seconds(plays, before is not axis),
    )


def _seconds(plays: bool, glides: bool) -> float:
    """How long the curves move."""
    frames = curves.END / PACE if plays else 1 / curves.GLIDE_STEP if glides else 0
    return frames * curves.FRAME_MS / 1000


def _answer(settings: Curves, mean: pd.DataFrame, axis: Axis, moment: Moment, loss: bool) -> str:
    if moment.presses == 0:
        return ""
    if settings.hide and moment.presses == 1:
        best = sentences.leader(mean, loss)
        updates = mean.groupby("run", sort=False, observed=True)["updates"].max()
        taken = sentences.taken({str(run): int(updates[run]) for run in (best, *settings.hide)})
        return f"{sentences.ended(mean, settings.hide, loss)} {taken or sentences.longer(mean, best)}".strip()
    return sentences.apart(mean, axis, loss)


def _read(column: str, covered: list[str]) -> str:
    what = "Colour: μ/B, cold (little noise) to hot (much)."
    if column == "reported_accuracy":
        what = f"Accuracy: the paper's, on the training images. {what}"
    return f"{what} Still covered: {', '.join(covered)}." if covered else what


def _only(settings: Curves, table: pd.DataFrame) -> pd.DataFrame:
    return table[table["run"].isin(settings.runs)] if settings.runs else table


def _measure(metric: str, mean: pd.DataFrame) -> Measure:
    measure = replay.measure_of(metric, mean["mean"], mean)
    if measure.loss:
        return measure
    worst = float(mean["mean"].dropna().groupby(mean["run"]).last().min())
    return Measure(measure.title, (HALF if worst > HALF + 0.1 else 0.0, 1.0))


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


PICTURES = {"curves": Picture(Curves, presses, draw)}
