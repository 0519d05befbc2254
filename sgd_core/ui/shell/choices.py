"""What the controls of a schedule offer, the same on the workbench and on the Train page, so that links carry over."""

from __future__ import annotations

from sgd_core.experiment.datasets import DATASETS

IMAGES = {name: data.images for name, data in DATASETS.items()}
"""N of each data set."""
RATES = [
    "1e-5", "2e-5", "5e-5", "1e-4", "2e-4", "4e-4", "8e-4", "16e-4", "32e-4", "5e-3", "0.01", "0.02", "0.05", "0.1",
    "0.5", "1",
]  # fmt: skip
BATCHES = [2**k for k in range(13)]
FALLS_TO = 1e-7
"""The charts stop following a value at this fraction of its start."""
