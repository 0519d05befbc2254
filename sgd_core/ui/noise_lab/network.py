"""The noise lab's page on the real network: the batch gradient's variance, and the noise scale along training."""

from __future__ import annotations

import altair as alt
import pandas as pd
import streamlit as st

from sgd_core.evidence import noise
from sgd_core.noise import theory
from sgd_core.noise.agreement import Agreement
from sgd_core.ui.shell import badge, lab, library, page, theme

PAGE = page.Page(
    slug="Noise_lab_Real_network",
    section=page.NOISE_LAB,
    label="On the real network",
    title="The same on the real network",
    question="Does the noise of the paper's network go as 1/B, and how large is it?",
    intro="The paper's B = 16 and B = 512 runs were trained again with a probe: at eight epochs, on all 2,967 "
    "training images, it computes every image's gradient and draws batches of many sizes.",
    next="Noise_lab_Limits",
)


def show() -> None:
    """Draw the page."""
    with page.plain_errors():
        runs, measured = library.gradient_noise()
        if measured.empty:
            st.info("No measurement is published yet: `python -m sgd_core measure`, then `publish`.")
        else:
            _body(runs, measured)


def _body(runs: pd.DataFrame, measured: pd.DataFrame) -> None:
    labels = {f"B={row['batch_size']}": row for row in runs.sort_values("batch_size").to_dict("records")}
    epochs = [str(epoch) for epoch in sorted(measured["epoch"].unique())]
    with st.container(key="controls", horizontal=True, gap="medium"):
        label = st.segmented_control(
            "Run", list(labels), default=next(iter(labels)), key="run", bind="query-params", required=True
        )
        epoch = st.select_slider(
            "After epoch", epochs, value=epochs[-1], key="epoch", bind="query-params", width=250,
            help="Epochs count from 0. -1 is the untrained head.",
        )  # fmt: skip
    chosen = labels[str(label)]
    here = measured[(measured["key"] == chosen["key"]) & (measured["epoch"] == int(str(epoch)))].iloc[0]
    st.markdown("##### A batch of B: how far from the full gradient?")
    _variance(here, int(chosen["train_images"]))
    st.markdown("##### Along training: signal and noise")
    _scale(measured, {str(row["key"]): name for name, row in labels.items()})
    with st.container(key="details"):
        _how(runs)


def _variance(here: pd.Series, images: int) -> None:
    table = noise.variances(here)
    sizes = sorted(table["batch_size"].unique())
    predicted = pd.concat(
        pd.DataFrame({"batch_size": sizes, "sampling": sampling, "predicted": values})
        for sampling, values in {
            "with replacement": theory.batch_gradient_variance(here["trace"], sizes),
            "without replacement": theory.batch_gradient_variance(here["trace"], sizes, images),
        }.items()
    )
    table = table.merge(predicted, on=["batch_size", "sampling"])
    table = table.assign(
        low=table["variance"] - 2 * table["standard_error"], high=table["variance"] + 2 * table["standard_error"]
    )
    accents = theme.accents()
    colour = alt.Color("sampling:N", scale=alt.Scale(range=accents[:2]), legend=alt.Legend(orient="top", title=None))
    base = alt.Chart(table).encode(
        x=alt.X(
            "batch_size:Q",
            scale=alt.Scale(type="log", base=2, nice=False),
            axis=alt.Axis(values=sizes),
            title="batch size B (log)",
        ),
        color=colour,
    )
    y = alt.Scale(type="log", nice=False)
    line = base.mark_line().encode(y=alt.Y("predicted:Q", scale=y, title="variance of the batch gradient (log)"))
    bars = base.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", scale=y), y2="high:Q")
    points = base.mark_point(filled=True, size=70).encode(
        y=alt.Y("variance:Q", scale=y),
        tooltip=[
            "sampling",
            "batch_size",
            alt.Tooltip("variance:Q", format=".3~g"),
            alt.Tooltip("predicted:Q", format=".3~g"),
        ],
    )
    fitted = Agreement.of(noise.slope(table[table["sampling"] == "with replacement"]), -1.0)
    lab.draw(
        line + bars + points,
        280,
        f"Variance of the batch gradient against B, measured and predicted. {badge.sentence(fitted)}",
    )
    st.caption(
        "Lines: theory, tr Σ / B and tr Σ / B · (N−B)/(N−1). tr Σ is the variance of one image's gradient, added up "
        "over all parameters; it is known exactly here. Points: measured, 32 batches each, ± 2 standard errors."
    )
    badge.show("Slope on the log-log plot, with replacement", fitted)
    largest = table[(table["sampling"] == "without replacement")].iloc[-1]
    badge.show(
        f"Variance at B = {largest['batch_size']} without replacement",
        Agreement(largest["variance"], largest["standard_error"], largest["predicted"]),
    )
    share = here["dropout_trace"] / here["total_trace"]
    error = float(f"{here['dropout_trace_se']:.1g}")
    st.markdown(
        f"Doubling B multiplies the variance by {2**fitted.measured:.2f} here, on 9.6 million parameters. Training "
        "adds a second noise, which B averages just as well: **dropout**. It makes up "
        f"**{share:.0%}** of the per-image variance that training sees (tr Σ of dropout "
        f"{here['dropout_trace']:.3g} ± {error:g}, of both {here['total_trace']:.3g})."
    )


def _scale(measured: pd.DataFrame, names: dict[str, str]) -> None:
    quantities = {
        "trace": "tr Σ (noise of one image)",
        "gradient_norm_squared": "|G|² (signal)",
        "noise_scale": "B_simple = tr Σ / |G|²",
    }
    legend = alt.Legend(orient="top", title=None, columns=1, labelLimit=0, symbolType="stroke")
    long = measured.melt(["key", "epoch"], list(quantities), "name", "value")
    long = long.assign(run=long["key"].map(names), quantity=long["name"].map(quantities), trained=long["epoch"] + 1)
    ink = theme.colour("textColor")
    epochs = alt.Axis(values=[0, 1, 2, 5, 15, 50, 150], grid=False)
    values = alt.Axis(format=",~g", tickCount=6, grid=False)
    base = alt.Chart(long).encode(
        x=alt.X("trained:Q", scale=alt.Scale(type="symlog"), title="epochs trained", axis=epochs),
        y=alt.Y("value:Q", scale=alt.Scale(type="log"), title=None, axis=values),
        color=alt.Color("quantity:N", scale=alt.Scale(range=theme.accents()[:3]), legend=legend),
    )
    runs = alt.Legend(orient="top", title=None, symbolStrokeColor=ink, symbolSize=300)
    lines = base.mark_line().encode(strokeDash=alt.StrokeDash("run:N", legend=runs))
    points = base.mark_point(filled=True, size=50).encode(
        tooltip=["run", "epoch", "quantity", alt.Tooltip("value:Q", format=".3~g")]
    )
    last = {
        names[str(row["key"])]: row for row in measured.sort_values("epoch").groupby("key").tail(1).to_dict("records")
    }
    ends = ", ".join(f"{row['noise_scale']:,.0f} after epoch {row['epoch']} of {name}" for name, row in last.items())
    lab.draw(lines + points, 280, f"tr Sigma, |G| squared and B_simple along training. B_simple is {ends}.")
    st.markdown(
        f"**B_simple**, the batch size at which noise and signal are equal, is {ends}. A batch well above it is spent "
        "on averaging noise that is small already; one well below it steps mostly by noise (McCandlish et al. "
        "1812.06162)."
    )


def _how(runs: pd.DataFrame) -> None:
    with st.expander("How it was measured"):
        st.markdown(
            "Per image the gradient of a linear layer is an outer product, so its squared norm is (|x|² + 1)·|δ|² and "
            "tr Σ is exact, without drawing a batch. Σ is the covariance over the images (divided by N), with dropout "
            "off, on the augmented view that the epoch is scored on. Dropout's part is the mean over images of the "
            "variance over masks, from 4 pairs of masks an image. The runs are those of the figures, trained again "
            "with the probe; `measure` compares their curves."
        )
        for title, text in library.provenance_lines(runs):
            st.markdown(f"**{title}.** {text}")
