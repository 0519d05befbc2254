"""The noise lab's third page: a sharp and a flat valley that the reader shapes, and where noise takes the walkers.

Six batch sizes with 250 walkers each take 2,048 steps (3 million walker-steps, 60 ms), so that mu/B is an axis and not
a slider; their badge pools all six, as one alone sees no less than 10%. Escapes longer than LONGEST_LIVE would need
more walkers than a slider's answer allows: for those stand the precomputed ones of `noise.precomputed`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from sgd_core.noise import chain, precomputed, theory, valleys
from sgd_core.noise.agreement import Agreement
from sgd_core.noise.landscape import Landscape, Noise, Valley
from sgd_core.noise.statistics import Estimate
from sgd_core.noise.theory import FloatArray
from sgd_core.noise.valleys import ValleyWalk
from sgd_core.ui import lab, page, theme

RATE = 0.05
VARIANCE = 20.0
BATCHES = [1, 2, 4, 8, 12, 16]
WALKERS, DOUBLINGS = 250, 11
STEPS = 2**DOUBLINGS
SECOND_HALF = f"over the second half of {STEPS:,} steps"
LIVE_WALKERS = 300
LONGEST_LIVE = 1500
"""Steps of the longest mean escape that is measured while a slider moves."""
CONSTANT, CURVATURE = "the same everywhere", "growing with curvature"
MINE, TEXTBOOK = "your landscape", "the textbook well"
NOISE = [RATE / batch for batch in BATCHES]
"""mu/B of each of BATCHES."""
DENSE = np.geomspace(NOISE[-1], NOISE[0], 30)

SCENES: dict[str, dict[str, Any]] = {
    "Equal depth": {"left": 0.6, "right": 1.2, "dleft": 0.25, "dright": 0.25, "noise": CONSTANT},
    "Sharp is deeper": {"left": 0.6, "right": 1.2, "dleft": 0.35, "dright": 0.25, "noise": CONSTANT},
    "Noise grows with curvature": {"left": 0.6, "right": 1.2, "dleft": 0.25, "dright": 0.25, "noise": CURVATURE},
}


@dataclass(frozen=True)
class Setting:
    """What the reader shaped."""

    landscape: Landscape
    noise: Noise

    def heat(self, noise_level: float | FloatArray) -> FloatArray:
        """Tm at mu/B, under constant noise."""
        return np.asarray(theory.temperature(noise_level, 1.0, VARIANCE))

    @property
    def equal_depth(self) -> bool:
        return self.landscape.left.depth == self.landscape.right.depth


def show() -> None:
    """Draw the page."""
    page.setup("Noise chooses the valley")
    st.title("Noise chooses the valley")
    st.markdown(
        "**Does more noise lead SGD to flatter minima?** All walkers start in the left valley. Shape both valleys, "
        "then see where the walkers are, and how long it takes to get out. The answer depends on depth, on width, and "
        "on what the noise is like."
    )
    with page.plain_errors():
        setting, batch, seed = _controls()
        walked = _walk(setting, seed)
        _landscape(setting, walked, batch)
        _occupancy(setting, walked)
        st.markdown("##### How long does it take to leave the left valley?")
        _escape(setting, seed)
        with st.container(key="details"):
            _how()
    page.presentation_switch()


def _controls() -> tuple[Setting, int, int]:
    with st.container(key="controls"):
        with st.container(horizontal=True, gap="small"):
            for name, values in SCENES.items():
                st.button(name, on_click=lab.set_controls, args=(values,), key=f"scene {name}")
        with st.container(horizontal=True, gap="medium"):
            options: dict[str, Any] = {"bind": "query-params", "width": 150}
            widths = [
                st.slider(f"Width, {side}", 0.4, 2.0, value, 0.1, key=side, **options)
                for side, value in (("left", 0.6), ("right", 1.2))
            ]
            depths = [
                st.slider(f"Depth, {side}", 0.15, 0.4, 0.25, 0.05, key=f"d{side}", **options)
                for side in ("left", "right")
            ]
        with st.container(horizontal=True, gap="medium"):
            noise = st.segmented_control(
                "The noise is", [CONSTANT, CURVATURE], default=CONSTANT, key="noise", bind="query-params",
                required=True,
                help="Growing with curvature: σ² in each valley is in proportion to the valley's curvature.",
            )  # fmt: skip
            batch = int(st.select_slider("B of the histogram", BATCHES, value=4, key="B", **options))
            seed = lab.seed()
    left, right = (Valley(width, depth) for width, depth in zip(widths, depths, strict=True))
    return Setting(Landscape(left, right), "constant" if noise == CONSTANT else "curvature"), batch, seed


@lab.remembered
def _walk(setting: Setting, seed: int) -> ValleyWalk:
    return valleys.walk(
        setting.landscape, RATE, BATCHES, VARIANCE, setting.noise, steps=STEPS, walkers=WALKERS, seed=seed
    )


@lab.remembered
def _live_escapes(setting: Setting, batches: Sequence[int], seed: int) -> list[Estimate]:
    return valleys.escape(
        setting.landscape, RATE, batches, VARIANCE, setting.noise, steps=STEPS, walkers=LIVE_WALKERS,
        seed=seed + 10_000,
    )  # fmt: skip


@lab.remembered
def _law(setting: Setting) -> tuple[list[float], list[float]]:
    """For each of BATCHES the exact occupancy over the second half of the steps, and the exact mean escape."""
    settings = [(setting.landscape, RATE, batch, VARIANCE, setting.noise) for batch in BATCHES]
    shares = [float(chain.occupancy(*one, doublings=DOUBLINGS).second_half[-1]) for one in settings]
    return shares, [chain.escape(*one) for one in settings]


@lab.remembered
def _small_steps(setting: Setting) -> tuple[FloatArray, FloatArray]:
    """Over DENSE the stationary share of the right valley, and the mean escape of the first-passage integral."""
    landscape = setting.landscape
    heat = setting.heat(DENSE)
    grid = landscape.grid(float(heat.max()), setting.noise, points=1001)
    slope, heats = landscape.slope(grid), landscape.temperature(grid, heat, setting.noise)
    stop = landscape.right.width / 2
    return (
        theory.occupancy(grid, slope, heats, 0.0),
        theory.first_passage_steps(grid, slope, heats, RATE, -landscape.left.width, stop),
    )


def _landscape(setting: Setting, walked: ValleyWalk, batch: int) -> None:
    at = BATCHES.index(batch)
    lost = float(walked.diverged[at])
    if lost > 0:
        st.warning(
            f"At B = {batch} {lost:.0%} of the walkers have been thrown out of the landscape: steps this noisy are "
            "unstable here. They are clipped at the edge.",
            icon=":material/trending_up:",
        )
    landscape = setting.landscape
    heat = float(setting.heat(RATE / batch))
    low, high = -1.9 * landscape.left.width, 1.9 * landscape.right.width
    grid = landscape.grid(heat, setting.noise, points=1001)
    density = theory.stationary_density(grid, landscape.slope(grid), landscape.temperature(grid, heat, setting.noise))
    shown = np.linspace(low, high, 161)
    count, edges = np.histogram(walked.final[at].clip(low, high), bins=np.linspace(low, high, 41))
    width = edges[1] - edges[0]
    bars = pd.DataFrame({"w": edges[:-1], "to": edges[1:], "density": count / WALKERS / width})
    lines = pd.DataFrame({"w": shown, "loss": landscape.loss(shown), "stationary": np.interp(shown, grid, density)})
    top = float(max(bars["density"].max(), lines["stationary"].max())) * 1.1
    deepest = max(landscape.left.depth, landscape.right.depth)
    x = alt.X("w:Q", scale=alt.Scale(domain=[low, high], nice=False), title="weight w")
    y = alt.Scale(domain=[0, top], nice=False)
    accents, ink = theme.accents(), theme.colour("textColor")
    title = "walkers per unit of w"
    histogram = (
        alt.Chart(bars).mark_bar(color=accents[0], opacity=0.55, binSpacing=1)
        .encode(alt.X("w:Q", bin="binned", scale=alt.Scale(domain=[low, high]), title="weight w"), x2=alt.X2("to:Q"),
                y=alt.Y("density:Q", scale=y, title=title))
    )  # fmt: skip
    settled = (
        alt.Chart(lines).mark_line(color=accents[1], strokeDash=[5, 4], clip=True)
        .encode(x, alt.Y("stationary:Q", scale=y, title=title))
    )  # fmt: skip
    loss = (
        alt.Chart(lines).mark_line(color=ink, strokeWidth=2.5, clip=True)
        .encode(x, alt.Y("loss:Q", scale=alt.Scale(domain=[-1.1 * deepest, 2.5 * deepest], nice=False), title="loss"))
    )  # fmt: skip
    share = float((walked.final[at] > 0).mean())
    settled_share = float(np.interp(RATE / batch, DENSE, _small_steps(setting)[0]))
    said = (
        f"After {STEPS:,} steps at B = {batch} (μ/B = {RATE / batch:.3g}) {share:.0%} of the walkers are in the right "
        f"valley; in the long run, with small steps, it would be {settled_share:.0%}."
    )
    lab.draw(
        alt.layer(alt.layer(histogram, settled), loss).resolve_scale(y="independent"),
        270,
        f"The landscape with the walkers' histogram over it. {said}",
    )
    st.caption(
        f"Line: the loss. Bars: {WALKERS} walkers. Dashed: the stationary density. "
        "All walkers started at the left bottom."
    )
    lab.takeaway(said)


def _occupancy(setting: Setting, walked: ValleyWalk) -> None:
    st.markdown("##### Which valley holds them, as μ/B grows?")
    stationary, _ = _small_steps(setting)
    shares, _ = _law(setting)
    measured = np.array([estimate.value for estimate in walked.occupancy])
    errors = np.array([estimate.standard_error for estimate in walked.occupancy])
    points = pd.DataFrame(
        {"noise": NOISE, "B": BATCHES, "share": measured, "low": measured - 2 * errors, "high": measured + 2 * errors}
    )
    lines = pd.concat(
        [
            pd.DataFrame({"noise": DENSE, "share": stationary, "line": "in the long run (small steps)"}),
            pd.DataFrame({"noise": NOISE, "share": shares, "line": f"{SECOND_HALF} (exact)"}),
        ]
    ).dropna()
    x = alt.X(
        "noise:Q",
        scale=alt.Scale(type="log", nice=False),
        title="μ/B",
        axis=alt.Axis(format=".2~g", values=NOISE, labelOverlap=False),
    )
    y = alt.Scale(domain=[0, 1])
    title = "share in the right valley"
    accents, ink = theme.accents(), theme.colour("textColor")
    colour = alt.Color("line:N", scale=alt.Scale(range=[accents[0], accents[1]]))
    line = alt.Chart(lines).mark_line(strokeWidth=2).encode(x, alt.Y("share:Q", scale=y, title=title), colour)
    base = alt.Chart(points).encode(x)
    bars = base.mark_rule(color=ink, clip=True, strokeWidth=2).encode(
        y=alt.Y("low:Q", scale=y, title=title), y2=alt.Y2("high:Q")
    )
    dots = base.mark_point(filled=True, color=ink, size=60, opacity=1).encode(
        y=alt.Y("share:Q", scale=y, title=title), tooltip=[alt.Tooltip("B:Q"), alt.Tooltip("share:Q", format=".3f")]
    )
    said = _said_of_occupancy(setting, stationary, measured, errors)
    lab.draw(line + bars + dots, 250, f"Share of the walkers in the right valley over mu/B. {said}")
    st.caption(f"Dots: measured {SECOND_HALF}, ± 2 standard errors, for B = 16 to 1 at μ = {RATE:g}.")
    lab.takeaway(said)
    if all(map(math.isfinite, shares)):
        pooled = Estimate(float(measured.mean()), float(np.sqrt((errors**2).sum()) / len(errors)))
        lab.show_badge("Share at these steps, mean of the six B", Agreement.of(pooled, float(np.mean(shares))))
    else:
        st.caption("For some of these B the exact law needs too fine a grid, so there is no badge.")


def _highest(measured: FloatArray, errors: FloatArray) -> str:
    """Where the measured share is largest; values within 2 standard errors of the largest are not told apart."""
    best = int(np.argmax(measured))
    high = np.flatnonzero(np.abs(measured - measured[best]) <= 2 * np.hypot(errors, errors[best]))
    about = f"{measured[high].mean():.2f}"
    if len(high) == len(measured):
        return f"the measured share is about {about} at all six μ/B"
    if len(high) == 1:
        return f"the measured share is largest, {about}, at μ/B = {NOISE[best]:.3g}"
    if high[0] == 0:
        return f"the measured share has reached about {about} from μ/B of about {NOISE[high[-1]]:.2g} on"
    return (
        f"the measured share is largest, about {about}, at μ/B from about {NOISE[high[-1]]:.2g} to {NOISE[high[0]]:.2g}"
    )


def _said_of_occupancy(setting: Setting, stationary: FloatArray, measured: FloatArray, errors: FloatArray) -> str:
    left, right = setting.landscape.left, setting.landscape.right
    after = f"{SECOND_HALF} {_highest(measured, errors)}"
    if setting.noise == "constant" and setting.equal_depth:
        return (
            f"With equal depths and constant noise the long-run share is the ratio of widths, "
            f"{right.width / (left.width + right.width):.3f}, whatever μ/B is; only the time to get there depends on "
            f"it: {after}, and {measured[-1]:.2f} at μ/B = {NOISE[-1]:.3g}."
        )
    first, last = float(stationary[0]), float(stationary[-1])
    if abs(last - first) < 0.005:
        course = f"hardly changes ({first:.3f} to {last:.3f})"
    else:
        course = f"{'rises' if last > first else 'falls'} from {first:.3f} to {last:.3f}"
    return (
        f"In the long run the right valley's share {course} as μ/B grows from {NOISE[-1]:.3g} to {NOISE[0]:.3g}; "
        f"{after}."
    )


def _escape(setting: Setting, seed: int) -> None:
    with st.container(key="controls-escape"):
        choice = st.segmented_control(
            "Escapes from", [MINE, TEXTBOOK], default=MINE, key="escapes", bind="query-params", required=True,
            help="The textbook well, w⁴/4 − w²/2, was computed beforehand: far longer escapes, three learning rates.",
        )  # fmt: skip
    if choice == TEXTBOOK:
        _textbook()
    else:
        _mine(setting, seed)


def _mine(setting: Setting, seed: int) -> None:
    landscape = setting.landscape
    _, integral = _small_steps(setting)
    _, exact = _law(setting)
    live = [batch for batch, steps in zip(BATCHES, exact, strict=True) if steps < LONGEST_LIVE]
    estimates = _live_escapes(setting, tuple(live), seed) if live else []
    rows = [{"x": 1 / noise, "steps": steps, "line": INTEGRAL} for noise, steps in zip(DENSE, integral, strict=True)]
    if setting.noise == "constant":
        kramers = theory.kramers_steps(
            RATE, setting.heat(DENSE), landscape.left.depth, landscape.left.curvature, landscape.barrier_curvature
        )
        rows += [{"x": 1 / noise, "steps": steps, "line": KRAMERS} for noise, steps in zip(DENSE, kramers, strict=True)]
    chained = pd.DataFrame({"x": np.array(BATCHES) / RATE, "steps": exact, "mark": CHAIN}).dropna()
    measured = pd.DataFrame(
        [
            {"x": batch / RATE, "steps": one.value, "mark": MEASURED}
            for batch, one in zip(live, estimates, strict=True)
            if math.isfinite(one.value)
        ],
        columns=["x", "steps", "mark"],
    )
    said = _said_of_escape(chained)
    lines = pd.DataFrame(rows).assign(rate=f"{RATE:g}")
    _escape_chart(lines, pd.concat([chained, measured]).assign(rate=f"{RATE:g}"), said)
    st.caption(
        "Kramers' formula is for high barriers; it and the integral are limits of small steps. The diamonds are exact "
        f"at μ = {RATE:g}. Dots: measured live where the escape takes less than {LONGEST_LIVE:,} steps."
        + ("" if setting.noise == "constant" else " Kramers' formula is for constant noise and is left out here.")
    )
    lab.takeaway(said)
    pooled = _pooled(estimates, [exact[BATCHES.index(batch)] for batch in live])
    if pooled is None:
        st.markdown(
            f"Every escape takes more than {LONGEST_LIVE:,} steps here, too long to be measured while you wait: the "
            "textbook well shows such escapes, computed beforehand."
        )
    else:
        lab.show_badge("Escape measured over exact, all dots together", Agreement.of(pooled, 1.0))


INTEGRAL, KRAMERS = "first-passage integral", "Kramers"
CHAIN, MEASURED = "exact for these steps", "measured"


def _pooled(estimates: list[Estimate], exact: list[float]) -> Estimate | None:
    """Measured over exact, weighted by the inverse square of the errors."""
    pairs = [
        (one.value / steps, one.standard_error / steps)
        for one, steps in zip(estimates, exact, strict=True)
        if math.isfinite(one.value) and one.standard_error > 0
    ]
    if not pairs:
        return None
    ratios, errors = np.array(pairs).T
    weights = errors**-2
    return Estimate(float(ratios @ weights / weights.sum()), float(weights.sum() ** -0.5))


def _said_of_escape(chained: pd.DataFrame) -> str:
    if len(chained) < 2:
        return "The exact escape time needs too fine a grid here; the integral is the guide."
    first, last = chained.iloc[0], chained.iloc[-1]
    per = (last["steps"] / first["steps"]) ** (100 / (last["x"] - first["x"]))
    return (
        f"From B/μ = {first['x']:.0f} to {last['x']:.0f} the mean escape grows from {first['steps']:,.0f} to "
        f"{last['steps']:,.0f} steps: {per:.2g} times for every 100 more, on average."
    )


def _textbook() -> None:
    table = lab.precomputed_table()
    if table is None:
        return
    table = table[table["kind"] == "escape"].assign(x=table["batch_size"] / table["learning_rate"])
    table = table.assign(rate=table["learning_rate"].map("{:g}".format)).sort_values(["rate", "x"])
    lines = pd.concat(
        table.assign(steps=table[column], line=name)[["x", "steps", "line", "rate"]]
        for column, name in (("small_steps", INTEGRAL), ("kramers", KRAMERS))
    )
    marks = pd.concat(
        table.assign(steps=table[column], mark=name)[["x", "steps", "mark", "rate"]]
        for column, name in (("exact", CHAIN), ("measured", MEASURED))
    )
    at = table.pivot_table(index="x", columns="rate", values="measured").dropna()
    growth = ", ".join(f"{factor:.2f}" for factor in at.iloc[-1] / at.iloc[0])
    said = (
        f"From B/μ = {at.index[0]:g} to {at.index[-1]:g} the escape becomes {growth} times as long at μ = "
        f"{', '.join(at.columns)}: B/μ sets the exponent, μ only the factor in front. The longest here took "
        f"{table['measured'].max():,.0f} steps."
    )
    _escape_chart(lines, marks, said)
    st.caption(
        f"Computed beforehand, about {precomputed.CROSSINGS:,} crossings each, standard errors near 1%. Well: "
        f"w⁴/4 − w²/2, σ² = {precomputed.WELLS_VARIANCE:g}, from w = −1 until w = 1/2 is crossed."
    )
    lab.takeaway(said)
    estimates = [Estimate(a, b) for a, b in zip(table["measured"], table["standard_error"], strict=True)]
    pooled = _pooled(estimates, list(table["exact"]))
    if pooled is not None:
        lab.show_badge("Escape measured over exact, all dots together", Agreement.of(pooled, 1.0))
    low = float((table["kramers"] / table["exact"] - 1).median())
    st.markdown(
        f"Kramers' formula is {abs(low):.0%} {'low' if low < 0 else 'high'} here (median): it is an approximation."
    )


def _escape_chart(lines: pd.DataFrame, marks: pd.DataFrame, said: str) -> None:
    lines = lines[np.isfinite(lines["steps"])]
    marks = marks.assign(filled=(marks["mark"] == MEASURED).astype(float))
    x = alt.X("x:Q", title="B/μ", scale=alt.Scale(nice=False, zero=True))
    y = alt.Y(
        "steps:Q", title="mean steps to escape", scale=alt.Scale(type="log"), axis=alt.Axis(format="~s", tickCount=6)
    )
    ramp = theme.ramp([0.1, 0.5, 0.9]) if lines["rate"].nunique() > 1 else theme.accents()[:1]
    colour = alt.Color("rate:N", scale=alt.Scale(range=ramp), legend=alt.Legend(title="μ") if len(ramp) > 1 else None)
    line = alt.Chart(lines).mark_line(strokeWidth=2).encode(
        x, y, colour, alt.StrokeDash("line:N", scale=alt.Scale(domain=[INTEGRAL, KRAMERS], range=[[1, 0], [5, 4]]))
    )  # fmt: skip
    ink = theme.colour("textColor")
    points = alt.Chart(marks).mark_point(size=70, stroke=ink, fill=ink, opacity=1).encode(
        x, y,
        alt.Shape("mark:N", scale=alt.Scale(domain=[CHAIN, MEASURED], range=["diamond", "circle"])),
        fillOpacity=alt.FillOpacity("filled:Q", scale=None),
        tooltip=[alt.Tooltip("mark:N"), alt.Tooltip("x:Q", title="B/μ"), alt.Tooltip("steps:Q", format=",.0f")],
    )  # fmt: skip
    lab.draw(line + points, 280, f"Mean steps to escape over B/mu, log axis. {said}")


def _how() -> None:
    with st.expander("How we know"):
        st.markdown(
            "Each side of w = 0 is a quartic, d((w/a)⁴ − 2(w/a)²): bottom at distance a, depth d, curvature 8d/a². SGD "
            f"with μ = {RATE:g} and Gaussian noise of variance σ²/B, σ² = {VARIANCE:g}. With small steps the weights "
            "are distributed as exp(−L/Tm), Tm = μσ²/(2B) (Jastrzebski et al., arXiv 1711.04623); where the noise "
            "depends on the place, as exp(−∫L′/Tm)/Tm, because the noise is taken before the step (Gardiner, *Handbook "
            "of Stochastic Methods*, 5.2.2). The integral is the exact mean first-passage time of that diffusion "
            "(5.2.7), from the left bottom to half way up the right valley; Kramers' formula (1940) is its limit for a "
            "high barrier. Steps of finite size differ from both, so the badges use the exact law of the steps "
            "themselves, a Markov chain solved on a grid. Noise in proportion to curvature: σ² times √(h_left/h_right) "
            "on the left, its inverse on the right."
        )
