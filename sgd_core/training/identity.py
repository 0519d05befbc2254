"""What a run would stand on here, without torch and without reading an image: for a look at what is kept already."""

from __future__ import annotations

from sgd_core import settings
from sgd_core.experiment import fingerprints
from sgd_core.experiment.datasets import DATASETS
from sgd_core.experiment.spec import Fingerprints, RunSpec
from sgd_core.images import remembered, sets
from sgd_core.images.places import DataError
from sgd_core.training.data import Vegetables


def known(spec: RunSpec) -> Fingerprints | None:
    """The run's fingerprints on this machine; those of the paper's images and weights where there are none here.

    None where images or weights are here and were never fingerprinted, and for a reader's own images that are not here.
    """
    expected = fingerprints.expected(spec)
    data, weights = _data(spec.dataset, expected.data), expected.weights
    if data is None:
        return None
    file = settings.weights_file()
    if spec.features == "imagenet" and file is not None and file.is_file():
        found = remembered.look_up("weights", [file])
        if found is None:
            return None
        weights = found
    return Fingerprints(data, weights, expected.bank_seed)


def key(spec: RunSpec) -> str | None:
    """Under which the run would be kept if it were made here; None where that takes reading images or weights."""
    prints = known(spec)
    return None if prints is None else spec.key(prints)


def _data(name: str, expected: str) -> str | None:
    try:
        if name not in DATASETS:
            return sets.fingerprint(name)
        if name == sets.PAPERS and sets.is_here(name):
            return Vegetables(sets.vegetables()).remembered_fingerprint()
    except DataError:
        return None
    return expected
