"""The noise lab's second page: noisy steps on a bowl become a cloud whose size mu/B sets, until the stability edge.

50 walkers and 60 frames of each of two panels travel to the browser once (about 40 kB) and move there; what they cost
says `noise.clouds`. The map is precomputed, see `noise.precomputed`.
"""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from sgd_core.charts import bowls, maps
from sgd_core.evidence.sentences import motion as sentences
from sgd_core.noise import bowl, clouds, precomputed, statistics, theory
from sgd_core.noise.agreement import Agreement
from sgd_core.noise.bowl import BowlWalk, Sizes
from sgd_core.noise.clouds import Cloud
from sgd_core.ui.shell import badge, lab, page, theme, words

VARIANCE = 40.0
"""sigma^2 of one example's gradient: at mu/B = 1/40 and h = 1 the cloud is 0.7 wide, next to a start at 3."""
RATES = [0.0125, 0.025, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.2, 1.5, 1.8, 1.95, 2.05, 2.5, 3.0, 3.6, 3.8, 4.0]
BATCHES = [1, 2, 4, 8, 16, 32, 64]
CURVATURES = [0.25, 0.5, 1.0, 2.0, 4.0]
MOMENTA = [0.0, 0.5, 0.9]
FACTORS = [1, 2, 4, 8, 16]
WIDTH = 132
"""Pixels of a slider: five stand in a row."""
TALLEST = 1e3
"""Where the axes stop following a divergence."""

SCENES: dict[str, dict[str, float]] = {
    "Small steps": {"mu": 0.025, "B": 1, "h": 1.0, "m": 0.0, "k": 4},
    "Near the edge": {"mu": 0.45, "B": 4, "h": 1.0, "m": 0.0, "k": 4},
    "Beyond the edge": {"mu": 0.6, "B": 4, "h": 1.0, "m": 0.0, "k": 4},
    "With momentum": {"mu": 0.0125, "B": 4, "h": 1.0, "m": 0.9, "k": 4},
}
"""Settings worth seeing, by the name on their button."""


PAGE = page.Page(
    slug="Noise_lab_Motion",
    section=page.NOISE_LAB,
    label="Motion",
    title="A step turns that into motion",
    question="If every step is a guess, where does SGD end up?",
    intro="Not at the bottom of the bowl, but in a cloud around it: every dot is one SGD run on a single weight. "
    "Two settings with different μ and B but one μ/B, one above the other, with time counted as μ × steps.",
    next="Noise_lab_Valleys",
)


def show() -> None:
    """Draw the page."""
    body = st.container()
    seed = lab.seed()
    with body, page.plain_errors():
        _picture(_panels(seed))
        words.say("##### The map: which (B, μ) make the same cloud?")
        _map()
        with st.container(key="details"):
            _how()


def _panels(seed: int) -> tuple[Cloud, Cloud]:
    with st.container(key="controls"):
        lab.scenes(SCENES)
        with st.container(horizontal=True, gap="medium"):
            rate = lab.slide("Learning rate μ", RATES, 0.025, "mu", width=WIDTH)
            batch = lab.slide("Batch size B", BATCHES, 1, "B", width=WIDTH)
            factor = lab.slide(
                "Second: × k", FACTORS, 4, "k", width=WIDTH,
                help="The second panel has k times the learning rate and k times the batch size, so the same μ/B.",
            )  # fmt: skip
            curvature = lab.slide(
                "Curvature h", CURVATURES, 1.0, "h", width=WIDTH,
                help="The loss is hw²/2: a larger h is a narrower bowl.",
            )  # fmt: skip
            momentum = lab.slide(
                "Momentum m", MOMENTA, 0.0, "m", width=WIDTH, help="The share of the last step that each step keeps."
            )
    return (
        cloud("First", rate, batch, curvature, momentum, seed),
        cloud("Second", rate * factor, batch * factor, curvature, momentum, seed + 10_000),
    )


def cloud(name: str, rate: float, batch: int, curvature: float, momentum: float, seed: int) -> Cloud:
    """What the walkers of a setting did."""
    size = clouds.sizes(rate, batch, curvature, VARIANCE, momentum)
    walk = _walk(rate, batch, curvature, momentum, size, seed)
    return Cloud(name, rate, batch, curvature, VARIANCE, momentum, walk, size.long_enough)


@lab.remembered
def _walk(rate: float, batch: int, curvature: float, momentum: float, size: Sizes, seed: int) -> BowlWalk:
    return bowl.walk(rate, batch, curvature, VARIANCE, momentum, size=size, seed=seed)


def _picture(both: tuple[Cloud, Cloud]) -> None:
    end = clouds.shared_end(*both)
    for cloud in both:
        if gone := sentences.unstable(cloud, end):
            st.warning(gone, icon=":material/trending_up:")
    said = sentences.alike(*both)
    _draw(both, end, f"Two clouds of walkers on a bowl over time. {said}")
    words.caption(
        f"Dots: {bowl.PATHS} of the walkers, all from w = {bowl.START:g}. Bar below: ± 2 standard deviations as theory "
        "predicts. Last panel: the variance across all walkers; dashed, the exact stationary variance; dotted, the "
        "limit of small steps, which knows only μ/B."
    )
    lab.takeaway(said)
    for cloud in both:
        if cloud.stable:
            agreement = Agreement.of(cloud.walk.stationary, cloud.exact)
            badge.show(f"{sentences.label(cloud)}. Stationary variance", agreement)
            if short := sentences.too_short(cloud):
                words.caption(short)
    words.say(sentences.values(*both))


def _draw(both: tuple[Cloud, Cloud], end: float, said: str) -> None:
    panels = [
        bowls.Panel(
            cloud.name, sentences.label(cloud), sentences.of_limit(cloud), cloud.curvature, cloud.learning_rate,
            cloud.exact, cloud.walk.variance,
        )
        for cloud in both
    ]  # fmt: skip
    reach = reach_of(both)
    film = bowls.packed(
        [bowls.film(panel, cloud.walk.paths, end, reach) for panel, cloud in zip(panels, both, strict=True)]
    )
    clip = None if all(cloud.stable for cloud in both) else bowl.CLIP**2
    lab.draw(bowls.chart(panels, both[0].small_steps, end, reach, clip, lab.look()), said, film)


def reach_of(both: tuple[Cloud, Cloud]) -> float:
    """How far from the bottom the picture goes: to the start, and round the cloud that is wider."""
    spreads = [math.sqrt(cloud.exact) for cloud in both if math.isfinite(cloud.exact)]
    reach = min(TALLEST, max([bowl.START * 1.15, *(3.2 * spread for spread in spreads)]))
    return reach if len(spreads) == 2 else max(reach, 12.0)


def _map() -> None:
    table = lab.precomputed_table()
    if table is None:
        return
    with st.container(key="controls-map"):
        momentum = float(lab.pick("Momentum of the map", [f"{m:g}" for m in precomputed.MAP_MOMENTA], "map"))
    table = table[(table["kind"] == "variance") & (table["momentum"] == momentum)]
    stable = table[~table["diverged"]]
    limit = float(theory.stability_limit(precomputed.CURVATURE, momentum))
    per_noise = theory.stationary_variance_small_steps(
        1.0, 1.0, precomputed.CURVATURE, precomputed.BOWL_VARIANCE, momentum
    )
    said = sentences.on_the_map(stable, limit)
    lab.draw(
        maps.chart(table, limit, float(per_noise), theme.ramp(np.linspace(0, 1, 10).tolist()), lab.look()),
        f"Measured variance over batch size and learning rate. {said}",
    )
    words.caption(sentences.map_read(stable, len(table)))
    lab.takeaway(said)
    ratio = statistics.mean_of(stable["measured"] / stable["exact"], stable["standard_error"] / stable["exact"])
    badge.show("Measured over exact, all stable settings", Agreement.of(ratio, 1.0))


def _how() -> None:
    with st.expander("How we know"):
        words.say(
            "One weight, loss L = hw²/2, and a batch gradient hw + ξ with Var(ξ) = σ²/B, σ² = "
            f"{VARIANCE:g} in the pictures. SGD with momentum, v ← mv + g, w ← w − μv, is then an autoregression of "
            "order two, whose stationary variance is known exactly:"
        )
        st.latex(
            r"\mathrm{Var}(w)=\frac{\mu\sigma^2}{B}\,\frac{1+m}{h(1-m)\,(2(1+m)-\mu h)}"
            r"\;\xrightarrow{\;\mu h\to 0\;}\;\frac{\mu}{B}\,\frac{\sigma^2}{2h(1-m)},"
            r"\qquad\text{stable for } 0<\mu h<2(1+m)."
        )
        words.say(
            "Source: Box & Jenkins, *Time Series Analysis*; without momentum Mandt et al., arXiv "
            "1704.04289, plus the finite-step term. All walkers start at w = 3, not in the stationary state, and are "
            "measured after a burn-in in which the start shrinks to 1% of the cloud. The error is the spread over "
            "walkers of each walker's average over time, so the dependence between a walker's steps is in it."
        )
