"""Image sets: the paper's vegetables from a folder, and the built-in shapes that need no file at all.

An ImageSet is uint8 RGB images by split, with labels and a fingerprint (SHA-256 over split, class, name and content of
every image). The vegetables are decoded once and kept in memory (446 MB for 2967 images at 224 x 224), because every
augmented view reads all of them: decoding again costs 2 s a view.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.experiment.seeds import DATA_SEED, derive
from sgd_core.training import remembered

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")

VEGETABLES = (
    "Bean", "Bitter_Gourd", "Broccoli", "Cabbage", "Capsicum", "Carrot", "Cauliflower", "Cucumber", "Potato", "Pumpkin",
)  # fmt: skip
SHAPES = ("disc", "ring", "square", "frame", "triangle", "diamond", "cross", "star", "bars", "dots")
SUFFIXES = {".jpg", ".jpeg", ".png"}


class DataError(UserError):
    """An image set that cannot be used; the message names the folder or file and what is wrong with it."""


@dataclass(frozen=True)
class ImageFile:
    """One image on disk, by its place in the set."""

    split: Split
    label: str
    path: Path

    def sha256(self) -> str:
        """Of the file's bytes."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


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


class Vegetables(ImageSet):
    """The vegetables in a folder with train/, val/ and optionally test/, each with one folder per class."""

    name = "vegetables"
    classes = VEGETABLES
    image_size = 224

    def __init__(self, folder: Path) -> None:
        """Lists every image; raises DataError if a split or class is missing or empty, or a folder is of no class."""
        self.folder = folder
        self._files = {split: list(_files(folder, split)) for split in SPLITS if _has(folder, split)}
        self._decoded: dict[Split, np.ndarray] = {}

    @cached_property
    def fingerprint(self) -> str:  # type: ignore[override]
        return remembered.of_files("images", self._paths(), lambda: fingerprint_of(self.rows()))

    def remembered_fingerprint(self) -> str | None:
        """The fingerprint where it was computed before, without reading an image."""
        return remembered.look_up("images", self._paths())

    def _paths(self) -> list[Path]:
        return [file.path for files in self._files.values() for file in files]

    def rows(self) -> Iterator[tuple[Split, str, str, str]]:
        """(split, class, name, SHA-256) of every image; reads and hashes them all (about a second)."""
        for split in self.splits():
            for file in self._files[split]:
                yield file.split, file.label, file.path.name, file.sha256()

    def broken(self) -> list[str]:
        """What is wrong with each image that cannot be decoded; decodes them all and keeps none."""
        messages = []
        for split in self.splits():
            for file in self._files[split]:
                try:
                    _decode(file, self.image_size)
                except DataError as error:
                    messages.append(str(error))
        return messages

    def splits(self) -> list[Split]:
        return list(self._files)

    def labels(self, split: Split) -> np.ndarray:
        return np.array([self.classes.index(file.label) for file in self._files[split]], dtype=np.int64)

    def places(self, split: Split) -> list[str]:
        return [f"{split}/{file.label}/{file.path.name}" for file in self._files[split]]

    def images(self, split: Split) -> np.ndarray:
        if split not in self._decoded:
            self._decoded[split] = np.stack([_decode(file, self.image_size) for file in self._files[split]])
        return self._decoded[split]


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

    def __init__(self) -> None:
        self._drawn = {split: self._draw(split) for split in SPLITS}
        contents = (
            (split, self.classes[label], str(i), hashlib.sha256(image.tobytes()).hexdigest())
            for split in SPLITS
            for i, (image, label) in enumerate(zip(self._drawn[split], self.labels(split), strict=True))
        )
        self.fingerprint = fingerprint_of(contents)

    def splits(self) -> list[Split]:
        return list(SPLITS)

    def labels(self, split: Split) -> np.ndarray:
        return np.repeat(np.arange(len(self.classes), dtype=np.int64), self.counts[split])

    def places(self, split: Split) -> list[str]:
        return [f"{split}/{self.classes[label]}/{i}" for i, label in enumerate(self.labels(split))]

    def images(self, split: Split) -> np.ndarray:
        return self._drawn[split]

    def _draw(self, split: Split) -> np.ndarray:
        random = np.random.Generator(np.random.PCG64(derive(DATA_SEED, "shapes", split)))
        return np.stack([_shape(self.classes[label], self.image_size, random) for label in self.labels(split)])


SETS: dict[str, Callable[[], ImageSet]] = {"vegetables": lambda: Vegetables(settings.data_dir()), "shapes": Shapes}
"""Name, as experiment.datasets has it -> how the set is opened."""


def open_set(name: str) -> ImageSet:
    """The image set of that name, as RunSpec.dataset names it; raises DataError if it is not to be had."""
    if name not in SETS:
        raise DataError(f"There is no data set {name!r}; there are {', '.join(SETS)}.")
    return SETS[name]()


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


def _has(folder: Path, split: Split) -> bool:
    if (folder / split).is_dir():
        return True
    if split == "test":
        return False
    raise DataError(
        f"The folder {folder / split} of the vegetables is missing. Set SGD_DATA_DIR to a folder with train/ and val/, "
        "or run 'python -m sgd_core data fetch'."
    )


def _files(folder: Path, split: Split) -> Iterable[ImageFile]:
    present = {path.name for path in (folder / split).iterdir() if path.is_dir() and not path.name.startswith(".")}
    if missing := [label for label in VEGETABLES if label not in present]:
        raise DataError(f"{folder / split} has no folder for the class {', '.join(missing)}.")
    if extra := sorted(present - set(VEGETABLES)):
        raise DataError(
            f"{folder / split} has folders that are none of the ten classes: {', '.join(extra)}. Remove them, or let "
            "'python -m sgd_core data fetch' pick the paper's subset."
        )
    for label in VEGETABLES:
        found = (folder / split / label).iterdir()
        paths = sorted(path for path in found if path.suffix.lower() in SUFFIXES and not path.name.startswith("."))
        if not paths:
            raise DataError(f"{folder / split / label} holds no images (.jpg, .jpeg or .png).")
        yield from (ImageFile(split, label, path) for path in paths)


def _decode(file: ImageFile, size: int) -> np.ndarray:
    try:
        with Image.open(file.path) as image:
            rgb = image.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{file.path} cannot be read as an image: {error}.") from None
    return np.asarray(rgb if rgb.size == (size, size) else rgb.resize((size, size), Image.Resampling.BILINEAR))


def _shape(kind: str, size: int, random: np.random.Generator) -> np.ndarray:
    """One large, upright, light shape near the middle of a dark ground, both nearly grey, with pixel noise."""
    ground = random.integers(0, 60) + random.integers(0, 30, 3)
    colour = random.integers(170, 230) + random.integers(-25, 26, 3)
    radius = random.uniform(0.36, 0.46) * size
    centre = size / 2 + random.uniform(-0.04, 0.04, 2) * size
    turn = random.uniform(-0.1, 0.1)
    right, down = (np.indices((size, size))[::-1] + 0.5 - centre[:, None, None]) / radius
    inside = _inside(kind, np.cos(turn) * right + np.sin(turn) * down, np.cos(turn) * down - np.sin(turn) * right)
    noise = random.integers(-20, 21, (size, size, 3))
    return (np.where(inside[..., None], colour, ground) + noise).clip(0, 255).astype(np.uint8)


def _inside(kind: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Where the shape is, for pixels at (x, y) in its radii from its middle, y pointing down."""
    distance, across, along = np.hypot(x, y), np.abs(x), np.abs(y)
    furthest = np.maximum(across, along)
    angle = np.arctan2(x, -y) % (2 * np.pi / 5)
    angle = np.minimum(angle, 2 * np.pi / 5 - angle)  # from the nearest of five tips, the first of them on top
    inside: np.ndarray
    if kind == "disc":
        inside = distance < 1
    elif kind == "ring":
        inside = (distance < 1) & (distance > 0.55)
    elif kind == "square":
        inside = furthest < 0.71
    elif kind == "frame":
        inside = (furthest < 0.71) & (furthest > 0.39)
    elif kind == "triangle":
        inside = (y < 0.5) & (across < (y + 1) / 3**0.5)
    elif kind == "diamond":
        inside = across / 0.45 + along < 1
    elif kind == "cross":
        inside = (furthest < 1) & (np.minimum(across, along) < 1 / 6)
    elif kind == "bars":
        inside = (across < 0.9) & (np.abs(along - 0.35) > 0.15) & (along < 0.8)
    elif kind == "dots":
        inside = distance**2 + 0.75**2 - 1.5 * distance * np.cos(angle) < 0.26**2
    else:  # the edge of the star runs from a tip at distance 1 to a notch at 0.4
        notch = 0.4 * np.exp(1j * np.pi / 5)
        inside = (1 - distance * np.cos(angle)) * notch.imag > distance * np.sin(angle) * (1 - notch.real)
    return inside
