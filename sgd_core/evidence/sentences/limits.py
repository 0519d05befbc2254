"""What the page on the argument's limits says: one sentence a case."""

from __future__ import annotations

import pandas as pd

from sgd_core.evidence.coupling import rank_correlation
from sgd_core.evidence.sentences.network import part_of
from sgd_core.evidence.shares import Fresh
from sgd_core.noise import theory


def reshuffled(flatness: float, over_epoch: float, at_end: float) -> str:
    """What reshuffling leaves of the variance at x = mu h N / B, as shares of that of independent draws."""
    return (
        f"At x = {flatness:g} reshuffled epochs leave {over_epoch:.1%} of the variance that independent draws "
        f"have, and {at_end:.2%} at the end of an epoch."
    )


def only_images(fresh: Fresh | None) -> str:
    """Which noise is taken back; `fresh` is what is not on the paper's network, None where that was not measured."""
    here = (
        f" On the paper's network that is {part_of(fresh)} of all noise, added up over all parameters." if fresh else ""
    )
    return (
        "This is the noise of choosing images. Crops are new in every epoch and dropout masks in every batch: "
        f"nothing takes back what they add.{here}"
    )


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


def edge_by_batch(batch_sizes: tuple[int, ...]) -> str:
    """Where the edge is for these B when examples differ in curvature as much as it is large."""
    limit = float(theory.stability_limit(1.0))
    shares = [float(theory.random_curvature_stability_limit(batch, 1.0, 1.0)) / limit for batch in batch_sizes]
    return (
        "Where examples differ in curvature, B counts: with a spread as large as h the variance is finite only up to "
        f"{', '.join(f'{share:.0%}' for share in shares)} of the limit at B = {', '.join(map(str, batch_sizes))}."
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
        "Thick: the minima. Thin: loss 1/8. Bar: the valley's width here. Second differences of the loss at this "
        f"point give a sharpness of {measured:.4g}: arithmetic, so no badge."
    )
