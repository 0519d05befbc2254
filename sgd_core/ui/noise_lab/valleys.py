"""The noise lab's third page: a sharp and a flat valley that the reader shapes, and where noise takes the walkers.

Six batch sizes walk at once (see `double_well`); their badge pools all six, as one alone sees no less than 15%. 61
moments of the walk of one B travel to the browser once (76 kB) and play there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from sgd_core.charts import channels, dots, wells
from sgd_core.charts.look import Spec
from sgd_core.evidence.sentences import valleys as sentences
from sgd_core.noise import statistics, theory
from sgd_core.noise.agreement import Agreement
from sgd_core.noise.landscape import Landscape, Valley
from sgd_core.noise.theory import FloatArray
from sgd_core.noise.valleys import ValleyWalk
from sgd_core.ui.noise_lab import double_well, escapes
from sgd_core.ui.noise_lab.double_well import (
    BATCHES,
    DENSE,
    FRAME_STEPS,
    NOISE,
    RATE,
    STEPS,
    VARIANCE,
    WALKERS,
    Setting,
)
from sgd_core.ui.shell import badge, lab, page, words

CONSTANT, CURVATURE = "the same everywhere", "growing with curvature"
WHERE, MEASURED = "Where they go", "How many, how soon"
SHOWN = 1.9
"""Widths of a valley that the picture shows of it."""

SCENES: dict[str, dict[str, Any]] = {
    "Equal depth": {"left": 0.6, "right": 1.2, "dleft": 0.25, "dright": 0.25, "noise": CONSTANT},
    "Sharp is deeper": {"left": 0.6, "right": 1.2, "dleft": 0.35, "dright": 0.25, "noise": CONSTANT},
    "Noise grows with curvature": {"left": 0.6, "right": 1.2, "dleft": 0.25, "dright": 0.25, "noise": CURVATURE},
}


PAGE = page.Page(
    slug="Noise_lab_Valleys",
    section=page.NOISE_LAB,
    label="Valleys",
    title="Noise chooses the valley",
    question="Does more noise lead SGD to flatter minima?",
    intro="A wide valley is a flat minimum, a narrow one a sharp one. All walkers start on the left. Shape both "
    "valleys and press Play.",
    next="Noise_lab_Real_network",
)


@words.fragment  # a control here leaves menu and title as they are
def show() -> None:
    """Draw the page."""
    body = st.container()
    with st.container(key="details"), st.expander("How we know"):
        details = st.container()
        seed = lab.seed()
    with body, page.plain_errors():
        setting, batch = _controls()
        walked = double_well.walk(setting, seed)
        if lab.part({WHERE: [], MEASURED: ["escapes"]}) == WHERE:
            _where(setting, walked, batch)
        else:
            _measured(setting, walked, seed)
    with details:
        _how()


def _controls() -> tuple[Setting, int]:
    with st.container(key="controls"):
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            lab.scenes(SCENES)
            noise = lab.pick(
                "The noise is", [CONSTANT, CURVATURE], "noise",
                help="Growing with curvature: σ² in each valley is in proportion to the valley's curvature.",
            )  # fmt: skip
        with st.container(horizontal=True, gap="medium"):
            options: dict[str, Any] = {"bind": "query-params", "width": 130}
            widths = [
                st.slider(f"Width, {side}", 0.4, 2.0, value, 0.1, key=side, **options)
                for side, value in (("left", 0.6), ("right", 1.2))
            ]
            depths = [
                st.slider(f"Depth, {side}", 0.15, 0.4, 0.25, 0.05, key=f"d{side}", **options)
                for side in ("left", "right")
            ]
            batch = lab.slide("B of the film", BATCHES, 4, "B", width=130)
    left, right = (Valley(width, depth) for width, depth in zip(widths, depths, strict=True))
    return Setting(Landscape(left, right), "constant" if noise == CONSTANT else "curvature"), batch


def _where(setting: Setting, walked: ValleyWalk, batch: int) -> None:
    _film(setting, walked, batch)
    words.say("##### Does more μ/B prefer the flat valley?")
    words.say(sentences.table(double_well.scenes(setting, list(SCENES)), (DENSE[0], DENSE[-1])))


def _measured(setting: Setting, walked: ValleyWalk, seed: int) -> None:
    stable = walked.diverged == 0
    shares, times = st.columns(2, gap="large")
    with shares:
        _occupancy(setting, walked, stable)
    with times:
        escapes.show(setting, [batch for batch, stays in zip(BATCHES, stable, strict=True) if stays], seed)


def _film(setting: Setting, walked: ValleyWalk, batch: int) -> None:
    at = BATCHES.index(batch)
    lost = float(walked.diverged[at])
    if thrown := sentences.thrown_out(batch, lost):
        st.warning(thrown, icon=":material/trending_up:")
    kept = walked.kept[:, at]
    settled = float(np.interp(RATE / batch, DENSE, double_well.small_steps(setting)[0]))
    shares = double_well.shares_right(setting, kept)
    said = sentences.in_the_right(batch, RATE / batch, STEPS, shares[-1], settled, lost)
    landscape = setting.landscape
    ends = (-SHOWN * landscape.left.width, SHOWN * landscape.right.width)
    film = wells.film(kept, ends)
    counters = [sentences.counter(step, STEPS, now) for step, now in zip(FRAME_STEPS, shares, strict=True)]
    curve, peak = _curve(setting, batch, ends)
    lab.draw(
        wells.chart(film, landscape, curve, peak, counters, ends, lab.look()),
        f"Walkers rolling in the landscape, with their histogram over time. {said}",
        film,
    )
    words.caption(
        f"Line: the loss. Dots and bars: {WALKERS} walkers, all from the left bottom; the film starts slowly and gets "
        "faster. Dashed: where they are in the long run, with small steps."
    )
    lab.takeaway(said)


def _curve(setting: Setting, batch: int, ends: tuple[float, float]) -> tuple[pd.DataFrame, float]:
    """The loss and the density of the long run, over what the picture shows, and the density's peak."""
    landscape, heat = setting.landscape, float(setting.heat(RATE / batch))
    grid = landscape.grid(heat, setting.noise, points=1001)
    density = theory.stationary_density(grid, landscape.slope(grid), landscape.temperature(grid, heat, setting.noise))
    shown = np.linspace(*ends, 121)
    table = pd.DataFrame({"w": shown, "loss": landscape.loss(shown), "density": np.interp(shown, grid, density)})
    return table.round(4), float(density.max())


def _occupancy(setting: Setting, walked: ValleyWalk, stable: npt.NDArray[np.bool_]) -> None:
    """Shares at those of BATCHES at which no walker was thrown out: `stable` (K,)."""
    words.say("##### Which valley holds them, as μ/B grows?")
    if not stable.all():
        words.caption(sentences.unstable_at([batch for batch, stays in zip(BATCHES, stable, strict=True) if not stays]))
    if not stable.any():
        return
    (long_run, _), (exact, _) = double_well.small_steps(setting), double_well.law(setting)
    measured = np.array([estimate.value for estimate in walked.occupancy])[stable]
    errors = np.array([estimate.standard_error for estimate in walked.occupancy])[stable]
    noise, shares = NOISE[stable], np.array(exact)[stable]
    smallest, largest = np.interp([noise[-1], noise[0]], DENSE, long_run)
    said = sentences.occupancy(setting.landscape, setting.noise, (smallest, largest), STEPS, noise, measured, errors)
    lab.draw(
        _occupancy_chart(long_run, noise, shares, measured, errors),
        f"Share of the walkers in the right valley over mu/B. {said}",
    )
    words.caption(
        f"Dots: measured {sentences.second_half(STEPS)}, ± 2 standard errors, for B = 16 to 1 at μ = {RATE:g}."
    )
    lab.takeaway(said)
    if not stable.all():
        return
    if np.isfinite(shares).all():
        pooled = statistics.mean_of(measured, errors)
        badge.show("Share at these steps, mean of the six B", Agreement.of(pooled, float(shares.mean())))
    else:
        words.caption("For some of these B the exact law needs too fine a grid, so there is no badge.")


def _occupancy_chart(
    long_run: FloatArray, noise: FloatArray, shares: FloatArray, measured: FloatArray, errors: FloatArray
) -> Spec:
    in_the_end, exact = "in the long run (small steps)", f"{sentences.second_half(STEPS)} (exact)"
    lines = pd.concat(
        [
            pd.DataFrame({"x": DENSE, "y": long_run, "name": in_the_end}),
            pd.DataFrame({"x": noise, "y": shares, "name": exact}).dropna(),
        ]
    )
    table = {
        "x": noise,
        "y": measured,
        "B": np.round(RATE / noise),
        "size": 60,
        **dots.bars(measured, errors, 0.0, 1.0),
    }
    x = channels.quantity(
        "x", "μ/B (log)", scale=channels.log(), format=".2~g", values=[RATE / batch for batch in (1, 2, 4, 8, 16)],
        labelOverlap=False,
    )  # fmt: skip
    y = channels.quantity("y", "share on the right", scale=channels.linear(0, 1), format="%", tickCount=5)
    look = lab.look()
    chart = dots.on_lines(
        lines, pd.DataFrame(table), x, y, dict(zip((in_the_end, exact), look.accents[1::-1], strict=True)),
        channels.tips(("B", "B"), ("y", "share", ".3f")), ink=look.ink,
        legend={"columns": {"expr": "width < 420 ? 1 : 2"}}, clip=False,
    )  # fmt: skip
    return look.framed({"height": 170, **chart})


def _how() -> None:
    words.say(
        "Each side of w = 0 is a quartic, d((w/a)⁴ − 2(w/a)²): bottom at distance a, depth d, curvature 8d/a². SGD "
        f"with μ = {RATE:g} and Gaussian noise of variance σ²/B, σ² = {VARIANCE:g}. With small steps the weights "
        "are distributed as exp(−L/Tm), Tm = μσ²/(2B) (Jastrzebski et al., arXiv 1711.04623); where the noise "
        "depends on the place, as exp(−∫L′/Tm)/Tm, because the noise is taken before the step (Gardiner, *Handbook "
        "of Stochastic Methods*). The integral is the exact mean first-passage time of that diffusion "
        "(Gardiner), from the left bottom to half way up the right valley; Kramers' formula (*Physica* 7, 1940; "
        "the limit of strong friction) is its limit for a high barrier. That escapes take exponentially many "
        "steps in B/μ is found for SGD in Xie, Sato and Sugiyama, arXiv 2002.03495. Steps of finite size differ "
        "from the integral and from Kramers, so the badges use the exact law of the steps themselves, a Markov "
        "chain solved on a grid. Noise in proportion to curvature: σ² times √(h_left/h_right) "
        "on the left, its inverse on the right."
    )
