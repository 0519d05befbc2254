"""The noise lab's last page: four short panels, each with one control, on where "noise goes as mu/B" ends.

One control moves one simulation (reshuffling 100 ms, the bowl 50 ms); the other panels keep theirs.
"""

from __future__ import annotations

import math

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from sgd_core.experiment import paper
from sgd_core.experiment.schedules import plan
from sgd_core.noise import bowl, reshuffling, theory
from sgd_core.noise.agreement import Agreement
from sgd_core.noise.bowl import BowlWalk, Sizes
from sgd_core.noise.reshuffling import EpochWalk
from sgd_core.noise.statistics import Estimate
from sgd_core.ui.shell import lab, page, theme

STEPS_PER_EPOCH = reshuffling.IMAGES // reshuffling.BATCH_SIZE
FLATNESS = [0.1, 0.16, 0.25, 0.5, 1.0, 1.6, 2.5, 4.0, 8.0, 16.0]
"""x = mu h N / B."""
OF_LIMIT = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.02, 1.1, 1.5]
"""mu as a share of the stability limit."""
EDGE_BATCH = 4
ALPHAS = [0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0]
EPOCHS, UPDATES = "150 epochs", "900 updates"
HEIGHT = 190


PAGE = page.Page(
    slug="Noise_lab_Limits",
    section=page.NOISE_LAB,
    label="Where it ends",
    title="Where the argument ends",
    question="When is the noise not set by μ/B, and when does μ/B not tell what SGD finds?",
    intro="Four cases, each with one control.",
    next="Schedule_workbench",
)


def show() -> None:
    """Draw the page."""
    with page.plain_errors():
        left, right = st.columns(2, gap="large")
        with left:
            _reshuffling()
        with right:
            _training_time()
        left, right = st.columns(2, gap="large")
        with left:
            _edge()
        with right:
            _rescaling()
        with st.container(key="details"):
            _how()


@lab.remembered
def _epochs(flatness: float) -> EpochWalk:
    return reshuffling.walk(_rate(flatness), 1.0, 1.0, reshuffle=True, seed=0)


def _rate(flatness: float) -> float:
    return flatness / STEPS_PER_EPOCH


def _reshuffling() -> None:
    st.markdown("##### 1. Epochs are reshuffled")
    st.markdown(
        "Real training shows every image once an epoch, so what one batch overstates, a later one takes back. A "
        "direction is flat when an epoch moves little along it: x = μhN/B is small."
    )
    with st.container(key="controls-x"):
        flatness = float(
            st.select_slider("x = μhN/B of a direction", FLATNESS, value=0.5, key="x", bind="query-params")
        )
    walk = _epochs(flatness)
    exact = theory.reshuffled_variance(_rate(flatness), reshuffling.BATCH_SIZE, 1.0, 1.0, reshuffling.IMAGES)
    alone = float(theory.stationary_variance(_rate(flatness), reshuffling.BATCH_SIZE, 1.0, 1.0))
    dense = np.geomspace(FLATNESS[0], FLATNESS[-1], 60)
    over, end = "averaged over the epoch", "at the epoch's end"
    lines = pd.concat(
        pd.DataFrame({"x": dense, "ratio": values, "when": when})
        for when, values in (
            (over, theory.reshuffled_ratio_over_epoch(dense)),
            (end, theory.reshuffled_ratio_at_epoch_end(dense)),
        )
    )
    dots = pd.DataFrame(
        {
            "x": flatness,
            "ratio": [walk.over_epoch.value / alone, walk.at_epoch_end.value / alone],
            "error": [walk.over_epoch.standard_error / alone, walk.at_epoch_end.standard_error / alone],
            "when": [over, end],
        }
    )
    x = alt.X(
        "x:Q", scale=alt.Scale(type="log", nice=False), title="x = μhN/B", axis=alt.Axis(format="~g", tickCount=5)
    )
    y = alt.Y(
        "ratio:Q", scale=alt.Scale(type="log", domain=[5e-4, 1.2], nice=False), title="share of the variance",
        axis=alt.Axis(format="~%", values=[0.001, 0.01, 0.1, 1]),
    )  # fmt: skip
    colour = alt.Color("when:N", scale=alt.Scale(domain=[over, end], range=theme.accents()[:2]))
    line = alt.Chart(lines).mark_line(clip=True).encode(x, y, colour)
    points = alt.Chart(dots).mark_point(filled=True, size=90, opacity=1).encode(
        x, y, colour,
        tooltip=[alt.Tooltip("when:N"), alt.Tooltip("ratio:Q", format=".3~g"), alt.Tooltip("error:Q", format=".1~g")]
    )  # fmt: skip
    said = (
        f"At x = {flatness:g} reshuffled epochs leave {dots['ratio'][0]:.1%} of the variance that independent draws "
        f"have, and {dots['ratio'][1]:.2%} at the end of an epoch."
    )
    lab.draw(line + points, HEIGHT, f"Variance with reshuffling over variance without, along x. {said}")
    lab.takeaway(said)
    lab.show_badge(f"Variance over an epoch of {STEPS_PER_EPOCH} steps", Agreement.of(walk.over_epoch, exact.mean()))


def _training_time() -> None:
    st.markdown("##### 2. Training time rises with μ/B")
    st.markdown(
        "T is the sum of μ over all updates: how long the run would have followed the gradient without noise. The "
        "paper stops every run after the same number of epochs."
    )
    with st.container(key="controls-stop"):
        stop = str(
            st.segmented_control(
                "Stop every run after", [EPOCHS, UPDATES], default=EPOCHS, key="stop", bind="query-params",
                required=True,
            )
        )  # fmt: skip
    runs = [run.spec for run in paper.RUNS if run.spec.schedule == "constant" and run.spec.batch_growth == 1]
    table = pd.DataFrame(
        {
            "batch": spec.batch_size,
            "B": str(spec.batch_size),
            "area": 30 * spec.batch_size**0.4,
            "rate": spec.learning_rate,
            "noise": spec.learning_rate / spec.batch_size,
            "T": plan(spec, paper.TRAIN_IMAGES)[-1].training_time if stop == EPOCHS else 900 * spec.learning_rate,
        }
        for spec in runs
    )
    correlation = float(table["noise"].rank().corr(table["T"].rank()))
    names = [str(batch) for batch in sorted(table["batch"].unique())]
    ranks = theme.ramp(np.linspace(1, 0, len(names)).tolist())
    x = alt.X("noise:Q", scale=alt.Scale(type="log"), title="μ/B", axis=alt.Axis(format=".0e", tickCount=4))
    y = alt.Y("T:Q", scale=alt.Scale(type="log"), title="T at the end", axis=alt.Axis(format="~g", tickCount=4))
    chart = alt.Chart(table).mark_point(filled=False, strokeWidth=2.5, opacity=1).encode(
        x, y, alt.Color("B:N", scale=alt.Scale(domain=names, range=ranks), legend=alt.Legend(title="B", columns=6)),
        size=alt.Size("area:Q", scale=None),
        tooltip=[alt.Tooltip("B:N"), alt.Tooltip("rate:Q", title="μ"),
                 alt.Tooltip("noise:Q", title="μ/B", format=".2e"), alt.Tooltip("T:Q", format=".3~g")],
    )  # fmt: skip
    if stop == EPOCHS:
        ratio = table["T"] / table["noise"]
        said = (
            f"After {EPOCHS} T is μ/B times {ratio.min():,.0f} to {ratio.max():,.0f} in all {len(table)} runs (rank "
            f"correlation {correlation:.2f}): their noise and their training time cannot be told apart."
        )
    else:
        same = table[table["rate"] == table["rate"].min()]
        said = (
            f"After {UPDATES} the {len(same)} runs with μ = {same['rate'].iloc[0]:g} have one T = "
            f"{same['T'].iloc[0]:.2g}, and a noise that differs {same['noise'].max() / same['noise'].min():.0f} times "
            f"(rank correlation over all {len(table)} runs {correlation:.2f}): here the two can be told apart."
        )
    lab.draw(chart, HEIGHT, f"Training time against mu/B of the runs of Figures 1 and 2. {said}")
    lab.takeaway(said)
    st.caption(f"The {len(table)} runs of Figures 1 and 2, from their schedules alone.")


@lab.remembered
def _walk(of_limit: float) -> BowlWalk:
    rate = of_limit * float(theory.stability_limit(1.0))
    planned = bowl.sizes(rate, EDGE_BATCH, 1.0, 1.0)
    return bowl.walk(
        rate, EDGE_BATCH, 1.0, 1.0, seed=0,
        size=Sizes(max(bowl.FEWEST_WALKERS, planned.walkers // 2), planned.burn_in, planned.steps, planned.long_enough),
    )  # fmt: skip


def _edge() -> None:
    st.markdown("##### 3. A step can be too long")
    st.markdown(
        "In a bowl of curvature h every step must stay below μh = 2(1+m). Close to that edge the cloud is far larger "
        "than μ/B says, with or without momentum."
    )
    with st.container(key="controls-edge"):
        of_limit = float(
            st.select_slider(
                "μh, as a share of 2(1+m)", OF_LIMIT, value=0.5, key="edge", bind="query-params",
                format_func=lambda share: f"{share:.0%}",
            )
        )  # fmt: skip
    walk = _walk(of_limit)
    rate = of_limit * float(theory.stability_limit(1.0))
    limit = float(theory.stationary_variance_small_steps(rate, EDGE_BATCH, 1.0, 1.0))
    exact = float(theory.stationary_variance(rate, EDGE_BATCH, 1.0, 1.0))
    shares = np.concatenate([np.linspace(0, 0.9, 40), 1 - np.geomspace(0.1, 0.01, 30)])
    curve = pd.DataFrame({"share": shares, "ratio": 1 / (1 - shares)})
    x = alt.X("share:Q", scale=alt.Scale(domain=[0, 1.55], nice=False), title="μh / 2(1+m)", axis=alt.Axis(format="%"))
    y = alt.Y(
        "ratio:Q", scale=alt.Scale(type="log", domain=[0.8, 120], nice=False), title="variance / what μ/B says",
        axis=alt.Axis(values=[1, 2, 5, 10, 20, 50, 100]),
    )  # fmt: skip
    ink = theme.colour("textColor")
    line = alt.Chart(curve).mark_line(clip=True, color=theme.accents()[0]).encode(x, y)
    edge = alt.Chart(pd.DataFrame({"share": [1.0]})).mark_rule(strokeDash=[6, 4], color=ink).encode(x)
    ratio = min(walk.stationary.value / limit, 120.0) if walk.diverged_at is None else 120.0
    dot = (
        alt.Chart(pd.DataFrame({"share": [of_limit], "ratio": [ratio]}))
        .mark_point(
            filled=True, size=110, opacity=1, color=ink, shape="circle" if walk.diverged_at is None else "triangle-up"
        )
        .encode(x, y)
    )
    if walk.diverged_at is not None:
        said = (
            f"At {of_limit:.0%} of the limit there is no cloud: the walkers left the bowl for good after "
            f"{walk.diverged_at} steps, whatever B is."
        )
        st.warning("Unstable: μh is beyond 2(1+m). The mark stands at the top of the axis, clipped.")
    else:
        times = walk.stationary.value / limit
        said = f"At {of_limit:.0%} of the limit the variance is {times:.3g} times what μ/B alone says."
    lab.draw(
        line + edge + dot, HEIGHT, f"Stationary variance over its small-step limit, up to the stability edge. {said}"
    )
    lab.takeaway(said)
    if walk.diverged_at is None:
        ratios = Estimate(walk.stationary.value / limit, walk.stationary.standard_error / limit)
        lab.show_badge("Variance over the small-step limit", Agreement.of(ratios, exact / limit))


def _rescaling() -> None:
    st.markdown("##### 4. Sharpness depends on how weights are written")
    st.markdown(
        "Two positive weights in a row, w₂w₁x, fitted to y = x. Multiply one by α and divide the other: the function "
        "stays the same, every point of the curve w₂w₁ = 1 is a minimum, and its sharpness is not the same."
    )
    with st.container(key="controls-alpha"):
        alpha = float(st.select_slider("α", ALPHAS, value=2.0, key="alpha", bind="query-params"))
    sharpness, least = float(theory.rescaled_sharpness(alpha)), float(theory.rescaled_sharpness(1.0))
    dense = np.geomspace(0.15, 6, 80)
    curves = pd.concat(
        pd.DataFrame({"w1": dense, "w2": product / dense, "product": product}) for product in (0.5, 1.0, 1.5)
    )
    # The loss reaches 1/8 at w_2 w_1 = 1/2 and 3/2; the bar goes there along the steepest direction.
    steep = np.array([1 / alpha, alpha])
    ends = pd.DataFrame([_reach(alpha, steep, product) for product in (0.5, 1.5)], columns=["w1", "w2"])
    x = alt.X("w1:Q", scale=alt.Scale(domain=[0, 5.5], nice=False), title="w₁", axis=alt.Axis(tickCount=6))
    y = alt.Y("w2:Q", scale=alt.Scale(domain=[0, 4.5], nice=False), title="w₂", axis=alt.Axis(tickCount=5))
    accents, ink = theme.accents(), theme.colour("textColor")
    minima = (
        alt.Chart(curves[curves["product"] == 1]).mark_line(clip=True, color=accents[0], strokeWidth=2.5).encode(x, y)
    )
    levels = (
        alt.Chart(curves[curves["product"] != 1])
        .mark_line(clip=True, color=ink, strokeWidth=1, opacity=0.5)
        .encode(x, y, detail=alt.Detail("product:N"))
    )
    across = alt.Chart(ends).mark_line(color=accents[1], strokeWidth=4, clip=True).encode(x, y)
    here = pd.DataFrame({"w1": [alpha], "w2": [1 / alpha]})
    dot = alt.Chart(here).mark_point(filled=True, size=45, opacity=1, color=ink).encode(x, y)
    apart = float(np.hypot(*(ends.iloc[1] - ends.iloc[0])))
    said = (
        f"At α = {alpha:g} the sharpness is α² + 1/α² = {sharpness:.4g}, {sharpness / least:.3g} times that at α = 1, "
        f"and the valley is {apart:.2g} wide; the network computes exactly the same."
    )
    lab.draw(
        alt.layer(minima, levels, across, dot),
        HEIGHT,
        f"The minima w2 w1 = 1 in the plane of both weights, and how narrow the valley is. {said}",
    )
    lab.takeaway(said)
    st.caption(
        "Thick: the minima. Thin: loss 1/8. Bar: the valley's width here. Second differences of the loss at this "
        f"point give a sharpness of {_measured_sharpness(alpha):.4g}: arithmetic, so no badge."
    )


def _reach(alpha: float, steep: np.ndarray, product: float) -> list[float]:
    """Where the straight line from the minimum (alpha, 1/alpha) along `steep` meets w_2 w_1 = `product`."""
    # (alpha + t a)(1/alpha + t b) = product, with (a, b) = steep.
    a, b = steep
    linear = alpha * b + a / alpha
    root = (-linear + math.sqrt(linear**2 - 4 * a * b * (1 - product))) / (2 * a * b)
    return [alpha + root * a, 1 / alpha + root * b]


def _measured_sharpness(alpha: float, step: float = 1e-3) -> float:
    """The largest curvature at (alpha, 1/alpha), from second differences of the loss."""

    def loss(w1: float, w2: float) -> float:
        return (w2 * w1 - 1) ** 2 / 2

    a, b, e = alpha, 1 / alpha, step
    h11 = (loss(a + e, b) - 2 * loss(a, b) + loss(a - e, b)) / e**2
    h22 = (loss(a, b + e) - 2 * loss(a, b) + loss(a, b - e)) / e**2
    h12 = (loss(a + e, b + e) - loss(a + e, b - e) - loss(a - e, b + e) + loss(a - e, b - e)) / (4 * e**2)
    return float(np.linalg.eigvalsh(np.array([[h11, h12], [h12, h22]]))[-1])


def _how() -> None:
    with st.expander("How we know"):
        st.markdown(
            "1. The N/B batches of an epoch add up to the whole data set, so two of them are anti-correlated. The "
            "lines are the small-step limits 1 − 2(x − 1 + e⁻ˣ)/x² and 1 − (2/x)tanh(x/2); the badge is against the "
            f"exact variance for {STEPS_PER_EPOCH} steps an epoch (N = {reshuffling.IMAGES}, B = "
            f"{reshuffling.BATCH_SIZE}), which differs a little from the line.\n"
            "2. T = Σ μ over updates; at fixed epochs it is epochs × N × μ/B, up to the last partial batch. No "
            "training is needed to draw it.\n"
            "3. The exact stationary variance over its small-step limit is 1 / (1 − μh / 2(1+m)) for every momentum; "
            f"measured without momentum at B = {EDGE_BATCH}.\n"
            "4. Dinh et al., arXiv 1703.04933, in the smallest case: L = (w₂w₁ − 1)²/2 at w = (α, 1/α) has curvatures "
            "0 and α² + 1/α²."
        )
