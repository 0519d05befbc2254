"""What the built-in images show: ten shapes, each drawn from a random stream."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]


def draw(kind: str, size: int, random: np.random.Generator) -> np.ndarray:
    """One large, upright, light shape near the middle of a dark ground, both nearly grey, with pixel noise."""
    ground = random.integers(0, 60) + random.integers(0, 30, 3)
    colour = random.integers(170, 230) + random.integers(-25, 26, 3)
    radius = random.uniform(0.36, 0.46) * size
    centre = size / 2 + random.uniform(-0.04, 0.04, 2) * size
    turn = random.uniform(-0.1, 0.1)
    right, down = ((np.arange(size) + 0.5 - middle) / radius for middle in centre)
    right, down = right[None, :], down[:, None]
    inside = _INSIDE[kind](np.cos(turn) * right + np.sin(turn) * down, np.cos(turn) * down - np.sin(turn) * right)
    noise = random.integers(-20, 21, (size, size, 3))
    return (np.stack([ground, colour])[inside.astype(np.intp)] + noise).clip(0, 255).astype(np.uint8)


def _furthest(x: Reals, y: Reals) -> Reals:
    return np.maximum(np.abs(x), np.abs(y))


def _from_tip(x: Reals, y: Reals) -> Reals:
    """The angle from the nearest of five tips, the first of them on top."""
    angle = np.arctan2(x, -y) % (2 * np.pi / 5)
    return np.minimum(angle, 2 * np.pi / 5 - angle)


def _ring(x: Reals, y: Reals) -> NDArray[np.bool_]:
    distance = np.hypot(x, y)
    return (distance < 1) & (distance > 0.55)


def _dots(x: Reals, y: Reals) -> NDArray[np.bool_]:
    distance = np.hypot(x, y)
    return distance**2 + 0.75**2 - 1.5 * distance * np.cos(_from_tip(x, y)) < 0.26**2


def _star(x: Reals, y: Reals) -> NDArray[np.bool_]:
    """Its edge runs from a tip at distance 1 to a notch at 0.4."""
    distance, angle = np.hypot(x, y), _from_tip(x, y)
    aside, below = 0.4 * np.sin(np.pi / 5), 0.4 * np.cos(np.pi / 5)
    inside: NDArray[np.bool_] = (1 - distance * np.cos(angle)) * aside > distance * np.sin(angle) * (1 - below)
    return inside


_INSIDE: dict[str, Callable[[Reals, Reals], NDArray[np.bool_]]] = {
    "disc": lambda x, y: np.hypot(x, y) < 1,
    "ring": _ring,
    "square": lambda x, y: _furthest(x, y) < 0.71,
    "frame": lambda x, y: (_furthest(x, y) < 0.71) & (_furthest(x, y) > 0.39),
    "triangle": lambda x, y: (y < 0.5) & (np.abs(x) < (y + 1) / 3**0.5),
    "diamond": lambda x, y: np.abs(x) / 0.45 + np.abs(y) < 1,
    "cross": lambda x, y: (_furthest(x, y) < 1) & (np.minimum(np.abs(x), np.abs(y)) < 1 / 6),
    "star": _star,
    "bars": lambda x, y: (np.abs(x) < 0.9) & (np.abs(np.abs(y) - 0.35) > 0.15) & (np.abs(y) < 0.8),
    "dots": _dots,
}
"""Where a shape is, for pixels at (x, y) in its radii from its middle, y pointing down."""
SHAPES = tuple(_INSIDE)
"""Their names, in the order of the classes."""
