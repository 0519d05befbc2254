"""Fingerprints that are the same on every machine: the paper's images, the built-in shapes, AlexNet's feature layers.

With them a run's key is known where there are neither images nor weights (explore mode). They are written down rather
than computed, because computing them takes the images and torch; the tests compute each of them anew.
"""

from __future__ import annotations

from sgd_core.experiment.spec import Fingerprints, RunSpec

DATA = {
    "vegetables": "4d088217fd26e746814fee0ccf7fb5920f3be8bd883fb9cbdee384ff8736df7e",
    "shapes": "65034acedf550f90d318eb015d1cc7441c92e9eef6228b62ad408e15c67fb447",
}
"""Of the 2967 + 409 + 2000 images in training/vegetables_manifest.csv, and of the drawn shapes."""

WEIGHTS = {
    "imagenet": "b46189e918b5839984e730473cc7329f473de17968d8502d355c0f0fd30797e7",
    "random": "f838c573a677880e3f890fa1993640150e3f555107544733bcdf57cadd32eee3",
}
"""Of the ten features.* tensors: torchvision's AlexNet_Weights.IMAGENET1K_V1, and the seeded random ones."""


def expected(spec: RunSpec) -> Fingerprints:
    """What a run stands on where the data set is exactly the paper's (or the built-in one)."""
    return Fingerprints(DATA[spec.dataset], WEIGHTS[spec.features])
