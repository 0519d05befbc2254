"""Two positive weights in a row, L = (w_2 w_1 - 1)^2 / 2: one function, many minima, each as sharp as it is written.

The minima are w = (alpha, 1/alpha). Source: Dinh et al., arXiv 1703.04933, in the smallest case.
"""

from __future__ import annotations

import math

import numpy as np

from sgd_core.noise.theory import FloatArray

LEVELS = (0.5, 1.5)
"""w_2 w_1 where the loss is 1/8, on either side of the minima."""


def loss(w1: float, w2: float) -> float:
    """L at one point."""
    return (w2 * w1 - 1) ** 2 / 2


def across(alpha: float) -> FloatArray:
    """Where the steepest line through the minimum meets LEVELS: (2, 2), the ends of the valley's width as (w1, w2)."""
    return np.array([_reach(alpha, product) for product in LEVELS])


def measured_sharpness(alpha: float, step: float = 1e-3) -> float:
    """The largest curvature at the minimum, from second differences of the loss."""
    a, b, e = alpha, 1 / alpha, step
    h11 = (loss(a + e, b) - 2 * loss(a, b) + loss(a - e, b)) / e**2
    h22 = (loss(a, b + e) - 2 * loss(a, b) + loss(a, b - e)) / e**2
    h12 = (loss(a + e, b + e) - loss(a + e, b - e) - loss(a - e, b + e) + loss(a - e, b - e)) / (4 * e**2)
    return float(np.linalg.eigvalsh(np.array([[h11, h12], [h12, h22]]))[-1])


def _reach(alpha: float, product: float) -> list[float]:
    # (alpha + t a)(1/alpha + t b) = product, with (a, b) = (1/alpha, alpha), the steepest direction.
    a, b = 1 / alpha, alpha
    linear = alpha * b + a / alpha
    root = (-linear + math.sqrt(linear**2 - 4 * a * b * (1 - product))) / (2 * a * b)
    return [alpha + root * a, 1 / alpha + root * b]
