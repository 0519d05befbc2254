"""The noise lab's first page: a batch gradient is a guess at the full gradient, and B decides how good a guess.

The cloud travels to the browser as 300 draws with one place for every B (22 kB), and glides there from the B before to
the one that the slider, the only control of B, is at. A draw is a sequence of examples whose first B are the batch, so
that a point moves as its batch grows. What is said is measured from 20,000 other draws (2 x 30 ms).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from sgd_core.charts import channels, dots, planes, screen
from sgd_core.charts.look import Look, Spec
from sgd_core.evidence import noise
from sgd_core.evidence.noise import WITH, WITHOUT
from sgd_core.evidence.sentences import guess as sentences
from sgd_core.noise import gradients
from sgd_core.noise.agreement import Agreement
from sgd_core.noise.gradients import IMAGES, Guesses, VarianceCurve
from sgd_core.noise.statistics import Estimate
from sgd_core.noise.theory import FloatArray
from sgd_core.ui.shell import badge, lab, page, words
from sgd_core.ui.shell.shared import shared

SIZES = [2**k for k in range(9)]
BEFORE = "B before"
"""Where the session keeps the B from which the cloud glides."""
DRAWN = 300
"""Draws of the cloud."""
PLACES = {"the start": 0.0, "half way": 0.5, "the minimum": 1.0}
"""Where the weights are, as shares of the way from 0 to the minimum."""
PACE, FRAME_MS = 0.2, 40
"""Doublings of B in a frame of the glide."""
LEVELS = 7
"""Lines of equal loss."""


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


@words.fragment  # a control here leaves menu and title as they are
def show() -> None:
    """Draw the page."""
    body = st.container()
    seed = lab.seed()
    with body, page.plain_errors():
        _body(seed)


def _body(seed: int) -> None:
    with st.container(key="controls", horizontal=True, gap="medium"):
        size = lab.slide("Batch size B", SIZES, 8, "B", width=180)
        sampling = lab.pick(
            "A batch is drawn", [WITHOUT, WITH], "drawn",
            help="With replacement an example may be drawn twice. Without, as in real training, it may not.",
        )  # fmt: skip
        where = lab.pick("The weights are at", list(PLACES), "at")
    replacement = sampling == WITH
    weights, each = weights_at(where), gradients_at(where)
    full = each.mean(axis=0)
    points, plane = st.columns(2, gap="large")
    with points:
        lab.draw(_points(size, where, replacement, seed, lab.look()), sentences.points_described(size, IMAGES))
        words.caption(sentences.ringed(size, at_zero=not weights.any()))
    found, at = _guesses(where, replacement, seed), SIZES.index(size)
    said = sentences.off(
        found.median[at], found.downhill[at], float(np.linalg.norm(full)), size, IMAGES, replacement
    )  # fmt: skip
    before = st.session_state.get(BEFORE, at)
    st.session_state[BEFORE] = at
    with plane:
        lab.draw(
            screen.once(_steps(size, where, lab.look()), before, at, PACE, FRAME_MS),
            f"Steps of {DRAWN} batches on the loss. {said}",
            _places(where, replacement, seed),
        )
        words.caption(
            f"Thin: lines of equal loss. Arrow: the full gradient's step. Dots: the steps of {DRAWN} batches."
        )
    lab.takeaway(said)
    words.say("##### How fast does the cloud shrink?")
    _shrinks(where, size, replacement, seed)
    with st.container(key="details"), st.expander("How we know"):
        words.say(sentences.how(gradients.trace_of_covariance(each), gradients.DRAWS))


@shared
def _points(size: int, where: str, replacement: bool, seed: int, look: Look) -> Spec:
    """The picture of the examples, with the first batch ringed."""
    problem = gradients.two_blobs()
    drawn = np.bincount(cloud_at(where, replacement, seed).first[:size].astype(int), minlength=IMAGES)
    return planes.examples(problem.points, problem.labels, drawn, weights_at(where), look)


@shared
def _steps(size: int, where: str, look: Look) -> Spec:
    """The picture of the batches' steps."""
    return planes.steps(level_lines(), weights_at(where), gradients_at(where).mean(axis=0), SIZES, size, look)


@shared
def _places(where: str, replacement: bool, seed: int) -> pd.DataFrame:
    """Its rows."""
    return planes.places(weights_at(where), cloud_at(where, replacement, seed).gradients)


def _shrinks(where: str, size: int, replacement: bool, seed: int) -> None:
    curve = _measured(where, replacement, seed)
    lab.draw(_variance_chart(where, size, replacement, seed, lab.look()), sentences.curve_described(curve.slope))
    words.caption(
        f"Lines: theory, both ways of drawing. Dots: measured {WITH if replacement else WITHOUT}, ± 2 standard errors "
        "(mostly too small to see)."
    )
    lab.takeaway(sentences.shrinks(curve.slope, size, IMAGES, replacement))
    if replacement:
        badge.show("Slope on log-log axes", Agreement.of(curve.slope, -1.0), slope=True)
    else:
        badge.show("Measured over predicted, all B below N", Agreement.of(curve.pooled, 1.0))
    at = SIZES.index(size)
    if curve.predicted[at] == 0:
        words.say(sentences.no_noise(float(curve.variance[at])))
    else:
        estimate = Estimate(float(curve.variance[at]), float(curve.standard_error[at]))
        badge.show(f"Variance at B = {size}", Agreement.of(estimate, float(curve.predicted[at])))


@shared
def _variance_chart(where: str, size: int, replacement: bool, seed: int, look: Look) -> Spec:
    curve, trace = _measured(where, replacement, seed), gradients.trace_of_covariance(gradients_at(where))
    sizes = pd.Series(SIZES)
    noisy = curve.predicted > 0
    measured = pd.DataFrame(
        {
            "x": sizes, "y": curve.variance, "size": np.where(sizes == size, 140, 50),
            **dots.bars(curve.variance, curve.standard_error, lowest=1e-9),
        }
    )[noisy]  # fmt: skip
    dense = np.unique(np.round(np.geomspace(1, IMAGES, 60)).astype(int))
    lines = noise.predicted(trace, dense, IMAGES)
    lines = lines.rename(columns={"batch_size": "x", "sampling": "name", "predicted": "y"})
    lowest = trace / IMAGES / 4
    x = channels.quantity("x", "batch size B (log)", scale=channels.log(base=2), values=SIZES)
    y = channels.quantity(
        "y", "variance of a batch gradient (log)", scale=channels.log(lowest, trace * 1.5), format="~g",
        values=[10.0**power for power in range(-6, 3)],
    )  # fmt: skip
    chart = dots.on_lines(
        lines[lines["y"] > lowest], measured, x, y, dict(zip((WITH, WITHOUT), look.accents, strict=False)),
        channels.tips(("x", "B"), ("y", "measured", ".3~g")), ink=look.ink, legend={},
        strong=WITH if replacement else WITHOUT,
    )  # fmt: skip
    return look.framed({"height": 210, **chart})


@shared
def _minimum() -> FloatArray:
    return gradients.two_blobs().minimum()


def weights_at(where: str) -> FloatArray:
    """The weights (2,) at one of PLACES."""
    return np.asarray(PLACES[where] * _minimum())


def gradients_at(where: str) -> FloatArray:
    """Every example's gradient (256, 2) there."""
    return gradients.two_blobs().gradients(weights_at(where))


@shared
def _measured(where: str, replacement: bool, seed: int) -> VarianceCurve:
    return gradients.measure_variance(gradients_at(where), SIZES, replacement, seed)


@shared
def _guesses(where: str, replacement: bool, seed: int) -> Guesses:
    return gradients.guesses(gradients_at(where), SIZES, replacement, seed)


@shared
def cloud_at(where: str, replacement: bool, seed: int) -> Cloud:
    """The cloud of batch gradients there."""
    drawn = gradients.examples(np.random.default_rng([seed, 1]), IMAGES, DRAWN, replacement, IMAGES)
    sums = gradients_at(where)[drawn].cumsum(axis=1)
    return Cloud(drawn[0], np.stack([sums[:, size - 1] / size for size in SIZES]))


@shared
def level_lines() -> pd.DataFrame:
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
    places = np.round(centre + low[..., np.newaxis] * rays, 3).reshape(-1, 2)
    level, order = np.divmod(np.arange(len(places)), len(angles))
    return pd.DataFrame({"level": level, "order": order, "a": places[:, 0], "b": places[:, 1]})
