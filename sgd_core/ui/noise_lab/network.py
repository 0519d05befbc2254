"""The noise lab's page on the real network: the batch gradient's variance, what it is made of, and B_simple."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from sgd_core.charts import along, channels, dots
from sgd_core.charts.look import Spec
from sgd_core.evidence import noise
from sgd_core.evidence.noise import WITH, WITHOUT
from sgd_core.evidence.sentences import network as sentences
from sgd_core.noise.agreement import Agreement
from sgd_core.ui.noise_lab import scale, shares
from sgd_core.ui.shell import badge, lab, library, page, words

HEIGHT = 200
SIZES, MADE_OF, ALONG = "B and μ", "What it is made of", "Along training"
Runs = Mapping[str, Mapping[Hashable, Any]]
"""Row of the table of runs, by the run's name on the page."""
PAGE = page.Page(
    slug="Noise_lab_Real_network",
    section=page.NOISE_LAB,
    label="On the real network",
    title="The same on the real network",
    question="Does the noise of the paper's network go as 1/B, what is it made of, and how large is it?",
    intro="The paper's B = 16 and B = 512 runs were trained again with a probe: at eight epochs, on all 2,967 "
    "training images, it computes every image's gradient and draws batches of many sizes.",
    next="Noise_lab_Limits",
)


@words.fragment  # a control here leaves menu and title as they are
def show() -> None:
    """Draw the page."""
    with page.plain_errors():
        runs, measured = library.gradient_noise()
        if measured.empty:
            st.info("No measurement is published yet: `python -m sgd_core measure`, then `publish`.")
        else:
            _body(runs, measured)


def _body(runs: pd.DataFrame, measured: pd.DataFrame) -> None:
    ordered = runs.sort_values(["batch_size", "views", "seed"], ascending=[True, True, False])  # of a B the last stands
    by_name = {f"B={row['batch_size']}": row for row in ordered.to_dict("records")}
    shown = lab.part({SIZES: ["run", "epoch"], MADE_OF: [], ALONG: []})
    if shown == SIZES:
        _sizes(by_name, measured)
    else:
        with st.container(key="controls"):
            help = "T_eff: how far a constant gradient would have moved the weights."
            axis = lab.pick("Along", along.AXES, "along", help)
        if shown == MADE_OF:
            words.say("##### What the noise of training is made of")
            shares.show(library.noise_shares()[0], axis, int(runs["train_images"].iloc[0]))
        else:
            _signal(by_name, measured, axis)
    with st.container(key="details"):
        _how(runs)


def _sizes(runs: Runs, measured: pd.DataFrame) -> None:
    epochs = {sentences.trained_to(epoch): epoch for epoch in sorted(map(int, measured["epoch"].unique()))}
    with st.container(key="controls", horizontal=True, gap="medium"):
        chosen = runs[lab.pick("Run", list(runs), "run")]
        epoch = lab.slide("After epoch", list(epochs), list(epochs)[-1], "epoch", "Epochs count from 0.", width=250)
    here = measured[(measured["key"] == chosen["key"]) & (measured["epoch"] == epochs[epoch])].iloc[0]
    words.say("##### A batch of B: how far from the full gradient?")
    _variance(here, int(chosen["train_images"]))
    trace = float(measured.sort_values("epoch")["total_trace"].iloc[0])
    if mu_too := sentences.with_rate(library.travelled(), trace):
        words.say(mu_too)


def _signal(runs: Runs, measured: pd.DataFrame, axis: str) -> None:
    words.say("##### Signal and noise along training")
    each = [measured[measured["key"] == row["key"]].assign(run=name) for name, row in runs.items()]
    along_runs = pd.concat(each, ignore_index=True)
    scale.show(along_runs, library.noise_shares()[1], axis)
    words.say(sentences.not_constant(along_runs))


def _variance(here: pd.Series, images: int) -> None:
    table = noise.variances(here)
    sizes = sorted(table["batch_size"].unique().tolist())
    table = table.merge(noise.predicted(here["trace"], sizes, images), on=["batch_size", "sampling"])
    slope = Agreement.of(noise.slope(table[table["sampling"] == WITH]), -1.0)
    largest = table[table["sampling"] == WITHOUT].iloc[-1]
    picture, read = st.columns([3, 2], gap="large")
    with picture:
        lab.draw(_variance_chart(table, sizes), sentences.variance_described(slope))
        words.caption(
            "Lines: theory, tr Σ / B and tr Σ / B · (N−B)/(N−1). tr Σ is the variance of one image's gradient, added "
            "up over all parameters, exact, with dropout off. Points: 32 batches each, ± 2 standard errors."
        )
    with read:
        words.say(sentences.doubling(slope.measured))
        badge.show("Slope on the log-log plot, with replacement", slope, slope=True)
        badge.show(
            f"Variance at B = {largest['batch_size']} without replacement",
            Agreement(largest["variance"], largest["standard_error"], largest["predicted"]),
        )


def _variance_chart(table: pd.DataFrame, sizes: list[int]) -> Spec:
    x = channels.quantity("x", "batch size B (log)", scale=channels.log(base=2), values=sizes)
    y = channels.quantity("y", "variance of the batch gradient (log)", scale=channels.log())
    named = table.rename(columns={"batch_size": "x", "sampling": "name"})
    points = named.rename(columns={"variance": "y"}).assign(
        size=70, **dots.bars(table["variance"], table["standard_error"])
    )
    look = lab.look()
    chart = dots.on_lines(
        named.rename(columns={"predicted": "y"}), points, x, y, dict(zip((WITH, WITHOUT), look.accents, strict=False)),
        channels.tips(
            ("name", "sampling"), ("x", "batch_size"), ("y", "variance", ".3~g"), ("predicted", "predicted", ".3~g")
        ),
        legend={}, opacity=0.7, clip=False,
    )  # fmt: skip
    return look.framed({"height": HEIGHT, **chart})


def _how(runs: pd.DataFrame) -> None:
    views = sorted(runs["views"].unique())
    with st.expander("How it was measured"):
        words.say(
            "Per image the gradient of a linear layer is an outer product, so its squared norm is (|x|² + 1)·|δ|² and "
            "tr Σ is exact, without drawing a batch. Σ is the covariance over the images (divided by N), with dropout "
            "off, on the augmented view that the epoch is scored on: one crop of every image. The parts of training's "
            "noise are those of the law of total variance, Var over images of E[g | image] + Var over crops + Var "
            "over masks, from gradients that share an image, a crop or nothing; where only one crop was seen, images "
            "and crops are one part. The images' part is that of gradients averaged over masks, so it is not tr Σ "
            "with dropout off. Error bars: ± 2 standard errors over images. The views of a run come again when all "
            f"have been used, here after {' or '.join(map(str, views))} epochs, and dropout masks never. The runs are "
            "those of the figures, trained again with the probe; `measure` compares their curves."
        )
        words.say(sentences.critical())
        for line in library.provenance(runs):
            words.say(line)
