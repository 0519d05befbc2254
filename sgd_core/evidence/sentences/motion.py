"""What the page on the bowl says: kick and forget, whether two clouds of one mu/B are alike, where that stops."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from sgd_core.noise import precomputed
from sgd_core.noise.clouds import Cloud

SAME = 0.1
"""Variances within 10% of each other are called the same here: that is 5% in the width of a cloud."""
SMALL = 0.05
"""Up to this share of the stability limit steps are small."""


def label(cloud: Cloud) -> str:
    """A cloud by its settings."""
    return f"{cloud.name}: μ = {cloud.written:g}, B = {cloud.batch_size}"


def percent_of_limit(cloud: Cloud) -> str:
    """How much of the stability limit a step is, with three digits."""
    return f"{_three_digits(100 * cloud.of_limit)}%"


def of_limit(cloud: Cloud) -> str:
    """The same, as a picture with room for it says it."""
    return f"({_step(cloud)} is {percent_of_limit(cloud)} of the stability limit)"


def unstable(cloud: Cloud, end: float) -> str:
    """That there is no cloud; '' where there is one. `end` is the time, mu times steps, at which the picture ends."""
    if cloud.stable:
        return ""
    product, limit = cloud.learning_rate * cloud.curvature, f"2(1+m) = {2 * (1 + cloud.momentum):g}"
    if cloud.at_edge:
        return (
            f"{label(cloud)} is at the edge: {_step(cloud)} is the limit {limit} itself. What a step forgets it brings "
            "back, so the variance grows with every step, without end."
        )
    steps, left = len(cloud.walk.variance) - 1, cloud.walk.diverged_at
    shown = int(end / cloud.learning_rate)
    ends = f"ends after {shown} and is clipped" if shown < steps else "is clipped"
    gone = f"The walkers left for good after {left} steps" if left else f"The walkers have not left after {steps} steps"
    where = f"{label(cloud)} is unstable: {_step(cloud)} = {product:g} is beyond the limit {limit}"
    return f"{where}. {gone}; the picture {ends}."


def alike(first: Cloud, second: Cloud) -> str:
    """Whether two clouds of one mu/B are alike, as theory has it; the second has at least the first's learning rate."""
    ratio = f"μ = {first.written:.3g} in both" if first.summed else f"μ/B = {first.noise:.3g} in both"
    gone = [cloud for cloud in (first, second) if not cloud.stable]
    if len(gone) == 2:
        return f"{ratio}, and neither is below the stability limit: there is no cloud at all."
    if gone:
        what = "is at the very edge and never settles" if gone[0].at_edge else "flies apart"
        unsaid = f"{_ratio(first)} does not say whether a step is too long"
        return f"{ratio}, and yet the {gone[0].name.lower()} {what}: {unsaid}."
    if first.learning_rate == second.learning_rate:
        return f"{ratio}, with the same μ and B: only the random numbers differ. Raise k."
    apart, times = second.exact / first.exact - 1, second.batch_size // first.batch_size
    if apart < SAME:
        return (
            f"{ratio}, and in μ × steps the clouds look alike: their variances are {apart:.1%} apart, though the "
            f"second takes {times} times fewer steps, with batches as many times larger."
        )
    return (
        f"{ratio}, and still the second cloud's variance is {apart:.0%} larger: its {_step(second)} is "
        f"{percent_of_limit(second)} of the stability limit, too long a step for {_ratio(first)} to be all that counts."
    )


def too_short(cloud: Cloud) -> str:
    """That walkers may remember their start; '' where they have forgotten it."""
    if cloud.long_enough and cloud.walk.settled:
        return ""
    return "This walk is too short to have forgotten its start: expect it to differ."


def kick_and_forget(first: Cloud, second: Cloud) -> str:
    """The argument with the numbers of two clouds, without momentum and in the limit of small steps, in two lines."""
    added, forgotten = ("μ²Bσ²", "2μBh") if first.summed else ("μ²σ²/B", "2μh")
    kicks = [each.learning_rate**2 * each.variance / each.batch_size for each in (first, second)]
    losses = [2 * each.learning_rate * each.curvature for each in (first, second)]
    times = round(second.batch_size / first.batch_size)
    settled = first.small_steps * (1 - first.momentum)
    balance = "μσ²/(2h)" if first.summed else "μσ²/(2hB)"
    more = f"{times} times as strong in the second, alike per unit of time"
    told = f"Both are {more if times > 1 else 'as strong in the second'}"
    where = f"at a variance of **{balance} = {_three_digits(settled)}**"
    if first.stable and second.stable:
        end = f"{told}, so with small steps they cancel at one place: {where} the cloud stays."
    elif first.stable:
        end = f"{told}, so they would cancel at one place, {where}, but the second's steps are too long to forget."
    else:
        end = f"{told}, so they would cancel at one place, {where}, but steps this long do not forget: no cloud."
    return (
        f"**Kick.** A step adds {added} of variance, σ² = {first.variance:g} being that of one example's gradient: "
        f"{_both(kicks)}.\n\n"
        f"**Forget.** A step forgets {forgotten} of what is there: {_both(losses)}.\n\n{end}"
    )


def corrections(first: Cloud, second: Cloud) -> str:
    """What momentum and the length of a step change in that balance."""
    m, exact = first.momentum, f"the exact variances are {_number(first.exact)} and {_number(second.exact)}"
    edge = (
        f"Where it forgets nothing is the edge, {_step(first)} = {2 * (1 + m):g}: B = "
        f"{_three_digits(first.largest_batch)} at this {_ratio(first)}."
    )
    if m:
        return (
            f"Momentum adds up 1/(1−m) = {1 / (1 - m):g} gradients: that many times the variance, "
            f"{_three_digits(first.small_steps)}. A long step forgets less: {exact}. {edge}"
        )
    less = "μ²B²h²" if first.summed else "μ²h²"
    amount = ", ".join(_three_digits((each.learning_rate * each.curvature) ** 2) for each in (first, second))
    return f"A long step forgets less, by {less} ({amount}): {exact}. {edge}"


def assumed() -> str:
    """What the argument takes for granted."""
    return (
        "Taken for granted: one weight, noise that is the same everywhere and at all times, and a walk that has "
        "settled. In the paper's network the noise changes as it trains (*On the real network*)."
    )


def coupled(summed: bool) -> str:
    """What stays when B doubles, for a gradient that is a mean or a sum."""
    if summed:
        return (
            "A sum is B times the mean: its μ is the mean's μ/B. So μ alone sets the cloud, B only the edge, and twice "
            "the batch needs no other μ."
        )
    return "A mean: while steps are small, twice the batch and twice the μ leave the cloud as it was."


def on_the_map(stable: pd.DataFrame, limit: float) -> str:
    """Up to where measured variances follow mu/B: `stable` cells of the map, `limit` the learning rate of its edge."""
    factor = (stable["measured"] / stable["small_steps"]).groupby(stable["learning_rate"]).mean()
    low = factor[factor.index <= SMALL * limit]
    return (
        f"With μ up to {low.index.max():.2g} the colours follow the lines of constant μ/B to within "
        f"{(low - 1).abs().max():.0%}; at {factor.index.max() / limit:.0%} of the edge the cloud's variance is "
        f"{factor.iloc[-1]:.0f} times what μ/B says."
    )


def beyond_the_map(clouds: Sequence[Cloud]) -> str:
    """Which clouds lie beyond the map; '' for none."""
    if not clouds:
        return ""
    names = " and the ".join(cloud.name.lower() for cloud in clouds)
    return f" The {names} setting{'s lie' if len(clouds) > 1 else ' lies'} beyond the map."


def map_read(stable: pd.DataFrame, settings: int) -> str:
    """How to read the map, of so many settings, and how well it is known."""
    worst = float(((stable["measured"] - stable["exact"]) / stable["standard_error"]).abs().max())
    return (
        "Colour: measured stationary variance, one shade for every factor of 4. Lines: constant μ/B, drawn where the "
        "small-step limit puts the borders between shades. Dashed: the stability edge. Rings: your two settings. "
        f"Computed beforehand, {settings} settings, h = {precomputed.CURVATURE:g}, σ² = {precomputed.BOWL_VARIANCE:g} "
        "(not that of the part before), standard errors "
        f"below {(stable['standard_error'] / stable['measured']).max():.1%}; the one setting that is "
        f"furthest from the exact value is {worst:.1f} of its standard errors off."
    )


def _step(cloud: Cloud) -> str:
    return "μBh" if cloud.summed else "μh"


def _ratio(cloud: Cloud) -> str:
    return "μ" if cloud.summed else "μ/B"


def _both(values: Sequence[float]) -> str:
    first, second = (_three_digits(value) for value in values)
    return first if first == second else f"{first} in the first, {second} in the second"


def _number(value: float) -> str:
    return _three_digits(value) if math.isfinite(value) else "infinite"


def _three_digits(value: float) -> str:
    return f"{float(f'{value:.3g}'):,.10g}"
