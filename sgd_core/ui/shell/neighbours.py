"""The runs that are nearest to a run that somebody asks for."""

from __future__ import annotations

import math
from functools import lru_cache

import pandas as pd

from sgd_core.experiment.record import ANSWERS
from sgd_core.experiment.schedules import plan
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import sets
from sgd_core.runs.kept.store import LOCAL, PUBLISHED
from sgd_core.ui.shell import kept
from sgd_core.ui.shell.shared import shared

NEAREST = 3
"""Neighbours that are named, and drawn beside a run where the reader chooses none."""


def nearest(spec: RunSpec) -> pd.DataFrame:
    """The rows of `among` from every run there is.

    Nobody changes the frame in place: it is kept while the runs stay the same, as the page asks twice, and once a
    second while a run trains (17 ms each with 27 runs).
    """
    return _nearest(spec, kept.stamp(), kept.fingerprint(spec.dataset))


@shared
def _nearest(spec: RunSpec, stamp: kept.Stamp, data: str | None) -> pd.DataFrame:
    one_each = _published(RunSpec().model_copy(update={name: getattr(spec, name) for name in TELLING}), stamp, data)
    return _closest(one_each, spec) if len(one_each) else among(kept.on_images(spec.dataset), spec)


@shared
def _published(alike: RunSpec, stamp: kept.Stamp, data: str | None) -> pd.DataFrame:
    """The published runs of which `among` names the nearest; most sliders leave them as they are."""
    runs = kept.on_images(alike.dataset)
    ended = runs[runs["status"].isin(ANSWERS) & (runs["source"] == PUBLISHED)]
    return by_title(_alike(ended, alike), alike.seed)


def among(runs: pd.DataFrame, spec: RunSpec) -> pd.DataFrame:
    """Rows of the nearest finished runs on the same images, one each setting, nearest first, with their `title`.

    Published ones; where none is, this machine's. Of several seeds the one of `spec` stands, or the first.
    """
    ended = runs[(runs["dataset"] == spec.dataset) & runs["status"].isin(ANSWERS)]
    candidates = ended[ended["source"] == PUBLISHED]
    if candidates.empty:
        candidates = ended[(ended["source"] == LOCAL) & (ended["question"] != spec.question())].tail(MOST_COMPARED)
    return _closest(by_title(_alike(candidates, spec), spec.seed), spec)


def _closest(one_each: pd.DataFrame, spec: RunSpec) -> pd.DataFrame:
    images = sets.images_of(spec)
    target = _place(spec, images)
    away = [math.dist(target, _place(each, images)) for each in kept.specs(one_each)]
    return one_each.assign(away=away).sort_values("away", kind="stable").head(NEAREST).drop(columns="away")


ALIKE = ("images_per_class", "label_noise", "augment", "head", "dropout", "weight_noise")
"""Settings in which a neighbour must agree, where any run does: T and noise say nothing of them."""


TELLING = (*ALIKE, "dataset", "seed")
"""Settings that decide which runs may be neighbours; the others, how near they are."""


def _alike(runs: pd.DataFrame, spec: RunSpec) -> pd.DataFrame:
    """The runs that agree with `spec` in ALIKE; else those that have all of it at its default; else all."""
    for wanted in (spec, RunSpec()):
        same = pd.Series(True, index=runs.index)
        for field in ALIKE:
            value = getattr(wanted, field)
            same &= runs[field].isna() if value is None else (runs[field] == value).fillna(False)
        if same.any():
            return runs[same.astype(bool)]
    return runs


MOST_COMPARED = 200
"""So many of this machine's runs are looked at for neighbours, the newest."""


def by_title(runs: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One row of every setting, with its `title`: that of this seed, or the first; of those the one of most views."""
    titles = [kept.title_of(spec) for spec in kept.specs(runs)]
    titled = runs.assign(title=pd.array(titles, dtype="string"), other=runs["seed"] != seed)
    in_order = titled.sort_values(["other", "seed", "views"], ascending=[True, True, False], kind="stable")
    return in_order.drop_duplicates("title").drop(columns="other")


@lru_cache(maxsize=20_000)
def _place(spec: RunSpec, images: int) -> tuple[float, ...]:
    """A run as a point, near to others that train alike: T, mean mu/B, B and how far mu falls, on log scales."""
    epochs = plan(spec, images)
    noise = sum(epoch.learning_rate / epoch.batch_size for epoch in epochs) / len(epochs)
    end = max(epochs[-1].learning_rate / spec.learning_rate, 1e-4)
    return (math.log(epochs[-1].training_time), math.log(noise), math.log(epochs[0].batch_size) / 2, math.log(end) / 2)
