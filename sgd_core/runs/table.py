"""Runs, epochs and measurements as tables: their columns, and what is derived from them. pandas only.

`runs`: one row a run (settings, key, status, image counts, provenance). `epochs`: one row an epoch (key and the fields
of EpochRecord). `measurements`: one row a value that a probe measured. They are joined by key. Every column has one of
three nullable types (Int64, Float64, string), so that a table read from Parquet, from this machine's store or with no
rows at all looks the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import pandas as pd

from sgd_core.experiment import paper
from sgd_core.experiment.record import ANSWERS, EpochRecord, Status
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
COLUMNS = {"runs": RUN_COLUMNS, "epochs": EPOCH_COLUMNS, "measurements": MEASUREMENT_COLUMNS}
"""Table -> its columns as they are kept; the derived ones are added on reading."""

ACCURACIES = {
    "reported_accuracy": ("reported_correct", "train_images"),
    "val_accuracy": ("val_correct", "val_images"),
    "test_accuracy": ("test_correct", "test_images"),
}
"""Derived accuracy -> (count in epochs, images in runs)."""
FINALS = [f"final_{accuracy}" for accuracy in ACCURACIES]

_INTEGERS = {
    "images_per_class", "views", "epochs", "batch_size", "decay_every", "seed", *IMAGE_COLUMNS, "bank_seed", "protocol",
    "threads", "epoch", "updates", "reported_correct", "reported_correct_true", "val_correct", "test_correct",
}  # fmt: skip
_FLOATS = {
    "label_noise", "batch_growth", "learning_rate", "step_decay", "decay_rate", "momentum", "training_time",
    "train_loss", "reported_loss", "val_loss", "test_loss", "weight_norm", "distance_from_init", "seconds", "value",
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

    def epochs(self) -> dict[str, list[Any]]:
        """The columns of EpochRecord, one value per record."""
        rows = [asdict(record) for record in self.records]
        return {f.name: [row[f.name] for row in rows] for f in fields(EpochRecord)}


def frame(name: str, data: Iterable[Mapping[str, Any]] | Mapping[str, list[Any]] = ()) -> pd.DataFrame:
    """The table called runs, epochs or measurements from rows or columns, every column there and in its type."""
    return typed(pd.DataFrame(data if isinstance(data, Mapping) else list(data), columns=COLUMNS[name]))


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """The same table with every column in its nullable type; raises ValueError or TypeError where one does not fit."""
    types = {c: "Int64" if c in _INTEGERS else "Float64" if c in _FLOATS else "string" for c in table.columns}
    return table.astype(types)


def with_accuracies(epochs: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """`epochs` with reported_accuracy, val_accuracy, test_accuracy and images_seen, from the image counts of `runs`."""
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


def with_questions(runs: pd.DataFrame) -> pd.DataFrame:
    """`runs` with `question`, by which a reader finds them (RunSpec.question)."""
    questions = [spec_of(row).question() for row in rows(runs[SPEC_COLUMNS])]
    return runs.assign(question=pd.array(questions, dtype="string"))


def with_paper(runs: pd.DataFrame) -> pd.DataFrame:
    """`runs` with what the paper has on each: figures ('1, 3'), run (its name), paper_reported; null where nothing."""
    found = [paper.find(spec_of(row)) for row in rows(runs[SPEC_COLUMNS])]
    return runs.assign(
        figures=pd.array([", ".join(map(str, run.figures)) if run else None for run in found], dtype="string"),
        run=pd.array([run.name if run else None for run in found], dtype="string"),
        paper_reported=pd.array([run.reported if run else None for run in found], dtype="Float64"),
    )


def in_order(runs: pd.DataFrame) -> pd.DataFrame:
    """The rows of `with_paper` by the paper's list of runs (others last), then seed, views and key."""
    place = {run.name: i for i, run in enumerate(paper.RUNS)}
    order = runs.assign(place=runs["run"].map(place).fillna(len(place)))
    return order.sort_values(["place", "seed", "views", "key"], ignore_index=True).drop(columns="place")


def answers(runs: pd.DataFrame) -> pd.DataFrame:
    """One row for each question that is answered (done or diverged): the most views, then the newest."""
    ended = runs[runs["status"].isin(ANSWERS)].sort_values(["views", "date"], kind="stable")
    return ended.drop_duplicates("question", keep="last").sort_index()


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """One dict a row, with plain numbers and text, and None for null, as JSON holds them."""
    plain = table.astype(object).where(table.notna(), None)
    return [{str(column): value for column, value in row.items()} for row in plain.to_dict("records")]


def spec_of(row: Mapping[Any, Any]) -> RunSpec:
    """The RunSpec of a row of `runs`."""
    return RunSpec.parse({name: None if pd.isna(row[name]) else row[name] for name in SPEC_COLUMNS})
