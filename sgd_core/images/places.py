"""The words for an image set on disk: splits, classes, files, and what their names may look like."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sgd_core.errors import UserError

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")
VEGETABLES = (
    "Bean", "Bitter_Gourd", "Broccoli", "Cabbage", "Capsicum", "Carrot", "Cauliflower", "Cucumber", "Potato", "Pumpkin",
)  # fmt: skip
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm"}
)
"""Of files that are read as images; any other is skipped, and named as such."""
ARCHIVES = frozenset({".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar"})
_NEAR: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "trainset", "train_set", "training_set"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "validate", "valset", "val_set", "validation_set", "dev"), "val"),
    **dict.fromkeys(("test", "testing", "tests", "testset", "test_set", "testing_set"), "test"),
}
"""What folders of splits are called, in any case -> the split."""


class DataError(UserError):
    """An image set that cannot be used; every line names a folder or file and what is wrong with it."""


@dataclass(frozen=True)
class ImageFile:
    """One image on disk, by its place in the set."""

    split: Split
    label: str
    path: Path

    @property
    def name(self) -> str:
        return shown(self.path.name)

    def sha256(self) -> str:
        """Of the file's bytes; raises DataError where it cannot be read."""
        try:
            return hashlib.sha256(self.path.read_bytes()).hexdigest()
        except OSError as error:
            raise DataError(f"{shown(self.path)} cannot be read: {error.strerror or error}.") from None


def shown(path: Path | str) -> str:
    r"""A path as it can be printed and kept: bytes that are not UTF-8 as \xNN, composed letters in one form."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return unicodedata.normalize("NFC", text)


def split_of(folder: str) -> Split | None:
    """The split that a folder of this name holds; None: none that is known."""
    return _NEAR.get(_plain(folder))


def same_class(folder: str) -> str:
    """Equal for the names of one class: case, and what stands for a space, do not matter."""
    return _plain(shown(folder))


def hidden(name: str) -> bool:
    """Whether a file or folder is a system's own: .DS_Store, ._cat.jpg, __MACOSX, Thumbs.db."""
    return name.startswith((".", "__MACOSX", "@eaDir")) or name.lower() in ("thumbs.db", "desktop.ini")


def slug(text: str) -> str:
    """A name of a set from that of a folder: lower-case letters, digits and hyphens, 40 at most."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:40].strip("-") or "images"


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", unicodedata.normalize("NFC", name).casefold().strip())
