"""The sentences under a figure of the paper: pure functions from tables to text (Markdown).

A loss is told in its own units, an accuracy in percentage points; runs are ranked only where they differ by more than
what the numbers can carry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import pandas as pd

from sgd_core.evidence import alignment

EARLY = 2
"""With fewer finished epochs than this there is nothing to read a curve between: too early to compare."""
CLEAR = 0.01
"""Accuracies closer than this at one place of an axis are not ranked: the curves zigzag by as much."""
TIED = 0.001
"""Ends closer than this are not ranked."""
UNLIKE = 0.03
"""How far from the authors' final a run may end before the page says so; 26 of 27 are within 0.006."""


class Along(Protocol):
    """What a sentence needs of an axis (charts.axes.Axis)."""

    @property
    def column(self) -> str: ...
    @property
    def noun(self) -> str: ...
    @property
    def short(self) -> str: ...
    def text(self, value: float) -> str: ...


def gap(one: float, two: float, loss: bool) -> str:
    """'0.105' between two losses, '7.1 points' between two accuracies."""
    return f"{abs(one - two):.3f}" if loss else f"{100 * abs(one - two):.1f} points"


def apart(ends: Mapping[str, float], loss: bool) -> str:
    """How far apart the runs end, and which is highest and lowest where that can be told; '' for fewer than two."""
    if len(ends) < 2:
        return ""
    high, low = max(ends, key=ends.__getitem__), min(ends, key=ends.__getitem__)
    ranked = f": {high} highest, {low} lowest" if ends[high] - ends[low] >= TIED else ""
    return (
        f"The {len(ends)} runs end **{gap(ends[high], ends[low], loss)}** apart (mean of the last ten epochs{ranked})."
    )


def apart_at_equal(mean: pd.DataFrame, axis: Along, loss: bool) -> str:
    """How far apart the curves are where all runs have had equally much of an axis; '' where that says nothing new.

    `mean` are the curves of evidence.figures.curves. Along epochs and images the ends are that place already.
    """
    at = alignment.shared_end(mean, axis.column)
    equal = alignment.spread_at(mean, axis.column, at, loss)
    if axis.column in ("epoch", "images_seen") or equal is None:
        return ""
    place = f"At equal {axis.noun} ({axis.short} = {axis.text(at)}), the most that all reach,"
    slowest, finished = alignment.fewest_epochs(mean, axis.column, at)
    if finished < EARLY:
        return f"{place} {slowest} has finished only {finished} epoch{'s' * (finished != 1)}: too early to compare."
    who = f" ({equal.best} best, {equal.worst} last)" if loss or equal.gap >= CLEAR else ""
    same = ""
    if axis.column in ("updates", "training_time") and mean["learning_rate"].nunique() == 1:
        same = " μ is the same in every run here, so updates and training time T give the same picture."
    return (
        f"{place} they are **{gap(equal.best_value, equal.worst_value, loss)}** apart{who}, each curve read between "
        f"its epochs.{same}"
    )


def unlike_the_authors(finals: pd.DataFrame) -> str:
    """The runs that end elsewhere than the authors', with both numbers; '' where none does."""
    off = finals[(finals["final_reported_accuracy"] - finals["paper_reported"]).abs() > UNLIKE]
    return " ".join(
        f"**{row['run']} ends elsewhere than the authors': {row['final_reported_accuracy']:.1%} here, "
        f"{row['paper_reported']:.1%} there**, at {row['n']} and 1 seeds; why is not known."
        for row in off.to_dict("records")
    )


def repeated_crops(column: str, views: int, last_epoch: int) -> str:
    """What the zigzag of a curve is where crops repeat; '' where they do not, or the measure has none."""
    if column not in ("reported_accuracy", "train_loss") or views > last_epoch:
        return ""
    return (
        f"Much of the small zigzag is the crops: {views} sets of random crops are used in turn, the same for every "
        f"run, so it repeats every {views} epochs. Do not read it as the noise of SGD."
    )


def described(number: int, metric: str, mean: pd.DataFrame, axis: Along) -> str:
    """The chart in words, for those who do not see it."""
    last = mean.groupby("run")["mean"].last().sort_values()
    return (
        f"Figure {number}: {metric.lower()} of {len(last)} runs along {axis.noun}. "
        f"At the end {last.index[-1]} is highest at {last.iloc[-1]:.3f}, {last.index[0]} lowest at {last.iloc[0]:.3f}."
    )
