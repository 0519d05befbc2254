"""Signal, noise and B_simple along the two runs, with dropout off and on, and what B_simple is and is not."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sgd_core.charts import along, channels, dots
from sgd_core.charts.look import Spec
from sgd_core.evidence import shares as evidence
from sgd_core.evidence.sentences import network as sentences
from sgd_core.ui.shell import lab, words

HEIGHT = 220
QUANTITIES = {"trace": "tr Σ (noise of one image)", "gradient_norm_squared": "|G|² (signal)"}
"""What is drawn along training, by its column."""


def show(measured: pd.DataFrame, scales: pd.DataFrame, axis: str) -> None:
    """Two pictures side by side.

    `measured` is what gradient_noise found (evidence.noise.by_epoch), with columns run and effective_time; `scales` is
    the table of evidence.shares.scales.
    """
    both = evidence.off_and_on(scales)
    both = both[both["seed"] == both.groupby("run")["seed"].transform("min")]
    both = both.assign(run=both["run"].map(sentences.short))
    left, right = st.columns(2, gap="large")
    with left:
        words.say("**Signal and noise, dropout off**")
        table = measured.melt(["run", "epoch", "effective_time"], list(QUANTITIES), "name", "y")
        _draw(table.assign(name=table["name"].map(QUANTITIES)), axis, sentences.signal_described(measured))
    with right:
        words.say("**B_simple = tr Σ / |G|², a batch size**")
        table = both.rename(columns={"noise_scale": "y"}).assign(name="dropout " + both["dropout"])
        _draw(table, axis, sentences.scale_described(both))
    words.say(f"{sentences.scale(both)} {sentences.with_dropout(both, measured)}")


def _draw(table: pd.DataFrame, axis: str, said: str) -> None:
    look = lab.look()
    placed = along.placed(table, axis)[["run", "epoch", "name", "x", "y"]]
    colours = dict(zip(dict.fromkeys(placed["name"]), look.accents, strict=False))
    y: Spec = channels.quantity("y", None, scale=channels.log(), nice=True, format=",~g", tickCount=6)
    chart = dots.along_training(placed, along.x(axis, float(placed["x"].max())), y, colours, look)
    lab.draw(look.framed({"height": HEIGHT, **chart}), said)
