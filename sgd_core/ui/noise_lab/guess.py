"""The noise lab's first page: a batch gradient is a guess at the full gradient, and B decides how good a guess.

The cloud travels to the browser once, as 300 draws with one place for every B (22 kB), and shrinks there. A draw is a
sequence of examples whose first B are the batch, so that a point moves as its batch grows. The variance beside it is
measured from 20,000 other draws (2 x 30 ms).
"""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from sgd_core.noise import gradients, theory
from sgd_core.noise.agreement import Agreement
from sgd_core.noise.gradients import IMAGES, Classification, VarianceCurve
from sgd_core.noise.statistics import Estimate
from sgd_core.noise.theory import FloatArray
from sgd_core.ui.shell import lab, page, theme

SIZES = [2**k for k in range(9)]
DRAWN = 300
"""Draws of the cloud."""
WITH, WITHOUT = "with replacement", "without replacement"
START, HALF_WAY, MINIMUM = "the start", "half way", "the minimum"
LEVELS = 7


@dataclass(frozen=True)
class Cloud:
    """Batch gradients of the same draws at every B."""

    first: FloatArray
    """(256,) the examples of the first draw, in order."""
    gradients: FloatArray
    """(9, 300, 2) for each of SIZES."""


PAGE = page.Page(
    slug="Noise_lab_Batch_gradient",
    section=page.NOISE_LAB,
    label="A guess",
    title="A batch gradient is a guess",
    question="Gradient descent looks at all examples before each step. SGD looks at B of them. How wrong is its "
    "direction?",
    intro=f"{IMAGES} points in the plane, a line through the middle that should part them, and the loss of logistic "
    "regression: two weights, so everything can be seen.",
    next="Noise_lab_Motion",
)


def show() -> None:
    """Draw the page."""
    body = st.container()
    seed = lab.seed()
    with body, page.plain_errors():
        _body(seed)


def _body(seed: int) -> None:
    with st.container(key="controls", horizontal=True, gap="medium"):
        size = st.select_slider("Batch size B", SIZES, value=8, key="B", bind="query-params", width=180)
        sampling = st.segmented_control(
            "A batch is drawn", [WITHOUT, WITH], default=WITHOUT, key="drawn", bind="query-params", required=True,
            help="With replacement an example may be drawn twice. Without, as in real training, it may not.",
        )  # fmt: skip
        where = st.segmented_control(
            "The weights are at", [START, HALF_WAY, MINIMUM], default=START, key="at", bind="query-params",
            required=True,
        )  # fmt: skip
    problem, replacement = gradients.two_blobs(), sampling == WITH
    weights = {START: 0.0, HALF_WAY: 0.5, MINIMUM: 1.0}[str(where)] * _minimum()
    each = problem.gradients(weights)
    cloud = _cloud(str(where), replacement, seed)
    points, plane = st.columns(2, gap="large")
    with points:
        lab.draw(
            _points_chart(problem, weights, cloud.first[:size]),
            300,
            f"The {IMAGES} points in two colours, the line that the weights draw, and one batch of {size} ringed.",
        )
        st.caption(
            f"Ringed: one batch of {size}. "
            + ("With both weights at 0 there is no line yet." if where == START else "Line: the model is undecided.")
        )
    said = _said(cloud.gradients[SIZES.index(size)], each.mean(axis=0), size, replacement)
    with plane:
        _plane_chart(weights, each.mean(axis=0), cloud, size, said)
        st.caption("Thin: lines of equal loss. Arrow: the full gradient's step. Dots: the steps of 300 batches.")
    lab.takeaway(said)
    st.markdown("##### How fast does the cloud shrink?")
    curve = _measured(str(where), replacement, seed)
    trace = gradients.trace_of_covariance(each)
    _variance_chart(curve, trace, size, replacement)
    _noticed(curve, trace, size, replacement)
    with st.container(key="details"):
        _how(trace)


def _said(guesses: FloatArray, full: FloatArray, size: int, replacement: bool) -> str:
    spread = float(np.sqrt(np.mean(np.sum((guesses - full) ** 2, axis=1))))
    length = float(np.linalg.norm(full))
    if size == IMAGES and not replacement:
        return "B = N without replacement: every batch is the whole data set, so every guess is the full gradient."
    if length < 1e-9:
        return (
            f"At the minimum the full gradient is 0, but a batch of {size} still says: move by {spread:.2g}. "
            "SGD cannot come to rest here."
        )
    downhill = float(np.mean(guesses @ full > 0))
    return (
        f"At B = {size} a guess is typically {spread:.2g} off, {spread / length:.0%} of the full gradient's length "
        f"{length:.2g}; {downhill:.0%} of these {DRAWN} batches point downhill."
    )


def _noticed(curve: VarianceCurve, trace: float, size: int, replacement: bool) -> None:
    low, high = curve.slope.value - 2 * curve.slope.standard_error, curve.slope.value + 2 * curve.slope.standard_error
    fitted = f"The fitted slope is {curve.slope.value:.3f} (95% interval {low:.3f} to {high:.3f})".replace("-", "−")
    if replacement:
        lab.takeaway(f"{fitted}: twice the batch, half the variance, and so on without end, even beyond B = N.")
    else:
        lab.takeaway(
            f"{fitted}, steeper than −1: without replacement the variance is 1/B times (N−B)/(N−1), which is "
            f"{float(theory.without_replacement_factor(size, IMAGES)):.2g} at B = {size}."
        )
    if replacement:
        lab.show_badge("Slope on log-log axes", Agreement.of(curve.slope, -1.0))
    else:
        lab.show_badge("Measured over predicted, all B below N", Agreement.of(curve.pooled, 1.0))
    at = SIZES.index(size)
    if curve.predicted[at] == 0:
        st.markdown(
            f"At B = N the variance is {curve.variance[at]:.1g}: zero, up to rounding. No noise at all is left."
        )
    else:
        estimate = Estimate(float(curve.variance[at]), float(curve.standard_error[at]))
        lab.show_badge(f"Variance at B = {size}", Agreement.of(estimate, float(curve.predicted[at])))


def _how(trace: float) -> None:
    with st.expander("How we know"):
        st.markdown(
            "The variance is the mean squared distance between a batch gradient and the full one, over "
            f"{gradients.DRAWS:,} draws. One example's is tr Σ = {trace:.4g} here, exactly: the sum of the variances "
            "of the gradient's components over the examples. A mean of B independent ones has tr Σ / B; without "
            "replacement it is smaller by (N−B)/(N−1), because examples already drawn cannot come again (Cochran, "
            "*Sampling Techniques*, 1977). The slope's interval is ± 2 standard errors over draws, which "
            "takes into account that all B come from the same draws."
        )


@lab.remembered
def _minimum() -> FloatArray:
    """The weights of least loss, by Newton's method."""
    problem, weights = gradients.two_blobs(), np.zeros(2)
    for _ in range(12):
        chance = 1 / (1 + np.exp(-(problem.points @ weights)))
        curvature = (problem.points * (chance * (1 - chance))[:, np.newaxis]).T @ problem.points / IMAGES
        weights = weights - np.linalg.solve(curvature, problem.gradients(weights).mean(axis=0))
    return weights


def _gradients_at(where: str) -> FloatArray:
    return gradients.two_blobs().gradients({START: 0.0, HALF_WAY: 0.5, MINIMUM: 1.0}[where] * _minimum())


@lab.remembered
def _measured(where: str, replacement: bool, seed: int) -> VarianceCurve:
    return gradients.measure_variance(_gradients_at(where), SIZES, replacement, seed)


@lab.remembered
def _cloud(where: str, replacement: bool, seed: int) -> Cloud:
    drawn = gradients.examples(np.random.default_rng([seed, 1]), IMAGES, DRAWN, replacement, IMAGES)
    sums = _gradients_at(where)[drawn].cumsum(axis=1)
    return Cloud(drawn[0], np.stack([sums[:, size - 1] / size for size in SIZES]))


@lab.remembered
def _level_lines() -> list[dict[str, float]]:
    """Lines of equal loss around the minimum, by bisection along 48 directions: the loss is convex."""
    problem, centre = gradients.two_blobs(), _minimum()
    least = float(problem.loss(centre))
    levels = least + (0.05 * 1.9 ** np.arange(LEVELS))[:, np.newaxis]
    angles = np.linspace(0, 2 * np.pi, 49)
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    low, high = np.zeros((LEVELS, len(angles))), np.full((LEVELS, len(angles)), 20.0)
    for _ in range(14):
        middle = (low + high) / 2
        beyond = problem.loss(centre + middle[..., np.newaxis] * rays) > levels
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    places = np.round(centre + low[..., np.newaxis] * rays, 3)
    return [
        {"level": level, "order": i, "a": float(a), "b": float(b)}
        for level, line in enumerate(places)
        for i, (a, b) in enumerate(line)
    ]


def _points_chart(problem: Classification, weights: FloatArray, batch: FloatArray) -> alt.LayerChart | alt.FacetChart:
    table = pd.DataFrame(problem.points, columns=["x1", "x2"]).assign(
        label=np.where(problem.labels == 1, "label 1", "label 0"),
        times=np.bincount(batch.astype(int), minlength=IMAGES),
    )
    x = alt.X("x1:Q", scale=alt.Scale(domain=[-4, 4], nice=False), title="x₁", axis=alt.Axis(tickCount=4))
    y = alt.Y("x2:Q", scale=alt.Scale(domain=[-4, 4], nice=False), title="x₂", axis=alt.Axis(tickCount=4))
    colour = alt.Color("label:N", scale=alt.Scale(range=theme.accents()[1::-1]))
    base = alt.Chart(table).encode(x=x, y=y)
    dots = base.mark_point(filled=True, size=28, opacity=0.75, clip=True).encode(color=colour)
    ink = theme.colour("textColor")
    rings = base.transform_filter("datum.times > 0").mark_point(color=ink, strokeWidth=1.6, size=90, clip=True)
    layers = [dots, rings]
    length = float(np.linalg.norm(weights))
    if length > 0:
        along = np.array([-weights[1], weights[0]]) / length * 6
        ends = pd.DataFrame([-along, along], columns=["x1", "x2"])
        layers.append(alt.Chart(ends).mark_line(strokeWidth=2, color=ink, clip=True).encode(x, y))
    return alt.layer(*layers)


def _plane_chart(weights: FloatArray, full: FloatArray, cloud: Cloud, size: int, said: str) -> None:
    ink, accent = theme.colour("textColor"), theme.accents()[0]
    places = weights - cloud.gradients
    columns = {f"{axis}{k}": places[k, :, i] for k in range(len(SIZES)) for i, axis in enumerate("ab")}
    frame = pd.DataFrame(columns, dtype="float32")

    def at(axis: str) -> str:
        here, there = f"datum['{axis}' + low]", f"datum['{axis}' + min(low + 1, {len(SIZES) - 1})]"
        return f"{here} + ({there} - {here}) * (now - low)"

    x, y = (
        {"field": axis, "type": "quantitative", "title": title, "axis": {"tickCount": 5},
         "scale": {"domain": domain, "nice": False}}
        for axis, title, domain in (("a", "weight w₁", [-1.7, 3.5]), ("b", "weight w₂", [-2.0, 3.2]))
    )  # fmt: skip
    tip = weights - full
    arrow = {"a": weights[0], "b": weights[1], "a2": tip[0], "b2": tip[1]}
    lines = {
        "data": {"values": _level_lines()},
        "mark": {"type": "line", "clip": True, "strokeWidth": 1, "opacity": 0.35, "color": ink},
        "encoding": {"x": x, "y": y, "detail": {"field": "level"}, "order": {"field": "order"}},
    }
    dots = {
        "transform": [{"calculate": at("a"), "as": "a"}, {"calculate": at("b"), "as": "b"}],
        "mark": {"type": "point", "filled": True, "size": 22, "opacity": 0.55, "clip": True, "color": accent},
        "encoding": {"x": x, "y": y},
    }
    step = {
        "data": {"values": [arrow]},
        "mark": {"type": "rule", "strokeWidth": 3, "color": ink},
        "encoding": {"x": x, "y": y, "x2": {"field": "a2"}, "y2": {"field": "b2"}},
    }
    head = {
        "data": {"values": [{"a": tip[0], "b": tip[1]}]},
        "mark": {"type": "point", "filled": True, "size": 90, "color": ink, "opacity": 1},
        "encoding": {"x": x, "y": y},
    }
    label = {
        "data": {"values": [{}]},
        "mark": {
            "type": "text", "align": "left", "baseline": "top", "fontWeight": 600, "fontSize": 15,
            "text": {"expr": "'B = ' + format(round(pow(2, now)), 'd')"},
        },
        "encoding": {"x": {"value": 8}, "y": {"value": 6}},
    }  # fmt: skip
    last = len(SIZES) - 1
    signals = [
        *lab.player("Let B grow", last, SIZES.index(size), 0.04),
        {"name": "low", "update": f"min(floor(now + 1e-9), {last})"},
    ]
    spec = {
        "height": 300,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "layer": [lines, dots, step, head, label],
        "config": lab.config(signals=signals),
    }
    st.vega_lite_chart(frame, spec, width="stretch", alt=f"Steps of {DRAWN} batches on the loss. {said}")


def _variance_chart(curve: VarianceCurve, trace: float, size: int, replacement: bool) -> None:
    table = pd.DataFrame(
        {
            "B": SIZES,
            "measured": curve.variance,
            "low": np.maximum(curve.variance - 2 * curve.standard_error, 1e-9),
            "high": curve.variance + 2 * curve.standard_error,
            "area": [140 if batch == size else 50 for batch in SIZES],
        }
    )
    table = table[curve.predicted > 0]
    dense = np.unique(np.round(np.geomspace(1, IMAGES, 60)).astype(int))
    lines = pd.concat(
        pd.DataFrame({"B": dense, "predicted": values, "sampling": name})
        for name, values in {
            WITH: theory.batch_gradient_variance(trace, dense),
            WITHOUT: theory.batch_gradient_variance(trace, dense, IMAGES),
        }.items()
    )
    lowest = float(theory.batch_gradient_variance(trace, IMAGES)) / 4
    x = alt.X(
        "B:Q", scale=alt.Scale(type="log", base=2, nice=False), axis=alt.Axis(values=SIZES), title="batch size B (log)"
    )
    y = alt.Scale(type="log", nice=False, domain=[lowest, trace * 1.5])
    title = "variance of a batch gradient (log)"
    ticks = alt.Axis(values=[10.0**power for power in range(-6, 3)], format="~g")
    accents = theme.accents()
    chosen = WITH if replacement else WITHOUT
    colour = alt.Color("sampling:N", scale=alt.Scale(domain=[WITH, WITHOUT], range=accents[:2]))
    line = (
        alt.Chart(lines[lines["predicted"] > lowest])
        .mark_line(clip=True)
        .encode(
            x, alt.Y("predicted:Q", scale=y, title=title, axis=ticks), colour,
            opacity=alt.condition(f"datum.sampling == '{chosen}'", alt.value(1), alt.value(0.4)),
        )
    )  # fmt: skip
    ink = theme.colour("textColor")
    base = alt.Chart(table).encode(x)
    bars = base.mark_rule(strokeWidth=2, color=ink).encode(y=alt.Y("low:Q", scale=y, title=title), y2=alt.Y2("high:Q"))
    tips = [alt.Tooltip("B:Q"), alt.Tooltip("measured:Q", format=".3~g")]
    points = base.mark_point(filled=True, opacity=1, color=ink).encode(
        y=alt.Y("measured:Q", scale=y, title=title), tooltip=tips,
        size=alt.Size("area:Q", scale=None, legend=None),
    )  # fmt: skip
    lab.draw(line + bars + points, 210, f"Variance against B on log-log axes; fitted slope {curve.slope.value:.3f}.")
    st.caption(
        f"Lines: theory, both ways of drawing. Dots: measured {chosen}, ± 2 standard errors (mostly too small to see)."
    )
