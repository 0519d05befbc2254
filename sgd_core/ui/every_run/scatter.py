"""One column of the runs that were found against another."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import streamlit as st

from sgd_core.charts import scatter
from sgd_core.charts.scatter import Side
from sgd_core.evidence import ordering
from sgd_core.evidence.sentences import every_run as sentences
from sgd_core.ui.every_run import listing
from sgd_core.ui.every_run.columns import NUMBERS, called
from sgd_core.ui.shell import lab, theme, words

MOST = 2000
"""Dots in a chart; more would be over 200 kB, and lie on each other."""


def show(found: pd.DataFrame, chosen: Collection[str], grouped: bool) -> None:
    """Draw the runs of `found`, or the settings where they are grouped; short keys in `chosen` stand out."""
    with st.container(key="controls-scatter", horizontal=True):
        across = _axis("Across", "T_eff", "across")
        up = _axis("Up", "test", "up")
    one, other = NUMBERS[across], NUMBERS[up]
    drawn = found.head(MOST)
    out = [bool(set(keys) & set(chosen)) for keys in listing.short_keys(drawn)]
    frame = scatter.frame(drawn, one.field, other.field, listing.names(drawn, grouped), out)
    if frame.empty:
        st.info(f"No run here has both {across} and {up}.")
        return
    sides = [
        Side(called(name, drawn["dataset"].unique()), column.share, column.log and bool((frame[field] > 0).all()))
        for name, column, field in ((across, one, "x"), (up, other, "y"))
    ]
    both = pd.DataFrame({"x": found[one.field], "y": found[other.field]}).astype("float64").dropna()
    rho = ordering.spearman(both["x"], both["y"])
    said = sentences.correlated(across, up, rho, len(both), grouped)
    colours = theme.ramp([place / 8 for place in range(9)])
    lab.draw(scatter.chart(sides[0], sides[1], colours, lab.look()), f"{up} against {across}. {said}", frame)
    words.say(said)
    more = sentences.first_drawn(len(found), MOST)
    if more:
        words.caption(more)


def _axis(label: str, first: str, key: str) -> str:
    names = list(NUMBERS)
    return str(st.selectbox(label, names, index=names.index(first), key=key, bind="query-params"))
