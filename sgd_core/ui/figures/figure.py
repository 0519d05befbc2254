"""The page of one of the paper's figures: question, controls, curves, what to notice, how we know."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sgd_core.charts import curves
from sgd_core.charts.axes import Axis
from sgd_core.charts.curves import Style
from sgd_core.evidence.sentences import figures as sentences
from sgd_core.experiment import paper
from sgd_core.ui.figures import downloads, predict, presets, saved
from sgd_core.ui.shell import browser, controls, library, page, replay, theme, words, wrong
from sgd_core.ui.shell.replay import BESIDE, EACH, MEAN_BAND, Guesses, View

_COLOUR = {
    False: "Colour: μ/B, cold (little noise) to hot (much).",
    True: "Both runs have the same μ/B in every epoch; colour only tells them apart.",
}


PAGES = {
    number: page.Page(
        slug=presets.FIGURE_PAGES[number],
        section=page.FIGURES,
        label=f"{number} · {label}",
        title=f"Figure {number}: {paper.FIGURES[number].title}",
        question=paper.FIGURES[number].question,
        intro=paper.FIGURES[number].settings,
        next=following,
        tab=f"Figure {number}",
    )
    for number, label, following in (
        (1, "Batch size", presets.FIGURE_PAGES[2]),
        (2, "Learning rate", presets.FIGURE_PAGES[3]),
        (3, "Decaying learning rates", presets.FIGURE_PAGES[4]),
        (4, "Growing batch", "Collapse"),
    )
}


def show(number: int) -> None:
    """Draw the page of figure `number` below its title."""
    presets.question()
    _replay(paper.FIGURES[number])


@words.fragment  # a control here leaves the rest of the page, menu and all, as it is: 10 to 20 ms less
@page.plain_errors()
def _replay(figure: paper.Figure) -> None:
    rows = library.figure_rows(figure.number)
    if rows.empty:
        st.info("None of this figure's runs is published yet.")
        return
    missing = len(paper.runs_of(figure.number)) - rows["run"].nunique()
    if missing:
        words.caption(f"{missing} of this figure's {len(paper.runs_of(figure.number))} runs are not published yet.")
    view = _controls(rows)
    words.caption(saved.what(view, rows))
    epochs = library.figure_epochs(figure.number)
    mean = replay.means(figure.number, view)
    measure = replay.measure_of(view.metric, mean["mean"], mean)
    look = replay.lines(figure.number, rows, mean)
    equal_noise = replay.equal_noise(mean)  # of all runs, hidden ones too: it decides what colour means
    guessed = None
    if view.hidden:
        guessed = predict.guesses(f"{figure.number} {view.metric}", view.hidden, *measure.domain, measure.loss)
        if guessed is None:
            mean, epochs = (table[~table["run"].isin(view.hidden)] for table in (mean, epochs))
            look = [line for line in look if line.run not in view.hidden]
    revealed = not view.hidden or guessed is not None
    if mean.empty:
        st.info("Every run is hidden until you have guessed.")
        return
    if guessed is not None:
        predict.verdict(guessed, saved.final_values(figure.number, view), measure.loss)
    before = view.axis if browser.still() else _previous_axis(figure.number, view.axis)
    style = Style(theme.colour("textColor"), theme.colour("backgroundColor"), page.presenting())
    bare = replay.picture(look, rows, mean, view, measure, style, guessed, before)
    picture = saved.under_title(bare, figure, view, rows, style)
    of = figure.number, tuple(mean["run"].unique()), library.stamp()
    data, every = _data(mean, epochs, view, measure, before, of)
    said = _said(rows, mean, view, measure.loss, of)
    st.vega_lite_chart(data, picture, width="stretch", alt=said[0])
    cut = sentences.cut(mean["mean"], *measure.domain) if measure.loss else ""
    _captions(view, guessed, every, rows, equal_noise, cut)
    if revealed:
        words.say(said[-1])
        wrong.show(rows, f"python -m sgd_core sweep paper --figure {figure.number} {wrong.MEASURE}", others=True)
    with st.container(key="details"):
        if revealed:
            _what_to_notice(figure)
            _finals(library.figure_finals(figure.number))
        downloads.buttons(
            f"figure-{figure.number}",
            lambda: replay.numbers(mean, epochs, view),
            lambda: curves.standalone(picture, data),
            lambda: saved.html(figure, picture, data, rows, said),
            rows,
        )
        downloads.commands(rows)
        downloads.provenance(rows)


@st.cache_resource(max_entries=64, show_spinner=False)
def _data(
    _mean: pd.DataFrame,
    _epochs: pd.DataFrame,
    view: View,
    measure: curves.Measure,
    before: Axis,
    of: tuple[object, ...],
) -> tuple[pd.DataFrame, int]:
    """The chart's data, made once for all visitors; `of` (figure, runs, state of the files) stands for the tables."""
    return curves.pack(replay.frame(_mean, _epochs, view, measure, before))


@st.cache_resource(max_entries=64, show_spinner=False)
def _said(
    _rows: pd.DataFrame, _mean: pd.DataFrame, view: View, loss: bool, of: tuple[int, tuple[str, ...], float]
) -> tuple[str, str, str]:
    """What is said of the chart, reckoned once for all visitors; `of` as in `_data`."""
    return saved.said(of[0], _rows, _mean, view, loss)


def _captions(view: View, guessed: Guesses, every: int, rows: pd.DataFrame, equal_noise: bool, cut: str) -> None:
    notes = [_COLOUR[equal_noise]]
    if view.column == "reported_accuracy":
        notes.append("Diamonds: the final value the authors report (mean of their last ten epochs, one seed).")
    if view.column == "test_accuracy":
        notes.append("Test accuracy was measured every fifth epoch and in the last ten; between, the line is straight.")
    if guessed:
        notes.append("Crosses: your guesses.")
    zigzag = sentences.repeated_crops(view.column, *library.crops(rows))
    notes += [note for note in (zigzag, cut) if note]
    if every > 1:
        notes.append(f"So many curves: every {every}th epoch is drawn. The CSV has them all.")
    words.caption(" ".join(notes))
    if view.beside:
        words.say(paper.METRIC_CAVEAT)


def _previous_axis(number: int, axis: Axis) -> Axis:
    """The axis on which this reader last saw the figure; the curves glide from there."""
    key = f"axis of figure {number}"
    before: Axis = st.session_state.get(key, axis)
    st.session_state[key] = axis
    return before


def _controls(rows: pd.DataFrame) -> View:
    with st.container(key="controls"):
        with st.container(horizontal=True, gap="medium"):
            metric = controls.metric()
            axis = controls.axis(
                "Epochs, updates, training images seen, or training time T: the sum of μ over updates, which is how "
                "long the run has followed the gradient. T_eff is the same with momentum: how far a constant gradient "
                "would have moved the weights, times 1 − m. Where μ stays, both agree but for the start; where μ falls "
                "fast, T_eff is less."
            )
            seeds = MEAN_BAND
            if rows["seed"].nunique() > 1:
                seeds = st.segmented_control(
                    "Seeds", [MEAN_BAND, EACH], default=MEAN_BAND, key="seeds", bind="query-params", required=True
                )
        with st.container(horizontal=True, gap="medium"):
            beside = st.toggle(
                "Validation accuracy below", key="beside", bind="query-params",
                disabled=metric == BESIDE,
                help="A second panel: the same runs on the 409 validation images.",
            )  # fmt: skip
            hidden = predict.controls(list(rows["run"].unique()))
    return View(metric, axis, seeds == EACH, beside and metric != BESIDE, hidden)


def _what_to_notice(figure: paper.Figure) -> None:
    says, mind = st.columns(2, gap="large")
    with says:
        words.say(f"##### What the paper says\n{figure.statement}")
    with mind:
        words.say(f"##### What to mind\n{figure.caveat}")
    with st.expander("What 'the paper's accuracy' measures"):
        words.say(paper.METRIC_CAVEAT)


def _finals(table: pd.DataFrame) -> None:
    words.say("##### Final values: mean of the last ten epochs")
    if unlike := sentences.unlike_the_authors(table):
        words.say(unlike)
    percent = {
        "paper_reported": "authors' value",
        "final_reported_accuracy": "same measure, our run",
        "final_val_accuracy": "validation (409 images)",
        "final_test_accuracy": "test (2,000 images)",
    }
    columns = {name: st.column_config.NumberColumn(title, format="%.1f%%") for name, title in percent.items()}
    st.dataframe(
        table[["run", *percent, "n", "views"]].assign(**{name: table[name] * 100 for name in percent}),
        hide_index=True,
        height="content",
        column_config={"run": "run", **columns, "n": "seeds", "views": "V (views)"},
    )
