"""Any runs laid over each other in the chart of the figure pages: player, axes, measures and all."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sgd_core.charts import curves
from sgd_core.charts.axes import Axis
from sgd_core.charts.curves import Line, Style
from sgd_core.evidence import figures
from sgd_core.evidence.sentences import every_run as sentences
from sgd_core.evidence.sentences import figures as figure_sentences
from sgd_core.experiment import paper
from sgd_core.runs.kept.store import PUBLISHED
from sgd_core.ui.every_run import listing
from sgd_core.ui.shell import controls, kept, neighbours, page, replay, theme
from sgd_core.ui.shell.replay import METRICS

NO_FIGURE = "none"


def show(chosen: pd.DataFrame) -> None:
    """Draw the chosen rows of all_runs, and those of a figure of the paper if the reader asks for one."""
    with st.container(key="controls-overlay"):
        metric = controls.metric()
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            axis = controls.axis()
            figure = st.segmented_control(
                "Over a figure of the paper", [NO_FIGURE, *map(str, paper.FIGURES)], default=NO_FIGURE, key="figure",
                required=True, bind="query-params",
            )  # fmt: skip
            if not chosen.empty:
                st.button("Choose none", on_click=listing.choose_none, icon=":material/close:")
    if figure != NO_FIGURE:
        beside = _of_figure(int(str(figure)))
        chosen = pd.concat([chosen, beside[~beside["key"].isin(chosen["key"])]])
    if chosen.empty:
        st.info("Tick runs in the table, or choose a figure of the paper, to see their curves here.")
        return
    frame = _frame(chosen, METRICS[metric])
    if frame.empty:
        st.info("This was not measured in these runs.")
        return
    _draw(frame, metric, axis)
    _caption(sentences.not_measured(len(chosen) - frame["run"].nunique()))


def _draw(frame: pd.DataFrame, metric: str, axis: Axis) -> None:
    measure = replay.measure_of(metric, frame["y"], frame)
    placed = figures.mid_epoch(frame.drop(columns="seed"), METRICS[metric])
    scale = axis.scale(placed[axis.column])
    placed = frame.assign(position=scale.position(placed[axis.column]))
    cut = figure_sentences.cut(frame["y"], *measure.domain) if measure.loss else ""
    if measure.loss:
        placed["y"] = placed["y"].clip(*measure.domain)
    style = Style(theme.colour("textColor"), theme.colour("backgroundColor"), page.presenting())
    data, every = curves.pack(placed[[name for name in curves.TYPES if name in placed]])
    st.vega_lite_chart(
        data,
        curves.chart(_lines(frame), scale, measure, style, replay.spans(frame)),
        width="stretch",
        alt=sentences.described(frame, metric, axis),
    )
    _caption(" ".join(filter(None, (sentences.thinned(every), cut))))


def _caption(said: str) -> None:
    if said:
        st.caption(said)


def _of_figure(figure: int) -> pd.DataFrame:
    """The published runs of a figure, one of each setting."""
    runs = kept.all_runs()
    questions = {run.spec.question() for run in paper.runs_of(figure)}
    of_figure = runs[(runs["source"] == PUBLISHED) & runs["question"].isin(questions)]
    return neighbours.by_title(of_figure, seed=0).drop(columns="title")


def _frame(chosen: pd.DataFrame, column: str) -> pd.DataFrame:
    """The chosen runs' epochs in the columns of ui.curves, each run a curve of its own."""
    names: dict[str, str] = {}
    for row in chosen.to_dict("records"):
        name = kept.label_of(row) + ("" if row["source"] == PUBLISHED else f" ({row['source']})")
        names[str(row["key"])] = name if name not in names.values() else f"{name} {str(row['key'])[:6]}"
    epochs = kept.epochs_of(tuple(names))
    epochs = epochs[epochs[column].notna()]
    frame = epochs.assign(run=epochs["key"].map(names), y=epochs[column].astype(float), seed=curves.MEAN)
    order = {name: i for i, name in enumerate(names.values())}
    return frame.sort_values("run", key=lambda runs: runs.map(order), kind="stable")


def _lines(frame: pd.DataFrame) -> list[Line]:
    """Colour by mean mu/B, as on the figure pages; runs of equal noise differ in their dashes."""
    noise = replay.noise_of(frame)
    seen: dict[float, int] = {}
    lines = []
    for run, level, colour in zip(noise.index, theme.two_digits(noise), theme.by_noise(noise), strict=True):
        lines.append(Line(str(run), colour, replay.DASHES[seen.get(level, 0) % len(replay.DASHES)]))
        seen[level] = seen.get(level, 0) + 1
    return lines
