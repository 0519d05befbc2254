"""Data sets by name: what each is, and its fingerprint where that is the same on every machine.

With the fingerprint a run's key is known where there are no images (explore mode). It is written down rather than
computed, because computing it takes the images; the tests compute it anew. training.data opens a set by its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sgd_core.experiment.spec import RunSpec


@dataclass(frozen=True)
class DataSet:
    """One set of images: its training images N, its words and source, and the SHA-256 of all of it."""

    images: int
    words: str
    source: str
    fingerprint: str
    classes: int = 10


DATASETS: dict[str, DataSet] = {
    "vegetables": DataSet(
        2967,
        "the paper's photographs of ten vegetables",
        "the paper's images and 2,000 test images, from Kaggle misrakahmed/vegetable-image-dataset (M. I. Ahmed, "
        "S. Mamun, A. Asif), CC BY-SA 4.0",
        "4d088217fd26e746814fee0ccf7fb5920f3be8bd883fb9cbdee384ff8736df7e",
    ),
    "shapes": DataSet(
        600,
        "ten kinds of drawn shapes",
        "the built-in shapes, drawn from a seed",
        "65034acedf550f90d318eb015d1cc7441c92e9eef6228b62ad408e15c67fb447",
    ),
}


def training_images(spec: RunSpec) -> int:
    """How many images a run trains on, where its data set is as it is described here."""
    data = DATASETS[spec.dataset]
    return data.images if spec.images_per_class is None else min(data.images, data.classes * spec.images_per_class)
