"""The x axes that curves can be laid on: epoch, updates, training time T, T with momentum, images seen.

A chart places every point at a position in [0, 1] along the chosen axis and writes the ticks itself. That costs one
column, and lets a chart glide from one axis to another in the browser.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

STEPS = 150
"""In so many steps a reader goes along an axis that does not count epochs."""


@dataclass(frozen=True)
class Axis:
    """One x axis: the column of the epochs table it shows, its names, and whether it is logarithmic."""

    column: str
    short: str
    noun: str
    place: str
    """As in 'at epoch 3', 'at T = 0.1'."""
    title: str
    logarithmic: bool = False
    whole: bool = True
    """Whether it counts whole things."""

    def text(self, value: float) -> str:
        """A value of this axis to three digits, or as a whole number."""
        return f"{value:,.0f}" if self.whole else f"{value:.3g}"

    def scale(self, values: pd.Series) -> Scale:
        """The scale that shows all of `values`."""
        low, high = float(values.min()), float(values.max())
        if self.logarithmic:
            low, high = math.log10(low), math.log10(high)
        return Scale(self, low, high if high > low else low + 1)


@dataclass(frozen=True)
class Scale:
    """An axis with its range; `low` and `high` are powers of ten on a logarithmic one."""

    axis: Axis
    low: float
    high: float

    def position(self, values: pd.Series) -> np.ndarray:
        """Where values lie, 0 at the left end and 1 at the right, as float32."""
        numbers = values.to_numpy(dtype=float)
        numbers = np.log10(numbers) if self.axis.logarithmic else numbers
        return ((numbers - self.low) / (self.high - self.low)).astype(np.float32)

    @property
    def step(self) -> float:
        """How far along the axis one press of an arrow key goes: an epoch where it counts them."""
        return 1 / (self.high - self.low if self.axis.column == "epoch" else STEPS)

    def ticks(self, most: int = 7) -> tuple[list[float], list[str]]:
        """Positions and labels of the ticks."""
        values = self._decades() if self.axis.logarithmic else self._round_numbers(most)
        positions = self.position(pd.Series(values))
        return [round(float(p), 5) for p in positions], [_label(value) for value in values]

    def expression(self, position: str) -> str:
        """The Vega expression for the value at a position, as text."""
        value = f"({self.low:.10g} + ({position}) * {self.high - self.low:.10g})"
        if self.axis.logarithmic:
            return f"format(pow(10, {value}), '{',.0f' if self.axis.whole else ',.3~r'}')"
        return f"format(round({value}), ',')"

    def _decades(self) -> list[float]:
        powers = range(math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9) + 1)
        values = [10.0**power for power in powers]
        if len(values) >= 3:
            return values
        steps = [m * 10.0**power for power in range(math.floor(self.low), math.floor(self.high) + 1) for m in (1, 2, 5)]
        return [v for v in steps if self.low - 1e-9 <= math.log10(v) <= self.high + 1e-9]

    def _round_numbers(self, most: int) -> list[float]:
        step = (self.high - self.low) / most
        unit = 10.0 ** math.floor(math.log10(step))
        step = next(unit * m for m in (1, 2, 2.5, 5, 10) if unit * m >= step)
        first = math.ceil(self.low / step) * step
        return [first + i * step for i in range(int((self.high - first) / step + 1e-9) + 1)]


AXES: dict[str, Axis] = {
    "epoch": Axis("epoch", "Epoch", "epochs", "epoch", "epoch (counted from 0)"),
    "updates": Axis("updates", "Updates", "updates", "update", "updates (log axis)", logarithmic=True),
    "time": Axis(
        "training_time",
        "T",
        "training time",
        "T =",
        "training time T = sum of μ over updates (log axis)",
        logarithmic=True,
        whole=False,
    ),
    "effective": Axis(
        "effective_time",
        "T_eff",
        "training time with momentum",
        "T_eff =",
        "training time with momentum, T_eff (log axis)",
        logarithmic=True,
        whole=False,
    ),
    "images": Axis("images_seen", "Images", "images seen", "image", "training images seen"),
}


def _label(value: float) -> str:
    if value >= 1:
        return f"{value:,.0f}" if value == round(value) else f"{value:g}"
    return f"{value:g}"
