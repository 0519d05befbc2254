"""What the noise of training is made of, along the two runs: images, crops and dropout masks, and what follows."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from sgd_core.charts import along
from sgd_core.charts.look import Look, Spec
from sgd_core.evidence import shares as evidence
from sgd_core.evidence.sentences import network as sentences
from sgd_core.ui.shell import lab, library, words
from sgd_core.ui.shell.shared import shared

HEIGHT = 200


@dataclass(frozen=True)
class _Reckoned:
    """What is drawn and said: (run, chart, what it is to those who cannot see it), and two texts."""

    pictures: list[tuple[str, Spec, str]]
    read: str
    follows: str


def show(known: pd.DataFrame, axis: str, images: int) -> None:
    """A picture a run side by side, of a table of evidence.shares.known of the published runs, and what it says."""
    found = _reckoned(known, axis, images, lab.look(), library.stamp())
    if found is None:
        st.info(sentences.nothing_of_shares())
        return
    for column, (run, chart, said) in zip(st.columns(len(found.pictures), gap="large"), found.pictures, strict=True):
        with column:
            words.say(f"**{run}**")
            lab.draw(chart, said)
    words.say(found.read)
    words.say(found.follows)


@shared
def _reckoned(_known: pd.DataFrame, axis: str, images: int, look: Look, stamp: float) -> _Reckoned | None:
    fresh = evidence.fresh(_known)
    if fresh is None:
        return None
    table = along.placed(_known, axis)
    table = table[table["seed"] == table.groupby("run")["seed"].transform("min")]
    longest = float(table["x"].max())
    pictures = [
        (sentences.short(str(run)), _picture(rows, axis, longest, look), sentences.shares_described(rows))
        for run, rows in table.groupby("run", sort=False)
    ]
    read = " ".join([sentences.made_of(table), sentences.at_equal_time(table), sentences.missing(table)])
    return _Reckoned(pictures, read, f"- {sentences.taken_back(fresh)}\n- {sentences.whole_batch(fresh, images)}\n")


def _picture(rows: pd.DataFrame, axis: str, longest: float, look: Look) -> Spec:
    names = {part: name for part, name in sentences.PARTS.items() if part in set(rows["part"])}
    colours = dict(zip(sentences.PARTS.values(), (*look.accents[:3], look.accents[1]), strict=True))
    chart = along.stacked(rows, along.x(axis, longest), names, {name: colours[name] for name in names.values()}, look)
    return look.framed({"height": HEIGHT, **chart})
