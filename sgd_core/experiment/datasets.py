"""Data sets by name: what each is, and its fingerprint where that is the same on every machine.

With the fingerprint a run's key is known where there are no images (explore mode). It is written down rather than
computed, because computing it takes the images; the tests compute it anew. training.data opens a set by its name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sgd_core.experiment.spec import RunSpec


@dataclass(frozen=True)
class DataSet:
    """What is known of a set of images: how many it has to train on, its words and source, the SHA-256 of all of it."""

    per_class: tuple[int, ...]
    """Training images of each class."""
    words: str
    source: str
    fingerprint: str

    @property
    def classes(self) -> int:
        return len(self.per_class)

    @property
    def images(self) -> int:
        """To train on, N."""
        return sum(self.per_class)


DATASETS: dict[str, DataSet] = {
    "vegetables": DataSet(
        (279, 300, 300, 300, 300, 300, 288, 300, 300, 300),
        "the paper's photographs of ten vegetables",
        "the paper's images and 2,000 test images, from Kaggle misrakahmed/vegetable-image-dataset (M. I. Ahmed, "
        "S. Mamun, A. Asif), CC BY-SA 4.0",
        "4d088217fd26e746814fee0ccf7fb5920f3be8bd883fb9cbdee384ff8736df7e",
    ),
    "shapes": DataSet(
        (60,) * 10,
        "ten kinds of drawn shapes",
        "the built-in shapes, drawn from a seed",
        "65034acedf550f90d318eb015d1cc7441c92e9eef6228b62ad408e15c67fb447",
    ),
}
"""The sets that every machine knows; a reader's own are named by SGD_DATA_DIR (images.sets)."""
OWN_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""What a set of one's own may be called."""


def training_images(spec: RunSpec, data: DataSet | None = None) -> int:
    """How many images a run trains on, of a set as it is described here, or of `data`."""
    data = DATASETS[spec.dataset] if data is None else data
    most = spec.images_per_class
    return data.images if most is None else sum(min(each, most) for each in data.per_class)
