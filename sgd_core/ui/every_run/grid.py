"""The runs that were found as a grid over B and mu: one number as a map, or all curves as small multiples."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sgd_core.charts import multiples, tiles
from sgd_core.charts.tiles import Tile
from sgd_core.evidence import figures, grid
from sgd_core.evidence.grid import Grid
from sgd_core.evidence.sentences import every_run as sentences
from sgd_core.ui.every_run.columns import NUMBERS, called
from sgd_core.ui.shell import controls, kept, lab, replay, theme, words
from sgd_core.ui.shell.replay import METRICS

MEASURES = [name for name, column in NUMBERS.items() if column.field.startswith("final_")]
MOST_CELLS, MOST_RUNS = 60, 300
"""What small multiples are drawn of at most: more would be too small to be read."""


def show_map(found: pd.DataFrame) -> None:
    """Draw a number of the runs of `found`, a mean over seeds in each tile."""
    with st.container(key="controls-map"):
        name = str(st.selectbox("Measure", MEASURES, MEASURES.index("test"), key="of", bind="query-params", width=200))
    column = NUMBERS[name]
    made = grid.of(found, column.field)
    if not _whole(made):
        return
    shown, loss = called(name, found["dataset"].unique()), not column.share
    said = sentences.on_the_map(made.cells, shown, column.share, made.across)
    if made.cells:
        log = loss and all(cell.mean > 0 for cell in made.cells)
        drawn = [Tile(cell.batch_size, cell.learning_rate, cell.mean, cell.n) for cell in made.cells]
        lab.draw(tiles.chart(drawn, shown, ".3f" if loss else ".1%", log, theme.tint(), lab.look()), said)
    words.say(said)


def show_multiples(found: pd.DataFrame) -> None:
    """Draw the curves of the runs of `found`, a small chart for each B and mu."""
    with st.container(key="controls-multiples"):
        metric, axis = controls.metric(images=found["dataset"].unique()), controls.axis()
    made = grid.of(found, "final_train_loss")
    if not _whole(made):
        return
    if len(found) > MOST_RUNS or len(found[grid.SIDES].drop_duplicates()) > MOST_CELLS:
        st.info(f"Small charts are drawn of {MOST_CELLS} cells and {MOST_RUNS} runs at most: narrow the table.")
        return
    epochs = kept.epochs_of(tuple(found["key"])).merge(
        found[["key", *grid.SIDES]].rename(columns={"batch_size": "B", "learning_rate": "rate"}), on="key"
    )
    cells = epochs["B"].astype(str) + " " + epochs["rate"].astype(str)
    mean = figures.curves(epochs.assign(run=cells, order=cells.factorize()[0]), METRICS[metric])
    if mean.empty:
        st.info("This was not measured in these runs.")
        return
    sides = epochs.assign(run=cells)[["run", "B", "rate"]].drop_duplicates()
    rows = figures.mid_epoch(mean, METRICS[metric]).merge(sides, on="run").rename(columns={"mean": "y"})
    measure = replay.measure_of(metric, rows["y"], rows)
    title = replay.called(metric, found["dataset"].unique())
    lab.draw(
        multiples.chart(rows.rename(columns={axis.column: "x"}), axis, measure, lab.look(), theme.accents()[0]),
        f"{title} along {axis.noun}, a small chart for each B and μ₀. {sentences.described(rows, title, axis)}",
    )
    words.caption(sentences.band(int(mean["n"].min()), int(mean["n"].max())))


def _whole(made: Grid) -> bool:
    if made.mixed:
        st.info(sentences.mixed(made.mixed))
    return not made.mixed
