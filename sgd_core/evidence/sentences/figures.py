"""The sentences under a figure of the paper: pure functions from tables to text (Markdown).

A loss is told in its own units, an accuracy in percentage points; runs are ranked only where they differ by more than
what the numbers can carry.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any, Protocol

import pandas as pd

from sgd_core.evidence import alignment
from sgd_core.evidence.alignment import Place

EARLY = 4
"""With fewer finished epochs than this a run has only begun: too early to compare."""
CLEAR = 0.01
"""Accuracies closer than this at one place of an axis are not ranked: the curves zigzag by as much."""
ALIKE = math.log(1.1)
"""Nor are losses within a factor of 1.1."""
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
    """How far apart the curves are at places that most, and that at least half of the runs reach; '' if nothing new.

    `mean` are the curves of evidence.figures.curves, at mid_epoch. Along epochs and images the ends are that place.
    """
    found = alignment.places(mean, axis.column)
    if axis.column in ("epoch", "images_seen") or not found:
        return ""
    of = mean["run"].nunique()
    first = alignment.best_place(found, EARLY)
    if first is None:
        last = found[-1]
        few = f"{last.finished} epoch{'s' * (last.finished != 1)}"
        return (
            f"At equal {axis.noun} ({axis.short} = {axis.text(last.at)}) {last.slowest} has finished only {few}: too "
            "early to compare."
        )
    said = (
        f"At equal {axis.noun} they are **{_gap_at(first, loss)}** apart at {axis.short} = {axis.text(first.at)}, "
        f"which {_all_or_some(len(first.values), of)} reach{_fold(first)}"
    )
    late = [each for each in found if each.at > first.at * 1.5 and 2 * len(each.values) >= of and len(each.values) > 2]
    if late:
        said += (
            f", and **{_gap_at(late[-1], loss)}** at {axis.short} = {axis.text(late[-1].at)}, which "
            f"{len(late[-1].values)} reach{_fold(late[-1])}"
        )
    return f"{said}. {_how_sure(first, loss)}{_same_picture(mean, axis)}"


def clear(best: float, worst: float, loss: bool) -> bool:
    """Whether two values at one place of an axis are far enough apart to be ranked."""
    if loss:
        return min(best, worst) > 0 and abs(math.log(best / worst)) >= ALIKE
    return abs(best - worst) >= CLEAR


def _gap_at(place: Place, loss: bool) -> str:
    return gap(max(place.values.values()), min(place.values.values()), loss)


def _all_or_some(runs: int, of: int) -> str:
    return ("both" if of == 2 else f"all {of}") if runs == of else f"{runs} of {of}"


def _fold(place: Place) -> str:
    if math.isnan(place.noise):
        return ""
    return f" (μ/B {place.noise:.2g}-fold)" if place.noise > alignment.SAME_NOISE else " (equal μ/B)"


def _how_sure(place: Place, loss: bool) -> str:
    """Who leads there, or why that is not said."""
    ranked = place.ranked(less_is_better=loss)
    best, worst = ranked[0], ranked[-1]
    read = "Values are read between measured epochs"
    if place.gap <= place.step:
        step = f"{place.step:.3f}" if loss else f"{100 * place.step:.1f} points"
        return f"{read}, and from one to the next {place.steepest} alone changes by {step}: not ranked."
    if not clear(place.values[best], place.values[worst], loss):
        return f"{read}; that is too close to rank."
    return f"{read}; {best} is best there, {worst} last."


def _same_picture(mean: pd.DataFrame, axis: Along) -> str:
    if axis.column in ("updates", "training_time") and mean["learning_rate"].nunique() == 1:
        return " μ is the same in every run here, so updates and training time T give the same picture."
    return ""


def unlike_the_authors(finals: pd.DataFrame) -> str:
    """The runs that end elsewhere than the authors', with both numbers; '' where none does."""
    off = finals[(finals["final_reported_accuracy"] - finals["paper_reported"]).abs() > UNLIKE]
    return " ".join(_unlike(row) for row in off.to_dict("records"))


def _unlike(row: Mapping[Hashable, Any]) -> str:
    ours, theirs, n = row["final_reported_accuracy"], row["paper_reported"], row["n"]
    said = (
        f"**{row['run']} ends elsewhere than the authors': {ours:.1%} here (n = {n}), {theirs:.1%} there (one seed)**."
    )
    spread = row["final_reported_accuracy_sd"]
    if n < 3 or not spread > 0:
        return f"{said} With so few seeds little can be said of that."
    away = abs(ours - theirs) / spread
    side = "below" if theirs < ours else "above"
    return f"{said} Seeds vary by {100 * spread:.1f} points (standard deviation); theirs is {away:.1f} of these {side}."


def new_crops(views: int, epochs: int) -> str:
    """What crops the paper's accuracy is measured on."""
    if views > epochs:
        return "on random crops that are new in every epoch"
    return f"on random crops, of which {views} sets are used in turn"


def unseen(twins: int | None) -> str:
    """That no run was trained on these images, and how many of them are near-twins of images that runs were trained on.

    None: not counted.
    """
    if twins is None:
        return "No run was trained on them; near-twins among the training images were not counted."
    if twins == 0:
        return "No run was trained on them."
    return f"No run was trained on them, but {twins} of them nearly are training images: the same scene, seen again."


def what(column: str, views: int, epochs: int, twins: Mapping[str, int]) -> str:
    """What a measure of a figure is, in a line; `twins`: split -> images with a near-twin among the training images."""
    return {
        "reported_accuracy": f"Share of the training images recognised, {new_crops(views, epochs)}: what the paper "
        "plots as 'validation accuracy'.",
        "val_accuracy": f"Share of the 409 validation images recognised, uncropped. {unseen(twins.get('val'))}",
        "test_accuracy": f"Share of 2,000 further images recognised, uncropped. {unseen(twins.get('test'))}",
        "train_loss": "Mean cross-entropy of the epoch's batches while they are trained on, dropout on; along updates "
        "and T it stands at the middle of its epoch.",
    }[column]


def cut(values: pd.Series, low: float, high: float) -> str:
    """What lies beyond the axis and is drawn at its edge; '' where nothing does."""
    below, above = int((values < low).sum()), int((values > high).sum())
    parts = [f"{below} below {low:.2g}"] if below else []
    parts += [f"{above} above {high:.2g}"] if above else []
    return f"Drawn at the edge of the axis: {' and '.join(parts)} (points of the curves)." if parts else ""


def repeated_crops(column: str, views: int, epochs: int) -> str:
    """What the zigzag of a curve is where crops repeat; '' where they do not, or the measure is not of crops."""
    if column != "reported_accuracy" or views > epochs:
        return ""
    return (
        f"Much of the small zigzag is the crops: {views} sets of random crops are used in turn, the same for every "
        f"run, so it repeats every {views} epochs. Do not read it as the noise of SGD."
    )


def described(number: int, metric: str, mean: pd.DataFrame, axis: Along, loss: bool) -> str:
    """The chart in words, for those who do not see it; level runs are not ranked."""
    last = mean.dropna(subset=["mean"]).groupby("run", observed=True)["mean"].last().sort_values()
    said = f"Figure {number}: {metric.lower()} of {len(last)} runs along {axis.noun}. "
    low, high = float(last.iloc[0]), float(last.iloc[-1])
    if len(last) == 1:
        return f"{said}After its last epoch {last.index[0]} is at {low:.3f}."
    if not clear(high, low, loss):
        return f"{said}After their last epoch they are level, between {low:.3f} and {high:.3f}."
    return f"{said}After the last epoch {last.index[-1]} is highest at {high:.3f}, {last.index[0]} lowest at {low:.3f}."


def titled(metric: str, axis: Along, seeds: tuple[int, int], each_seed: bool) -> list[str]:
    """The lines below a picture's title: what is drawn along what, and of how many seeds a run (fewest, most)."""
    fewest, most = seeds
    if most == 1:
        of = "one seed a run"
    else:
        counted = f"{most}" if fewest == most else f"{fewest} to {most}"
        of = f"{counted} seeds a run and their mean" if each_seed else f"mean of {counted} seeds, 95% band"
    return [f"{metric} along {axis.noun}", of]
