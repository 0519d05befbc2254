"""The page on the collapse: all runs along epochs, then along training time with momentum, where they become one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from sgd_core.charts import collapse as charts
from sgd_core.charts import document
from sgd_core.charts.axes import AXES
from sgd_core.charts.collapse import Scales
from sgd_core.charts.curves import Line, Measure
from sgd_core.charts.look import Look, Spec, titled
from sgd_core.errors import UserError
from sgd_core.evidence import collapse, figures
from sgd_core.evidence.sentences import collapse as sentences
from sgd_core.ui.shell import controls, lab, library, page, replay, theme, words
from sgd_core.ui.shell.shared import shared

PAGE = page.Page(
    slug="Collapse",
    section=page.ANSWER,
    label="The curves become one",
    title="The curves become one",
    question="27 runs, whose noise differs 80-fold. What decides where they end?",
    intro="T_eff is the sum of μ over a run's updates, with what momentum makes of it: how far it has followed the "
    "gradient. Drag the bar: the runs it meets have trained equally far.",
    next="Evidence",
)

HOW = (
    "T_eff = Σ μ_t (1 − m^(t+1)) over updates t = 0, 1, ...: how far a constant gradient moves the weights, "
    "times 1 − m. For constant μ it is T less the warm-up of the momentum; where μ falls fast it is far less, "
    "because what the momentum remembers is spent at a smaller rate. μ/B is the mean over a run's updates so "
    "far. The dashed line describes the dots: it is the least-squares line through the logarithms of their error "
    "(1 − accuracy) or loss over that of μ/B or T_eff; no theory stands behind it. These are the paper's own "
    "runs: T and μ/B rise together in them, and the runs that reach a place are no random sample. The "
    "controlled comparison, at equal T by design, stands on the evidence page."
)


@words.fragment  # a control here leaves menu and title as they are
def show() -> None:
    """Draw the page below its title."""
    rows = library.figure_rows(figures.ALL)
    if rows["run"].nunique() < 2:
        st.info("The paper's runs are not published yet.")
        return
    picture = st.container()
    with st.container(key="controls"):
        metric = controls.metric()
    with picture:
        _picture(metric)
    seeds = int(rows.groupby("run")["seed"].nunique().min())
    words.caption(
        f"Colour: mean μ/B, cold (little noise) to hot (much). {sentences.crops(*library.crops(rows), seeds)}"
    )
    with st.container(key="details"):
        st.download_button(
            "This picture as one HTML file", lambda: html(metric).encode(), "collapse.html", "text/html",
            on_click="ignore", icon=":material/download:",
            help="It moves in any browser, without this app and without a network.",
        )  # fmt: skip
        with st.expander("How we know"):
            words.say(HOW)


@dataclass(frozen=True)
class Drawn:
    """The picture, its rows, and what is said of it: in a line, and of slopes."""

    chart: Spec
    frame: pd.DataFrame
    told: str
    slopes: str


def drawn(metric: str) -> Drawn:
    """The picture of a measure from the published runs, of which there are two at least."""
    return _drawn(metric, lab.look(), theme.dark(), library.stamp())


@shared
def _drawn(metric: str, look: Look, dark: bool, stamp: float) -> Drawn:
    """Made once for all visitors of one theme and size."""
    loss, curves = metric == "Train loss", collapse.table(library.figure_epochs(figures.ALL), replay.METRICS[metric])
    ends, at = collapse.ends(curves), collapse.where_most_can_tell(curves)
    met = collapse.meeting(curves, at)
    noise = np.log10(curves["noise"].astype(float))
    measure = _measure(metric, curves, ends)
    time = replay.scale_of(AXES["effective"], curves, measure)
    scales = Scales(AXES["epoch"].scale(curves["epoch"]), time, (math.floor(noise.min()), math.ceil(noise.max())))
    handle = charts.just_before(float(time.position(pd.Series([at]))[0]))
    slopes = collapse.slope(ends, loss), collapse.slope(collapse.at(curves, at), loss)
    chart = charts.chart(_lines(curves), scales, measure, look, handle)
    return Drawn(
        titled(chart, f"{len(ends)} runs of the paper: {metric.lower()}", [], look.ink, look.type_size),
        charts.frame(curves, scales, measure),
        sentences.takeaway(float(ends["mean"].max() - ends["mean"].min()), len(ends), met, loss),
        sentences.slopes(*slopes, met, loss),
    )


def _picture(metric: str) -> None:
    picture = drawn(metric)
    lab.draw(picture.chart, _described(metric, picture.told), picture.frame)
    lab.takeaway(picture.told)
    words.say(picture.slopes)


def _described(metric: str, told: str) -> str:
    return f"{metric} of all runs along epochs, gliding to training time with momentum. {told}"


def html(metric: str, site: bool = False) -> str:
    """The picture as one file that needs no server; raises UserError where fewer than two runs are published."""
    rows = library.figure_rows(figures.ALL)
    if rows["run"].nunique() < 2:
        raise UserError("The paper's runs are not published yet.")
    picture = drawn(metric)
    return document.html(
        PAGE.title, document.with_data(picture.chart, picture.frame), _described(metric, picture.told),
        [f"**{PAGE.question}** {PAGE.intro}"], [f"**{picture.told}**", picture.slopes, HOW],
        library.provenance(rows),
        theme.colour("textColor"), theme.colour("backgroundColor"), site,
    )  # fmt: skip


def _measure(metric: str, curves: pd.DataFrame, ends: pd.DataFrame) -> Measure:
    """What the y axis shows: the ends and some of the way to them."""
    if metric == "Train loss":
        return replay.measure_of(metric, curves["mean"], curves)
    floor = int((float(ends["mean"].min()) - 0.12) * 20) / 20
    return Measure(metric.lower(), (max(0.0, floor), 1.0))


def _lines(curves: pd.DataFrame) -> list[Line]:
    noise = replay.noise_of(curves)
    return [Line(str(run), colour) for run, colour in zip(noise.index, theme.by_noise(noise), strict=True)]
