"""The straight line between two ends, and the plane through start and both ends with the ways of both runs."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sgd_core.charts import between as chart
from sgd_core.charts.look import Look, Spec
from sgd_core.evidence.between import FIRST, SECOND, Plane
from sgd_core.evidence.sentences import between as sentences
from sgd_core.evidence.sentences.sharpness import command
from sgd_core.ui.answer import sharp_tables
from sgd_core.ui.answer.sharp_tables import Seeded
from sgd_core.ui.shell import kept, lab, words
from sgd_core.ui.shell.shared import shared

MARKS = {0.0: f"end of {FIRST.partition(',')[0]}", 1.0: f"end of {SECOND.partition(',')[0]}"}
SPLITS = {"training images": "train", "test images": "test"}


def line() -> None:
    """Draw the panel on the straight line between the ends."""
    words.say("##### From one end to the other")
    words.say(
        f"All weights along the straight line from the end of {FIRST} (α = 0) to that of {SECOND} (α = 1), and half as "
        "far again beyond either."
    )
    along = sharp_tables.line()
    if along is None:
        st.info(f"Not measured yet: {command('line', 'ways')}.")
    else:
        _line(along)


def plane() -> None:
    """Draw the panel on the plane with both ways."""
    words.say("##### Both ways, on one map")
    words.say("The plane through the common start and both ends. Of the ways only their shadows lie on it.")
    found = sharp_tables.plane()
    if found is None:
        st.info(f"Not measured yet: {command('plane', 'ways')}.")
    else:
        _plane(*found)


def _line(along: Seeded) -> None:
    seed, table = along
    picture = st.container()
    with st.container(key="controls-line"):
        what = lab.pick("Along the line", ["loss", "accuracy"], "line")
    look = lab.look()
    colours = dict(zip(SPLITS, look.accents, strict=False))
    said = " ".join(sentences.line(table, split) for split in sorted(set(table["split"]), reverse=True))
    with picture:
        lab.draw(chart.line(table, what, MARKS, colours, look), f"The {what} along the line between two ends. {said}")
    words.say(said)
    words.caption(
        f"Seed {seed}, n = 1. Images without random crops, dropout off. Keskar et al. 1609.04836, section 2.2."
    )


def _plane(seed: int, found: Plane) -> None:
    picture = st.container()
    with st.container(key="controls-plane"):
        split = lab.pick("Loss on", list(SPLITS), "plane")
    look = lab.look()
    tiles = found.tiles[found.tiles["split"] == SPLITS[split]]
    with picture:
        if tiles.empty:
            st.info(f"There are no {split} here.")
        else:
            lab.draw(
                _map(tiles, found, split, look, kept.stamp()),
                f"The loss on {split} over a plane, and the ways of both runs. {sentences.plane(found.ways)}",
            )
    words.say(sentences.plane(found.ways))
    words.caption(f"Seed {seed}, n = 1. Distances are those of all weights together (L2). Dots: epochs that were kept.")


@shared
def _map(_tiles: pd.DataFrame, _found: Plane, split: str, look: Look, stamp: kept.Stamp) -> Spec:
    colours = dict(zip((FIRST, SECOND), look.accents, strict=False))
    return chart.plane(_tiles, _found.ways, colours, look)
