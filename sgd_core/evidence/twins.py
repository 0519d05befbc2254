"""What is recognised with and without images that have a near-twin among the training images, of runs and neighbours.

Where both agree, no result stands on the twins; an image counts as a twin as training.twins says.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sgd_core.evidence.ends import Tables
from sgd_core.experiment.names import name_of
from sgd_core.runs.kept.table import rows, spec_of

PROBE = "twins"
FILE = "twins.json"
"""Among the published runs: written by `data check --keep`."""
SPLITS, PARTS = ("val", "test"), ("all", "apart", "far")
"""all: every image of the split; apart: without twins; far: without all that are alike."""
COLUMNS = ["run", "seed", "key", "epoch", "split", "part", "images", "correct", "accuracy", "loss"]
DIFFERENCES = ["run", "seed", "key", "split", "part", "points", "loss"]


def finals(tables: Tables) -> pd.DataFrame:
    """One row a run, split and part: COLUMNS, after the run's last epoch, of every run probed there."""
    found = []
    probed = tables.measurements[tables.measurements["probe"] == PROBE]
    for run in rows(tables.runs[tables.runs["key"].isin(probed["key"])]):
        last = int(tables.epochs_of(run["key"])["epoch"].iloc[-1])
        of = probed[(probed["key"] == run["key"]) & (probed["epoch"] == last)]
        values = {row["name"]: row["value"] for row in rows(of)}
        spec = spec_of(run)
        for split in SPLITS:
            for part in PARTS:
                prefix = split if part == "all" else f"{split}_{part}"
                images, correct, loss = (values.get(f"{prefix}_{name}") for name in ("images", "correct", "loss"))
                if images and correct is not None:
                    at = (name_of(spec), spec.seed, run["key"], last, split, part, int(images), int(correct))
                    found.append((*at, correct / images, float("nan") if loss is None else loss))
    return pd.DataFrame(found, columns=COLUMNS)


def differences(finals: pd.DataFrame) -> pd.DataFrame:
    """Per run, split and part that leaves images out: DIFFERENCES, the part less all, in percentage points and loss."""
    by = ["run", "seed", "key", "split"]
    whole = finals[finals["part"] == "all"]
    both = finals[finals["part"] != "all"].merge(whole, on=by, suffixes=("", "_all"))
    points, loss = 100 * (both["accuracy"] - both["accuracy_all"]), both["loss"] - both["loss_all"]
    return both.assign(points=points, loss=loss)[DIFFERENCES]


@dataclass(frozen=True)
class Kept:
    """What `data check --keep` measured."""

    neighbours: pd.DataFrame
    """split, part, way (angle or distance), images, correct, accuracy: of the class of the nearest training image."""
    counts: pd.DataFrame
    """size (pixels a side), threshold, split, twins, images, share: how many twins there are, and how that depends on
    how they are looked for."""
    size: int
    threshold: float
    far_threshold: float
    provenance: dict[str, Any]
    """data_fingerprint, commit, command, date and so on."""

    def twins(self, split: str) -> int:
        """How many images of a split are twins, by the size and threshold that count."""
        mine = (self.counts["size"] == self.size) & (self.counts["threshold"] == self.threshold)
        return int(self.counts.loc[mine & (self.counts["split"] == split), "twins"].iloc[0])


def kept(text: str) -> Kept:
    """What twins.json says."""
    told = json.loads(text)
    images = {split: told["splits"][split]["all"]["images"] for split in told["splits"]}
    neighbours = [
        (split, part, way, of["images"], of[f"{way}_correct"], of[f"{way}_correct"] / of["images"])
        for split, parts in told["splits"].items() for part, of in parts.items() for way in ("angle", "distance")
    ]  # fmt: skip
    counts = [
        (row["size"], row["threshold"], split, row[split], images[split], row[split] / images[split])
        for row in told["sensitivity"] for split in images
    ]  # fmt: skip
    own = {"splits", "sensitivity", "size", "threshold", "far_threshold"}
    return Kept(
        pd.DataFrame(neighbours, columns=["split", "part", "way", "images", "correct", "accuracy"]),
        pd.DataFrame(counts, columns=["size", "threshold", "split", "twins", "images", "share"]),
        told["size"], told["threshold"], told["far_threshold"],
        {name: value for name, value in told.items() if name not in own},
    )  # fmt: skip
