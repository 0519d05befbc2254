"""The runs behind a claim: its arms' curves over seeds, and how many seeds of each there are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sgd_core.evidence.ends import Tables
from sgd_core.experiment import schedules
from sgd_core.experiment.claims import Arm, Claim, stages
from sgd_core.experiment.datasets import training_images
from sgd_core.runs.kept.table import ACCURACIES

POINTS = 90
"""Epochs of a curve that are drawn at most, evenly along a log axis."""


def compared(claim: Claim) -> dict[str, Arm]:
    """The arms that the claim and its controls compare, each run once, under the first of its names."""
    wanted = [arm for stage in stages(claim)[:2] for arm in stage]
    found: dict[str, tuple[str, Arm]] = {}
    for name, arm in claim.arms.items():
        if arm in wanted:
            found.setdefault(arm.spec.question(), (name, arm))
    return dict(found.values())


def measure_of(claim: Claim) -> str:
    """The column of the epochs table that shows what the claim is about."""
    measure = claim.primary.measure
    if measure in ("test_loss", "test_accuracy"):
        return measure
    return "reported_loss" if "." in measure else "reported_accuracy"


def seeds(arm: Arm, tables: Tables) -> dict[int, str]:
    """Seed -> key of the run of that seed, at the most views."""
    return {seed: ended.key for (seed, _), ended in sorted(tables.of(arm).items())}


def curves(arms: dict[str, Arm], column: str, tables: Tables) -> pd.DataFrame:
    """Per arm and epoch: mean (geometric, for a loss), low and high of a column over seeds, n, and how far it is."""
    parts = [_curve(name, list(seeds(arm, tables).values()), column, tables) for name, arm in arms.items()]
    return pd.concat(parts, ignore_index=True)


def table(claim: Claim, tables: Tables) -> pd.DataFrame:
    """One row an arm: T, T_eff, updates, mu/B at the start, and the seeds that there are."""
    rows = []
    for name, arm in claim.arms.items():
        last = schedules.plan(arm.spec, training_images(arm.spec))[-1]
        noise = arm.spec.learning_rate / arm.spec.batch_size
        rows.append((name, last.training_time, last.effective_time, last.updates, noise, len(seeds(arm, tables))))
    return pd.DataFrame(rows, columns=["arm", "T", "T_eff", "updates", "noise", "seeds"])


def _curve(name: str, keys: list[str], column: str, tables: Tables) -> pd.DataFrame:
    every = [tables.epochs_of(key) for key in keys]
    rows = pd.concat(every) if every else tables.epochs.head(0)
    rows = rows[(rows["epoch"] >= 0) & rows[column].notna() & np.isfinite(rows[column].astype(float))]
    if column not in ACCURACIES:
        rows = rows[rows[column] > 0]
    geometric = column not in ACCURACIES  # losses are compared by their ratios
    rows = rows.assign(averaged=np.log(rows[column].astype(float)) if geometric else rows[column])
    means = rows.groupby("epoch", as_index=False).agg(
        mean=("averaged", "mean"), low=(column, "min"), high=(column, "max"), n=(column, "count"),
        effective_time=("effective_time", "mean"), learning_rate=("learning_rate", "first"),
        batch_size=("batch_size", "first"),
    )  # fmt: skip
    if geometric:
        means["mean"] = np.exp(means["mean"].astype(float))
    kept = np.unique(np.round(np.geomspace(1, max(len(means), 1), POINTS)).astype(int)) - 1
    return means.iloc[kept[kept < len(means)]].assign(arm=name)
