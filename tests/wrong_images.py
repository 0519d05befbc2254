"""Invented runs of which two were measured by the gauge `errors`, at the end of seed 1."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from sgd_core.runs.kept import table

LISTED = {16: {0: (0, 7)}, 512: {1990: (9, 4), 0: (0, 7), 3: (0, 7)}}
"""Batch size -> the test images that are wrong: index -> class, and the class it is taken for."""


def published(invented: Path, beside: Path) -> Path:
    """A folder of published runs in which B=16 and B=512 at mu=1e-4 have what they get wrong."""
    folder = beside / "published"
    shutil.copytree(invented, folder)
    runs = pd.read_parquet(folder / "runs.parquet")
    plain = runs[(runs["learning_rate"] == 1e-4) & (runs["schedule"] == "constant") & (runs["epochs"] == 150)]
    rows = []
    for batch, listed in LISTED.items():
        key = plain.loc[(plain["batch_size"] == batch) & (plain["seed"] == 1), "key"].iloc[0]
        values = {"test_images": 2000, "test_wrong": len(listed), "val_images": 409, "val_wrong": 0}
        values |= {f"test {i} of {true}": taken for i, (true, taken) in listed.items()}
        rows += [{"key": key, "probe": "errors", "epoch": 149, "name": n, "value": float(v)} for n, v in values.items()]
    table.frame("measurements", rows).to_parquet(folder / "measurements.parquet", index=False)
    return folder
