"""The noise lab's third page: a sharp and a flat valley that the reader shapes, and where noise takes the walkers.

Six batch sizes with 250 walkers each take 2,048 steps (3 million walker-steps, 53 ms), so that mu/B is an axis and not
a slider; their badge pools all six, as one alone sees no less than 10%. 61 moments of the walk of one B travel to the
browser once (76 kB) and play there. Escapes longer than LONGEST_LIVE would need more walkers than a slider's answer
allows: for those stand the precomputed ones of `noise.precomputed`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from sgd_core.noise import chain, precomputed, theory, valleys
from sgd_core.noise.agreement import Agreement
from sgd_core.noise.landscape import Landscape, Noise, Valley
from sgd_core.noise.statistics import Estimate
from sgd_core.noise.theory import FloatArray
from sgd_core.noise.valleys import ValleyWalk
from sgd_core.ui.shell import lab, page, theme

RATE = 0.05
VARIANCE = 20.0
BATCHES = [1, 2, 4, 8, 12, 16]
WALKERS, DOUBLINGS = 250, 11
STEPS = 2**DOUBLINGS
FRAMES = 60
FRAME_STEPS = [round(STEPS * (frame / FRAMES) ** 2) for frame in range(FRAMES + 1)]
"""Steps shown, closer together at the start, where a walker crosses its valley in a few steps."""
BARS = 40
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


PAGE = page.Page(
    slug="Noise_lab_Valleys",
    section=page.NOISE_LAB,
    label="Valleys",
    title="Noise chooses the valley",
    question="Does more noise lead SGD to flatter minima?",
    intro="A wide valley is a flat minimum, a narrow one a sharp one. All walkers start on the left. Shape both "
    "valleys, press Play, and see where they go and how long it takes. The answer depends on depth, on "
    "width, and on what the noise is like.",
    next="Noise_lab_Real_network",
)


def show() -> None:
    """Draw the page."""
    body = st.container()
    seed = lab.seed()
    with body, page.plain_errors():
        setting, batch = _controls()
        walked = _walk(setting, seed)
        _landscape(setting, walked, batch)
        _occupancy(setting, walked)
        st.markdown("##### How long does it take to leave the left valley?")
        _escape(setting, seed)
        with st.container(key="details"):
            _how()


def _controls() -> tuple[Setting, int]:
    with st.container(key="controls"):
        with st.container(horizontal=True, gap="small"):
            for name, values in SCENES.items():
                st.button(name, on_click=lab.set_controls, args=(values,), key=f"scene {name}")
        with st.container(horizontal=True, gap="medium"):
            options: dict[str, Any] = {"bind": "query-params", "width": 155}
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
            batch = int(st.select_slider("B of the film", BATCHES, value=4, key="B", **options))
    left, right = (Valley(width, depth) for width, depth in zip(widths, depths, strict=True))
    return Setting(Landscape(left, right), "constant" if noise == CONSTANT else "curvature"), batch


@lab.remembered
def _walk(setting: Setting, seed: int) -> ValleyWalk:
    return valleys.walk(
        setting.landscape, RATE, BATCHES, VARIANCE, setting.noise, steps=STEPS, walkers=WALKERS, keep=FRAME_STEPS,
        seed=seed,
    )  # fmt: skip


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
    share = float((walked.final[at] > 0).mean())
    settled_share = float(np.interp(RATE / batch, DENSE, _small_steps(setting)[0]))
    said = (
        f"After {STEPS:,} steps at B = {batch} (μ/B = {RATE / batch:.3g}) {share:.0%} of the walkers are in the right "
        f"valley; in the long run, with small steps, it would be {settled_share:.0%}."
    )
    low, high = -1.9 * landscape.left.width, 1.9 * landscape.right.width
    places = walked.kept[:, at].clip(low * 0.999, high * 0.999)
    film = pd.DataFrame({"frame": np.repeat(np.arange(FRAMES + 1, dtype="int8"), WALKERS), "w": places.ravel()})
    st.vega_lite_chart(
        film, _film(setting, batch, places, (low, high)), width="stretch",
        alt=f"Walkers rolling in the landscape, with their histogram over time. {said}",
    )  # fmt: skip
    st.caption(
        f"Line: the loss. Dots and bars: {WALKERS} walkers, all from the left bottom; the film starts slowly and gets "
        "faster. Dashed: where they are in the long run, with small steps."
    )
    lab.takeaway(said)


def _film(setting: Setting, batch: int, places: npt.NDArray[np.float32], ends: tuple[float, float]) -> lab.Spec:
    """The walkers (FRAMES + 1, WALKERS) on the loss and as bars; the browser counts them."""
    landscape, (low, high) = setting.landscape, ends
    heat, width = float(setting.heat(RATE / batch)), (high - low) / BARS
    grid = landscape.grid(heat, setting.noise, points=1001)
    density = theory.stationary_density(grid, landscape.slope(grid), landscape.temperature(grid, heat, setting.noise))
    shown = np.linspace(low, high, 121)
    lines = [
        {"w": round(float(w), 4), "loss": round(float(loss), 4), "density": round(float(there), 4)}
        for w, loss, there in zip(shown, landscape.loss(shown), np.interp(shown, grid, density), strict=True)
    ]
    tallest = np.histogram(places[-1], bins=BARS, range=ends)[0].max() / WALKERS / width
    counters = [
        {"frame": frame, "text": f"step {step:,} of {STEPS:,} · {share:.0%} in the right valley"}
        for frame, (step, share) in enumerate(zip(FRAME_STEPS, (places > 0).mean(axis=1), strict=True))
    ]
    deepest = max(landscape.left.depth, landscape.right.depth)
    accents, ink = theme.accents(), theme.colour("textColor")
    x = {
        "field": "w",
        "type": "quantitative",
        "title": "weight w",
        "axis": {"tickCount": 10},
        "scale": {"domain": [low, high], "nice": False},
    }
    density_scale = {"domain": [0, 1.25 * max(tallest, float(density.max()))], "nice": False}
    density_y = {"field": "density", "type": "quantitative", "scale": density_scale, "axis": None}
    loss_y = {
        "field": "loss", "type": "quantitative", "title": "loss", "axis": {"tickCount": 4},
        "scale": {"domain": [-1.1 * deepest, 2.5 * deepest], "nice": False},
    }  # fmt: skip
    now = {"filter": "datum.frame == floor(now)"}
    bars = {
        "transform": [
            now,
            {"bin": {"extent": [low, high], "step": width}, "field": "w", "as": ["w", "to"]},
            {"aggregate": [{"op": "count", "as": "walkers"}], "groupby": ["w", "to"]},
            {"calculate": f"datum.walkers / {WALKERS * width}", "as": "density"},
        ],
        "mark": {"type": "bar", "color": accents[0], "opacity": 0.4, "binSpacing": 1, "clip": True},
        "encoding": {"x": {**x, "bin": "binned"}, "x2": {"field": "to"}, "y": density_y},
    }
    in_the_end = {
        "data": {"values": lines},
        "mark": {"type": "line", "color": accents[1], "strokeDash": [5, 4], "clip": True},
        "encoding": {"x": x, "y": density_y},
    }
    loss = {
        "data": {"values": lines},
        "mark": {"type": "line", "color": ink, "strokeWidth": 2.5, "clip": True},
        "encoding": {"x": x, "y": loss_y},
    }
    # The loss of Landscape.loss.
    left, right = (f"{{d: {side.depth}, u: datum.w / {side.width}}}" for side in (landscape.left, landscape.right))
    walkers = {
        "transform": [
            now,
            {"calculate": f"datum.w < 0 ? {left} : {right}", "as": "side"},
            {"calculate": "datum.side.d * (pow(datum.side.u, 4) - 2 * pow(datum.side.u, 2))", "as": "loss"},
        ],
        "mark": {"type": "point", "filled": True, "size": 40, "opacity": 0.4, "color": accents[0], "clip": True},
        "encoding": {"x": x, "y": loss_y},
    }
    counter = {
        "data": {"values": counters},
        "transform": [now],
        "mark": {"type": "text", "baseline": "top", "fontWeight": 600},
        "encoding": {"text": {"field": "text"}, "x": {"value": {"expr": "width / 2"}}, "y": {"value": 2}},
    }
    return {
        "height": 250,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": lab.PADDING,
        "layer": [{"layer": [bars, in_the_end]}, {"layer": [loss, walkers, counter]}],
        "resolve": {"scale": {"y": "independent"}},
        "config": lab.config(signals=lab.player("Time", FRAMES, FRAMES)),
    }


def _occupancy(setting: Setting, walked: ValleyWalk) -> None:
    st.markdown("##### Which valley holds them, as μ/B grows?")
    (stationary, _), (shares, _) = _small_steps(setting), _law(setting)
    measured = np.array([estimate.value for estimate in walked.occupancy])
    errors = np.array([estimate.standard_error for estimate in walked.occupancy])
    said = _said_of_occupancy(setting, stationary, measured, errors)
    lab.draw(
        _occupancy_chart(stationary, shares, measured, errors),
        170,
        f"Share of the walkers in the right valley over mu/B. {said}",
    )
    st.caption(f"Dots: measured {SECOND_HALF}, ± 2 standard errors, for B = 16 to 1 at μ = {RATE:g}.")
    lab.takeaway(said)
    if all(map(math.isfinite, shares)):
        pooled = Estimate(float(measured.mean()), float(np.sqrt((errors**2).sum()) / len(errors)))
        lab.show_badge("Share at these steps, mean of the six B", Agreement.of(pooled, float(np.mean(shares))))
    else:
        st.caption("For some of these B the exact law needs too fine a grid, so there is no badge.")


def _occupancy_chart(stationary: FloatArray, shares: list[float], measured: FloatArray, errors: FloatArray) -> lab.Spec:
    long_run, exact = "in the long run (small steps)", f"{SECOND_HALF} (exact)"
    lines = [
        *({"noise": noise, "share": share, "line": long_run} for noise, share in zip(DENSE, stationary, strict=True)),
        *(
            {"noise": noise, "share": share, "line": exact}
            for noise, share in zip(NOISE, shares, strict=True)
            if math.isfinite(share)
        ),
    ]
    dots = [
        {"noise": noise, "B": batch, "share": share, "low": max(0.0, share - 2 * error), "high": share + 2 * error}
        for noise, batch, share, error in zip(NOISE, BATCHES, measured, errors, strict=True)
    ]
    x = {
        "field": "noise", "type": "quantitative", "scale": {"type": "log", "nice": False}, "title": "μ/B (log)",
        "axis": {"format": ".2~g", "values": [RATE / batch for batch in (1, 2, 4, 8, 16)], "labelOverlap": False},
    }  # fmt: skip
    y = {
        "field": "share", "type": "quantitative", "scale": {"domain": [0, 1]}, "title": "share on the right",
        "axis": {"format": "%", "tickCount": 5},
    }  # fmt: skip
    colour = {
        "field": "line", "type": "nominal",
        "scale": {"domain": [long_run, exact], "range": theme.accents()[1::-1]},
        "legend": {"columns": {"expr": "width < 420 ? 1 : 2"}},
    }  # fmt: skip
    ink = theme.colour("textColor")
    return {
        "layer": [
            {
                "data": {"values": lines},
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {"x": x, "y": y, "color": colour},
            },
            {
                "data": {"values": dots},
                "mark": {"type": "rule", "color": ink, "strokeWidth": 2, "clip": True},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "data": {"values": dots},
                "mark": {"type": "point", "filled": True, "color": ink, "size": 60, "opacity": 1},
                "encoding": {
                    "x": x, "y": y,
                    "tooltip": [{"field": "B"}, {"field": "share", "type": "quantitative", "format": ".3f"}],
                },
            },
        ]
    }  # fmt: skip


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
        (
            "Kramers' formula is for high barriers; it and the integral are limits of small steps. "
            if setting.noise == "constant"
            else "The integral is a limit of small steps. Kramers' formula is not drawn: it is for noise that is the "
            "same everywhere. "
        )
        + f"The diamonds are exact at μ = {RATE:g}. Dots: measured live where the escape takes less than "
        f"{LONGEST_LIVE:,} steps."
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
        return "The escape takes too long here for its exact time to be computed; the integral is the guide."
    first, last = chained.iloc[0], chained.iloc[-1]
    per = (last["steps"] / first["steps"]) ** (100 / (last["x"] - first["x"]))
    return (
        f"From B/μ = {first['x']:.0f} to {last['x']:.0f} the mean escape grows from {first['steps']:,.0f} to "
        f"{last['steps']:,.0f} steps: {float(f'{per:.2g}'):,g} times for every 100 more, on average."
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
    x = {"field": "x", "type": "quantitative", "title": "B/μ", "scale": {"nice": False, "zero": True}}
    y = {
        "field": "steps", "type": "quantitative", "title": "mean steps to escape (log)", "scale": {"type": "log"},
        "axis": {
            "tickCount": 6,
            "labelExpr": "datum.value < 1e6 ? format(datum.value, ',d') : replace(format(datum.value, '.0e'), '+', '')",
        },
    }  # fmt: skip
    drawn = [line for line in (INTEGRAL, KRAMERS) if (lines["line"] == line).any()]
    several = lines["rate"].nunique() > 1
    legend = {"columns": {"expr": "width < 420 ? 1 : 4"}}
    colour = {
        "field": "rate", "type": "nominal",
        "scale": {"range": theme.ramp([0.1, 0.5, 0.9]) if several else theme.accents()[:1]},
        "legend": {**legend, "title": "μ"} if several else None,
    }  # fmt: skip
    dash = {
        "field": "line", "type": "nominal", "scale": {"domain": drawn, "range": [[1, 0], [5, 4]][: len(drawn)]},
        "legend": {**legend, "symbolSize": 300},
    }  # fmt: skip
    shape = {
        "field": "mark", "type": "nominal", "legend": legend,
        "scale": {"domain": [CHAIN, MEASURED], "range": ["diamond", "circle"]},
    }  # fmt: skip
    ink = theme.colour("textColor")
    spec = {
        "layer": [
            {
                "data": {"values": lines.to_dict("records")},
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash},
            },
            {
                "data": {"values": marks.to_dict("records")},
                "mark": {"type": "point", "size": 70, "stroke": ink, "fill": ink, "opacity": 1},
                "encoding": {
                    "x": x, "y": y, "shape": shape,
                    "fillOpacity": {"field": "filled", "type": "quantitative", "scale": None},
                    "tooltip": [
                        {"field": "mark", "title": "what"}, {"field": "x", "title": "B/μ"},
                        {"field": "steps", "type": "quantitative", "format": ",.0f"},
                    ],
                },
            },
        ]
    }  # fmt: skip
    lab.draw(spec, 190, f"Mean steps to escape over B/mu, log axis. {said}")


def _how() -> None:
    with st.expander("How we know"):
        st.markdown(
            "Each side of w = 0 is a quartic, d((w/a)⁴ − 2(w/a)²): bottom at distance a, depth d, curvature 8d/a². SGD "
            f"with μ = {RATE:g} and Gaussian noise of variance σ²/B, σ² = {VARIANCE:g}. With small steps the weights "
            "are distributed as exp(−L/Tm), Tm = μσ²/(2B) (Jastrzebski et al., arXiv 1711.04623); where the noise "
            "depends on the place, as exp(−∫L′/Tm)/Tm, because the noise is taken before the step (Gardiner, *Handbook "
            "of Stochastic Methods*). The integral is the exact mean first-passage time of that diffusion "
            "(Gardiner), from the left bottom to half way up the right valley; Kramers' formula (1940) is its limit "
            "for a high barrier. Steps of finite size differ from both, so the badges use the exact law of the steps "
            "themselves, a Markov chain solved on a grid. Noise in proportion to curvature: σ² times √(h_left/h_right) "
            "on the left, its inverse on the right."
        )
