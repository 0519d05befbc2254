"""Invented runs of the paper's settings, for timing and testing pages where no real ones are published.

The schedules are real; the accuracies follow one curve of the training time T that passes near the authors' finals,
with noise of about the size of the binomial error. Every row says that it is invented. `publish` never sees them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sgd_core.experiment import fingerprints, paper, schedules
from sgd_core.experiment.seeds import derive
from sgd_core.experiment.spec import PROTOCOL, RunSpec
from sgd_core.runs.kept import table
from sgd_core.runs.kept.published import PublishedRuns

IMAGES = {"train_images": paper.TRAIN_IMAGES, "val_images": paper.VALIDATION_IMAGES, "test_images": 2000}
PROVENANCE = {
    "bank_seed": 0, "protocol": PROTOCOL, "device": "invented numbers", "threads": 1, "torch": "none",
    "torchvision": "none", "numpy": np.__version__, "python": "none", "system": "none", "commit": "none",
    "command": "none: invented numbers", "date": "2026-01-01T00:00:00+00:00", "repeatable": None,
}  # fmt: skip
TOLD = {
    name: [{"description": "Invented numbers for timing and testing; not results."}] for name in ("data", "weights")
}


def write(folder: Path, seeds: int) -> None:
    """Write the 27 runs at this many seeds into `folder`, in the form of the published runs."""
    rows, epochs = [], []
    for run in paper.RUNS:
        for seed in range(seeds):
            spec = run.spec.model_copy(update={"seed": seed})
            prints = fingerprints.expected(spec)
            row = {**spec.model_dump(), **IMAGES, **PROVENANCE, "key": spec.key(prints), "status": "done"}
            rows.append(row | {"data_fingerprint": prints.data, "weights_fingerprint": prints.weights})
            epochs.append(_epochs(spec).assign(key=row["key"]))
    tables = {
        "runs": table.frame("runs", rows),
        "epochs": table.typed(pd.concat(epochs, ignore_index=True)[table.EPOCH_COLUMNS]),
        "measurements": table.frame("measurements"),
    }
    PublishedRuns(folder).write(tables, TOLD, "Invented runs, not results.\n")


def _epochs(spec: RunSpec) -> pd.DataFrame:
    """The epochs of one run, from -1."""
    plan = [schedules.Epoch(-1, 0, 0, 0, 0.0, 0.0), *schedules.plan(spec, paper.TRAIN_IMAGES)]
    drawn = np.random.default_rng(derive(spec.seed, "invented", spec.question()))
    epoch = np.array([p.epoch for p in plan])
    time = np.array([p.training_time for p in plan])
    error = 0.9 * (1 + time / 0.00128) ** -0.55

    def correct(images: int, better: float) -> np.ndarray:
        noise = drawn.normal(0, np.sqrt(error * (1 - error) / images)) + drawn.normal(0, 0.001)
        return np.clip(np.round(images * (1 - error * better + noise)), 0, images)

    loss = 2.3 * error * np.exp(drawn.normal(0, 0.02, len(plan)))
    tested = (epoch % 5 == 4) | (epoch >= spec.epochs - paper.FINAL_EPOCHS)
    trained = epoch >= 0
    reported = correct(IMAGES["train_images"], 1.0)
    measured: dict[str, Any] = {
        "epoch": epoch,
        "updates": [p.updates for p in plan],
        "training_time": time,
        "effective_time": [p.effective_time for p in plan],
        "learning_rate": np.where(trained, [p.learning_rate for p in plan], np.nan),
        "batch_size": np.where(trained, [p.batch_size for p in plan], np.nan),
        "train_loss": np.where(trained, loss, np.nan),
        "reported_loss": 0.9 * loss,
        "reported_correct": reported,
        "reported_correct_true": reported,
        "val_loss": 0.8 * loss,
        "val_correct": correct(IMAGES["val_images"], 0.6),
        "test_loss": np.where(tested, 0.85 * loss, np.nan),
        "test_correct": np.where(tested, correct(IMAGES["test_images"], 0.7), np.nan),
        "weight_norm": 40 + time,
        "distance_from_init": time,
        "seconds": 0.0,
    }
    return pd.DataFrame(measured)
