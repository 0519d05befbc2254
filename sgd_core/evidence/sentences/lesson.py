"""What a lesson's screen says once its picture has shown its end: short enough for a projector, never a test.

Pure functions from numbers and tables to text (Markdown).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Protocol

import pandas as pd

from sgd_core.evidence import alignment
from sgd_core.evidence.guesses import Options
from sgd_core.evidence.sentences.figures import EARLY, Along, clear, gap
from sgd_core.evidence.sentences.verdicts import SAME as UNCHANGED
from sgd_core.evidence.sentences.verdicts import amount, interval
from sgd_core.evidence.sentences.words import counted
from sgd_core.evidence.verdicts import Verdict
from sgd_core.experiment.claims import MEASURES

SAME = 0.1
"""Variances within 10% of each other are called the same, as on the page on the bowl."""
MANY = 4
"""From so many guesses on it is said where half of them lie."""
LONGER = 1.05
"""Training times within 5% of each other are the same."""


class Placed(Along, Protocol):
    """An axis that says how a place on it is named: 'update' 900, 'T =' 0.09."""

    @property
    def place(self) -> str: ...


def epoch(sizes: Sequence[int], images: int) -> str:
    """How many steps an epoch is with each batch size, and how many times more the smaller one takes."""
    steps = {size: math.ceil(images / size) for size in sizes}
    told = " and ".join(f"**{counted(number, 'step')}** at B = {size}" for size, number in steps.items())
    ratio = max(steps.values()) / min(steps.values())
    return f"An epoch, all {images:,} images once, is {told}: {ratio:.3g} times as many."


def taken(updates: Mapping[str, int]) -> str:
    """'At equal epochs B=512 has taken 900 updates, and B=16 has taken 27,900.'; '' where all took equally many."""
    few, many = min(updates, key=updates.__getitem__), max(updates, key=updates.__getitem__)
    if updates[few] == updates[many]:
        return ""
    return f"At equal epochs {few} has taken {updates[few]:,} updates, and {many} has taken {updates[many]:,}."


def longer(curves: pd.DataFrame, name: str) -> str:
    """How much longer in T the run that did best has trained than the one that has trained least; '' if no longer."""
    times = curves.groupby("run", sort=False, observed=True)["training_time"].max()
    least = str(times.idxmin())
    ratio = float(times[name] / times[least])
    return f"Its training time T is {ratio:.3g} times that of {least}." if ratio > LONGER else ""


def ended(curves: pd.DataFrame, names: Sequence[str], loss: bool) -> str:
    """Where runs end, and how far from the best of all that is: what a guess is held against."""
    last = {str(run): float(value) for run, value in _last(curves).items()}
    best = leader(curves, loss)
    parts = []
    for name in names:
        said = f"**{name} ends at {_value(last[name], loss)}**"
        if name != best:
            worse = "above" if loss else "below"
            level = "" if clear(last[name], last[best], loss) else ", too close to rank"
            said += f", {gap(last[name], last[best], loss)} {worse} {best}{level}"
        parts.append(said)
    return f"{'; '.join(parts)}."


def guessed(ends: Sequence[float], truth: float, loss: bool) -> str:
    """How far guesses of an end are off: one, or the middle of many and where half of them lie."""
    if not ends:
        return ""
    guess = statistics.median(ends)
    if len(ends) == 1:
        said = f"Guessed: **{_value(guess, loss)}**"
    else:
        said = f"The middle of {len(ends):,} guesses: **{_value(guess, loss)}**"
    close = "within a tenth" if loss else "within a point"
    way = "high" if guess > truth else "low"
    said += f", {gap(guess, truth, loss)} too {way}" if clear(guess, truth, loss) else f", {close}"
    if len(ends) < MANY:
        return f"{said}."
    low, _, high = statistics.quantiles(ends, method="inclusive")
    return f"{said}; half of them lie from {_value(low, loss)} to {_value(high, loss)}."


def chosen(options: Options, counts: Sequence[int]) -> str:
    """What was chosen, once or by many, and what is right where anything is; '' of no choice."""
    total = sum(counts)
    if not total:
        return ""
    most = max(counts)
    first = [name for name, number in zip(options.names, counts, strict=True) if number == most]
    right = None if options.right is None else options.names[options.right]
    if total == 1:
        ending = "" if right is None else ", which is right" if first == [right] else f"; right is '{right}'"
        return f"Chosen: '{first[0]}'{ending}."
    if options.right is not None:
        return f"**{counts[options.right]} of {total}** chose what is right, '{right}'."
    if len(first) > 1:
        names = "' and '".join(first)
        return f"'{names}' have {most} of {total} votes each."
    return f"Most votes, {most} of {total}: '{first[0]}'."


def leader(curves: pd.DataFrame, loss: bool) -> str:
    """The run that ends best."""
    last = _last(curves)
    return str(last.idxmin() if loss else last.idxmax())


def apart(curves: pd.DataFrame, axis: Placed, loss: bool) -> str:
    """How far apart the curves are at an equal amount of an axis, where most of them have come to it."""
    place = alignment.best_place(alignment.places(curves, axis.column), EARLY)
    if place is None:
        return f"At equal {axis.noun} they cannot be compared: one of them has only begun."
    ranked = place.ranked(less_is_better=loss)
    best, worst = ranked[0], ranked[-1]
    far = gap(place.values[best], place.values[worst], loss)
    order = (
        f": {best} first, {worst} last"
        if clear(place.values[best], place.values[worst], loss) and place.gap > place.step
        else ", too close to rank"
    )
    return f"At equal {axis.noun} (at {axis.place} {axis.text(place.at)}) they are **{far}** apart{order}."


def narrower(small: int, large: int, off: tuple[float, float]) -> str:
    """By how much a larger batch's steps scatter less; `off` are typical distances from the full gradient's step."""
    return (
        f"From B = {small} to B = {large}, {large / small:.3g} times the examples, a step's typical error falls from "
        f"{off[0]:.2g} to {off[1]:.2g}. The variance, its square, falls **{(off[0] / off[1]) ** 2:.2g}-fold: as 1/B**."
    )


def clouds(noise: tuple[float, float], variance: tuple[float, float]) -> str:
    """How much wider the second of two clouds is than the first, beside how much more mu/B it has."""
    louder, wider = noise[1] / noise[0], variance[1] / variance[0]
    kicked = "μ/B is the same in both" if math.isclose(louder, 1) else f"μ/B is {louder:.3g} times as large"
    if abs(wider - 1) < SAME:
        return f"{kicked}, and the clouds are **equally wide** (variances {abs(wider - 1):.0%} apart)."
    more = f"**{wider:.2g} times the variance**" if wider > 1 else f"**{1 / wider:.2g} times less variance**"
    return f"{kicked}, and the second cloud has {more}."


def tested(found: Verdict) -> str:
    """What the comparison of a claim showed, how sure that is, and the verdict on the claim."""
    primary = found.primary
    measure, comparison, n = MEASURES[primary.comparison.measure], primary.comparison, primary.paired.n
    verdict = f"'{found.claim.title}': **{found.outcome}**."
    if not n:
        return f"No seed of both is here yet. {verdict}"
    change, (low, high) = amount(measure, primary.paired.mean), interval(primary)
    first, second = (arm.split(",")[0] for arm in (comparison.first, comparison.second))
    than = f"as {second}" if change == UNCHANGED else f"than {second}"
    sure = f"95% interval {low} to {high}, n = {n}" if n > 1 else "one seed"
    return f"{first} ends with {measure.words} {change} {than} ({sure}). {verdict}"


def pictured(name: str, runs: Sequence[str], covered: Sequence[str], along: str) -> str:
    """A picture of curves for those who cannot see it; what is covered is named, not told."""
    said = f"{name} of {', '.join(runs) or 'no run'} along {along}."
    return f"{said} Still covered: {', '.join(covered)}." if covered else said


def _value(value: float, loss: bool) -> str:
    return f"{value:.3f}" if loss else f"{value:.1%}"


def _last(curves: pd.DataFrame) -> pd.Series:
    return curves.dropna(subset=["mean"]).groupby("run", sort=False, observed=True)["mean"].last()
