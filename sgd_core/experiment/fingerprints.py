"""Fingerprints that are the same on every machine: the paper's images, the built-in shapes, AlexNet's feature layers.

With them a run's key is known where there are neither images nor weights (explore mode). They are written down rather
than computed, because computing them takes the images and torch; the tests compute each of them anew.
"""

from __future__ import annotations

from sgd_core.experiment.spec import Fingerprints, RunSpec

DATA = {
    "vegetables": "4d088217fd26e746814fee0ccf7fb5920f3be8bd883fb9cbdee384ff8736df7e",
    "shapes": "bdde956e5c5c9a6d3064dc34f84a7cd0b379a44b1c9ead32d45b9b8466040998",
}
"""Of the 2967 + 409 + 2000 images in training/vegetables_manifest.csv, and of the drawn shapes."""

WEIGHTS = {
    "imagenet": "b46189e918b5839984e730473cc7329f473de17968d8502d355c0f0fd30797e7",
    "random": "618b40bb3c591c2b7bb7d36716a9fb68e302ac11e9e71452f948e2da694a3944",
}
"""Of the ten features.* tensors: torchvision's AlexNet_Weights.IMAGENET1K_V1, and the seeded random ones."""


def expected(spec: RunSpec) -> Fingerprints:
    """What a run stands on where the data set is exactly the paper's (or the built-in one)."""
    return Fingerprints(DATA[spec.dataset], WEIGHTS[spec.features])
