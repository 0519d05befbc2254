"""What the map of runs of equal training time shows: pure functions from its cells to text (Markdown)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from sgd_core.evidence.equal_time import Best, Cell
from sgd_core.evidence.ordering import spearman, spearman_interval
from sgd_core.evidence.sentences.verdicts import margin
from sgd_core.evidence.sentences.words import are, counted
from sgd_core.experiment.claims import MEASURES
from sgd_core.experiment.names import rate_of

BOUND = margin(MEASURES["test_loss"])


def there(cells: Sequence[Cell], planned: int) -> str:
    """How many cells have runs, and how many have all the seeds that are planned."""
    some, full = sum(cell.n > 0 for cell in cells), sum(cell.n >= planned for cell in cells)
    if not some:
        return f"None of the map's {len(cells)} cells has runs yet; {planned} seeds of each are planned."
    alike = f" (V = {cells[0].views})"
    if full == len(cells):
        return f"All {len(cells)} cells have {planned} seeds or more{alike}."
    missing = len(cells) - some
    said = f"{some} of {len(cells)} cells have runs{alike}, {full} of them with all {planned} planned seeds"
    return f"{said}; {missing} {are(missing)} still empty." if missing else f"{said}."


def spread(cells: Sequence[Cell]) -> str:
    """The lowest and the highest test loss on the map, and where; empty with fewer than two cells."""
    known = [cell for cell in cells if cell.n]
    if len(known) < 2:
        return ""
    low, high = min(known, key=lambda cell: cell.loss), max(known, key=lambda cell: cell.loss)
    return (
        f"At equal training time the mean test loss is lowest at {_place(low)} ({low.loss:.3g}) and highest at "
        f"{_place(high)} ({high.loss:.3g}); from the one to the other the noise μ/B changes {_fold(low, high)}."
    )


def by_noise(cells: Sequence[Cell]) -> str:
    """Whether more noise goes with more or with less test loss over the cells; '' with fewer than five.

    Cells of one map are not independent, so the interval is only a guide.
    """
    known = [cell for cell in cells if cell.n]
    noise = pd.Series([cell.learning_rate / cell.batch_size for cell in known], dtype=float)
    loss = pd.Series([cell.loss for cell in known], dtype=float)
    rho = spearman(noise, loss)
    low, high = spearman_interval(rho, len(known))
    if math.isnan(low):
        return ""
    way = "more" if low > 0 else "less" if high < 0 else "neither more nor less"
    return (
        f"**Does noise decide?** Over the {len(known)} cells more noise μ/B goes with {way} test loss (rank "
        f"correlation {rho:.2f}, 95% interval {low:.2f} to {high:.2f}), at equal training time."
    )


def best(found: Best) -> str:
    """The best learning rate at one batch size, or that it does not matter, or why that cannot be told."""
    if found.rates < 2:
        rates = counted(found.rates, "learning rate") if found.rates else "no learning rate"
        return f"B = {found.batch_size}: cannot tell, {rates} with runs"
    if found.n < 2:
        return f"B = {found.batch_size}: cannot tell from fewer than two seeds that the rates share"
    seeds = f"n = {found.n}"
    if found.reading == "does not matter":
        return f"B = {found.batch_size}: μ does not matter here, all {found.rates} within {BOUND} ({seeds})"
    rate = rate_of(found.rate)
    if found.reading == "best":
        return f"B = {found.batch_size}: μ = {rate} is best, by more than {BOUND} ({seeds})"
    return f"B = {found.batch_size}: μ = {rate} is lowest, but whether by {BOUND} cannot be told ({seeds})"


def picture(cells: Sequence[Cell]) -> str:
    """The map for those who cannot see it."""
    known = "; ".join(f"{_place(cell)}: {cell.loss:.3g}, {counted(cell.n, 'seed')}" for cell in cells if cell.n)
    return f"Test loss at equal training time over batch size and learning rate. {known or 'No run is here yet'}."


def _place(cell: Cell) -> str:
    return f"B = {cell.batch_size}, μ = {rate_of(cell.learning_rate)}"


def _fold(low: Cell, high: Cell) -> str:
    ratio = (high.learning_rate / high.batch_size) / (low.learning_rate / low.batch_size)
    if math.isclose(ratio, 1):
        return "not at all"
    return f"by a factor of {max(ratio, 1 / ratio):.3g} {'upwards' if ratio > 1 else 'downwards'}"
