"""What the page on batch gradients says: a whole data set, a minimum, slopes that tell nothing too."""

from __future__ import annotations

import math

import pytest

from sgd_core.evidence.sentences import guess as sentences
from sgd_core.noise.statistics import Estimate


@pytest.mark.parametrize(
    ("median", "downhill", "length", "size", "replacement", "said"),
    [
        (2.5, 0.75, 5.0, 8, False, "At B = 8 half of all guesses are 2.5 or more off, 50% of the full gradient's "
         "length 5; 75% of them point downhill."),
        (2.5, 0.9999, 5.0, 256, True, "At B = 256 half of all guesses are 2.5 or more off, 50% of the full gradient's "
         "length 5; more than 99% of them point downhill."),
        (2.5, 1.0, 5.0, 8, True, "100% of them point downhill."),
        (2.5, 1.0, 5.0, 256, False, "B = N without replacement: every batch is the whole data set, so every guess is "
         "the full gradient."),
        (6.55, 0.5, 0.0, 8, True, "At the minimum the full gradient is 0, but half of all batches of 8 still say: move "
         "by 6.5 or more. SGD cannot come to rest here."),
    ],
)  # fmt: skip
def test_how_far_off_a_guess_is(
    median: float, downhill: float, length: float, size: int, replacement: bool, said: str
) -> None:
    assert said in sentences.off(median, downhill, length, size, 256, replacement)


@pytest.mark.parametrize(
    ("slope", "error", "size", "replacement", "said"),
    [
        (-0.995, 0.0035, 64, True, "The fitted slope is −0.995 (95% interval −1.002 to −0.988): twice the batch, half "
         "the variance, and so on without end, even beyond B = N."),
        (-1.2, 0.01, 1, False, "The fitted slope is −1.200 (95% interval −1.220 to −1.180), steeper than −1: without "
         "replacement the variance is 1/B times (N−B)/(N−1), which is 1 at B = 1."),
        (-1.2, 0.01, 128, False, "(N−B)/(N−1), which is 0.5 at B = 128."),
        (-1.2, 0.01, 256, False, "which is 0 at B = 256."),
        (-1.01, 0.01, 8, False, "(95% interval −1.030 to −0.990), not clearly steeper than −1: without"),
        (math.nan, math.nan, 8, False, "The fitted slope is nan (95% interval nan to nan), not clearly steeper"),
    ],
)  # fmt: skip
def test_how_fast_the_cloud_shrinks(slope: float, error: float, size: int, replacement: bool, said: str) -> None:
    assert said in sentences.shrinks(Estimate(slope, error), size, 256, replacement)


def test_a_whole_data_set_has_no_noise() -> None:
    assert sentences.no_noise(3e-33) == (
        "At B = N the variance is 3e-33: zero, up to rounding. No noise at all is left, as this model has neither "
        "crops nor dropout."
    )
    assert sentences.no_noise(0.0).startswith("At B = N the variance is 0: zero")


def test_the_pictures_in_words() -> None:
    assert sentences.ringed(8, at_zero=True) == "Ringed: one batch of 8. With both weights at 0 there is no line yet."
    assert sentences.ringed(1, at_zero=False) == "Ringed: one batch of 1. Line: the model is undecided."
    assert sentences.points_described(8, 256) == (
        "The 256 points in two colours, the line that the weights draw, and one batch of 8 ringed."
    )
    assert sentences.curve_described(Estimate(-1.2, 0.1)).endswith("fitted slope -1.200.")
    assert "over 20,000 draws. One example's is tr Σ = 0.4926 here" in sentences.how(0.49261, 20_000)
