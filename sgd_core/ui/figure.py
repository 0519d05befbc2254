"""The page of one of the paper's figures: question, controls, curves, what to notice, how we know."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sgd_core.evidence import alignment, figures
from sgd_core.experiment import paper
from sgd_core.ui import curves, downloads, library, page, predict, presets, replay, theme
from sgd_core.ui.axes import AXES, Axis
from sgd_core.ui.curves import Style
from sgd_core.ui.replay import EACH, MEAN_BAND, METRICS, Guesses, View


def show(number: int) -> None:
    """Draw the page of figure `number`."""
    figure = paper.FIGURES[number]
    page.setup(f"Figure {number}")
    st.title(f"Figure {number}: {figure.title}")
    st.markdown(f"**{figure.question}** {figure.settings}")
    presets.question()
    with page.plain_errors():
        rows = library.figure_rows(number)
        if rows.empty:
            st.info("None of this figure's runs is published yet.")
        else:
            _body(figure, rows)
    page.presentation_switch()


def _body(figure: paper.Figure, rows: pd.DataFrame) -> None:
    view = _controls(list(rows["run"].unique()))
    epochs = library.figure_epochs(figure.number)
    mean = replay.means(figure.number, view)
    measure = replay.measure_of(mean, view)
    guessed = None
    if view.hidden:
        guessed = predict.guesses(f"{figure.number} {view.metric}", view.hidden, *measure.domain, measure.loss)
        if guessed is None:
            mean, epochs = (table[~table["run"].isin(view.hidden)] for table in (mean, epochs))
    revealed = not view.hidden or guessed is not None
    if mean.empty:
        st.info("Every run is hidden until you have guessed.")
        return
    before = _previous_axis(figure.number, view.axis)
    style = Style(theme.colour("textColor"), theme.colour("backgroundColor"), page.presenting())
    picture = replay.picture(figure.number, rows, mean, view, measure, style, guessed, before)
    data, every = curves.pack(replay.frame(mean, epochs, view, measure, before))
    st.vega_lite_chart(data, picture, width="stretch", alt=_alt(figure, view, mean))
    _captions(view, guessed, every)
    if guessed is not None:
        predict.verdict(guessed, dict(mean.groupby("run")["mean"].last()), measure.loss)
    if revealed:
        st.markdown(_at_equal(mean, view))
    with st.container(key="details"):
        _what_to_notice(figure)
        if revealed:
            _finals(figures.finals(rows))
        downloads.buttons(
            f"figure-{figure.number}",
            lambda: replay.numbers(mean, epochs, view),
            lambda: curves.standalone(picture, data),
            rows,
        )
        downloads.commands(rows)
        downloads.provenance(rows)


def _captions(view: View, guessed: Guesses, every: int) -> None:
    if view.column == "reported_accuracy" and not guessed:
        st.caption("Diamonds: the final value the authors report (mean of their last ten epochs, one seed).")
    if every > 1:
        st.caption(f"So many curves: every {every}th epoch is drawn. The CSV has them all.")
    if view.beside:
        st.markdown(paper.METRIC_CAVEAT)


def _previous_axis(number: int, axis: Axis) -> Axis:
    """The axis on which this reader last saw the figure; the curves glide from there."""
    key = f"axis of figure {number}"
    before: Axis = st.session_state.get(key, axis)
    st.session_state[key] = axis
    return before


def _controls(names: list[str]) -> View:
    with st.container(key="controls"):
        with st.container(horizontal=True, gap="medium"):
            metric = st.segmented_control(
                "Measure",
                list(METRICS),
                default="The paper's accuracy",
                key="metric",
                bind="query-params",
                required=True,
            )
            short = [axis.short for axis in AXES.values()]
            along = st.segmented_control(
                "Along", short, default="Epoch", key="x", bind="query-params", required=True,
                help="Epochs, updates, training time T (the sum of μ over updates), or training images seen.",
            )  # fmt: skip
            seeds = st.segmented_control(
                "Seeds", [MEAN_BAND, EACH], default=MEAN_BAND, key="seeds", bind="query-params", required=True
            )
        with st.container(horizontal=True, gap="medium"):
            beside = st.toggle(
                "Beside validation accuracy", key="beside", bind="query-params",
                help="A second panel: the same runs on the 409 validation images, which no run was trained on.",
            )  # fmt: skip
            hidden = predict.controls(names)
    axis = next(axis for axis in AXES.values() if axis.short == along)
    return View(str(metric), axis, seeds == EACH, beside, hidden)


def _at_equal(mean: pd.DataFrame, view: View) -> str:
    """How far apart the runs are where each has ended, and where all have had equally much of the chosen axis."""
    loss = view.column == "train_loss"
    last = mean.groupby("run", sort=False)["mean"].last()
    spread = float(last.max() - last.min())

    def gap(value: float) -> str:
        return f"{value:.3f}" if loss else f"{100 * value:.1f} points"

    text = f"At the end of their training the {len(last)} runs are **{gap(spread)}** apart"
    at = alignment.shared_end(mean, view.axis.column)
    equal = alignment.spread_at(mean, view.axis.column, at, loss)
    if view.axis.column in ("epoch", "images_seen") or equal is None or len(last) < 2:
        return text + f" ({last.idxmax()} highest, {last.idxmin()} lowest)."
    return (
        f"{text}. At equal {view.axis.noun}, {view.axis.short} = {view.axis.text(at)}, the most that all reach, "
        f"they are **{gap(equal.gap)}** apart ({equal.best} best, {equal.worst} last)."
    )


def _alt(figure: paper.Figure, view: View, mean: pd.DataFrame) -> str:
    last = mean.groupby("run")["mean"].last().sort_values()
    return (
        f"Figure {figure.number}: {view.metric.lower()} of {len(last)} runs along {view.axis.noun}. "
        f"At the end {last.index[-1]} is highest at {last.iloc[-1]:.3f}, {last.index[0]} lowest at {last.iloc[0]:.3f}."
    )


def _what_to_notice(figure: paper.Figure) -> None:
    says, mind = st.columns(2, gap="large")
    says.markdown(f"##### What the paper says\n{figure.statement}")
    mind.markdown(f"##### What to mind\n{figure.caveat}")
    with st.expander("What 'the paper's accuracy' measures"):
        st.markdown(paper.METRIC_CAVEAT)


def _finals(table: pd.DataFrame) -> None:
    st.markdown("##### Final values: mean of the last ten epochs")
    percent = {
        "paper_reported": "authors report",
        "final_reported_accuracy": "the paper's accuracy here",
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
