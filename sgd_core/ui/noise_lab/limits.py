"""The noise lab's last page: five cases, each with one control, on where "noise goes as mu/B" ends.

One control moves one simulation (reshuffling 100 ms, a bowl 50 to 100 ms).
"""

from __future__ import annotations

from collections.abc import Callable

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
from sgd_core.ui.shell.shared import shared

STEPS_PER_EPOCH = reshuffling.IMAGES // reshuffling.BATCH_SIZE
FLATNESS = [0.1, 0.16, 0.25, 0.5, 1.0, 1.6, 2.5, 4.0, 8.0, 16.0]
"""x = mu h N / (B (1 - m))."""
UNLIKE_BATCHES = [1, 2, 4, 8, 16, 64]
UNLIKE_RATE = 0.5
"""mu h of the case of images that differ: at B = 1 half of the way to the edge, where a variance can be measured."""
UNLIKE_SIZES = Sizes(20_000, 30, 120, True)
OF_LIMIT = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.02, 1.1, 1.5]
"""mu as a share of the stability limit."""
EDGE_BATCH = 4
ALPHAS = [0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0]
EPOCHS, UPDATES = "150 epochs", "900 updates"
HEIGHT = 320
OF_THE_WAY = np.concatenate([np.linspace(0, 0.9, 40), 1 - np.geomspace(0.1, 0.01, 30)])
"""Shares of the way to an edge, denser where a line is steep."""
TOP = 120.0
"""Where the axis of the edge ends, in times what mu/B says."""


PAGE = page.Page(
    slug="Noise_lab_Limits",
    section=page.NOISE_LAB,
    label="Where it ends",
    title="Where the argument ends",
    question="When is the noise not set by μ/B, and when does μ/B not tell what SGD finds?",
    intro="Five cases, each with one control.",
    next="Schedule_workbench",
)


@words.fragment  # a control here leaves menu and title as they are
def show() -> None:
    """Draw the page."""
    with page.plain_errors():
        name = lab.part({name: [key] for name, (_, key) in CASES.items()}, "case")
        words, picture = st.columns([2, 3], gap="large")
        with words:
            CASES[name][0](picture)
        with st.container(key="details"):
            _how()


def _head(title: str, text: str, key: str) -> DeltaGenerator:
    """The head of a case, and the place of its control."""
    words.say(f"##### {title}")
    words.say(text)
    return st.container(key=f"controls-{key}")


def _draw(picture: DeltaGenerator, chart: Spec, described: str, said: str) -> None:
    with picture:
        lab.draw(lab.look().framed({"height": HEIGHT, **chart}), f"{described} {said}")
    lab.takeaway(said)


@shared
def _epochs(flatness: float) -> EpochWalk:
    return reshuffling.walk(_rate(flatness), 1.0, 1.0, reshuffle=True, seed=0)


def _rate(flatness: float) -> float:
    return flatness / STEPS_PER_EPOCH


def _reshuffling(picture: DeltaGenerator) -> None:
    with _head(
        "Epochs are reshuffled",
        "Every image comes once an epoch, so what one batch overstates, a later one takes back: most where an epoch "
        "moves little, x = μhN/(B(1−m)) small.",
        "x",
    ):
        flatness = lab.slide("x of a direction", FLATNESS, 0.5, "x")
    walk = _epochs(flatness)
    exact = theory.reshuffled_variance(_rate(flatness), reshuffling.BATCH_SIZE, 1.0, 1.0, reshuffling.IMAGES)
    alone = float(theory.stationary_variance(_rate(flatness), reshuffling.BATCH_SIZE, 1.0, 1.0))
    over, end = walk.over_epoch.value / alone, walk.at_epoch_end.value / alone
    left, fresh = exact.mean() / alone, shares.fresh(library.noise_shares()[0])
    said = sentences.reshuffled(flatness, left, exact[-1] / alone)
    errors = (walk.over_epoch.standard_error / alone, walk.at_epoch_end.standard_error / alone)
    chart = _reshuffling_chart(flatness, (over, end), errors, fresh.low if fresh else None)
    _draw(picture, chart, "Variance with reshuffling over variance without, along x.", said)
    words.caption(sentences.only_images(left, fresh))
    badge.show(f"Over an epoch of {STEPS_PER_EPOCH} steps", Agreement.of(walk.over_epoch, exact.mean()))


def _reshuffling_chart(
    flatness: float, ratios: tuple[float, float], errors: tuple[float, float], fresh: float | None
) -> Spec:
    over, end, masked = "over the epoch", "at its end", "with crops and masks"
    dense = np.geomspace(FLATNESS[0], FLATNESS[-1], 60)
    theories = {
        over: theory.reshuffled_ratio_over_epoch(dense),
        end: theory.reshuffled_ratio_at_epoch_end(dense),
    }
    if fresh is not None:
        theories[masked] = theory.reshuffled_with_fresh(theories[over], fresh)
    lines = pd.concat(pd.DataFrame({"x": dense, "y": values, "name": name}) for name, values in theories.items())
    measured = pd.DataFrame({"x": flatness, "y": ratios, "error": errors, "name": (over, end), "size": 90})
    return dots.on_lines(
        lines, measured,
        channels.quantity("x", "x", scale=channels.log(), format="~g", tickCount=5),
        channels.quantity(
            "y", "share of the variance", scale=channels.log(5e-4, 1.2), format="~%", values=[0.001, 0.01, 0.1, 1]
        ),
        dict(zip(theories, lab.look().accents, strict=False)),
        channels.tips(("name", "when"), ("y", "ratio", ".3~g"), ("error", "error", ".1~g")), legend={},
    )  # fmt: skip


def _training_time(picture: DeltaGenerator) -> None:
    with _head(
        "Training time rises with μ/B",
        "T is the sum of μ over updates: how far the run would have got without noise. The paper stops all runs after "
        "as many epochs.",
        "stop",
    ):
        stop = lab.pick("Stop every run after", [EPOCHS, UPDATES], "stop")
    if stop == EPOCHS:
        runs = coupling.runs()
        said = sentences.at_equal_epochs(runs, EPOCHS)
    else:
        runs = coupling.runs(updates=900)
        said = sentences.at_equal_updates(runs, UPDATES)
    _draw(picture, _runs_chart(runs), "Training time against mu/B of the runs of Figures 1 and 2.", said)
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


@shared
def _walk(of_limit: float) -> BowlWalk:
    rate = of_limit * float(theory.stability_limit(1.0))
    planned = bowl.sizes(rate, EDGE_BATCH, 1.0, 1.0)
    return bowl.walk(
        rate, EDGE_BATCH, 1.0, 1.0, seed=0,
        size=Sizes(max(bowl.FEWEST_WALKERS, planned.walkers // 2), planned.burn_in, planned.steps, planned.long_enough),
    )  # fmt: skip


def _edge(picture: DeltaGenerator) -> None:
    with _head(
        "A step can be too long",
        "In a bowl of curvature h steps must stay below μh = 2(1+m). Close to that edge the cloud is far larger than "
        "μ/B says.",
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
    _draw(picture, chart, "Stationary variance over its small-step limit, up to the stability edge.", said)
    if walk.diverged_at is None:
        ratio = Estimate(times, walk.stationary.standard_error / limit)
        badge.show("Over the small-step limit", Agreement.of(ratio, exact))


def _edge_chart(of_limit: float, times: float, stable: bool) -> Spec:
    line = pd.DataFrame({"x": OF_THE_WAY, "y": 1 / (1 - OF_THE_WAY), "name": "exact"})
    shape = "circle" if stable else "triangle-up"
    dot = pd.DataFrame({"x": [of_limit], "y": [min(times, TOP)], "size": 110, "shape": shape})
    x = channels.quantity("x", "μh / 2(1+m)", scale=channels.linear(0, 1.55), format="%")
    y = channels.quantity(
        "y", "variance / what μ/B says", scale=channels.log(0.8, TOP), values=[1, 2, 5, 10, 20, 50, 100]
    )
    look = lab.look()
    chart = dots.on_lines(line, dot, x, y, {"exact": look.accents[0]}, ink=look.ink)
    return {"layer": [*chart["layer"][:-1], dots.upright(1.0, x, look), chart["layer"][-1]]}


@shared
def _unlike_walk(batch: int) -> BowlWalk:
    return bowl.walk(UNLIKE_RATE, batch, 1.0, 1.0, curvature_sd=1.0, size=UNLIKE_SIZES, seed=0)


def _unlike(picture: DeltaGenerator) -> None:
    with _head(
        "Images differ in curvature",
        "Each image bends the loss its own way. A small batch then meets steep bowls by chance, and the edge itself "
        "depends on B. Here curvature varies by as much as its mean.",
        "unlike",
    ):
        batch = lab.slide("B", UNLIKE_BATCHES, 1, "B")
    limit = float(theory.random_curvature_stability_limit(batch, 1.0, 1.0))
    small = float(theory.stationary_variance_small_steps(UNLIKE_RATE, batch, 1.0, 1.0))
    exact = float(theory.random_curvature_variance(UNLIKE_RATE, batch, 1.0, 1.0, 1.0)) / small
    alike = float(theory.stationary_variance(UNLIKE_RATE, batch, 1.0, 1.0)) / small
    walk = _unlike_walk(batch)
    ratio = Estimate(walk.stationary.value / small, walk.stationary.standard_error / small)
    said = sentences.unlike(batch, limit, UNLIKE_RATE, exact, alike)
    chart = _unlike_chart(batch, limit, ratio.value)
    _draw(picture, chart, "Variance over what mu/B says, up to the edge of this B.", said)
    badge.show("Over the small-step limit", Agreement.of(ratio, exact))


def _unlike_chart(batch: int, limit: float, times: float) -> Spec:
    edges = {f"B = {batch}": limit / 2, "images alike, any B": 1.0}
    lines = pd.concat(
        pd.DataFrame({"x": edge * OF_THE_WAY, "y": 1 / (1 - OF_THE_WAY), "name": name}) for name, edge in edges.items()
    )
    dot = pd.DataFrame({"x": [UNLIKE_RATE / 2], "y": [times], "size": 110})
    x = channels.quantity("x", "μh / 2", scale=channels.linear(0, 1.1), format="%")
    y = channels.quantity(
        "y", "variance / what μ/B says", scale=channels.log(0.8, TOP), values=[1, 2, 5, 10, 20, 50, 100]
    )
    look = lab.look()
    chart = dots.on_lines(
        lines, dot, x, y, dict(zip(edges, look.accents, strict=False)), ink=look.ink, legend={}, strong=f"B = {batch}"
    )
    return {"layer": [*chart["layer"][:-1], dots.upright(limit / 2, x, look), chart["layer"][-1]]}


def _rescaling(picture: DeltaGenerator) -> None:
    with _head(
        "Sharpness is a way of writing",
        "Two weights in a row, w₂w₁x, fitted to y = x. Multiply one by α, divide the other: the same function, another "
        "minimum on the curve w₂w₁ = 1, another sharpness.",
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
    _draw(picture, chart, "The minima w2 w1 = 1 in the plane of both weights, and how narrow the valley is.", said)
    words.caption(sentences.second_differences(two_weights.measured_sharpness(alpha)))


CASES: dict[str, tuple[Callable[[DeltaGenerator], None], str]] = {
    "a long step": (_edge, "edge"),
    "images unlike": (_unlike, "B"),
    "reshuffling": (_reshuffling, "x"),
    "training time": (_training_time, "stop"),
    "sharpness": (_rescaling, "alpha"),
}
"""Case -> how it is drawn beside its picture, and the key of its control, by which a link asks for it too."""


def _how() -> None:
    with st.expander("How we know"):
        words.say(
            "1. The exact stationary variance over its small-step limit is 1 / (1 − μh / 2(1+m)) for every momentum; "
            f"measured without momentum at B = {EDGE_BATCH}.\n"
            "2. A batch's curvature has the mean h and the variance s²/B, here s = h. The mean square is then stable "
            "up to μ = 2h/(h² + s²/B), and the variance over its small-step limit 1 / (1 − μ over that) (Wu et al., "
            "*How SGD selects the global minima*, NeurIPS 2018). Without momentum.\n"
            "3. The N/B batches of an epoch add up to the whole data set, so two of them are anti-correlated. The "
            "lines are the small-step limits 1 − 2(x − 1 + e⁻ˣ)/x² and 1 − (2/x)tanh(x/2); the badge is against the "
            f"exact variance for {STEPS_PER_EPOCH} steps an epoch (N = {reshuffling.IMAGES}, B = "
            f"{reshuffling.BATCH_SIZE}, m = 0), which differs a little from the line. Momentum stretches a gradient "
            "over 1/(1−m) steps of the same epoch, so x has μ/(1−m). Independent noises add up: where a share f is "
            "drawn anew, f + (1 − f) times the images' part stays.\n"
            "4. T = Σ μ over updates; at fixed epochs it is epochs × N × μ/B, up to the last partial batch. No "
            "training is needed to draw it.\n"
            "5. Dinh et al., arXiv 1703.04933, in the smallest case: L = (w₂w₁ − 1)²/2 at w = (α, 1/α) has curvatures "
            "0 and α² + 1/α²."
        )
