"""Any runs laid over each other in the chart of the figure pages: player, axes, measures and all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from sgd_core.charts import curves
from sgd_core.charts.axes import Axis
from sgd_core.charts.curves import Line, Style
from sgd_core.evidence import figures
from sgd_core.evidence.sentences import every_run as sentences
from sgd_core.evidence.sentences import figures as figure_sentences
from sgd_core.experiment import paper
from sgd_core.images import sets
from sgd_core.runs.kept.store import PUBLISHED
from sgd_core.runs.kept.table import spec_of
from sgd_core.ui.every_run import listing
from sgd_core.ui.shell import controls, elsewhere, kept, neighbours, page, replay, theme, words, wrong
from sgd_core.ui.shell.replay import METRICS
from sgd_core.ui.shell.shared import shared

NO_FIGURE = "none"


def show(chosen: pd.DataFrame, grouped: bool) -> None:
    """Draw the chosen rows of all_runs, and those of a figure of the paper if the reader asks for one.

    Where they are `grouped`, seeds of a setting are one curve, their mean, with a band of 95%.
    """
    with st.container(key="controls-overlay"):
        metric = controls.metric(images=chosen["dataset"].unique())
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            axis = controls.axis()
            figure = st.segmented_control(
                "Over a figure of the paper", [NO_FIGURE, *map(str, paper.FIGURES)], default=NO_FIGURE, key="figure",
                required=True, bind="query-params",
            )  # fmt: skip
            if not chosen.empty:
                st.button("Choose none", on_click=listing.choose_none, icon=":material/close:")
    yours = tuple(chosen["key"])
    if figure != NO_FIGURE:
        beside = _of_figure(int(str(figure)), kept.stamp())
        other = sentences.other_images(sorted(set(chosen["dataset"]) - {sets.PAPERS}), int(str(figure)))
        chosen = pd.concat([chosen, beside[~beside["key"].isin(chosen["key"])]])
    if chosen.empty:
        st.info("Tick runs in the table, or choose a figure of the paper, to see their curves here.")
        return
    names = _names(chosen, grouped)
    frame = _frame(tuple(names), tuple(names.values()), METRICS[metric], kept.stamp())
    if frame.empty:
        st.info("This was not measured in these runs.")
        return
    _draw(frame, metric, axis, chosen["dataset"].unique(), yours if 0 < len(yours) < len(chosen) else None)
    if figure != NO_FIGURE:
        _caption(other)
    _caption(sentences.not_measured(len(chosen) - int(frame.groupby("run")["n"].max().sum())))
    wrong.show(chosen.assign(run=chosen["key"].map(names)), _measures(chosen))


def _draw(frame: pd.DataFrame, metric: str, axis: Axis, images: Iterable[str], yours: tuple[str, ...] | None) -> None:
    """The chart; where `yours` (keys) are over others, they stand out."""
    name = replay.called(metric, images)
    measure = replay.measure_of(metric, frame["y"], frame)
    measure = measure if measure.loss else replace(measure, title=name.lower())
    placed = figures.mid_epoch(frame.drop(columns="seed"), METRICS[metric])
    scale = axis.scale(placed[axis.column])
    placed = frame.assign(position=scale.position(placed[axis.column]))
    cut = figure_sentences.cut(frame["y"], *measure.domain) if measure.loss else ""
    if measure.loss:
        placed["y"] = placed["y"].clip(*measure.domain)
    style = Style(theme.colour("textColor"), theme.colour("backgroundColor"), page.presenting())
    foreign, foreign_said, foreign_alt = elsewhere.over(scale, measure)
    data, every = curves.pack(placed[[name for name in curves.TYPES if name in placed]])
    st.vega_lite_chart(
        data,
        curves.chart(_lines(frame, yours), scale, measure, style, replay.spans(frame), elsewhere=foreign),
        width="stretch",
        alt=sentences.described(frame, name, axis) + foreign_alt,
    )
    _caption(" ".join(filter(None, (sentences.thinned(every), cut))))
    _caption(foreign_said)


def _measures(chosen: pd.DataFrame) -> str:
    """The command that measures what the first of these runs gets wrong."""
    return f"{spec_of(chosen.iloc[0].to_dict()).command()} {wrong.MEASURE}"


def _caption(said: str) -> None:
    if said:
        words.caption(said)


@shared
def _of_figure(figure: int, stamp: kept.Stamp) -> pd.DataFrame:
    """The published runs of a figure, one of each setting."""
    runs = kept.all_runs()
    questions = {run.spec.question() for run in paper.runs_of(figure)}
    of_figure = runs[(runs["source"] == PUBLISHED) & runs["question"].isin(questions)]
    return neighbours.by_title(of_figure, seed=0).drop(columns="title")


def _names(chosen: pd.DataFrame, grouped: bool) -> dict[str, str]:
    """Key of a chosen run -> the curve that it is, or is part of."""
    rows = chosen.to_dict("records")
    labels = _settings(rows) if grouped else [kept.label_of(row) for row in rows]
    titles = [
        label + ("" if row["source"] == PUBLISHED else f" ({row['source']})")
        for label, row in zip(labels, rows, strict=True)
    ]
    keys = [str(row["key"]) for row in rows]
    return dict(zip(keys, titles if grouped else _apart(titles, keys), strict=True))


@shared
def _frame(keys: tuple[str, ...], curve: tuple[str, ...], column: str, stamp: kept.Stamp) -> pd.DataFrame:
    """The epochs of these runs in the columns of charts.curves, each of the names a curve; `n` is of how many runs."""
    names = dict(zip(keys, curve, strict=True))
    epochs = kept.epochs_of(tuple(names))
    order = {name: place for place, name in enumerate(dict.fromkeys(names.values()))}
    runs = epochs["key"].map(names)
    frame = figures.curves(epochs.assign(run=runs, order=runs.map(order)), column)
    first = {name: key for key, name in reversed(names.items())}
    frame = frame.rename(columns={"mean": "y"}).assign(seed=curves.MEAN, key=frame["run"].map(first))
    return frame if frame["low"].notna().any() else frame.drop(columns=["low", "high"])


def _settings(rows: list[dict[Any, Any]]) -> list[str]:
    """Every row without its seed; with V where one setting is there with several."""
    titles = [kept.title_of(spec_of(row)) for row in rows]
    views = {title: {row["views"] for row, each in zip(rows, titles, strict=True) if each == title} for title in titles}
    return [
        f"{title}, V={row['views']}" if len(views[title]) > 1 else title
        for title, row in zip(titles, rows, strict=True)
    ]


def _apart(titles: list[str], keys: list[str]) -> list[str]:
    """The titles, with digits of the key where another run before has the same."""
    return [
        title if title not in titles[:place] else f"{title} {key[:6]}"
        for place, (title, key) in enumerate(zip(titles, keys, strict=True))
    ]


def _lines(frame: pd.DataFrame, yours: tuple[str, ...] | None) -> list[Line]:
    """Colour by mean mu/B, as on the figure pages; runs of equal noise differ in their dashes."""
    keys = frame.drop_duplicates("run").set_index("run")["key"]
    noise = replay.noise_of(frame)
    seen: dict[float, int] = {}
    lines = []
    for run, level, colour in zip(noise.index, theme.two_digits(noise), theme.by_noise(noise), strict=True):
        lines.append(
            Line(
                str(run),
                colour,
                replay.DASHES[seen.get(level, 0) % len(replay.DASHES)],
                faint=yours is not None and keys[run] not in yours,
            )
        )
        seen[level] = seen.get(level, 0) + 1
    return lines
