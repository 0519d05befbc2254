"""The page of one of the paper's figures: question, controls, curves, what to notice, how we know."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sgd_core.charts import curves
from sgd_core.charts.axes import Axis
from sgd_core.charts.curves import Style
from sgd_core.evidence.sentences import figures as sentences
from sgd_core.experiment import paper
from sgd_core.ui.figures import downloads, predict, presets, reckoned, saved
from sgd_core.ui.shell import browser, controls, elsewhere, library, page, replay, theme, words, wrong
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
    dark = theme.dark()
    every_run = reckoned.reckoned(figure.number, view, (), dark, library.stamp())
    measure, guessed = every_run.measure, None
    covered: tuple[str, ...] = ()
    if view.hidden:
        guessed = predict.guesses(f"{figure.number} {view.metric}", view.hidden, *measure.domain, measure.loss)
        covered = view.hidden if guessed is None else ()
    known = reckoned.reckoned(figure.number, view, covered, dark, library.stamp())
    revealed = not covered
    if not known.lines:
        st.info("Every run is hidden until you have guessed.")
        return
    if guessed is not None:
        predict.verdict(guessed, saved.final_values(figure.number, view), measure.loss)
    before = view.axis if browser.still() else _previous_axis(figure.number, view.axis)
    style = Style(theme.colour("textColor"), theme.colour("backgroundColor"), page.presenting())
    foreign, foreign_said, foreign_alt = elsewhere.over(known.scale, measure)
    asked = figure.number, view, covered, dark, style, before, library.stamp()
    if guessed is None and foreign is None:
        picture = reckoned.picture(*asked)
    else:
        picture = reckoned.picture_for_one(*asked, guessed, foreign)
    data, every = reckoned.data(figure.number, view, covered, before, library.stamp())
    alt, *rest = reckoned.said(figure.number, view, covered, library.stamp())
    said = (alt + foreign_alt, *rest)
    st.vega_lite_chart(data, picture, width="stretch", alt=said[0])
    _captions(view, guessed, every, rows, known.equal_noise, known.cut)
    if foreign_said:
        words.caption(foreign_said)
    if revealed:
        words.say(said[-1])
        wrong.show(rows, f"python -m sgd_core sweep paper --figure {figure.number} {wrong.MEASURE}", others=True)
    with st.container(key="details"):
        if revealed:
            _what_to_notice(figure)
            _finals(library.figure_finals(figure.number))
        downloads.buttons(
            f"figure-{figure.number}",
            lambda: replay.numbers(*reckoned.tables(figure.number, view, covered), view),
            lambda: curves.standalone(picture, data),
            lambda: saved.html(figure, picture, data, rows, said),
            rows,
        )
        elsewhere.bring()
        downloads.commands(rows)
        downloads.provenance(rows)


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
    words.caption(" ".join([saved.what(view, rows), *notes]))
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
    return View(metric, axis, seeds == EACH, beside and metric != BESIDE, tuple(hidden))


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
