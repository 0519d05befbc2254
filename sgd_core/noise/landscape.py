"""Landscape: a loss of one weight with two valleys whose widths and depths can be chosen.

Each side of the barrier at w = 0 is a quartic of its own, L = d ((w/a)^4 - 2 (w/a)^2): bottom at distance a, depth d,
curvature 8 d / a^2 there. Width 1 and depth 1/4 on both sides is the textbook's w^4/4 - w^2/2. At equal depth the two
sides are stretched copies of each other, so under constant noise the occupancies are as the widths at EVERY mu/B.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sgd_core.errors import UserError
from sgd_core.noise.theory import FloatArray

Noise = Literal["constant", "curvature"]
"""How the noise depends on the place: not at all, or in proportion to the curvature of the valley the weight is in."""


@dataclass(frozen=True)
class Valley:
    """One side of the barrier: distance of its bottom (weight) and depth below the barrier (loss), both above 0."""

    width: float
    depth: float

    def __post_init__(self) -> None:
        for name in ("width", "depth"):
            if not 0 < getattr(self, name) < math.inf:
                raise UserError(f"{name} is {getattr(self, name)}, but must be above 0.")

    @property
    def curvature(self) -> float:
        """h at the bottom, 8 d / a^2."""
        return 8 * self.depth / self.width**2


@dataclass(frozen=True)
class Landscape:
    """Two valleys, left of w = 0 and right of it."""

    left: Valley
    right: Valley

    def loss(self, weights: npt.ArrayLike) -> FloatArray:
        """L, shape of `weights`; 0 on the barrier, -depth at the bottoms."""
        squared, depth, _ = self._sides(weights)
        return np.asarray(depth * squared * (squared - 2))

    def slope(self, weights: npt.ArrayLike) -> FloatArray:
        """dL/dw, shape of `weights`."""
        squared, depth, width = self._sides(weights)
        return np.asarray(4 * depth / width**2 * np.asarray(weights, dtype=float) * (squared - 1))

    @property
    def barrier_curvature(self) -> float:
        """|h| of the barrier's top for Kramers' formula, 1/sqrt(|h|) averaged over its two sides (each 4 d / a^2)."""
        sides = [side.width / math.sqrt(4 * side.depth) for side in (self.left, self.right)]
        return (2 / sum(sides)) ** 2

    def noise_factors(self, noise: Noise) -> tuple[float, float]:
        """What sigma^2 is multiplied by in the left and the right valley; their product is 1.

        With noise in proportion to curvature the factors are sqrt(h_left / h_right) and its inverse.
        """
        if noise == "constant":
            return 1.0, 1.0
        factor = math.sqrt(self.left.curvature / self.right.curvature)
        return factor, 1 / factor

    def temperature(self, weights: npt.ArrayLike, temperature: npt.ArrayLike, noise: Noise) -> FloatArray:
        """Tm at each of the weights (G,), shape (..., G) for `temperature` (...), the value under constant noise."""
        left, right = self.noise_factors(noise)
        return np.asarray(temperature, dtype=float)[..., np.newaxis] * np.where(np.asarray(weights) < 0, left, right)

    def grid(self, temperature: float, noise: Noise = "constant", points: int = 2001) -> FloatArray:
        """Weights from far up the left wall to far up the right one (2 points - 1,), with w = 0 in the middle."""
        low, high = self.reach(temperature, noise)
        return np.concatenate([np.linspace(low, 0, points)[:-1], np.linspace(0, high, points)])

    def reach(self, temperature: float, noise: Noise = "constant") -> tuple[float, float]:
        """Where each wall is 30 of its own temperatures above its bottom: no walker in e^30 is beyond."""
        left, right = (
            side.width * math.sqrt(1 + math.sqrt(30 * factor * temperature / side.depth))
            for side, factor in zip((self.left, self.right), self.noise_factors(noise), strict=True)
        )
        return -left, right

    def _sides(self, weights: npt.ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
        w = np.asarray(weights, dtype=float)
        width = np.where(w < 0, self.left.width, self.right.width)
        return (w / width) ** 2, np.where(w < 0, self.left.depth, self.right.depth), width
