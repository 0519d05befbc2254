"""What a class guesses: a curve drawn over a picture's axes, or one of some options; and what many guesses come to.

A guess comes from a browser, so nothing about it is taken on trust: `parsed_guess` takes it or says why not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sgd_core.errors import UserError

POINTS = 64
"""A drawn curve has so many points at most."""
SHOWN = 40
"""Characters of a wrong guess that a sentence repeats."""

Curve = tuple[tuple[float, float], ...]
"""Points (x, y): x a fraction of the picture's axis, ascending to 1, y in the units of the data."""
Guess = Curve | int
"""A drawn curve, or the place of an option, counted from 0."""


@dataclass(frozen=True)
class Range:
    """What can be drawn: a curve from `low` to `high`, in the units of the data."""

    low: float
    high: float


@dataclass(frozen=True)
class Options:
    """What can be chosen, and the place of what is right, where anything is."""

    names: tuple[str, ...]
    right: int | None = None


def parsed_guess(asked: Range | Options, raw: object) -> Guess:
    """The guess that a browser sent; raises UserError with a sentence where it is none."""
    return _chosen(asked, raw) if isinstance(asked, Options) else _curve(asked, raw)


def end(curve: Curve) -> float:
    """Where a drawn curve ends."""
    return curve[-1][1]


def middle(curves: Sequence[Curve]) -> Curve:
    """The median of drawn curves, point by point, from where half of them or more have begun; () of none."""
    if not curves:
        return ()
    across = np.linspace(0, 1, POINTS)
    drawn = np.array([
        np.interp(across, [x for x, _ in curve], [y for _, y in curve], left=np.nan) for curve in curves
    ])  # fmt: skip
    begun = np.mean(~np.isnan(drawn), axis=0) >= 0.5
    median = np.nanmedian(drawn[:, begun], axis=0)
    return tuple((float(x), float(y)) for x, y in zip(across[begun], median, strict=True))


def counts(options: Options, chosen: Sequence[int]) -> tuple[int, ...]:
    """How often each option was chosen."""
    return tuple(chosen.count(place) for place in range(len(options.names)))


def _chosen(asked: Options, raw: object) -> int:
    last = len(asked.names) - 1
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= last:
        raise UserError(f"The guess is {_shown(raw)}, but must be the place of an option, from 0 to {last}.")
    return raw


def _curve(asked: Range, raw: object) -> Curve:
    if not isinstance(raw, list | tuple):
        raise UserError(f"The guess is {_shown(raw)}, but must be a list of points (x, y).")
    if not 1 <= len(raw) <= POINTS:
        raise UserError(f"The guess has {len(raw)} points, but must have 1 to {POINTS}.")
    points: list[tuple[float, float]] = []
    for place, point in enumerate(raw, 1):
        if not (isinstance(point, list | tuple) and len(point) == 2 and all(map(_number, point))):
            raise UserError(f"Point {place} of the guess is {_shown(point)}, but must be two numbers, x and y.")
        x, y = map(float, point)
        if not 0 <= x <= 1:
            raise UserError(f"Point {place} of the guess has x {x:g}, but must lie from 0 to 1.")
        if points and x <= points[-1][0]:
            raise UserError(f"Point {place} of the guess has x {x:g}, but must lie to the right of the one before.")
        if not asked.low <= y <= asked.high:
            raise UserError(
                f"Point {place} of the guess has y {y:g}, but must lie from {asked.low:g} to {asked.high:g}."
            )
        points.append((x, y))
    if points[-1][0] != 1:
        raise UserError(f"The guess ends at x {points[-1][0]:g}, but must reach the right edge, 1.")
    return tuple(points)


def _number(value: object) -> bool:
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # an integer too large for a float
        return False


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
