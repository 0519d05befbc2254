"""What gets published: runs of the paper, of claims and of measurements that have ended, added to those published.

Of each question and seed the run with the most views goes out; of the map of equal training time, which is read at one
number of views, every one. A published run stays until a newer run of the same key takes its place, so that publishing
again from another machine adds seeds and never drops any. Runs made from a core with uncommitted changes stay out,
because nobody could make them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sgd_core.errors import UserError
from sgd_core.experiment import claims, examples, fingerprints, measurements, paper
from sgd_core.experiment.datasets import DATASETS
from sgd_core.experiment.record import ANSWERS
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept import readme, table, validation
from sgd_core.runs.kept.local import LocalRuns
from sgd_core.runs.kept.published import PublishedRuns
from sgd_core.runs.kept.store import Store

TRANSFORMS = {1: "RandomHorizontalFlip, RandomResizedCrop(torchvision defaults, bilinear, antialias), normalise; v1"}
"""Protocol version -> what happens to a training image before the network, as training.features names it."""

DATA = {data.fingerprint: data.source for data in DATASETS.values()}
WEIGHTS = {
    fingerprints.WEIGHTS["imagenet"]: "the features.* tensors of torchvision's AlexNet_Weights.IMAGENET1K_V1",
    fingerprints.WEIGHTS["random"]: "seeded random features.* tensors",
}
"""Fingerprint -> what it is of."""


@dataclass(frozen=True)
class Publication:
    """The published runs as they are about to be written, and what is new in them."""

    store: Store
    runs: pd.DataFrame
    """Every row of runs.parquet, with figures, run, paper_reported and finals, in the order of the paper."""
    new: pd.DataFrame
    """Those of them that are not published yet, or newer than what is published under their key."""
    clean: frozenset[str]
    """Keys of this machine's runs whose measurements may go out."""
    remade: frozenset[str]
    """Keys of published runs in whose place other records come: what was measured along the old ones goes with them."""
    with_changes: int
    """Runs that stay out because the core they were made with had uncommitted changes."""
    of_others: int
    """Runs that stay out because nobody knows here where their images come from, and on what terms."""

    def write(self) -> None:
        """Write the Parquet files, provenance.json and README.md; raises UserError or OSError where that fails."""
        text = readme.updated(self.store.published.text("README.md"), readme.results(self.runs))
        tables = {
            "runs": self.runs,
            "epochs": self._ordered(self.store.epochs(self.runs), ["epoch"]),
            "measurements": self._ordered(self._measured(), ["probe", "epoch", "name"]),
        }
        self.store.published.write(tables, provenance(self.runs), text)

    def _measured(self) -> pd.DataFrame:
        """What was published, with what was measured here since; of one value the one from here stands."""
        published = self.store.published.frame("measurements")
        published = published[~published["key"].isin(self.remade)]
        here = table.frame("measurements", self.store.local.measurements(self.clean & set(self.runs["key"])))
        both = pd.concat([published[published["key"].isin(self.runs["key"])], here], ignore_index=True)
        both = both[both["probe"] != "weights"]  # says only that this machine has them
        return both.drop_duplicates(["key", "probe", "epoch", "name"], keep="last", ignore_index=True)

    def _ordered(self, rows: pd.DataFrame, within: Sequence[str]) -> pd.DataFrame:
        place = rows["key"].map({key: i for i, key in enumerate(self.runs["key"])})
        return rows.assign(place=place).sort_values(["place", *within], ignore_index=True)


def prepare(store: Store, allow_changes: bool = False) -> Publication:
    """What publishing would write; raises UserError where there is nothing to publish."""
    kept, here = store.by_source()
    here = here[here["status"].isin(ANSWERS)]
    is_known = here["data_fingerprint"].isin(DATA)
    of_others = int((~is_known).sum())
    here = table.with_paper(here[is_known])
    wanted = [row["run"] is not None or _is_wanted(table.spec_of(row)) for row in table.rows(here)]
    here = here[pd.array(wanted, dtype="boolean")]
    changed = here["commit"].str.endswith("+changes").fillna(False)
    here = here if allow_changes else here[~changed]

    published = dict(zip(kept["key"], kept["date"]))
    is_newer = [date > published.get(key, "") for key, date in zip(here["key"], here["date"])]
    newer = here[pd.array(is_newer, dtype="boolean")]
    stays = kept[~kept["key"].isin(newer["key"])]
    best = table.answers(pd.concat([stays, newer], ignore_index=True))
    on_the_map = [claims.is_on_the_map(table.spec_of(row)) for row in table.rows(newer)]
    new = newer[newer["key"].isin(best["key"]) | pd.Series(on_the_map, index=newer.index, dtype=bool)]
    runs = pd.concat([kept[~kept["key"].isin(new["key"])], new], ignore_index=True)
    with_changes = 0 if allow_changes else int(changed.sum())
    if runs.empty:
        raise UserError(_nothing(store, with_changes, of_others))
    runs = table.in_order(table.with_finals(table.with_paper(runs), store.epochs(runs)))
    new = runs[runs["key"].isin(new["key"])]
    again = set(kept["key"]) & set(new["key"])
    remade = _remade(*(store.epochs(each[each["key"].isin(again)]) for each in (kept, new)))
    return Publication(store, runs, new, frozenset(here["key"]), remade, with_changes, of_others)


def _is_wanted(spec: RunSpec) -> bool:
    return claims.is_arm(spec) or measurements.is_measured(spec) or examples.is_example(spec)


def _remade(before: pd.DataFrame, after: pd.DataFrame) -> frozenset[str]:
    """Of two tables of epochs of the same runs, the keys whose records differ in more than the seconds they took."""
    columns = [name for name in table.EPOCH_COLUMNS if name not in ("key", "seconds")]
    old, new = (
        {str(key): rows.sort_values("epoch")[columns].reset_index(drop=True) for key, rows in epochs.groupby("key")}
        for epochs in (before, after)
    )
    return frozenset(key for key in new if not old[key].equals(new[key]))


def taken(folder: Path, local: LocalRuns) -> int:
    """Validate every published run of another folder, keep all of them in `local`, and say how many.

    The folder is in the format of cached_runs, this version's or an older one. Raises UserError naming the run and what
    is wrong with it; nothing is kept then.
    """
    source = PublishedRuns(folder)
    rows = table.rows(source.frame("runs"))
    if not rows:
        raise UserError(f"{folder} holds no published runs (runs.parquet, epochs.parquet).")
    epochs, measurements = (table.by_key(source.frame(name)) for name in ("epochs", "measurements"))
    runs = []
    for row in rows:
        whole = {**row, "name": "", "note": "", "epoch_records": epochs.get(row["key"], [])}
        whole["measurements"] = measurements.get(row["key"], [])
        runs.append(validation.run(whole, f"run {row['key'][:8]} of {folder}")[0])
    local.save_all(runs)
    return len(runs)


def provenance(runs: pd.DataFrame) -> dict[str, Any]:
    """What the runs stand on and how their accuracies are measured, as provenance.json says it."""
    images = {name.removesuffix("_images"): name for name in table.IMAGE_COLUMNS}
    return {
        "runs": len(runs),
        "protocols": [
            {"version": row["protocol"], "transform": TRANSFORMS.get(row["protocol"], "unknown"), "runs": row["runs"]}
            for row in _distinct(runs, ["protocol"])
        ],
        "data": [
            {
                "dataset": row["dataset"],
                "description": DATA.get(row["data_fingerprint"], "other images than the paper's"),
                "fingerprint": row["data_fingerprint"],
                "images": {split: row[column] for split, column in images.items()},
                "runs": row["runs"],
            }
            for row in _distinct(runs, ["dataset", "data_fingerprint", *images.values()])
        ],
        "weights": [
            {
                "features": row["features"],
                "description": WEIGHTS.get(row["weights_fingerprint"], "other weights"),
                "fingerprint": row["weights_fingerprint"],
                "runs": row["runs"],
            }
            for row in _distinct(runs, ["features", "weights_fingerprint"])
        ],
        "banks": _distinct(runs, ["bank_seed", "views"]),
        "accuracies": readme.ACCURACIES,
        "final": f"mean over the last {paper.FINAL_EPOCHS} epochs",
        "made": _made(runs),
    }


def _made(runs: pd.DataFrame) -> list[dict[str, Any]]:
    columns = ["device", "threads", "torch", "torchvision", "numpy", "python", "system", "commit"]
    dates = runs.groupby(columns, dropna=False)["date"]
    made = dates.agg(["min", "max", "size"]).set_axis(["first", "last", "runs"], axis="columns").reset_index()
    return table.rows(made.sort_values(["first", *columns]))


def other_images(runs: int) -> str:
    """Why runs of a reader's own images stay out."""
    return (
        f"{runs} run{'s' * (runs != 1)} of other images than the paper's and the shapes stay{'s' * (runs == 1)} out: "
        "their source and licence are not known here. Export them instead (Every run)."
    )


def _distinct(runs: pd.DataFrame, columns: list[str]) -> list[dict[str, Any]]:
    return table.rows(runs.groupby(columns, dropna=False).size().rename("runs").reset_index())


def _nothing(store: Store, with_changes: int, of_others: int) -> str:
    if with_changes:
        return (
            f"Nothing to publish: the {with_changes} finished runs in {store.local.folder} were made from "
            "a core with uncommitted changes. Commit and train again, or give --allow-changes."
        )
    if of_others:
        return f"Nothing to publish: {other_images(of_others)}"
    return f"Nothing to publish: no run of the paper, of a claim or of a measurement in {store.local.folder} has ended."
