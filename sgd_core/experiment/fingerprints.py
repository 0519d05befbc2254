"""Fingerprints of AlexNet's feature layers, and what a run stands on where everything is as the project knows it.

Written down rather than computed, because computing them takes torch; the tests compute each of them anew.
"""

from __future__ import annotations

from sgd_core.experiment.datasets import DATASETS
from sgd_core.experiment.spec import Fingerprints, RunSpec

DATA = {name: data.fingerprint for name, data in DATASETS.items()}
WEIGHTS = {
    "imagenet": "b46189e918b5839984e730473cc7329f473de17968d8502d355c0f0fd30797e7",
    "random": "f838c573a677880e3f890fa1993640150e3f555107544733bcdf57cadd32eee3",
}
"""Of the ten features.* tensors: torchvision's AlexNet_Weights.IMAGENET1K_V1, and the seeded random ones."""


def expected(spec: RunSpec) -> Fingerprints:
    """What a run stands on where the data set is exactly the paper's (or the built-in one).

    The fingerprint of a reader's own images is not known here; '' is none that any has.
    """
    return Fingerprints(DATA.get(spec.dataset, ""), WEIGHTS[spec.features])
