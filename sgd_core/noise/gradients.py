"""Batch gradients of a loss that can be seen: logistic regression with two weights on 256 points in the plane.

The variance is measured against the exact full gradient, at all batch sizes from the same draws: a draw is a sequence
of N examples, and its first B are a batch of B. That makes 20,000 batches of every size in about 30 ms; the errors at
different B then depend on each other, so the errors of slope and pooled ratio are taken over draws, not over sizes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sgd_core.errors import UserError
from sgd_core.noise import theory
from sgd_core.noise.statistics import Estimate, mean
from sgd_core.noise.theory import FloatArray

IMAGES = 256
"""Points of the page's problem, N."""
DRAWS = 20_000
"""Draws of the page's measurement: the variance at one B has a standard error of about 1%."""
_AT_ONCE = 2_500


@dataclass(frozen=True)
class Classification:
    """Points (N, 2) with labels (N,) of 0 or 1; the loss is logistic regression's, without a bias."""

    points: FloatArray
    labels: FloatArray

    def loss(self, weights: npt.ArrayLike) -> FloatArray:
        """Mean cross-entropy at weights (..., 2), shape (...)."""
        scores = np.asarray(weights, dtype=float) @ self.points.T
        return np.asarray(np.mean(np.logaddexp(0, scores) - self.labels * scores, axis=-1))

    def gradients(self, weights: npt.ArrayLike) -> FloatArray:
        """Each example's gradient at weights (2,), shape (N, 2); their mean is the full gradient."""
        scores = self.points @ np.asarray(weights, dtype=float)
        residuals: FloatArray = 1 / (1 + np.exp(-scores)) - self.labels
        return residuals[:, np.newaxis] * self.points

    def hessian(self, weights: npt.ArrayLike) -> FloatArray:
        """Second derivatives of the loss at weights (2,), shape (2, 2)."""
        chance = 1 / (1 + np.exp(-(self.points @ np.asarray(weights, dtype=float))))
        return np.asarray((self.points * (chance * (1 - chance))[:, np.newaxis]).T @ self.points / len(self.points))

    def minimum(self) -> FloatArray:
        """The weights (2,) of least loss, by Newton's method from 0."""
        weights = np.zeros(2)
        for _ in range(12):
            weights = weights - np.linalg.solve(self.hessian(weights), self.gradients(weights).mean(axis=0))
        return weights


@dataclass(frozen=True)
class VarianceCurve:
    """Measured E|g_B - g|^2 for each batch size, all arrays (K,), and what fits them all."""

    batch_sizes: npt.NDArray[np.int64]
    variance: FloatArray
    standard_error: FloatArray
    predicted: FloatArray
    slope: Estimate
    """d log variance / d log B, fitted where the variance is not zero; -1 is the theory with replacement."""
    pooled: Estimate
    """Measured over predicted, averaged over the batch sizes; 1 is the theory."""


@dataclass(frozen=True)
class Guesses:
    """What a batch gradient is like at each batch size, all arrays (K,)."""

    median: FloatArray
    """The distance from the full gradient that half of all guesses are within."""
    downhill: FloatArray
    """The share that points downhill: less than 90 degrees from the full gradient."""


def two_blobs(images: int = IMAGES, seed: int = 0) -> Classification:
    """Two overlapping clouds of points, half of them labelled 1; the same seed gives the same points everywhere."""
    rng = np.random.default_rng(seed)
    labels = np.arange(images) % 2
    centres = np.where(labels == 1, 1.0, -1.0)[:, np.newaxis] * np.array([0.8, 0.5])
    return Classification(centres + rng.standard_normal((images, 2)), labels.astype(float))


def trace_of_covariance(gradients: FloatArray) -> float:
    """tr Sigma of per-example gradients (N, n), divided by N."""
    return float(gradients.var(axis=0).sum())


def examples(
    rng: np.random.Generator, images: int, draws: int, replacement: bool, length: int
) -> npt.NDArray[np.unsignedinteger]:
    """Indices of drawn examples (draws, length), each row with or without replacement; `images` is at most 1024."""
    if replacement:
        return rng.integers(images, size=(draws, length), dtype=np.uint16)
    # Sorting random numbers that carry the index in their low bits takes 3 to 4 ns an element, Generator.permuted 12.
    low = np.uint32(2 ** max(images - 1, 1).bit_length() - 1)
    keys = rng.integers(2**32, size=(draws, images), dtype=np.uint32)
    keys &= ~low
    keys |= np.arange(images, dtype=np.uint32)
    keys.sort(axis=1)
    return (keys & low)[:, :length]


def measure_variance(
    gradients: FloatArray, batch_sizes: list[int], replacement: bool, seed: int, draws: int = DRAWS
) -> VarianceCurve:
    """The variance of the batch gradient at each of the batch sizes, from per-example gradients (N, 2)."""
    n, sizes = len(gradients), np.array(batch_sizes)
    for size in batch_sizes:
        _check(size, n, replacement)
    rng = np.random.default_rng(seed)
    deviations = (gradients - gradients.mean(axis=0)) @ np.array([1, 1j])
    parts = [min(_AT_ONCE, draws - done) for done in range(0, draws, _AT_ONCE)]
    squares = np.concatenate([_squared_distances(rng, deviations, sizes, part, replacement) for part in parts])
    predicted = theory.batch_gradient_variance(trace_of_covariance(gradients), sizes, None if replacement else n)
    errors = squares.std(axis=0, ddof=1) / np.sqrt(draws)
    noisy = predicted > 0
    return VarianceCurve(
        sizes, squares.mean(axis=0), errors, predicted,
        _slope(sizes[noisy], squares[:, noisy]), mean((squares[:, noisy] / predicted[noisy]).mean(axis=1)),
    )  # fmt: skip


def guesses(gradients: FloatArray, batch_sizes: list[int], replacement: bool, seed: int, draws: int = DRAWS) -> Guesses:
    """How guesses lie around the full gradient, from per-example gradients (N, 2).

    A batch of one is one of the N examples, whichever way it is drawn, so all of them are looked at: no draws.
    """
    full = gradients.mean(axis=0)
    rng = np.random.default_rng(seed)
    complex_full = complex(*full)
    medians, shares = [], []
    drawn = examples(rng, len(gradients), draws, replacement, max(batch_sizes))
    sums, done = np.zeros(draws, dtype=complex), 0
    each = gradients @ np.array([1, 1j])
    for size in sorted(batch_sizes):
        sums = sums + each[drawn[:, done:size]].sum(axis=1)
        done = size
        found = each if size == 1 else sums / size
        medians.append(float(np.median(np.abs(found - complex_full))))
        shares.append(float(np.mean((found * complex_full.conjugate()).real > 0)))
    order = np.argsort(np.argsort(batch_sizes))
    return Guesses(np.array(medians)[order], np.array(shares)[order])


def _check(batch_size: int, images: int, replacement: bool) -> None:
    if batch_size < 1 or (batch_size > images and not replacement):
        raise UserError(f"batch_size is {batch_size}, but must be a whole number from 1 to {images} points.")


def _squared_distances(
    rng: np.random.Generator,
    deviations: npt.NDArray[np.complex128],
    sizes: npt.NDArray[np.int64],
    draws: int,
    replacement: bool,
) -> FloatArray:
    drawn = examples(rng, len(deviations), draws, replacement, int(sizes.max()))
    starts = np.concatenate([[0], np.sort(sizes)[:-1]])
    sums = np.add.reduceat(deviations[drawn], starts, axis=1).cumsum(axis=1)
    order = np.argsort(np.argsort(sizes))
    return np.abs(sums[:, order] / sizes) ** 2


def _slope(sizes: npt.NDArray[np.int64], squares: FloatArray) -> Estimate:
    if len(sizes) < 2:
        return Estimate(np.nan, np.nan)
    x = np.log(sizes)
    weights = (x - x.mean()) / np.sum((x - x.mean()) ** 2)
    variance = squares.mean(axis=0)
    return Estimate(float(weights @ np.log(variance)), mean((squares / variance) @ weights).standard_error)
