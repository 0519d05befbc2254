"""Runs of the claims' arms with ends that the test decides: real settings, real plans, drawn numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sgd_core.evidence.ends import Tables
from sgd_core.experiment import fingerprints, schedules
from sgd_core.experiment.claims import Claim
from sgd_core.experiment.seeds import derive
from sgd_core.runs.kept import table

IMAGES = {"train_images": 2967, "val_images": 409, "test_images": 2000}


def tables(claim: Claim, losses: Mapping[str, float], seeds: int, spread: float = 0.02, draw: int = 0) -> Tables:
    """Arms by name -> their mean test loss; every seed has a common part, and `spread` of its own on the log scale."""
    rows: list[dict[str, Any]] = []
    epochs: list[dict[str, Any]] = []
    for seed in range(seeds):
        common = np.random.default_rng([draw, seed]).normal(0, 0.3)
        for name, loss in losses.items():
            arm = claim.arms[name]
            spec = arm.spec.model_copy(update={"seed": seed})
            own = np.random.default_rng([draw, seed, derive(0, name) % 2**32])
            value = loss * math.exp(common + own.normal(0, spread))
            prints = fingerprints.expected(spec)
            key = spec.key(prints)
            if key in {row["key"] for row in rows}:
                continue
            rows.append({**spec.model_dump(), **IMAGES, **prints.columns(), "key": key, "status": "done"})
            last = schedules.plan(spec, 2967)[-1]
            epochs.append(
                {"key": key, **vars(last), "train_loss": 0.1, "test_loss": value, "reported_correct": 2900,
                 "test_correct": round(2000 * math.exp(-value))}
            )  # fmt: skip
    runs = table.frame("runs", rows)
    return Tables(runs, table.with_accuracies(table.frame("epochs", epochs), runs), table.frame("measurements"))


def joined(*parts: Tables) -> Tables:
    """Several sets of tables as one; a run that is in two of them stands as in the first."""
    runs = pd.concat([part.runs for part in parts], ignore_index=True).drop_duplicates("key", ignore_index=True)
    epochs = pd.concat([part.epochs for part in parts], ignore_index=True).drop_duplicates(["key", "epoch"])
    measurements = pd.concat([part.measurements for part in parts], ignore_index=True)
    return Tables(runs, epochs, measurements)
