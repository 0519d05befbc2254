"""What the page on the argument's limits says: one sentence a case."""

from __future__ import annotations

import pandas as pd

from sgd_core.evidence.coupling import rank_correlation
from sgd_core.evidence.sentences.network import part_of
from sgd_core.evidence.sentences.words import percent
from sgd_core.evidence.shares import Fresh
from sgd_core.noise import theory


def reshuffled(flatness: float, over_epoch: float, at_end: float) -> str:
    """What reshuffling leaves of the images' variance at x, as shares of that of independent draws."""
    return (
        f"At x = {flatness:g} reshuffling leaves {over_epoch:.1%} of the images' variance, and {at_end:.2%} at the end "
        "of an epoch."
    )


def only_images(over_epoch: float, fresh: Fresh | None) -> str:
    """What it leaves of all noise; `fresh` is the part drawn anew on the paper's network, None where not measured."""
    anew = "Crops and dropout masks are drawn anew, so nothing takes back what they add."
    if fresh is None:
        return anew
    left = [float(theory.reshuffled_with_fresh(over_epoch, share)) for share in (fresh.low, fresh.high)]
    shown = part_of(Fresh(left[0], left[1], fresh.crops))
    return f"{anew} In the paper's network that is {part_of(fresh)} of all noise, so {shown} stays."


def at_equal_epochs(runs: pd.DataFrame, epochs: str) -> str:
    """That noise and training time are one thing in `runs` (evidence.coupling) after so many epochs."""
    ratio = runs["training_time"] / runs["noise"]
    return (
        f"After {epochs} T is μ/B times {ratio.min():,.0f} to {ratio.max():,.0f} in all {len(runs)} runs (rank "
        f"correlation {rank_correlation(runs):.2f}): their noise and their training time cannot be told apart."
    )


def at_equal_updates(runs: pd.DataFrame, updates: str) -> str:
    """That they are two things after so many updates: runs of one learning rate have one T."""
    same = runs[runs["learning_rate"] == runs["learning_rate"].min()]
    return (
        f"After {updates} the {len(same)} runs with μ = {same['learning_rate'].iloc[0]:g} have one T = "
        f"{same['training_time'].iloc[0]:.2g}, and a noise that differs "
        f"{same['noise'].max() / same['noise'].min():.0f} times (rank correlation over all {len(runs)} runs "
        f"{rank_correlation(runs):.2f}): here the two can be told apart."
    )


def edge(of_limit: float, times: float, diverged_at: int | None) -> str:
    """How much larger a cloud is than mu/B says at this share of the stability limit, or when it left."""
    if diverged_at is not None:
        return (
            f"At {of_limit:.0%} of the limit there is no cloud: the walkers left the bowl for good after "
            f"{diverged_at} steps, whatever B is."
        )
    return f"At {of_limit:.0%} of the limit the variance is {times:.3g} times what μ/B alone says."


def unlike(batch: int, limit: float, product: float, times: float, alike: float) -> str:
    """Where the edge is at this B when images differ in curvature as much as it is large, `limit` of mu h; and how many
    times what mu/B says the variance is at mu h = `product`, next to images that curve `alike`."""
    share = limit / float(theory.stability_limit(1.0))
    return (
        f"At B = {batch} the variance is finite only up to μh = {limit:.3g}, {percent(share)} of the limit. At μh = "
        f"{product:g} it is {times:.3g} times what μ/B says, where images curve alike {alike:.3g} times."
    )


def rescaled(alpha: float, sharpness: float, least: float, width: float) -> str:
    """How sharp the minimum is at alpha, next to `least` at alpha = 1, and how wide its valley."""
    return (
        f"At α = {alpha:g} the sharpness is α² + 1/α² = {sharpness:.4g}, {sharpness / least:.3g} times that at α = 1, "
        f"and the valley is {width:.2g} wide; the network computes exactly the same."
    )


def second_differences(measured: float) -> str:
    """How to read the picture of the minima, and the sharpness that differences of the loss give."""
    return (
        "Thick: the minima. Thin: loss 1/8. Bar: the valley's width. Second differences of the loss give a sharpness "
        f"of {measured:.4g}."
    )
