"""What the page on batch gradients says: how far off a guess is, and how fast more examples mend it."""

from __future__ import annotations

import numpy as np

from sgd_core.noise import theory
from sgd_core.noise.statistics import Estimate
from sgd_core.noise.theory import FloatArray

AT_REST = 1e-9
"""A full gradient shorter than this is that of a minimum."""


def off(guesses: FloatArray, full: FloatArray, size: int, images: int, replacement: bool) -> str:
    """How far guesses (M, 2) at the full gradient (2,) are off, and how many of them point downhill."""
    spread = float(np.sqrt(np.mean(np.sum((guesses - full) ** 2, axis=1))))
    length = float(np.linalg.norm(full))
    if size == images and not replacement:
        return "B = N without replacement: every batch is the whole data set, so every guess is the full gradient."
    if length < AT_REST:
        return (
            f"At the minimum the full gradient is 0, but a batch of {size} still says: move by {spread:.2g}. "
            "SGD cannot come to rest here."
        )
    downhill = float(np.mean(guesses @ full > 0))
    return (
        f"At B = {size} a guess is typically {spread:.2g} off, {spread / length:.0%} of the full gradient's length "
        f"{length:.2g}; {downhill:.0%} of these {len(guesses)} batches point downhill."
    )


def shrinks(slope: Estimate, size: int, images: int, replacement: bool) -> str:
    """The fitted slope of variance over batch size on log-log axes, and what it means for twice the batch."""
    low, high = slope.value - 2 * slope.standard_error, slope.value + 2 * slope.standard_error
    fitted = f"The fitted slope is {slope.value:.3f} (95% interval {low:.3f} to {high:.3f})".replace("-", "−")
    if replacement:
        return f"{fitted}: twice the batch, half the variance, and so on without end, even beyond B = N."
    steeper = "steeper than −1" if high < -1 else "not clearly steeper than −1"
    return (
        f"{fitted}, {steeper}: without replacement the variance is 1/B times (N−B)/(N−1), which is "
        f"{float(theory.without_replacement_factor(size, images)):.2g} at B = {size}."
    )


def no_noise(variance: float) -> str:
    """That a whole data set has no noise."""
    return (
        f"At B = N the variance is {variance:.1g}: zero, up to rounding. No noise at all is left, as this model has "
        "neither crops nor dropout."
    )


def ringed(size: int, at_zero: bool) -> str:
    """What the picture of the points shows; weights of 0 draw no line."""
    line = "With both weights at 0 there is no line yet." if at_zero else "Line: the model is undecided."
    return f"Ringed: one batch of {size}. {line}"


def points_described(size: int, images: int) -> str:
    """The picture of the points in words."""
    return f"The {images} points in two colours, the line that the weights draw, and one batch of {size} ringed."


def curve_described(slope: Estimate) -> str:
    """The picture of the variance in words."""
    return f"Variance against B on log-log axes; fitted slope {slope.value:.3f}."


def how(trace: float, draws: int) -> str:
    """Where the numbers come from; `trace` is tr Sigma of one example's gradient."""
    return (
        "The variance is the mean squared distance between a batch gradient and the full one, over "
        f"{draws:,} draws. One example's is tr Σ = {trace:.4g} here, exactly: the sum of the variances "
        "of the gradient's components over the examples. A mean of B independent ones has tr Σ / B; without "
        "replacement it is smaller by (N−B)/(N−1), because examples already drawn cannot come again (Cochran, "
        "*Sampling Techniques*, 1977). The slope's interval is ± 2 standard errors over draws, which "
        "takes into account that all B come from the same draws."
    )
