"""The part of the valleys page on escapes: how long it takes to leave the left valley, measured and computed."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import streamlit as st

from sgd_core.charts import wells
from sgd_core.evidence.sentences import valleys as sentences
from sgd_core.noise import precomputed, statistics, theory
from sgd_core.noise.agreement import Agreement
from sgd_core.noise.statistics import Estimate
from sgd_core.ui.noise_lab import double_well
from sgd_core.ui.noise_lab.double_well import BATCHES, DENSE, LONGEST_LIVE, RATE, Setting
from sgd_core.ui.shell import badge, lab, theme, words

MINE, TEXTBOOK = "your landscape", "the textbook well"


def show(setting: Setting, batches: list[int], seed: int) -> None:
    """Draw the part, for the `batches` at which no walker is thrown out."""
    words.say("##### How long does it take to leave the left valley?")
    with st.container(key="controls-escape"):
        choice = lab.pick(
            "Escapes from", [MINE, TEXTBOOK], "escapes",
            help="The textbook well, w⁴/4 − w²/2, was computed beforehand: far longer escapes, three learning rates.",
        )  # fmt: skip
    if choice == TEXTBOOK:
        _textbook()
    else:
        _mine(setting, batches, seed)


def _mine(setting: Setting, batches: list[int], seed: int) -> None:
    known = dict(zip(BATCHES, double_well.law(setting)[1], strict=True))
    exact = [known[batch] for batch in batches]
    live = [batch for batch, steps in zip(batches, exact, strict=True) if steps < LONGEST_LIVE]
    estimates = double_well.live_escapes(setting, tuple(live), seed) if live else []
    chained = pd.DataFrame({"x": np.array(batches) / RATE, "steps": exact, "mark": wells.CHAIN}).dropna()
    measured = pd.DataFrame(
        {"x": np.array(live) / RATE, "steps": [one.value for one in estimates], "mark": wells.MEASURED}
    )
    marks = pd.concat([chained, measured[np.isfinite(measured["steps"])]]).assign(rate=f"{RATE:g}")
    said = sentences.escape(chained)
    look = lab.look()
    _draw_escapes(_limits(setting), marks, {f"{RATE:g}": look.accents[0]}, said)
    words.caption(sentences.escape_read(setting.noise, RATE, LONGEST_LIVE))
    lab.takeaway(said)
    _escape_badge(estimates, [known[batch] for batch in live])


def _limits(setting: Setting) -> pd.DataFrame:
    """Mean escapes over DENSE in the limit of small steps."""
    landscape = setting.landscape
    lines = {wells.INTEGRAL: double_well.small_steps(setting)[1]}
    if setting.noise == "constant":
        lines[wells.KRAMERS] = theory.kramers_steps(
            RATE, setting.heat(DENSE), landscape.left.depth, landscape.left.curvature, landscape.barrier_curvature
        )
    return pd.concat(
        pd.DataFrame({"x": 1 / DENSE, "steps": steps, "line": line, "rate": f"{RATE:g}"})
        for line, steps in lines.items()
    )


def _textbook() -> None:
    table = lab.precomputed_table()
    if table is None:
        return
    table = table[table["kind"] == "escape"].assign(x=table["batch_size"] / table["learning_rate"])
    table = table.assign(rate=table["learning_rate"].map("{:g}".format)).sort_values(["rate", "x"])
    said = sentences.textbook(table)
    rates = sorted(table["rate"].unique())
    _draw_escapes(
        _stacked(table, "line", {"small_steps": wells.INTEGRAL, "kramers": wells.KRAMERS}),
        _stacked(table, "mark", {"exact": wells.CHAIN, "measured": wells.MEASURED}),
        dict(zip(rates, theme.ramp(np.linspace(0.1, 0.9, len(rates)).tolist()), strict=True)),
        said,
    )
    words.caption(
        f"Computed beforehand, about {precomputed.CROSSINGS:,} crossings each, standard errors near 1%. Well: "
        f"w⁴/4 − w²/2, σ² = {precomputed.WELLS_VARIANCE:g}, from w = −1 until w = 1/2 is crossed."
    )
    lab.takeaway(said)
    estimates = [Estimate(a, b) for a, b in zip(table["measured"], table["standard_error"], strict=True)]
    _escape_badge(estimates, list(table["exact"]))
    words.say(sentences.kramers(table))


def _stacked(table: pd.DataFrame, name: str, columns: dict[str, str]) -> pd.DataFrame:
    return pd.concat(
        table.assign(steps=table[column], **{name: what})[["x", "steps", name, "rate"]]
        for column, what in columns.items()
    )


def _draw_escapes(lines: pd.DataFrame, marks: pd.DataFrame, colours: dict[str, str], said: str) -> None:
    lab.draw(wells.escapes(lines, marks, colours, lab.look()), f"Mean steps to escape over B/mu, log axis. {said}")


def _escape_badge(estimates: list[Estimate], exact: list[float]) -> None:
    ratios = [
        Estimate(one.value / steps, one.standard_error / steps)
        for one, steps in zip(estimates, exact, strict=True)
        if math.isfinite(one.value) and one.standard_error > 0
    ]
    if ratios:
        pooled = statistics.weighted_mean(ratios)
        badge.show("Escape measured over exact, all dots together", Agreement.of(pooled, 1.0))
    else:
        words.say(sentences.too_long(LONGEST_LIVE))
