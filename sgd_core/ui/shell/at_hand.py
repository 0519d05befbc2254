"""The images of a run, small, where they are at hand: the folder that it was trained on, or the shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image

from sgd_core.evidence import wrong
from sgd_core.experiment.datasets import DATASETS
from sgd_core.images import sets
from sgd_core.images.places import DataError, Split
from sgd_core.training.data import Shapes, open_set
from sgd_core.ui.shell import kept, photograph


@dataclass(frozen=True)
class Images:
    """A set of images that is here, exactly as a run was trained on it."""

    classes: Sequence[str]
    credit: str
    """HTML; '' where nobody is to be credited."""
    _address: Callable[[Split, int], str]

    def address(self, split: Split, index: int) -> str:
        """An image as a data: URL; '' where it cannot be read."""
        try:
            return self._address(split, index)
        except (OSError, ValueError):  # gone since, or broken
            return ""


def find(dataset: str, fingerprint: str) -> Images | None:
    """The images of this name and fingerprint; None where they are not here, or are others by now."""
    if dataset in DATASETS and fingerprint != DATASETS[dataset].fingerprint:
        return None
    if dataset == sets.PAPERS:
        return _vegetables(fingerprint) if sets.is_here(dataset) else None
    if dataset == Shapes.name:
        return Images(Shapes.classes, "", _shape)
    if fingerprint != kept.fingerprint(dataset):
        return None
    try:
        found = sets.listed(dataset)
    except DataError:
        return None
    return Images(found.classes, "", lambda split, index: photograph.small(found.files[split][index].path))


def _vegetables(fingerprint: str) -> Images:
    folder = sets.vegetables()

    def address(split: Split, index: int) -> str:
        return photograph.small(folder / str(wrong.place(fingerprint, split, index)))

    credit = f"Photographs made smaller: {photograph.SOURCE}"
    return Images(wrong.class_names(fingerprint) or (), credit, address)


def _shape(split: Split, index: int) -> str:
    return photograph.address(Image.fromarray(open_set(Shapes.name).images(split)[index]))
