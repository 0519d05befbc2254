"""Image sets: folders, of which the paper's vegetables are one, and the built-in shapes that need no file at all.

An ImageSet is uint8 RGB images by split, with labels and a fingerprint (SHA-256 over split, class, name and content of
every image). Images of folders are decoded once and kept in memory (446 MB for 2967 images at 224 x 224), because every
augmented view reads all of them: decoding again costs 2 s a view.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from sgd_core.experiment.datasets import DATASETS, DataSet
from sgd_core.experiment.seeds import DATA_SEED, derive
from sgd_core.images import listing, remembered, sets
from sgd_core.images.listing import Listing
from sgd_core.images.places import SPLITS, VEGETABLES, DataError, Split
from sgd_core.training.decoding import decode
from sgd_core.training.shapes import SHAPES, draw

MEMORY_SHARE = 0.5
"""Of this machine's memory, that the decoded images may take."""


class ImageSet:
    """Images, labels and fingerprint of one data set. Labels are indices into `classes`."""

    name: str
    classes: Sequence[str]
    image_size: int
    fingerprint: str

    def splits(self) -> list[Split]:
        """The splits this set has: train and val always, test where there is one."""
        raise NotImplementedError

    def labels(self, split: Split) -> np.ndarray:
        """(n,) int64 class indices."""
        raise NotImplementedError

    def images(self, split: Split) -> np.ndarray:
        """(n, size, size, 3) uint8 RGB; raises DataError naming the file that cannot be decoded."""
        raise NotImplementedError

    def places(self, split: Split) -> list[str]:
        """(n) split/class/name of every image, in the order of its label and pixels."""
        raise NotImplementedError


class Folder(ImageSet):
    """A reader's own images in a folder, as images.listing finds them; its last layer has as many classes as they."""

    image_size = 224

    def __init__(self, name: str, found: Listing) -> None:
        """Of a folder that is listed; raises DataError with a line for everything that is wrong with it."""
        if found.faults:
            raise DataError("\n".join(found.faults))
        self.name, self.listing, self.folder, self.classes = name, found, found.folder, found.classes
        self._decoded: dict[Split, np.ndarray] = {}

    @cached_property
    def fingerprint(self) -> str:  # type: ignore[override]
        what, paths = self._remembered_as()
        return remembered.of_files(what, paths, self._computed)

    def _remembered_as(self) -> tuple[str, list[Path]]:
        return sets.hashed(self.listing)

    def _computed(self) -> str:
        return hashlib.sha256(f"{sets.rule(self.listing)}\n{fingerprint_of(self.rows())}".encode()).hexdigest()

    def remembered_fingerprint(self) -> str | None:
        """The fingerprint where it was computed before, without reading an image."""
        return remembered.look_up(*self._remembered_as())

    def known(self) -> DataSet:
        """What is known of it without its images."""
        return sets.described(self.name, self.listing)

    def rows(self) -> Iterator[tuple[Split, str, str, str]]:
        """(split, class, name, SHA-256) of every image; reads and hashes them all (about a second)."""
        for split in self.splits():
            for file in self.listing.files[split]:
                yield file.split, file.label, file.name, file.sha256()

    def splits(self) -> list[Split]:
        return list(self.listing.files)

    def labels(self, split: Split) -> np.ndarray:
        of = {label: i for i, label in enumerate(self.classes)}
        return np.array([of[file.label] for file in self.listing.files[split]], dtype=np.int64)

    def places(self, split: Split) -> list[str]:
        return [f"{split}/{file.label}/{file.name}" for file in self.listing.files[split]]

    def images(self, split: Split) -> np.ndarray:
        if split not in self._decoded:
            self._require_memory()
            files = self.listing.files[split]
            self._decoded[split] = np.stack([decode(file.path, self.image_size).pixels for file in files])
        return self._decoded[split]

    def _require_memory(self) -> None:
        count = sum(map(len, self.listing.files.values()))
        needed, there = count * 3 * self.image_size**2, _memory()
        if needed > MEMORY_SHARE * there:
            raise DataError(
                f"The {count:,} images of {self.name} take {needed / 1e9:.1f} GB of memory, and this machine has "
                f"{there / 1e9:.1f} GB, of which images may take half. Use fewer images."
            )


class Vegetables(Folder):
    """The vegetables in a folder with train/, val/ and optionally test/, each with one folder per class."""

    def __init__(self, folder: Path) -> None:
        """Lists every image; raises DataError if a split or class is missing or empty, or a folder is of no class."""
        super().__init__(sets.PAPERS, listing.read(folder, VEGETABLES))

    def _remembered_as(self) -> tuple[str, list[Path]]:
        return "images", sets.hashed(self.listing)[1]

    def _computed(self) -> str:
        return fingerprint_of(self.rows())


@dataclass(frozen=True)
class Fingerprinted:
    """What is known of images that are not there yet: the fingerprint of all of them, and of each split alone."""

    all: str
    splits: dict[Split, str]


class Shapes(ImageSet):
    """Ten classes of drawn shapes from a fixed seed: the same images everywhere, within seconds, offline.

    Drawn for random features, the only ones that are always there: upright, large and light on dark, a linear fit to a
    view gets 0.86 of the next right (0.25 at 64 pixels and of any colour, place and turn). At 64 pixels one place is
    left after AlexNet's last pooling, at 128 there are nine; a view of the 600 takes a second on two cores.
    """

    name = "shapes"
    classes = SHAPES
    image_size = 128
    counts: dict[Split, int] = {"train": 60, "val": 20, "test": 40}
    """Images per class."""

    def __init__(self, known: Fingerprinted | None = None) -> None:
        """`known`: what there is to draw; a run whose features are made already then draws nothing."""
        self._known = known
        self._drawn: dict[Split, np.ndarray] = {}

    @cached_property
    def fingerprint(self) -> str:  # type: ignore[override]
        """Of all that is drawn, or will be."""
        if self._known is not None:
            return self._known.all
        return fingerprint_of(row for split in SPLITS for row in self._rows(split, self.images(split)))

    def splits(self) -> list[Split]:
        return list(SPLITS)

    def labels(self, split: Split) -> np.ndarray:
        return np.repeat(np.arange(len(self.classes), dtype=np.int64), self.counts[split])

    def places(self, split: Split) -> list[str]:
        return [f"{split}/{self.classes[label]}/{i}" for i, label in enumerate(self.labels(split))]

    def images(self, split: Split) -> np.ndarray:
        """Drawn when they are first asked for; raises DataError where they are not those that are known."""
        if split not in self._drawn:
            drawn = self._draw(split)
            if self._known is not None and fingerprint_of(self._rows(split, drawn)) != self._known.splits[split]:
                raise DataError(
                    f"The {split} images of the built-in shapes come out otherwise here than on other machines, so "
                    "runs on them could not be compared. Install the versions of requirements.txt."
                )
            self._drawn[split] = drawn
        return self._drawn[split]

    def _draw(self, split: Split) -> np.ndarray:
        random = np.random.Generator(np.random.PCG64(derive(DATA_SEED, "shapes", split)))
        return np.stack([draw(self.classes[label], self.image_size, random) for label in self.labels(split)])

    def _rows(self, split: Split, drawn: np.ndarray) -> Iterator[tuple[str, str, str, str]]:
        for i, (image, label) in enumerate(zip(drawn, self.labels(split), strict=True)):
            yield split, self.classes[label], str(i), hashlib.sha256(image.tobytes()).hexdigest()


KNOWN_SHAPES = Fingerprinted(
    DATASETS[Shapes.name].fingerprint,
    {
        "train": "e04dea68ae3c58fe689c43210be37ebb64e1edeedfe73168f7c96462399b2877",
        "val": "fa97d76a0121a469c38fb3dccbb8692d2c96d6fd098e6fab9948c0d1ec2bcac9",
        "test": "a23015b380f3aa1043a542bab5431e5f082bfa5eb9341bce8e9f4e944dacab98",
    },
)
"""Written down, because drawing all of them takes a second or two in every process; a test draws them anew."""


def open_set(name: str) -> ImageSet:
    """The image set of that name, as RunSpec.dataset names it; raises DataError if it is not to be had."""
    if name == Shapes.name:
        return _shapes()
    found = sets.listed(name)
    return Vegetables(found.folder) if name == sets.PAPERS else Folder(name, found)


@cache
def _shapes() -> Shapes:
    return Shapes(KNOWN_SHAPES)  # no file that may have changed: drawn once


def open_folder(folder: Path) -> Folder:
    """The set in a folder, whatever SGD_DATA_DIR says; raises DataError if it is none."""
    name, found = sets.of_folder(folder)
    return Vegetables(folder) if name == sets.PAPERS else Folder(name, found)


def fingerprint_of(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """SHA-256 of (split, class, name, SHA-256 of the content) of every image, sorted."""
    text = "\n".join(",".join(row) for row in sorted(rows))
    return hashlib.sha256(text.encode()).hexdigest()


def chosen(labels: np.ndarray, images_per_class: int | None) -> np.ndarray:
    """Sorted indices of a seeded subset with at most `images_per_class` of each class; smaller ones lie in larger."""
    if images_per_class is None:
        return np.arange(len(labels))
    random = np.random.Generator(np.random.PCG64(derive(DATA_SEED, "subset")))
    order = random.permutation(len(labels))
    picks = [order[labels[order] == label][:images_per_class] for label in np.unique(labels)]
    return np.sort(np.concatenate(picks))


def with_noise(labels: np.ndarray, fraction: float, classes: int) -> np.ndarray:
    """Labels of which round(fraction * n), chosen by the data seed, are replaced by another class, uniformly."""
    random = np.random.Generator(np.random.PCG64(derive(DATA_SEED, "label noise")))
    order, shift = random.permutation(len(labels)), random.integers(1, classes, len(labels))
    wrong = order[: round(fraction * len(labels))]
    given = labels.copy()
    given[wrong] = (labels[wrong] + shift[wrong]) % classes
    return given


def _memory() -> int:
    """Bytes that this machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
