"""What a chart of learning curves is made from: its lines, its measure, and the frame that travels to the browser.

The data frame has one row per run, epoch and seed (MEAN for means over seeds), with the columns of TYPES: `position`
(and `before`, where the chart glides from another axis), y (and low, high, where there is a band), the schedule, and
`beside`, the mean of a second measure for the panel below. Columns that a chart does not need are left out. `pack` adds
`until`, the position of the run's next row, and `turn`, whether the schedule changes here: with them the newest row and
the corners of the small charts are one comparison a row, which matters because Streamlit's Vega interprets expressions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

TYPES = {
    "run": "category", "seed": "int8", "epoch": "int16", "y": "float32", "low": "float32", "high": "float32",
    "position": "float32", "before": "float32", "beside": "float32", "until": "float32",
    "turn": "int8",
    "learning_rate": "float32", "batch_size": "int16", "updates": "int32", "training_time": "float32",
}  # fmt: skip
"""The small types in which a frame travels to the browser: at most 40 bytes a row."""
BUDGET = 110_000
"""Bytes of data in one chart; a frame beyond it is thinned. The description takes 15 to 25 kB more."""

MEAN = -1
"""The `seed` of rows that are means over seeds."""

NEVER = 9
"""The `until` of a run's last row."""


@dataclass(frozen=True)
class Line:
    """How one run is drawn: its name, its colour and its dashes (empty: solid)."""

    run: str
    colour: str
    dash: tuple[int, ...] = ()
    faint: bool = False
    """Whether it stands back behind those that are not."""


@dataclass(frozen=True)
class Measure:
    """What the y axis shows: title, domain, whether more is better (a share) or less (a loss, on a log axis)."""

    title: str
    domain: tuple[float, float]
    loss: bool = False

    @property
    def format(self) -> str:
        return ".3f" if self.loss else ".1%"

    @property
    def order(self) -> str:
        """The sort order that puts the best first."""
        return "ascending" if self.loss else "descending"


@dataclass(frozen=True)
class Spans:
    """From where to where the small charts of the schedule reach."""

    learning_rate: tuple[float, float]
    batch_size: tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """A value from elsewhere laid beside a run's end: the authors' final, or a guess."""

    run: str
    position: float
    y: float
    note: str
    shape: str = "diamond"


@dataclass(frozen=True)
class Style:
    """Size, ink and ground of a chart; `large` is for a projector."""

    ink: str
    paper: str
    """The colour of the ground, inside hollow marks."""
    large: bool = False
    low: bool = False
    """Whether the curves leave room for a second panel on a projector."""
    line: str = ""
    """The Vega expression for a line of the readout as a share of the curves' height, where that is not `height`."""

    @property
    def type_size(self) -> int:
        return 18 if self.large else 12

    @property
    def height(self) -> int:
        """Of the curves, in pixels."""
        if self.large:
            return 300 if self.low else 460
        return 360


def pack(frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The frame in small types, with `until` and `turn`, and k: only every k-th epoch (and the last) is kept.

    So it stays within BUDGET.
    """
    types = {name: TYPES[name] for name in frame.columns}
    row = sum(
        np.dtype(kind).itemsize if kind != "category" else 1
        for kind in [*types.values(), TYPES["until"], TYPES["turn"]]
    )
    every = max(1, math.ceil(len(frame) * row / BUDGET))
    kept = frame[(frame["epoch"].max() - frame["epoch"]) % every == 0]
    kept = kept.reset_index(drop=True)  # any other index would travel too, at 8 bytes a row
    curve = kept.groupby(["run", "seed"], sort=False, observed=True)
    schedule = ["learning_rate", "batch_size"]
    kept["until"] = curve["position"].shift(-1).fillna(NEVER)
    earlier = curve[schedule].shift(1)
    kept["turn"] = (earlier.isna() | (kept[schedule] != earlier)).any(axis=1)
    return kept.astype(types | {name: TYPES[name] for name in ("until", "turn")}), every
