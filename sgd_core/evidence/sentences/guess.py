"""What the page on batch gradients says: how far off a guess is, and how fast more examples mend it."""

from __future__ import annotations

from sgd_core.evidence.sentences.words import percent
from sgd_core.noise import theory
from sgd_core.noise.statistics import Estimate

AT_REST = 1e-9
"""A full gradient shorter than this is that of a minimum."""


def off(median: float, downhill: float, length: float, size: int, images: int, replacement: bool) -> str:
    """How far half of all guesses are off, next to the full gradient's `length`, and which share points downhill."""
    if size == images and not replacement:
        return "B = N without replacement: every batch is the whole data set, so every guess is the full gradient."
    if length < AT_REST:
        return (
            f"At the minimum the full gradient is 0, but half of all batches of {size} still say: move by "
            f"{median:.2g} or more. SGD cannot come to rest here."
        )
    return (
        f"At B = {size} half of all guesses are {median:.2g} or more off, {median / length:.0%} of the full gradient's "
        f"length {length:.2g}; {percent(downhill)} of them point downhill."
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
        "takes into account that all B come from the same draws. It is the mean of the squares, and a few guesses that "
        "are far off make most of it; half of all guesses, over as many draws, says what a usual one is like."
    )
