"""What the noise of training is made of, along the two runs: images, crops and dropout masks, and what follows."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sgd_core.charts import along
from sgd_core.evidence import shares as evidence
from sgd_core.evidence.sentences import network as sentences
from sgd_core.ui.shell import lab, words

HEIGHT = 200


def show(known: pd.DataFrame, axis: str, images: int) -> None:
    """A picture a run side by side, of a table of evidence.shares.known, and what it says."""
    fresh = evidence.fresh(known)
    if fresh is None:
        st.info(sentences.nothing_of_shares())
        return
    table = along.placed(known, axis)
    table = table[table["seed"] == table.groupby("run")["seed"].transform("min")]
    columns = st.columns(table["run"].nunique(), gap="large")
    for column, (run, rows) in zip(columns, table.groupby("run", sort=False), strict=True):
        with column:
            words.say(f"**{sentences.short(str(run))}**")
            _picture(rows, axis, float(table["x"].max()))
    words.say(" ".join([sentences.made_of(table), sentences.at_equal_time(table), sentences.missing(table)]))
    words.say(f"- {sentences.taken_back(fresh)}\n- {sentences.whole_batch(fresh, images)}\n")


def _picture(rows: pd.DataFrame, axis: str, longest: float) -> None:
    look = lab.look()
    names = {part: name for part, name in sentences.PARTS.items() if part in set(rows["part"])}
    colours = dict(zip(sentences.PARTS.values(), (*look.accents[:3], look.accents[1]), strict=True))
    chart = along.stacked(rows, along.x(axis, longest), names, {name: colours[name] for name in names.values()}, look)
    lab.draw(look.framed({"height": HEIGHT, **chart}), sentences.shares_described(rows))
