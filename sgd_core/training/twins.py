"""Near-twins: images of val and test that show the same scene as a training image, photographed a moment apart.

Two images are compared by the correlation of their grey pixels at SIZE x SIZE (averaged down, mean removed, norm one),
each with every training image. How many are found depends on the size (val of 409, test of 2000, above 0.95): 11 and 52
at 224, where a camera that moved a little parts two pictures, 20 and 107 at 112, 30 and 139 at 64, 49 and 224 at 32, 82
and 378 at 16. Looked at by eye at 64, 15 of the 16 test pairs just above the threshold are one scene (one is two
potatoes on white), and so are the 15 just below it and 8 of 8 at 0.90: the twins are the sure ones and by no means all,
so those above ALIKE (62 and 286) are listed too.

Which images they are is a file beside this one, so that it is known where no image is.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from sgd_core.experiment.datasets import DATASETS
from sgd_core.images.places import SPLITS, Split
from sgd_core.training.data import ImageSet

SIZE = 64
"""Pixels a side of the grey images that are compared."""
TWIN = 0.95
"""Correlation above which an image counts as a twin of a training image."""
ALIKE = 0.90
"""Correlation above which an image is listed: mostly the same scene too."""
FILE = Path(__file__).with_name("vegetables_twins.csv")
HEADER = ("image", "nearest", "correlation")


class Pair(NamedTuple):
    """An image of val or test, the training image most like it (both as split/class/name), and their correlation."""

    image: str
    nearest: str
    correlation: float


def greys(images: np.ndarray, size: int = SIZE) -> np.ndarray:
    """(n, size * size) float32 rows of mean zero and norm one, from (n, h, w, 3) uint8 RGB; a blank image is zeros."""
    rows = np.empty((len(images), size * size), dtype=np.float32)
    for row, image in zip(rows, images, strict=True):  # Pillow's BILINEAR averages over all pixels where it shrinks
        grey = Image.fromarray(image).convert("L").resize((size, size), Image.Resampling.BILINEAR)
        row[:] = np.asarray(grey, dtype=np.float32).ravel()
    rows -= rows.mean(axis=1, keepdims=True)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return rows


def nearest(rows: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) index of the row of `others` with the largest inner product with each row, and (n,) that product."""
    products = rows @ others.T
    found = products.argmax(axis=1)
    return found, products[np.arange(len(rows)), found]


def pairs(images: ImageSet, splits: tuple[Split, ...] = ("val", "test"), size: int = SIZE) -> list[Pair]:
    """Every image of these splits, as far as there are any, with the training image most like it."""
    train, names = greys(images.images("train"), size), images.places("train")
    found = []
    for split in splits:
        if split in images.splits():
            at, correlations = nearest(greys(images.images(split), size), train)
            found += [
                Pair(place, names[i], float(correlation))
                for place, i, correlation in zip(images.places(split), at, correlations, strict=True)
            ]
    return found


def counts(found: list[Pair], threshold: float) -> dict[Split, int]:
    """Split -> how many of its images have a correlation above the threshold."""
    splits: dict[Split, int] = {}
    for pair in found:
        for split in SPLITS:
            if pair.image.startswith(f"{split}/"):
                splits[split] = splits.get(split, 0) + (pair.correlation > threshold)
    return splits


def alike(found: list[Pair]) -> list[Pair]:
    """Those that are listed, by name, to four digits."""
    return sorted(Pair(*pair[:2], round(pair.correlation, 4)) for pair in found if pair.correlation > ALIKE)


def as_text(found: list[Pair]) -> str:
    """The file of these pairs."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *((*pair[:2], f"{pair[2]:.4f}") for pair in found)])
    return text.getvalue()


def listed(file: Path = FILE) -> list[Pair]:
    """The pairs of the paper's images above ALIKE, from the file."""
    with file.open(newline="") as lines:
        return [Pair(image, near, float(value)) for image, near, value in list(csv.reader(lines))[1:]]


def apart(images: ImageSet, split: Split, threshold: float = TWIN) -> np.ndarray:
    """(n,) bool: the images of a split that no training image is like, by a threshold of ALIKE or more.

    For the paper's images from the list; for any others from their pixels, which takes seconds the first time.
    """
    if threshold < ALIKE:
        raise ValueError(f"threshold is {threshold}, but only correlations above {ALIKE} are listed")
    if images.fingerprint == DATASETS["vegetables"].fingerprint:
        close = {pair.image for pair in listed() if pair.correlation > threshold}
    else:
        close = {pair.image for pair in _computed(images) if pair.correlation > threshold}
    return np.array([place not in close for place in images.places(split)], dtype=bool)


_others: dict[str, list[Pair]] = {}


def _computed(images: ImageSet) -> list[Pair]:
    if images.fingerprint not in _others:
        _others[images.fingerprint] = alike(pairs(images))
    return _others[images.fingerprint]
