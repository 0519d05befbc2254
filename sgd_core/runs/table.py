"""Runs and epochs as tables: their columns, the accuracies and finals derived from them. pandas only.

`runs`: one row a run (settings, key, status, source, image counts, provenance, finals). `epochs`: one row an epoch
(key and the fields of EpochRecord), joined to runs by key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import pandas as pd

from sgd_core.experiment import paper
from sgd_core.experiment.record import EpochRecord, Status
from sgd_core.experiment.spec import RunSpec

SPEC_COLUMNS = list(RunSpec.model_fields)
IMAGE_COLUMNS = ["train_images", "val_images", "test_images"]
PROVENANCE_COLUMNS = [
    "data_fingerprint", "weights_fingerprint", "bank_seed", "protocol", "device", "threads", "torch", "torchvision",
    "numpy", "python", "system", "commit", "command", "date",
]  # fmt: skip
RUN_COLUMNS = ["key", "status", *SPEC_COLUMNS, *IMAGE_COLUMNS, *PROVENANCE_COLUMNS]
EPOCH_COLUMNS = ["key", *(f.name for f in fields(EpochRecord))]
MEASUREMENT_COLUMNS = ["key", "probe", "epoch", "name", "value"]

ACCURACIES = {
    "reported_accuracy": ("reported_correct", "train_images"),
    "val_accuracy": ("val_correct", "val_images"),
    "test_accuracy": ("test_correct", "test_images"),
}
"""Derived accuracy -> (count in epochs, images in runs)."""

_INTEGERS = {
    "images_per_class", "views", "epochs", "batch_size", "decay_every", "seed", *IMAGE_COLUMNS, "bank_seed", "protocol",
    "threads", "epoch", "updates", "reported_correct", "reported_correct_true", "val_correct", "test_correct",
}  # fmt: skip
_FLOATS = {
    "label_noise", "batch_growth", "learning_rate", "step_decay", "decay_rate", "momentum", "training_time", "train_loss",
    "reported_loss", "val_loss", "test_loss", "weight_norm", "distance_from_init", "seconds", "value",
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A finished or interrupted run as it is kept."""

    key: str
    spec: RunSpec
    status: Status
    images: Mapping[str, int | None]
    """train_images, val_images, test_images: how many images each count is out of."""
    provenance: Mapping[str, Any]
    records: list[EpochRecord] = field(repr=False)
    measurements: list[dict[str, Any]] = field(default_factory=list, repr=False)

    def row(self) -> dict[str, Any]:
        """This run as a row of `runs`."""
        return {"key": self.key, "status": self.status, **self.spec.model_dump(), **self.images, **self.provenance}


def runs_frame(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of `runs` with every column in its type, also where there are no rows."""
    return _typed(pd.DataFrame(list(rows), columns=RUN_COLUMNS))


def epochs_frame(key: str, records: Iterable[EpochRecord]) -> pd.DataFrame:
    """The rows of `epochs` of one run."""
    return _typed(pd.DataFrame([{"key": key, **asdict(record)} for record in records], columns=EPOCH_COLUMNS))


def measurements_frame(key: str, measurements: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """What probes measured in one run: probe, epoch, name, value."""
    return _typed(pd.DataFrame([{"key": key, **row} for row in measurements], columns=MEASUREMENT_COLUMNS))


def join(frames: list[pd.DataFrame], empty: pd.DataFrame) -> pd.DataFrame:
    """The frames one below the other; `empty` where there are none."""
    return pd.concat(frames, ignore_index=True) if frames else empty


def with_accuracies(epochs: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """`epochs` with reported_accuracy, val_accuracy and test_accuracy, and images_seen, from the image counts of `runs`."""
    joined = epochs.merge(runs[["key", *IMAGE_COLUMNS]], on="key", how="left", validate="many_to_one")
    for accuracy, (correct, images) in ACCURACIES.items():
        joined[accuracy] = joined[correct].astype("Float64") / joined[images].astype("Float64")
    joined["images_seen"] = (joined["epoch"] + 1) * joined["train_images"]
    return joined.drop(columns=IMAGE_COLUMNS)


def with_finals(runs: pd.DataFrame, epochs: pd.DataFrame) -> pd.DataFrame:
    """`runs` with its final accuracies and train loss: means over the last ten epochs (fewer, where fewer were run)."""
    measured = with_accuracies(epochs[epochs["epoch"] >= 0], runs)
    last = measured.groupby("key")["epoch"].transform("max")
    tail = measured[measured["epoch"] > last - paper.FINAL_EPOCHS]
    finals = tail.groupby("key")[[*ACCURACIES, "train_loss"]].mean().add_prefix("final_").reset_index()
    return runs.merge(finals, on="key", how="left", validate="one_to_one")


def spec_of(row: Mapping[str, Any]) -> RunSpec:
    """The RunSpec of a row of `runs`."""
    return RunSpec.parse({name: None if pd.isna(row[name]) else row[name] for name in SPEC_COLUMNS})


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    types = {c: "Int64" if c in _INTEGERS else "Float64" if c in _FLOATS else "string" for c in frame.columns}
    return frame.astype(types)
