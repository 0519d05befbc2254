"""What is recognised with and without images that have a near-twin among the training images, of runs and neighbours.

Where both agree, no result stands on the twins; an image counts as a twin as training.twins says.
"""

from __future__ import annotations

import pandas as pd

from sgd_core.evidence.ends import Tables
from sgd_core.experiment.names import name_of
from sgd_core.runs.kept.table import rows, spec_of

PROBE = "twins"
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
