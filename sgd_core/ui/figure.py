"""The page of one of the paper's figures: question, controls, curves, what to notice, how we know."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from sgd_core.evidence import alignment, figures
from sgd_core.experiment import paper
from sgd_core.ui import curves, downloads, library, page, predict, presets, theme
from sgd_core.ui.axes import AXES, Axis, Scale
from sgd_core.ui.curves import Line, Mark, Measure, Style

METRICS = {
    "The paper's accuracy": "reported_accuracy",
    "Validation accuracy": "val_accuracy",
    "Test accuracy": "test_accuracy",
    "Train loss": "train_loss",
}
FAMILIES = {2: "batch_size", 3: "schedule", 4: "batch_growth"}
"""What dashes stand for in a figure; colour always stands for the mean mu/B."""
DASHES = ((), (7, 3), (2, 2), (9, 3, 2, 3))
Guesses = dict[str, float] | None
MEAN_BAND, EACH = "Mean and 95% band", "Each seed"


@dataclass(frozen=True)
class View:
    """What the controls of a figure's page say."""

    metric: str
    axis: Axis
    each_seed: bool
    hidden: list[str]

    @property
    def column(self) -> str:
        return METRICS[self.metric]


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
    mean = figures.curves(epochs, view.column)
    measure = _measure(view, mean)
    guessed = None
    if view.hidden:
        guessed = predict.guesses(f"{figure.number} {view.metric}", view.hidden, *measure.domain, measure.loss)
        if guessed is None:
            mean, epochs = (table[~table["run"].isin(view.hidden)] for table in (mean, epochs))
    if mean.empty:
        st.info("Every run is hidden until you have guessed.")
        return
    open_ = not view.hidden or guessed is not None
    picture = _picture(figure, rows, mean, measure, view, guessed)
    frame = curves.pack(_frame(mean, epochs, view, _previous_axis(figure.number, view.axis)))
    st.vega_lite_chart(frame, picture, width="stretch", alt=_alt(figure, view, mean))
    if view.column == "reported_accuracy" and not guessed:
        st.caption("Diamonds: the final value the authors report (mean of their last ten epochs, one seed).")
    if guessed is not None:
        predict.verdict(guessed, dict(mean.groupby("run")["mean"].last()), measure.loss)
    if open_:
        st.markdown(_at_equal(mean, view))
    with st.container(key="details"):
        _what_to_notice(figure)
        if open_:
            _finals(figures.finals(rows))
        downloads.buttons(
            f"figure-{figure.number}",
            lambda: _numbers(mean, epochs, view),
            lambda: curves.standalone(picture, frame),
            rows,
        )
        downloads.commands(rows)
        downloads.provenance(rows)


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
        hidden = predict.controls(names)
    axis = next(axis for axis in AXES.values() if axis.short == along)
    return View(str(metric), axis, seeds == EACH, hidden)


def _picture(
    figure: paper.Figure, rows: pd.DataFrame, mean: pd.DataFrame, measure: Measure, view: View, guessed: Guesses
) -> curves.Spec:
    """The chart's description, without its data."""
    scale = view.axis.scale(mean[view.axis.column])
    style = Style(theme.colour("textColor"), page.presenting())
    drawn = lines(figure.number, rows, mean)
    if guessed:
        return curves.chart(drawn, scale, measure, style, _guess_marks(guessed, mean, scale), "cross", view.each_seed)
    return curves.chart(drawn, scale, measure, style, _reported(rows, mean, scale, view), each_seed=view.each_seed)


def _previous_axis(number: int, axis: Axis) -> Axis:
    """The axis on which this reader last saw the figure; the curves glide from there."""
    key = f"axis of figure {number}"
    before: Axis = st.session_state.get(key, axis)
    st.session_state[key] = axis
    return before


def _frame(mean: pd.DataFrame, epochs: pd.DataFrame, view: View, before: Axis) -> pd.DataFrame:
    rows = mean.rename(columns={"mean": "y"}).assign(seed=curves.MEAN)
    if view.each_seed:
        rows = pd.concat([rows, _measured(epochs, view.column).rename(columns={view.column: "y"})])
    positions = {"position": view.axis, "before": before}
    return rows.assign(**{name: a.scale(mean[a.column]).position(rows[a.column]) for name, a in positions.items()})


def _measured(epochs: pd.DataFrame, column: str) -> pd.DataFrame:
    return epochs[(epochs["epoch"] >= 0) & epochs[column].notna()]


def _numbers(mean: pd.DataFrame, epochs: pd.DataFrame, view: View) -> pd.DataFrame:
    """The rows behind the picture, in words: what the CSV holds."""
    index = ["run", "epoch", *figures.SCHEDULE_COLUMNS]
    if view.each_seed:
        return _measured(epochs, view.column)[[*index, "seed", view.column]]
    return mean[[*index, "n", "mean", "low", "high"]].rename(columns={"mean": f"mean_{view.column}"})


def _measure(view: View, mean: pd.DataFrame) -> Measure:
    if view.column == "train_loss":
        return Measure("train loss (log axis)", (float(mean["mean"].min()) * 0.8, 2.6), loss=True)
    worst = float(mean.groupby("run")["mean"].last().min())
    floor = max(0.0, int((worst - 0.15) * 20) / 20)
    return Measure(view.metric.lower(), (floor, 1.0))


def lines(number: int, rows: pd.DataFrame, mean: pd.DataFrame) -> list[Line]:
    """Colour by the run's mean mu/B, cold to hot, so that equal noise is one colour; dashes by family."""
    noise = (mean["learning_rate"] / mean["batch_size"]).groupby(mean["run"]).mean()
    noise = noise.map(lambda value: float(f"{value:.2g}"))
    levels = sorted(noise.unique())
    first = rows.drop_duplicates("run").set_index("run")
    families = list(first[FAMILIES[number]].unique()) if number in FAMILIES else []
    drawn = []
    for run in [run for run in first.index if run in noise.index]:
        rank = levels.index(noise[run]) / max(1, len(levels) - 1) if len(levels) > 1 else 1.0
        dash = DASHES[families.index(first.loc[run, FAMILIES[number]])] if families else ()
        drawn.append(Line(run, theme.ramp([rank])[0], dash))
    return drawn


def _reported(rows: pd.DataFrame, mean: pd.DataFrame, scale: Scale, view: View) -> list[Mark]:
    """The authors' finals, where the chart shows the accuracy that they are of."""
    if view.column != "reported_accuracy":
        return []
    reported = rows.drop_duplicates("run").set_index("run")["paper_reported"]
    ends = _ends(mean, scale)
    return [Mark(run, at, float(reported[run]), f"authors: {reported[run]:.4f}, one seed") for run, at in ends.items()]


def _guess_marks(guessed: dict[str, float], mean: pd.DataFrame, scale: Scale) -> list[Mark]:
    ends = _ends(mean, scale)
    return [Mark(run, ends[run], guess, "your guess") for run, guess in guessed.items()]


def _ends(mean: pd.DataFrame, scale: Scale) -> dict[str, float]:
    last = mean.groupby("run", sort=False)[scale.axis.column].last()
    return dict(zip(last.index, map(float, scale.position(last)), strict=True))


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
        column_config={"run": "run", **columns, "n": "seeds", "views": "V (views)"},
    )
