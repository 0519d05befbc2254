"""The noise lab's second page: kick and forget make a cloud on a bowl whose size mu/B sets, until the stability edge.

50 walkers and 60 frames of each of two panels travel to the browser once (about 40 kB) and move there; what they cost
says `noise.clouds`. The map is precomputed, see `noise.precomputed`.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from sgd_core.charts import balance, bowls, maps
from sgd_core.charts.look import Look, Spec
from sgd_core.evidence.sentences import motion as sentences
from sgd_core.noise import bowl, clouds, precomputed, statistics, theory
from sgd_core.noise.agreement import Agreement
from sgd_core.noise.bowl import BowlWalk, Sizes
from sgd_core.noise.clouds import Cloud
from sgd_core.ui.shell import badge, lab, page, theme, words
from sgd_core.ui.shell.shared import shared

VARIANCE = 40.0
"""sigma^2 of one example's gradient: at mu/B = 1/40 and h = 1 the cloud is 0.7 wide, next to a start at 3."""
RATES = [0.0125, 0.025, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.2, 1.5, 1.8, 1.95, 2.05, 2.5, 3.0, 3.6, 3.8, 4.0]
BATCHES = [1, 2, 4, 8, 16, 32, 64]
CURVATURES = [0.25, 0.5, 1.0, 2.0, 4.0]
MOMENTA = [0.0, 0.5, 0.9]
FACTORS = [1, 2, 4, 8, 16]
WIDTH = 112
"""Pixels of a slider: five stand in a row with a choice."""
REACHES = (4.0, 16.0, 64.0, 256.0, 1e3)
"""Distances from the bottom at which a picture may end."""
MEAN, SUM = "a mean", "a sum"
WALK, MAP = "Kick and forget", "The map"
GHOST = "clouds before"
"""Where the session keeps the clouds of this setting and of the one before."""
TALLEST = 1e3
"""Where the axes stop following a divergence."""

Both = tuple[Cloud, Cloud]

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
    "Below, two settings of one μ/B.",
    next="Noise_lab_Valleys",
)


@words.fragment  # a control here leaves menu and title as they are
def show() -> None:
    """Draw the page."""
    body = st.container()
    with st.container(key="details"), st.expander("How we know"):
        details = st.container()
        seed = lab.seed()
    with body, page.plain_errors():
        both = _controls(seed)
        before = _before(both)
        if lab.part({WALK: [], MAP: []}) == WALK:
            _picture(both, before)
        else:
            _map(both)
    with details:
        _how()


def _controls(seed: int) -> Both:
    with st.container(key="controls"):
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            lab.scenes(SCENES)
            summed = lab.pick("A batch's gradient is", [MEAN, SUM], "gradient") == SUM
        with st.container(horizontal=True, gap="medium"):
            rate = lab.slide("Learning rate μ", RATES, 0.025, "mu", width=WIDTH)
            batch = lab.slide("Batch size B", BATCHES, 1, "B", width=WIDTH)
            factor = lab.slide(
                "Second: × k", FACTORS, 4, "k", width=WIDTH,
                help="The second setting has k times the batch, and the μ that goes with it: k times μ for a mean, the "
                "same μ for a sum.",
            )  # fmt: skip
            curvature = lab.slide(
                "Curvature h", CURVATURES, 1.0, "h", width=WIDTH,
                help="The loss is hw²/2: a larger h is a narrower bowl.",
            )  # fmt: skip
            momentum = lab.slide(
                "Momentum m", MOMENTA, 0.0, "m", width=WIDTH, help="The share of the last step that each step keeps."
            )
    return settings(rate, batch, factor, curvature, momentum, summed, seed)


def settings(rate: float, batch: int, factor: int, curvature: float, momentum: float, summed: bool, seed: int) -> Both:
    """What the walkers of both settings did; `rate` is of the mean's gradient or, `summed`, of the sum's."""
    mean = rate * batch if summed else rate
    end = clouds.span([mean, mean * factor], curvature, momentum)
    return (
        cloud("First", mean, batch, curvature, momentum, seed, end, summed),
        cloud("Second", mean * factor, batch * factor, curvature, momentum, seed + 10_000, end, summed),
    )


def cloud(
    name: str,
    rate: float,
    batch: int,
    curvature: float,
    momentum: float,
    seed: int,
    end: float = 0.0,
    summed: bool = False,
) -> Cloud:
    """What the walkers of a setting did, at least up to the time `end`."""
    size = clouds.sizes(rate, batch, curvature, VARIANCE, momentum, end)
    walk = _walk(rate, batch, curvature, momentum, size, seed)
    return Cloud(name, rate, batch, curvature, VARIANCE, momentum, walk, size.long_enough, summed)


@shared
def _walk(rate: float, batch: int, curvature: float, momentum: float, size: Sizes, seed: int) -> BowlWalk:
    return bowl.walk(rate, batch, curvature, VARIANCE, momentum, size=size, seed=seed)


def _before(both: Both) -> Both | None:
    """The clouds of the setting before this one, which stay as ghosts; None at first."""
    kept: tuple[Both | None, Both | None] = st.session_state.get(GHOST, (None, None))
    now, before = kept
    if now is None or any(_differ(*pair) for pair in zip(now, both, strict=True)):
        now, before = both, now
        st.session_state[GHOST] = (now, before)
    return before


def _differ(one: Cloud, other: Cloud) -> bool:
    return replace(one, walk=other.walk) != other


def _picture(both: Both, before: Both | None) -> None:
    end = clouds.span([each.learning_rate for each in both], both[0].curvature, both[0].momentum)
    for each in both:
        if gone := sentences.unstable(each, end):
            st.warning(gone, icon=":material/trending_up:")
    said = sentences.alike(*both)
    walks, argument = st.columns([3, 2], gap="large")
    reach = zoom(both)
    with walks:
        chart, film = moving(both, before, end, reach, lab.look())
        lab.draw(chart, f"Two clouds of walkers on a bowl over time. {said}", film)
        words.caption(
            f"Dots: {bowl.PATHS} walkers, all from w = {bowl.START:g}; rings: where they were at the setting before. "
            "Bar: ± 2 standard deviations by theory. Last: the variance of all walkers; dashed, exact; dotted, the "
            "limit of small steps."
        )
        for each in both:
            if each.stable:
                badge.show(f"{each.name}, variance", Agreement.of(each.walk.stationary, each.exact))
                if short := sentences.too_short(each):
                    words.caption(short)
    with argument:
        words.say(sentences.kick_and_forget(*both))
        lab.draw(balanced(both, reach, lab.look()), "Kick and forgetting over the variance: they cross at the cloud's.")
        words.caption(f"{sentences.corrections(*both)} {sentences.coupled(both[0].summed)}")
    lab.takeaway(said)
    words.caption(sentences.assumed())


def moving(both: Both, before: Both | None, end: float, reach: float, look: Look) -> tuple[Spec, pd.DataFrame]:
    """The picture of both clouds over time, and its film."""
    panels = [
        bowls.Panel(
            each.name, sentences.label(each), sentences.of_limit(each), each.curvature, each.learning_rate, each.exact,
            each.walk.variance,
        )
        for each in both
    ]  # fmt: skip
    film = bowls.packed(
        [bowls.film(panel, each.walk.paths, end, reach) for panel, each in zip(panels, both, strict=True)]
    )
    clip = None if all(each.stable for each in both) else bowl.CLIP**2
    ghosts = {each.name: each.walk.final[: bowl.PATHS] for each in before or ()}
    return bowls.chart(panels, both[0].small_steps, end, reach, clip, look, ghosts), film


def balanced(both: Both, reach: float, look: Look) -> Spec:
    """The picture of kick and forgetting."""
    lines = [balance.Forgets(each.name, each.forgetting, each.exact) for each in both]
    return balance.chart(both[0].kick, 2 * both[0].curvature, lines, bowls.highest(reach), look)


def zoom(both: Both) -> float:
    """How far from the bottom the picture goes: one of few distances, so that its axes keep still."""
    spreads = [math.sqrt(each.exact) for each in both if each.stable]
    needed = max([bowl.START * 1.15, *(3.2 * spread for spread in spreads)])
    fitting = [reach for reach in REACHES if reach >= needed] or [REACHES[-1]]
    return fitting[0] if len(spreads) == 2 else max(fitting[0], REACHES[1])


def reach_of(both: Both) -> float:
    """How far a picture of these clouds alone goes: to the start, and round the cloud that is wider."""
    spreads = [math.sqrt(each.exact) for each in both if each.stable]
    reach = min(TALLEST, max([bowl.START * 1.15, *(3.2 * spread for spread in spreads)]))
    return reach if len(spreads) == 2 else max(reach, 12.0)


def _map(both: Both) -> None:
    words.say("##### Which (B, μ) make the same cloud?")
    table = lab.precomputed_table()
    if table is None:
        return
    momentum = both[0].momentum
    table = table[(table["kind"] == "variance") & (table["momentum"] == momentum)]
    stable = table[~table["diverged"]]
    limit = float(theory.stability_limit(precomputed.CURVATURE, momentum))
    per_noise = theory.stationary_variance_small_steps(
        1.0, 1.0, precomputed.CURVATURE, precomputed.BOWL_VARIANCE, momentum
    )
    said = sentences.on_the_map(stable, limit)
    there = [each for each in both if maps.on_it(table, each.batch_size, each.learning_rate * each.curvature)]
    here = pd.DataFrame(
        [(each.name, each.batch_size, each.learning_rate * each.curvature) for each in there],
        columns=["name", "batch_size", "learning_rate"],
    )
    picture, read = st.columns([3, 2], gap="large")
    with picture:
        lab.draw(
            maps.chart(table, limit, float(per_noise), theme.ramp(np.linspace(0, 1, 10).tolist()), here, lab.look()),
            f"Measured variance over batch size and learning rate. {said}",
        )
        ratio = statistics.mean_of(stable["measured"] / stable["exact"], stable["standard_error"] / stable["exact"])
        badge.show("All stable settings, over exact", Agreement.of(ratio, 1.0))
    with read:
        lab.takeaway(said)
        beyond = sentences.beyond_the_map([each for each in both if each not in there])
        words.caption(f"{sentences.map_read(stable, len(table))}{beyond}")


def _how() -> None:
    words.say(
        "One weight, loss L = hw²/2, and a batch gradient hw + ξ with Var(ξ) = σ²/B, σ² = "
        f"{VARIANCE:g} in the pictures; on the map 1, and h = 1: a variance there is yours times h²/{VARIANCE:g}. "
        "Without momentum a step makes of a variance V (1 − μh)²V + μ²σ²/B: kick and forget. With it, v ← mv + g, "
        "w ← w − μv, SGD is an autoregression of order two, whose stationary variance is known exactly:"
    )
    st.latex(
        r"\mathrm{Var}(w)=\frac{\mu\sigma^2}{B}\,\frac{1+m}{h(1-m)\,(2(1+m)-\mu h)}"
        r"\;\xrightarrow{\;\mu h\to 0\;}\;\frac{\mu}{B}\,\frac{\sigma^2}{2h(1-m)},"
        r"\qquad\text{stable for } 0<\mu h<2(1+m)."
    )
    words.say(
        "Source: Box & Jenkins, *Time Series Analysis*; without momentum Mandt et al., arXiv "
        "1704.04289, plus the finite-step term. A unit of time in the picture of kick and forgetting is one of μ × "
        "steps / (1−m). All walkers start at w = 3, not in the stationary state, and are "
        "measured after a burn-in in which the start shrinks to 1% of the cloud. The error is the spread over "
        "walkers of each walker's average over time, so the dependence between a walker's steps is in it."
    )
