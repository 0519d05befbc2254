"""The noise lab's last page: four short panels, each with one control, on where "noise goes as mu/B" ends.

One control moves one simulation (reshuffling 100 ms, the bowl 50 ms); the other panels keep theirs.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from sgd_core.charts import channels, dots, planes
from sgd_core.charts.look import Spec
from sgd_core.evidence import coupling, shares
from sgd_core.evidence.sentences import limits as sentences
from sgd_core.noise import bowl, reshuffling, theory, two_weights
from sgd_core.noise.agreement import Agreement
from sgd_core.noise.bowl import BowlWalk, Sizes
from sgd_core.noise.reshuffling import EpochWalk
from sgd_core.noise.statistics import Estimate
from sgd_core.ui.shell import badge, lab, library, page, theme, words

STEPS_PER_EPOCH = reshuffling.IMAGES // reshuffling.BATCH_SIZE
FLATNESS = [0.1, 0.16, 0.25, 0.5, 1.0, 1.6, 2.5, 4.0, 8.0, 16.0]
"""x = mu h N / B."""
OF_LIMIT = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.02, 1.1, 1.5]
"""mu as a share of the stability limit."""
EDGE_BATCH = 4
ALPHAS = [0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0]
EPOCHS, UPDATES = "150 epochs", "900 updates"
HEIGHT = 190
TOP = 120.0
"""Where the axis of the edge ends, in times what mu/B says."""


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


def _panel(title: str, text: str, key: str) -> DeltaGenerator:
    """The head of a panel, and the place of its control."""
    words.say(f"##### {title}")
    words.say(text)
    return st.container(key=f"controls-{key}")


def _picture(chart: Spec, described: str, said: str) -> None:
    lab.draw(lab.look().framed({"height": HEIGHT, **chart}), f"{described} {said}")
    lab.takeaway(said)


@lab.remembered
def _epochs(flatness: float) -> EpochWalk:
    return reshuffling.walk(_rate(flatness), 1.0, 1.0, reshuffle=True, seed=0)


def _rate(flatness: float) -> float:
    return flatness / STEPS_PER_EPOCH


def _reshuffling() -> None:
    with _panel(
        "1. Epochs are reshuffled",
        "Real training shows every image once an epoch, so what one batch overstates, a later one takes back. A "
        "direction is flat when an epoch moves little along it: x = μhN/B is small.",
        "x",
    ):
        flatness = lab.slide("x = μhN/B of a direction", FLATNESS, 0.5, "x")
    walk = _epochs(flatness)
    exact = theory.reshuffled_variance(_rate(flatness), reshuffling.BATCH_SIZE, 1.0, 1.0, reshuffling.IMAGES)
    alone = float(theory.stationary_variance(_rate(flatness), reshuffling.BATCH_SIZE, 1.0, 1.0))
    over, end = walk.over_epoch.value / alone, walk.at_epoch_end.value / alone
    said = sentences.reshuffled(flatness, exact.mean() / alone, exact[-1] / alone)
    errors = (walk.over_epoch.standard_error / alone, walk.at_epoch_end.standard_error / alone)
    chart = _reshuffling_chart(flatness, (over, end), errors)
    _picture(chart, "Variance with reshuffling over variance without, along x.", said)
    words.caption(sentences.only_images(shares.fresh(library.noise_shares()[0])))
    badge.show(f"Variance over an epoch of {STEPS_PER_EPOCH} steps", Agreement.of(walk.over_epoch, exact.mean()))


def _reshuffling_chart(flatness: float, ratios: tuple[float, float], errors: tuple[float, float]) -> Spec:
    over, end = "averaged over the epoch", "at the epoch's end"
    dense = np.geomspace(FLATNESS[0], FLATNESS[-1], 60)
    theories = {
        over: theory.reshuffled_ratio_over_epoch(dense),
        end: theory.reshuffled_ratio_at_epoch_end(dense),
    }
    lines = pd.concat(pd.DataFrame({"x": dense, "y": values, "name": name}) for name, values in theories.items())
    measured = pd.DataFrame({"x": flatness, "y": ratios, "error": errors, "name": (over, end), "size": 90})
    return dots.on_lines(
        lines, measured,
        channels.quantity("x", "x = μhN/B", scale=channels.log(), format="~g", tickCount=5),
        channels.quantity(
            "y", "share of the variance", scale=channels.log(5e-4, 1.2), format="~%", values=[0.001, 0.01, 0.1, 1]
        ),
        dict(zip((over, end), lab.look().accents, strict=False)),
        channels.tips(("name", "when"), ("y", "ratio", ".3~g"), ("error", "error", ".1~g")), legend={},
    )  # fmt: skip


def _training_time() -> None:
    with _panel(
        "2. Training time rises with μ/B",
        "T is the sum of μ over all updates: how long the run would have followed the gradient without noise. The "
        "paper stops every run after the same number of epochs.",
        "stop",
    ):
        stop = lab.pick("Stop every run after", [EPOCHS, UPDATES], "stop")
    if stop == EPOCHS:
        runs = coupling.runs()
        said = sentences.at_equal_epochs(runs, EPOCHS)
    else:
        runs = coupling.runs(updates=900)
        said = sentences.at_equal_updates(runs, UPDATES)
    _picture(_runs_chart(runs), "Training time against mu/B of the runs of Figures 1 and 2.", said)
    words.caption(f"The {len(runs)} runs of Figures 1 and 2, from their schedules alone.")


def _runs_chart(runs: pd.DataFrame) -> Spec:
    batches = sorted(runs["batch_size"].unique())
    table = runs.rename(columns={"noise": "x", "training_time": "y", "learning_rate": "rate"}).assign(
        name=runs["batch_size"].astype(str), size=30 * runs["batch_size"] ** 0.4
    )
    return dots.rings(
        table,
        channels.quantity("x", "μ/B", scale=channels.log(), nice=True, format=".0e", tickCount=4),
        channels.quantity("y", "T at the end", scale=channels.log(), nice=True, format="~g", tickCount=4),
        dict(zip(map(str, batches), theme.ramp(np.linspace(1, 0, len(batches)).tolist()), strict=True)),
        {"title": "B", "columns": 6},
        channels.tips(("name", "B"), ("rate", "μ"), ("x", "μ/B", ".2e"), ("y", "T", ".3~g")),
    )


@lab.remembered
def _walk(of_limit: float) -> BowlWalk:
    rate = of_limit * float(theory.stability_limit(1.0))
    planned = bowl.sizes(rate, EDGE_BATCH, 1.0, 1.0)
    return bowl.walk(
        rate, EDGE_BATCH, 1.0, 1.0, seed=0,
        size=Sizes(max(bowl.FEWEST_WALKERS, planned.walkers // 2), planned.burn_in, planned.steps, planned.long_enough),
    )  # fmt: skip


def _edge() -> None:
    with _panel(
        "3. A step can be too long",
        "In a bowl of curvature h every step must stay below μh = 2(1+m). Close to that edge the cloud is far larger "
        "than μ/B says, with or without momentum.",
        "edge",
    ):
        of_limit = float(
            st.select_slider(
                "μh, as a share of 2(1+m)", OF_LIMIT, value=0.5, key="edge", bind="query-params",
                format_func=lambda share: f"{share:.0%}",
            )
        )  # fmt: skip
    walk = _walk(of_limit)
    settings = (of_limit * float(theory.stability_limit(1.0)), EDGE_BATCH, 1.0, 1.0)
    limit = float(theory.stationary_variance_small_steps(*settings))
    times, exact = walk.stationary.value / limit, float(theory.stationary_variance(*settings)) / limit
    if walk.diverged_at is not None:
        st.warning("Unstable: μh is beyond 2(1+m). The mark stands at the top of the axis, clipped.")
    said = sentences.edge(of_limit, exact, walk.diverged_at)
    chart = _edge_chart(of_limit, times, walk.diverged_at is None)
    _picture(chart, "Stationary variance over its small-step limit, up to the stability edge.", said)
    words.caption(sentences.edge_by_batch((1, 4, 16)))
    if walk.diverged_at is None:
        ratio = Estimate(times, walk.stationary.standard_error / limit)
        badge.show("Variance over the small-step limit", Agreement.of(ratio, exact))


def _edge_chart(of_limit: float, times: float, stable: bool) -> Spec:
    shares = np.concatenate([np.linspace(0, 0.9, 40), 1 - np.geomspace(0.1, 0.01, 30)])
    line = pd.DataFrame({"x": shares, "y": 1 / (1 - shares), "name": "exact"})
    shape = "circle" if stable else "triangle-up"
    dot = pd.DataFrame({"x": [of_limit], "y": [min(times, TOP)], "size": 110, "shape": shape})
    x = channels.quantity("x", "μh / 2(1+m)", scale=channels.linear(0, 1.55), format="%")
    y = channels.quantity(
        "y", "variance / what μ/B says", scale=channels.log(0.8, TOP), values=[1, 2, 5, 10, 20, 50, 100]
    )
    look = lab.look()
    chart = dots.on_lines(line, dot, x, y, {"exact": look.accents[0]}, ink=look.ink)
    return {"layer": [*chart["layer"][:-1], dots.upright(1.0, x, look), chart["layer"][-1]]}


def _rescaling() -> None:
    with _panel(
        "4. Sharpness depends on how weights are written",
        "Two positive weights in a row, w₂w₁x, fitted to y = x. Multiply one by α and divide the other: the function "
        "stays the same, every point of the curve w₂w₁ = 1 is a minimum, and its sharpness is not the same.",
        "alpha",
    ):
        alpha = lab.slide("α", ALPHAS, 2.0, "alpha")
    across = two_weights.across(alpha)
    sharpness, least = (float(theory.rescaled_sharpness(each)) for each in (alpha, 1.0))
    said = sentences.rescaled(alpha, sharpness, least, float(np.hypot(*(across[1] - across[0]))))
    dense = np.geomspace(0.15, 6, 80)
    levels = [pd.DataFrame({"w1": dense, "w2": product / dense, "product": product}) for product in two_weights.LEVELS]
    chart = planes.rescaled(
        pd.DataFrame({"w1": dense, "w2": 1 / dense}), pd.concat(levels), pd.DataFrame(across, columns=["w1", "w2"]),
        np.array([alpha, 1 / alpha]), lab.look(),
    )  # fmt: skip
    _picture(chart, "The minima w2 w1 = 1 in the plane of both weights, and how narrow the valley is.", said)
    words.caption(sentences.second_differences(two_weights.measured_sharpness(alpha)))


def _how() -> None:
    with st.expander("How we know"):
        words.say(
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
