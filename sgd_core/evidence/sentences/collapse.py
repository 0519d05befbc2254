"""What the page on the collapse says of the runs, beside what its chart counts by itself (Markdown)."""

from __future__ import annotations

import math

from sgd_core.evidence.collapse import Meeting
from sgd_core.evidence.sentences.figures import gap


def takeaway(ends_apart: float, runs: int, met: Meeting | None, loss: bool) -> str:
    """How far apart the runs end, and how far those are that have trained equally far."""
    said = f"The {runs} runs end {gap(ends_apart, 0, loss)} apart"
    if met is None:
        return f"{said}."
    if met.gap >= ends_apart:
        return f"{said}, and those that have come to T_eff = {met.time:.2g} no less: {gap(met.gap, 0, loss)}."
    return (
        f"{said}. The {met.runs} that reach T_eff = {met.time:.2g} are {gap(met.gap, 0, loss)} apart there, though "
        f"their noise μ/B differs {met.fold:.2g}-fold."
    )


def slopes(at_ends: float, at_equal: float, met: Meeting | None, loss: bool) -> str:
    """What ten times more noise goes with at the ends, and among runs that have trained equally far."""
    if met is None or math.isnan(at_ends) or math.isnan(at_equal):
        return ""
    return (
        f"Over all ends, ten times more μ/B goes with {_change(at_ends, loss)}; among the {met.runs} runs that have "
        f"trained equally far, with {_change(at_equal, loss)}."
    )


def crops(views: int, epochs: int, seeds: int) -> str:
    """Which runs these are: so many seeds, and whether crops repeat."""
    one = "one seed each, so without intervals" if seeds == 1 else f"{seeds} seeds each, means and 95% bands"
    repeated = "" if views > epochs else f"; {views} sets of random crops are used in turn"
    return f"Every run of the paper, {one}{repeated}."


def _change(slope: float, loss: bool) -> str:
    return f"{math.exp(slope):.2g} times the {'loss' if loss else 'error'}"
