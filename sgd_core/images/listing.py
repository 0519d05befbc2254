"""A folder of images as it lies on disk: its splits, classes and files, what is skipped, and all that is wrong with it.

Nothing is opened. One folder a class stands in train/ and val/ (test/ optional), or in the folder itself; where there
is no val/, a fifth of each class is set aside for it: which images, follows from their names and the data seed alone.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sgd_core.experiment.seeds import DATA_SEED, derive
from sgd_core.images.faults import listed, missing, no_folder, no_train
from sgd_core.images.places import (
    SPLITS,
    SUFFIXES,
    ImageFile,
    Split,
    hidden,
    same_class,
    shown,
    split_of,
)

VAL_SHARE = 0.2
"""Of each class's images, rounded, and one at least, where there is no val/."""
MOST_CLASSES = 1000
DEPTH = 3
"""So many folders that hold nothing but one other are looked through."""


@dataclass
class Listing:
    """What a folder holds."""

    folder: Path
    """As it was named."""
    root: Path
    """Where the splits lie: the folder, or the one that is all it holds."""
    classes: tuple[str, ...] = ()
    files: dict[Split, list[ImageFile]] = field(default_factory=dict)
    """Of each split that there is, by class and name."""
    faults: list[str] = field(default_factory=list)
    """A sentence for each reason why this is no image set; none where it is one."""
    skipped: Counter[str] = field(default_factory=Counter)
    """What lies there and is not read -> how often: '.txt files', 'hidden files', 'folders in class folders' ..."""
    example: dict[str, str] = field(default_factory=dict)
    """What is skipped -> the first of them."""
    own_val: bool = False
    """Whether val was set aside out of train, for want of a folder."""
    twice: set[Split] = field(default_factory=set)
    """Splits that two folders may be."""
    looked_into: set[Path] = field(default_factory=set)
    """The folders on which all of this stands."""

    def per_class(self, split: Split = "train") -> tuple[int, ...]:
        """How many images of each class a split has."""
        counts = Counter(file.label for file in self.files.get(split, ()))
        return tuple(counts[label] for label in self.classes)

    def skip(self, what: str, path: os.DirEntry[str] | Path, times: int = 1) -> None:
        """Count something that is not read."""
        self.skipped[what] += times
        self.example.setdefault(what, shown(os.path.relpath(path, self.folder)))


def read(folder: Path, classes: Sequence[str] | None = None) -> Listing:
    """List a folder; with `classes` it must have exactly these, and a val/ of its own. Never raises; see `faults`."""
    found = Listing(folder, folder)
    try:
        _read(found, classes)
    except OSError as error:
        found.faults.append(f"{shown(error.filename or folder)} cannot be read: {error.strerror or error}.")
    return found


def _read(found: Listing, classes: Sequence[str] | None) -> None:
    folder = found.folder
    if not folder.is_dir():
        lacking = classes is not None and not folder.exists()
        found.faults.append(missing(folder, "train") if lacking else no_folder(folder))
        return
    found.root = _root(folder)
    splits = _splits(found)
    if "train" not in splits:
        inside = _folders(found.root)
        if splits or not any(_has_images(each) for each in inside):
            found.faults.append(no_train(found.root, splits, classes is not None))
            return
        splits = {"train": found.root}
    if classes is not None and "val" not in splits:
        found.faults.append(missing(found.root, "val"))
    of_class = {split: _of_classes(found, splits[split]) for split in SPLITS if split in splits}
    of_class = {split: of for split, of in of_class.items() if split not in found.twice}  # which is meant, is not known
    _name_classes(found, of_class.get("train", {}), classes)
    for split in of_class:
        _list_split(found, split, splits[split], of_class[split], classes is not None)
    if "val" not in splits and classes is None:
        _set_val_aside(found)


def _root(folder: Path) -> Path:
    """The folder itself, or the one that is all it holds, as an unpacked download often is."""
    for _ in range(DEPTH):
        inside = _folders(folder)
        if len(inside) != 1 or split_of(inside[0].name) is not None or not _folders(inside[0]):
            return folder
        folder = inside[0]
    return folder


def _folders(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return sorted(Path(entry) for entry in entries if entry.is_dir() and not hidden(entry.name))


def _has_images(folder: Path) -> bool:
    with os.scandir(folder) as entries:
        return any(not hidden(entry.name) and Path(entry).suffix.lower() in SUFFIXES for entry in entries)


def _splits(found: Listing) -> dict[Split, Path]:
    """The folder of each split, whatever it is called; two of one split are a fault."""
    splits: dict[Split, Path] = {}
    for path in _folders(found.root):
        split = split_of(path.name)
        if split is None:
            continue
        if split in splits:
            found.faults.append(
                f"{shown(found.root)} has both {shown(splits[split].name)}/ and {shown(path.name)}/. Keep one of them, "
                f"under the name {split}/."
            )
            found.twice.add(split)
        splits.setdefault(split, path)
    if "train" in splits:
        for path in _folders(found.root):
            if split_of(path.name) is None:
                found.skip("folders beside train/", path)
    return splits


def _of_classes(found: Listing, folder: Path) -> dict[str, list[Path]]:
    """What makes names of classes equal -> the folders of that class in a split."""
    found.looked_into.add(folder)
    classes: dict[str, list[Path]] = {}
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if hidden(entry.name):
                found.skip("hidden files or folders", entry)
            elif entry.is_dir() and not (folder == found.root and not _has_images(Path(entry))):
                classes.setdefault(same_class(entry.name), []).append(Path(entry))
            elif entry.is_dir():
                found.skip("folders without images", entry)
            else:
                found.skip("files beside the folders of classes", entry)
    return classes


def _name_classes(found: Listing, train: Mapping[str, list[Path]], wanted: Sequence[str] | None) -> None:
    """Classes as train/ calls them, in the order of their names; or those that are wanted."""
    found.classes = tuple(wanted or sorted((shown(folders[0].name) for folders in train.values()), key=same_class))
    if wanted is None and "train" not in found.twice and not 2 <= len(found.classes) <= MOST_CLASSES:
        found.faults.append(
            f"{shown(found.root)} has {len(found.classes)} folder{'s' * (len(found.classes) != 1)} of a class; "
            f"2 to {MOST_CLASSES} can be told apart."
        )


def _list_split(found: Listing, split: Split, folder: Path, of: Mapping[str, list[Path]], vegetables: bool) -> None:
    labels = {same_class(label): label for label in found.classes}
    if lacking := [label for key, label in labels.items() if key not in of]:
        found.faults.append(f"{shown(folder)} has no folder for the class {listed(lacking)}.")
    if extra := [shown(folders[0].name) for key, folders in of.items() if key not in labels]:
        found.faults.append(
            f"{shown(folder)} has folders that are none of the ten classes: {listed(extra)}. Remove them, or let "
            "'python -m sgd_core data fetch' pick the paper's subset."
            if vegetables
            else f"{shown(folder)} has folders of classes that train/ has not: {listed(extra)}. Remove or rename them."
        )
    files = found.files.setdefault(split, [])
    for key, label in labels.items():
        folders = of.get(key, [])
        if len(folders) > 1:
            found.faults.append(
                f"{shown(folder)} has {len(folders)} folders for one class: "
                f"{listed([shown(each.name) for each in folders])}. Put their images into one."
            )
        for each in folders[:1]:
            paths = _images(found, each)
            if not paths:
                deeper = " Those in folders within it are not read: move them up." if _folders(each) else ""
                found.faults.append(f"{shown(each)} holds no images ({', '.join(sorted(SUFFIXES))}).{deeper}")
            files += [ImageFile(split, label, path) for path in paths]


def _images(found: Listing, folder: Path) -> list[Path]:
    """The images of a class folder, by name; everything else there is counted."""
    found.looked_into.add(folder)
    paths = []
    with os.scandir(folder) as entries:
        for entry in entries:
            suffix = os.path.splitext(entry.name)[1].lower()
            if hidden(entry.name):
                found.skip("hidden files or folders", entry)
            elif entry.is_dir():
                found.skip("folders in folders of classes", entry)
            elif suffix not in SUFFIXES:
                found.skip(f"{shown(suffix)} files" if suffix else "files without an ending", entry)
            elif not entry.is_file():
                found.skip("links to nothing", entry)
            else:
                paths.append(Path(entry))
    return sorted(paths)


def _set_val_aside(found: Listing) -> None:
    """Move VAL_SHARE of each class, those whose names hash lowest under the data seed, from train to val."""
    seed = derive(DATA_SEED, "validation")
    aside: set[ImageFile] = set()
    for label in found.classes:
        files = [file for file in found.files["train"] if file.label == label]
        if len(files) == 1:
            found.faults.append(
                f"{shown(files[0].path.parent)} holds one image. {shown(found.root)} has no val/, for which a fifth of "
                "each class is set aside, so each needs two at least."
            )
        files.sort(key=lambda file: hashlib.sha256(f"{seed}/{label}/{file.name}".encode()).digest())
        aside |= set(files[: max(1, round(VAL_SHARE * len(files)))])
    every = found.files["train"]
    found.files["train"] = [file for file in every if file not in aside]
    found.files["val"] = [ImageFile("val", file.label, file.path) for file in every if file in aside]
    found.files = {split: found.files[split] for split in SPLITS if split in found.files}
    found.own_val = True
