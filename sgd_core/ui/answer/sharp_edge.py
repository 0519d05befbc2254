"""The largest curvature beside what the learning rate can stand, 2(1+m)/mu, and short runs near that edge."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sgd_core.charts import sharpness as chart
from sgd_core.evidence import sharper
from sgd_core.evidence.sentences import sharpness as sentences
from sgd_core.experiment.measurements import EDGE, MEASUREMENTS
from sgd_core.experiment.spec import RunSpec
from sgd_core.ui.answer import sharp_tables
from sgd_core.ui.shell import lab, replay, theme, words


def show() -> None:
    """Draw the panel."""
    words.say("##### How near is the edge?")
    words.say(
        "Full-batch descent leaves a valley whose largest eigenvalue is above 2(1+m)/μ. Short runs on both sides of "
        "that edge show what small batches do."
    )
    long, short, ends = sharp_tables.edges()
    rows = pd.concat([each for each in (long, short) if not each.empty]) if len(long) + len(short) else long
    if rows.empty:
        st.info(f"Not measured yet: {sentences.command('edge')}.")
        return
    rows = rows.assign(run=rows["run"].map(sharper.shown))
    specs = [
        spec for spec in (*EDGE.values(), *MEASUREMENTS["sharpness"].runs) if sharper.shown_of(spec) in set(rows["run"])
    ]
    colours, dashes = _styles(specs)
    said = sentences.share_of_edge(long)
    lab.draw(chart.edge(rows, colours, dashes, lab.look()), f"Largest eigenvalue over 2(1+m)/mu along training. {said}")
    lab.takeaway(said)
    if ends.empty:
        words.caption(f"Short runs on both sides of the edge are not measured yet: {sentences.command('edge')}.")
    for end in ends.to_dict("records"):
        shares = short.loc[short["key"] == end["key"], "relative"]
        told = sentences.short_run(sharper.shown(end["run"]), end["status"], end["accuracy"], list(shares))
        words.say(f"- {told} (seed {end['seed']}, {end['epochs']} epochs).")
    words.caption(
        "Colour: μ/B, cold (little noise) to hot (much). Dropout off, all 2,967 training images, one line a seed."
    )


def _styles(specs: list[RunSpec]) -> tuple[dict[str, str], dict[str, list[int]]]:
    """Name -> colour by noise, and dash, which tells runs of equal noise apart."""
    names = [sharper.shown_of(spec) for spec in specs]
    colours = theme.by_noise([spec.learning_rate / spec.batch_size for spec in specs])
    dashes = [list(replay.DASHES[colours[:i].count(colour) % len(replay.DASHES)]) for i, colour in enumerate(colours)]
    return dict(zip(names, colours, strict=True)), dict(zip(names, dashes, strict=True))
