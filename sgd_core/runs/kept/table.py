"""Runs, epochs and measurements as tables: their columns, and what is derived from them. pandas only.

`runs`: one row a run (settings, key, status, image counts, provenance). `epochs`: one row an epoch (key and the fields
of EpochRecord). `measurements`: one row a value that a probe measured. They are joined by key. Columns and types follow
from RunSpec and EpochRecord, so that a setting or a recorded number is added there alone; every column has one of four
nullable types (Int64, Float64, boolean, string), so that a table read from Parquet, from this machine's store or with
no rows at all looks the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, get_args, get_type_hints

import pandas as pd

from sgd_core.experiment import paper, takeover
from sgd_core.experiment.datasets import DATASETS
from sgd_core.experiment.record import ANSWERS, EpochRecord, learned
from sgd_core.experiment.spec import Fingerprints, RunSpec

SPEC_COLUMNS = list(RunSpec.model_fields)
IMAGE_COLUMNS = ["train_images", "val_images", "test_images"]
PROVENANCE_COLUMNS = [
    "data_fingerprint", "weights_fingerprint", "bank_seed", "protocol", "device", "threads", "torch", "torchvision",
    "numpy", "python", "system", "commit", "command", "date", "repeatable",
]  # fmt: skip
"""`repeatable` is false where a run went on from a checkpoint of another number of threads; null in older runs."""
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
LOSSES = [f"final_{loss}" for loss in ("train_loss", "val_loss", "test_loss")]

TOTALS = {"end_updates": "updates", "end_time": "training_time", "end_effective": "effective_time"}
"""Derived total of a run -> the column of its last epoch; in `runs` beside `noise`, mu_0/B_0."""

_PANDAS = {int: "Int64", float: "Float64", bool: "boolean", str: "string"}


def _type(annotation: Any) -> str:
    """The nullable pandas type of a field, which may be None besides."""
    plain = next((each for each in (annotation, *get_args(annotation)) if each in _PANDAS), str)
    return _PANDAS[plain]


_TYPES: dict[str, str] = {
    **{name: _type(info.annotation) for name, info in RunSpec.model_fields.items()},
    **{name: _type(hint) for name, hint in get_type_hints(EpochRecord).items()},
    **dict.fromkeys([*IMAGE_COLUMNS, "bank_seed", "protocol", "threads"], "Int64"),
    "repeatable": "boolean",
    "value": "Float64",
}


def frame(name: str, data: Iterable[Mapping[str, Any]] | Mapping[str, list[Any]] = ()) -> pd.DataFrame:
    """The table called runs, epochs or measurements from rows or columns, every column there and in its type."""
    return typed(pd.DataFrame(data if isinstance(data, Mapping) else list(data), columns=COLUMNS[name]))


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """The same table with every column in its nullable type; raises ValueError or TypeError where one does not fit."""
    return table.astype({column: _TYPES.get(column, "string") for column in table.columns})


def of_today(name: str, kept: pd.DataFrame, runs: pd.DataFrame, where: str) -> pd.DataFrame:
    """A table as an older version may have written it, with every column of today and today's keys; not yet typed.

    `runs` is the table of runs as it was written; `where` names the file. Settings that are missing are at their
    defaults, what follows from the schedule is computed, the rest is null. Raises NewerVersionError for a column, or
    the name of a schedule or the like, that this version does not know.
    """
    takeover.refuse_unknown(list(kept.columns), COLUMNS[name], where)
    specs = {row["key"]: (takeover.spec_of(row, where), row) for row in rows(runs)}
    keys = {key: takeover.todays_key(key, spec, fingerprints_of(row)) for key, (spec, row) in specs.items()}
    lacking = [column for column in COLUMNS[name] if column not in kept.columns]
    if name == "runs" and lacking:
        values = {key: spec.model_dump() for key, (spec, _) in specs.items()}
        added = {c: [values[key][c] if c in SPEC_COLUMNS else None for key in kept["key"]] for c in lacking}
        kept = kept.join(pd.DataFrame(added, index=kept.index, dtype=object))
    elif name == "epochs" and lacking:
        planned = {key: takeover.planned(spec, row["train_images"]) for key, (spec, row) in specs.items()}
        told = [planned[key][epoch] if key in planned else {} for key, epoch in zip(kept["key"], kept["epoch"])]
        added = {column: [each.get(column) for each in told] for column in lacking}
        kept = kept.join(pd.DataFrame(added, index=kept.index, dtype=object))
    return kept.assign(key=[keys.get(key, key) for key in kept["key"]])[COLUMNS[name]]


def fingerprints_of(row: Mapping[Any, Any]) -> Fingerprints:
    """What a row of `runs` says that the run stands on."""
    return Fingerprints(row["data_fingerprint"], row["weights_fingerprint"], int(row["bank_seed"]))


def with_accuracies(epochs: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """`epochs` with reported_accuracy, val_accuracy, test_accuracy and images_seen, from the image counts of `runs`."""
    joined = epochs.merge(runs[["key", *IMAGE_COLUMNS]], on="key", how="left", validate="many_to_one")
    for accuracy, (correct, images) in ACCURACIES.items():
        joined[accuracy] = joined[correct].astype("Float64") / joined[images].astype("Float64")
    joined["images_seen"] = (joined["epoch"] + 1) * joined["train_images"]
    return joined.drop(columns=IMAGE_COLUMNS)


def with_finals(runs: pd.DataFrame, epochs: pd.DataFrame) -> pd.DataFrame:
    """`runs` with final accuracies and losses (means over the last ten epochs, or fewer), TOTALS and noise.

    A run that an older version kept as done, though it ends at chance or with an exploded loss, failed to learn.
    """
    measured = with_accuracies(epochs[epochs["epoch"] >= 0], runs)
    last = measured.groupby("key")["epoch"].transform("max")
    tail = measured[measured["epoch"] > last - paper.FINAL_EPOCHS]
    finals = tail.groupby("key")[[final.removeprefix("final_") for final in (*FINALS, *LOSSES)]].mean()
    finals = finals.add_prefix("final_").reset_index()
    ends = measured[measured["epoch"] == last].set_index("key")
    totals = ends[list(TOTALS.values())].rename(columns={column: total for total, column in TOTALS.items()})
    ends = ends[["reported_correct", "reported_correct_true", "reported_loss"]]
    status = [_status(row, ends) for row in rows(runs[["key", "status", "dataset", "train_images"]])]
    named = runs.assign(status=pd.array(status, dtype="string"), noise=runs["learning_rate"] / runs["batch_size"])
    return named.merge(finals.join(totals, on="key"), on="key", how="left", validate="one_to_one")


def _status(row: Mapping[str, Any], ends: pd.DataFrame) -> str:
    """How a run ended, in today's terms."""
    if row["status"] != "done" or row["key"] not in ends.index or row["dataset"] not in DATASETS:
        return str(row["status"])  # a reader's own images: no older version knows them
    end = ends.loc[row["key"]]
    if pd.isna(end["reported_correct"]):
        return "done"
    loss = None if pd.isna(end["reported_loss"]) else float(end["reported_loss"])
    classes = DATASETS[row["dataset"]].classes
    correct = int(end[["reported_correct", "reported_correct_true"]].max())
    return "done" if learned(correct, loss, row["train_images"], classes) else "failed to learn"


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


def by_key(frame: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Key of a run -> its rows of `epochs` or `measurements`, without the key."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in rows(frame):
        grouped.setdefault(row.pop("key"), []).append(row)
    return grouped


def spec_of(row: Mapping[Any, Any]) -> RunSpec:
    """The RunSpec of a row of `runs`."""
    return RunSpec.parse({name: None if pd.isna(row[name]) else row[name] for name in SPEC_COLUMNS})
