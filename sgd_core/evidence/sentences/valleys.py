"""What the page on two valleys says: who holds the walkers, how mu/B changes that, how long an escape takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgd_core.evidence.sentences.words import percent
from sgd_core.noise.landscape import Landscape, Noise
from sgd_core.noise.theory import FloatArray

LEVEL = 0.005
"""A long-run share that changes by less than this hardly changes."""
MOST = 0.95
"""A valley with more than this share holds nearly all."""


def counter(step: int, steps: int, share: float) -> str:
    """What stands over a frame of the film: the step, and the share of walkers in the right valley."""
    return f"step {step:,} of {steps:,} · {percent(share)} in the right valley"


def thrown_out(batch: int, lost: float) -> str:
    """That so large a part of the walkers was thrown out; '' where none was."""
    if not lost > 0:
        return ""
    return (
        f"At B = {batch} {percent(lost)} of the walkers have been thrown out of the landscape: steps this noisy are "
        "unstable here. They are held at its edge, and are in neither valley."
    )


def in_the_right(batch: int, noise: float, steps: int, share: float, settled: float, lost: float) -> str:
    """The share of walkers in the right valley at mu/B = `noise`, now and in the long run, of those not `lost`."""
    where = f"After {steps:,} steps at B = {batch} (μ/B = {noise:.3g})"
    if lost == 1:
        return f"{where} no walker is in either valley: there is nothing to choose between where steps are unstable."
    left = " left" if lost else ""
    return (
        f"{where} {percent(share)} of the walkers{left} are in the right valley; in the long run, with small steps, it "
        f"would be {percent(settled)}."
    )


def unstable_at(batches: list[int]) -> str:
    """That walkers were thrown out at these B, which therefore have neither dots nor a badge."""
    which = f"B = {', '.join(map(str, batches))}"
    return f"At {which} walkers are thrown out: no share is drawn there, and no badge is given for this landscape."


def highest(noise: FloatArray, measured: FloatArray, errors: FloatArray) -> str:
    """Where the measured share is largest; values within 2 standard errors of the largest are not told apart.

    All (K,), `noise` is mu/B from the largest down.
    """
    best = int(np.argmax(measured))
    high = np.flatnonzero(np.abs(measured - measured[best]) <= 2 * np.hypot(errors, errors[best]))
    about = f"{measured[high].mean():.2f}"
    if len(high) == len(measured):
        return f"the measured share is about {about} at all {_count(len(measured))} μ/B"
    if len(high) == 1:
        return f"the measured share is largest, {about}, at μ/B = {noise[best]:.3g}"
    if high[0] == 0:
        return f"the measured share has reached about {about} from μ/B of about {noise[high[-1]]:.2g} on"
    return (
        f"the measured share is largest, about {about}, at μ/B from about {noise[high[-1]]:.2g} to {noise[high[0]]:.2g}"
    )


def occupancy(
    landscape: Landscape,
    kind: Noise,
    long_run: tuple[float, float],
    steps: int,
    noise: FloatArray,
    measured: FloatArray,
    errors: FloatArray,
) -> str:
    """Which valley holds the walkers: `long_run` shares of the right one at the smallest and the largest mu/B, and the
    shares measured (K,) over the second half of so many steps."""
    left, right = landscape.left, landscape.right
    after = f"{second_half(steps)} {highest(noise, measured, errors)}"
    if kind == "constant" and math.isclose(left.depth, right.depth):
        return (
            f"With equal depths and constant noise the long-run share is the ratio of widths, "
            f"{right.width / (left.width + right.width):.3f}, whatever μ/B is; only the time to get there depends on "
            f"it: {after}, and {measured[-1]:.2f} at μ/B = {noise[-1]:.3g}."
        )
    first, last = long_run
    if abs(last - first) < LEVEL:
        course = f"hardly changes ({first:.3f} to {last:.3f})"
    else:
        course = f"{'rises' if last > first else 'falls'} from {first:.3f} to {last:.3f}"
    return (
        f"In the long run the right valley's share {course} as μ/B grows from {noise[-1]:.3g} to {noise[0]:.3g}; "
        f"{after}."
    )


@dataclass(frozen=True)
class Scene:
    """Two valleys, their noise, and which share the flatter one holds in the long run at the ends of mu/B."""

    name: str
    landscape: Landscape
    noise: Noise
    at_least: float
    at_most: float
    """The share at the smallest and at the largest mu/B."""


def prefers(scene: Scene) -> tuple[str, str]:
    """Whether more mu/B prefers the flat valley, and why: the answer in a word or two, and a sentence."""
    left, right = scene.landscape.left, scene.landscape.right
    if math.isclose(left.curvature, right.curvature):
        return "neither is flatter", "Both valleys have one curvature."
    change = scene.at_most - scene.at_least
    if scene.noise == "constant" and math.isclose(left.depth, right.depth):
        return "no, only sooner", (
            "With equal depths the long-run share is the ratio of the widths, whatever μ/B is. More of it only gets "
            "there in fewer steps."
        )
    if abs(change) < LEVEL:
        held = max(scene.at_least, 1 - scene.at_least) > MOST
        why = "One valley holds nearly all at every μ/B here." if held else "Both valleys are as deep for their noise."
        return "no, hardly", why
    counts = "The more noise, the less that counts."
    if change > 0:
        return "yes", f"Little noise settles in the sharp valley, the deeper one for its noise. {counts}"
    if scene.noise == "constant":
        return "no, less", f"The flat valley is the deeper one here, and holds them at little noise. {counts}"
    return "no, less", (
        f"Noise is weaker in the flat valley, so it is the deeper one for its noise and holds them at little. {counts}"
    )


def table(scenes: Sequence[Scene], noise: tuple[float, float]) -> str:
    """The answers for several scenes as a table in Markdown; `noise` is mu/B at its two ends."""
    said = f"Its share is that of the long run, from μ/B = {noise[0]:.2g} to {noise[1]:.2g}.\n"
    rows = [said, "| valleys | does it? | its share | why |", "| --- | --- | --- | --- |"]
    for scene in scenes:
        answer, why = prefers(scene)
        shares = f"{percent(scene.at_least)} → {percent(scene.at_most)}"
        shown = "–" if answer.startswith("neither") else shares
        rows.append(f"| {scene.name} | **{answer}** | {shown} | {why} |")
    return "\n".join(rows)


def second_half(steps: int) -> str:
    """When a share is measured."""
    return f"over the second half of {steps:,} steps"


def escape(exact: pd.DataFrame) -> str:
    """How the mean escape grows with B/mu: `exact` has x (B/mu, growing) and steps, where they are known."""
    if len(exact) < 2:
        return "The escape takes too long here for its exact time to be computed; the integral is the guide."
    first, last = exact.iloc[0], exact.iloc[-1]
    times = float(f"{last['steps'] / first['steps']:.2g}")
    return (
        f"From B/μ = {first['x']:.0f} to {last['x']:.0f} the mean escape grows from {first['steps']:,.0f} to "
        f"{last['steps']:,.0f} steps: {times:,.10g} times as long for {last['x'] / first['x']:.2g} times the B/μ."
    )


def escape_read(kind: Noise, rate: float, longest: int) -> str:
    """How to read the picture of the reader's own landscape; escapes up to `longest` steps are measured live."""
    limits = (
        "Kramers' formula is for high barriers; it and the integral are limits of small steps."
        if kind == "constant"
        else "The integral is a limit of small steps. Kramers' formula is not drawn: it is for noise that is the "
        "same everywhere."
    )
    return (
        f"{limits} The diamonds are exact at μ = {rate:g}. Dots: measured live where the escape takes less than "
        f"{longest:,} steps."
    )


def too_long(longest: int) -> str:
    """That no escape could be measured live."""
    return (
        f"Every escape takes more than {longest:,} steps here, too long to be measured while you wait: the "
        "textbook well shows such escapes, computed beforehand."
    )


def textbook(table: pd.DataFrame) -> str:
    """How much longer the escape from the textbook well gets, at each rate: x (B/mu), rate (a text) and measured."""
    at = table.pivot_table(index="x", columns="rate", values="measured").dropna()
    growth = ", ".join(f"{factor:.2f}" for factor in at.iloc[-1] / at.iloc[0])
    return (
        f"From B/μ = {at.index[0]:g} to {at.index[-1]:g} the escape becomes {growth} times as long at μ = "
        f"{', '.join(at.columns)}: B/μ sets the exponent, μ only the factor in front. The longest here took "
        f"{table['measured'].max():,.0f} steps."
    )


def kramers(table: pd.DataFrame) -> str:
    """How far Kramers' formula is off the exact times (columns kramers, exact)."""
    off = float((table["kramers"] / table["exact"] - 1).median())
    if abs(off) < LEVEL:
        return "Kramers' formula is off by less than 0.5% here (median)."
    return f"Kramers' formula is {abs(off):.0%} {'low' if off < 0 else 'high'} here (median): it is an approximation."


def _count(number: int) -> str:
    return {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}.get(number, str(number))
