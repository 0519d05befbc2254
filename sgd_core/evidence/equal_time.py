"""Claim 3's map: where runs of equal training time end over batch size and learning rate, and which rate is best."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sgd_core.evidence import ends
from sgd_core.evidence.ends import Tables
from sgd_core.evidence.paired import Paired
from sgd_core.evidence.verdicts import ratios
from sgd_core.experiment.claims import LARGE_FAST, MAP, MEASURES, Arm

Reading = Literal["does not matter", "best", "cannot tell"]
MARGIN = MEASURES["test_loss"].margin


@dataclass(frozen=True)
class Cell:
    """All runs of one batch size and learning rate."""

    batch_size: int
    learning_rate: float
    views: int
    """Of every cell of the map, so that no two are compared that differ in their crops as well."""
    losses: Mapping[int, float]
    """Seed -> test loss at the end."""
    accuracies: Mapping[int, float]

    @property
    def n(self) -> int:
        return len(self.losses)

    @property
    def loss(self) -> float:
        """Geometric mean over seeds; NaN without any."""
        return statistics.geometric_mean(self.losses.values()) if self.losses else math.nan

    @property
    def accuracy(self) -> float:
        """Mean over seeds; NaN without any."""
        return statistics.fmean(self.accuracies.values()) if self.accuracies else math.nan


@dataclass(frozen=True)
class Best:
    """What is known of the best learning rate at one batch size."""

    batch_size: int
    reading: Reading
    rate: float
    """That of the lowest mean test loss; NaN without runs at two rates."""
    n: int
    """Seeds that it shares with every other rate, at the least."""
    rates: int
    """Rates with runs."""


def cells(tables: Tables) -> list[Cell]:
    """Every cell of the map, those without runs too, at the number of views that most runs of the map have."""
    found = {
        place: [_values(place, measure, tables) for measure in ("test_loss", "test_accuracy")] for place in _PLACES
    }
    runs = Counter(views for losses, _ in found.values() for _, views in losses)
    views = max(runs, key=lambda views: (runs[views], views), default=0)
    return [Cell(*place, views, *(_at(views, each) for each in values)) for place, values in found.items()]


def best(cells: Sequence[Cell]) -> list[Best]:
    """The best rate of every batch size, or that it does not matter: paired over seeds against the margin.

    A rate that happens to be lowest was chosen by the same numbers, so 'best' is said a little too often.
    """
    found = []
    for batch in sorted({cell.batch_size for cell in cells}):
        there = [cell for cell in cells if cell.batch_size == batch and cell.n]
        if len(there) < 2:
            found.append(Best(batch, "cannot tell", math.nan, 0, len(there)))
            continue
        lowest = min(there, key=lambda cell: cell.loss)
        pairs = [_paired(lowest, cell) for cell in there if cell is not lowest]
        reading: Reading = "cannot tell"
        if all(ratios(pair, "same", MARGIN)[0] <= 1 for pair in pairs):
            reading = "does not matter"
        elif all(ratios(pair, "more", MARGIN)[0] <= 1 for pair in pairs):
            reading = "best"
        found.append(Best(batch, reading, lowest.learning_rate, min(pair.n for pair in pairs), len(there)))
    return found


_PLACES = {(arm.spec.batch_size, arm.spec.learning_rate): arm for arm in MAP.values()}
_OWN = LARGE_FAST.batch_size, LARGE_FAST.learning_rate


def _values(place: tuple[int, float], measure: str, tables: Tables) -> dict[tuple[int, int], float]:
    # 150 epochs of B=512 are 900 updates: the paper's own run is the map's under another name
    arms = [_PLACES[place]] if place != _OWN else [Arm(LARGE_FAST), _PLACES[place]]
    return {at: value for arm in arms for at, value in ends.values(arm, measure, tables).items()}


def _at(views: int, values: Mapping[tuple[int, int], float]) -> dict[int, float]:
    return {seed: value for (seed, of), value in sorted(values.items()) if of == views}


def _paired(better: Cell, other: Cell) -> Paired:
    shared = sorted(better.losses.keys() & other.losses.keys())
    return Paired.of([math.log(other.losses[seed] / better.losses[seed]) for seed in shared])
