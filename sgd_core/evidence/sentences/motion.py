"""What the page on the bowl says: whether two clouds of one mu/B are alike, and where mu/B stops telling."""

from __future__ import annotations

import math

import pandas as pd

from sgd_core.noise import precomputed
from sgd_core.noise.clouds import Cloud

SAME = 0.1
"""Variances within 10% of each other are called the same here: that is 5% in the width of a cloud."""
SMALL = 0.05
"""Up to this share of the stability limit steps are small."""


def label(cloud: Cloud) -> str:
    """A cloud by its settings."""
    return f"{cloud.name}: μ = {cloud.learning_rate:g}, B = {cloud.batch_size}"


def percent_of_limit(cloud: Cloud) -> str:
    """How much of the stability limit a step is, with three digits."""
    return f"{_three_digits(100 * cloud.of_limit)}%"


def of_limit(cloud: Cloud) -> str:
    """The same, as a picture with room for it says it."""
    return f"(μh is {percent_of_limit(cloud)} of the stability limit)"


def unstable(cloud: Cloud, end: float) -> str:
    """That a cloud left; '' where it did not. `end` is the time, mu times steps, at which the picture ends."""
    left = cloud.walk.diverged_at
    if left is None:
        return ""
    shown = int(end / cloud.learning_rate)
    ends = f"ends after {shown} and is clipped" if shown < left else "is clipped"
    return (
        f"{label(cloud)} is unstable: μh = {cloud.learning_rate * cloud.curvature:g} is beyond the limit "
        f"2(1+m) = {2 * (1 + cloud.momentum):g}. The walkers left for good after {left} steps; the picture {ends}."
    )


def alike(first: Cloud, second: Cloud) -> str:
    """Whether two clouds of one mu/B are alike; the second has at least the first's learning rate."""
    ratio = f"μ/B = {first.noise:.3g} in both"
    gone = [cloud for cloud in (first, second) if not cloud.stable]
    if len(gone) == 2:
        return f"{ratio}, and both are beyond the stability limit: there is no cloud at all."
    if gone:
        return f"{ratio}, and yet the {gone[0].name.lower()} flies apart: μ/B does not say whether a step is too long."
    if first.learning_rate == second.learning_rate:
        return f"{ratio}, with the same μ and B: only the random numbers differ. Raise k."
    apart = second.walk.stationary.value / first.walk.stationary.value - 1
    if abs(apart) < SAME:
        return (
            f"{ratio}, and in μ × steps the clouds look alike: their variances are {abs(apart):.1%} apart, though "
            f"the second takes {second.batch_size // first.batch_size} times fewer steps, with batches as many times "
            "larger."
        )
    larger, share = (second, apart) if apart > 0 else (first, -apart / (1 + apart))
    return (
        f"{ratio}, and still the {larger.name.lower()} cloud's variance is {share:.0%} larger: its μ is "
        f"{percent_of_limit(larger)} of the stability limit, too long a step for μ/B to be all that counts."
    )


def too_short(cloud: Cloud) -> str:
    """That walkers may remember their start; '' where they have forgotten it."""
    if cloud.long_enough and cloud.walk.settled:
        return ""
    return "This walk is too short to have forgotten its start: expect it to differ."


def values(first: Cloud, second: Cloud) -> str:
    """What theory says of both clouds, and how far one mu/B reaches."""
    return (
        f"The small-step limit μσ²/(2hB(1−m)) is {first.small_steps:.3g} for both; the exact values are "
        f"{_number(first.exact)} and {_number(second.exact)}. At this μ/B every step is too long from "
        f"B = {_three_digits(first.largest_batch)} on."
    )


def on_the_map(stable: pd.DataFrame, limit: float) -> str:
    """Up to where measured variances follow mu/B: `stable` cells of the map, `limit` the learning rate of its edge."""
    factor = (stable["measured"] / stable["small_steps"]).groupby(stable["learning_rate"]).mean()
    low = factor[factor.index <= SMALL * limit]
    return (
        f"With μ up to {low.index.max():.2g} the colours follow the lines of constant μ/B to within "
        f"{(low - 1).abs().max():.0%}; at {factor.index.max() / limit:.0%} of the edge the cloud's variance is "
        f"{factor.iloc[-1]:.0f} times what μ/B says."
    )


def map_read(stable: pd.DataFrame, settings: int) -> str:
    """How to read the map, of so many settings, and how well it is known."""
    worst = float(((stable["measured"] - stable["exact"]) / stable["standard_error"]).abs().max())
    return (
        "Colour: measured stationary variance, one shade for every factor of 4. Lines: constant μ/B, drawn where the "
        "small-step limit puts the borders between shades. Dashed: the stability edge. Computed beforehand, "
        f"{settings} settings, h = {precomputed.CURVATURE:g}, σ² = {precomputed.BOWL_VARIANCE:g}, standard errors "
        f"below {(stable['standard_error'] / stable['measured']).max():.1%}; the single setting that is furthest "
        f"from the exact value is {worst:.1f} of its standard errors off."
    )


def _number(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "infinite"


def _three_digits(value: float) -> str:
    return f"{float(f'{value:.3g}'):,g}"
