"""Where settings stand that are being trained, each with one seed or several: compared where all of them have been."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from sgd_core.evidence import alignment, figures
from sgd_core.evidence.paired import Paired


@dataclass(frozen=True)
class Standing:
    """The settings at one place of an axis that most of them have reached."""

    at: float
    values: dict[str, float]
    """Setting -> its value there, a mean where it has several seeds that have ended."""
    paired: Paired | None
    """Of two settings: first minus second of every seed that has ended in both; None of more."""
    images: float
    """The fewest images that one of these values is a share of; NaN of a loss."""
    step: float
    """What reading between two rows can hide: by how much the steepest curve changes from one to the next."""


def mean_of(ended: Mapping[int, pd.DataFrame], column: str) -> pd.DataFrame:
    """The epochs of a mean over seeds that have ended, its `column` with low and high (95%); no rows of fewer than two.

    It goes on only as long as every seed does: a mean over those that are left would rise where one diverged.
    """
    if len(ended) < 2:
        return pd.DataFrame(columns=["epoch", column, "low", "high", *figures.SCHEDULE_COLUMNS])
    every = pd.concat([epochs.assign(seed=seed, run="mean", order=0) for seed, epochs in ended.items()])
    curve = figures.curves(every, column)
    return curve[curve["n"] == len(ended)].rename(columns={"mean": column})


def standing(
    curves: Mapping[str, pd.DataFrame], seeds: Mapping[str, Mapping[int, pd.DataFrame]], column: str, along: str
) -> Standing | None:
    """The settings of `curves` (name -> epochs) along a column of progress, with `seeds` that have ended of each.

    `of`, where the epochs have it, is how many images an accuracy is of. None where no two settings share a place.
    """
    begun = {name: epochs[epochs[column].notna()] for name, epochs in curves.items()}
    parts = [
        epochs.assign(run=name, mean=epochs[column].astype(float)) for name, epochs in begun.items() if len(epochs)
    ]
    if len(parts) < 2:
        return None
    found = alignment.best_place(alignment.places(pd.concat(parts), along), 0)
    if found is None:
        return None
    of = [count for epochs in begun.values() if "of" in epochs for count in epochs["of"].dropna()]
    paired = None
    if len(curves) == 2:
        one, other = (_at(seeds.get(name, {}), column, along, found.at) for name in curves)
        paired = Paired.of([one[seed] - other[seed] for seed in one if seed in other])
    return Standing(found.at, found.values, paired, float(min(of, default=math.nan)), found.step)


def _at(seeds: Mapping[int, pd.DataFrame], column: str, along: str, at: float) -> dict[int, float]:
    """Seed -> its value at a place; seeds that were not there are left out."""
    rows = [epochs[epochs[column].notna()].assign(run=str(seed)) for seed, epochs in seeds.items()]
    if not rows:
        return {}
    found = alignment.values_at(pd.concat(rows), along, at, column)
    return {int(seed): value for seed, value in found.items()}


def chance(one: float, other: float, images: float) -> float:
    """The gap between two shares of so many images below which chance in the images alone may explain it (95%).

    1.96 standard errors of a difference of two independent binomial shares; of the same images the error is smaller, so
    this errs on the careful side. What seeds add is not in it.
    """
    return 1.96 * math.sqrt((one * (1 - one) + other * (1 - other)) / images)
