"""The manifest of the paper's images: split, class, name and SHA-256 of each, and how a folder is rebuilt from it.

The authors kept a subset of the Kaggle set with gaps in its numbering, so no range of names gives it; 5376 hashes do
(train 2967, val 409, and 2000 further test images; 0.5 MB). Images are found by content, wherever a download has them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from sgd_core.images.places import SUFFIXES, DataError, shown, split_of

FILE = Path(__file__).with_name("vegetables_manifest.csv")
HEADER = ("split", "class", "name", "sha256")
NAMED = 10
"""So many images are named one by one in a message."""


class Row(NamedTuple):
    """One image: its place split/class/name and the SHA-256 of its bytes, in hex."""

    split: str
    label: str
    name: str
    sha256: str

    @property
    def place(self) -> str:
        return f"{self.split}/{self.label}/{self.name}"


def read(file: Path = FILE) -> list[Row]:
    """The rows of a manifest."""
    with file.open(newline="") as lines:
        return [Row(*line) for line in list(csv.reader(lines))[1:]]


def as_text(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """The manifest file of these rows, sorted."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *sorted(rows)])
    return text.getvalue()


def differences(found: Iterable[tuple[str, str, str, str]], wanted: Iterable[Row]) -> list[str]:
    """How a set of images differs from a manifest, one clause per image, by name; empty where it does not."""
    hashes = {row.place: row.sha256 for row in map(Row._make, found)}
    known = {row.place: row.sha256 for row in wanted}
    clauses = {place: f"{place} is not in the manifest" for place in hashes.keys() - known.keys()}
    clauses |= {place: f"{place} is missing" for place in known.keys() - hashes.keys()}
    clauses |= {
        place: f"{place} differs (its SHA-256 is not the manifest's)"
        for place in known.keys() & hashes.keys()
        if known[place] != hashes[place]
    }
    return [clauses[place] for place in sorted(clauses)]


def listed(clauses: Sequence[str]) -> str:
    """The first clauses in one line, and how many more there are."""
    more = f"; and {len(clauses) - NAMED} more" if len(clauses) > NAMED else ""
    return "; ".join(clauses[:NAMED]) + more


def found(tree: Path) -> dict[Row, Path]:
    """Every image anywhere under a folder, hashed; its last two folders are taken for split and class."""
    paths = [path for path in tree.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()]
    return {_row(path): path for path in paths}


def rebuild(tree: Path, wanted: Sequence[Row], target: Path) -> None:
    """Copy the images of a manifest from anywhere under `tree` into `target`, which appears whole or not at all.

    Raises DataError that names the images which are missing or differ; `target` must not exist or be empty.
    """
    if not tree.is_dir():
        raise DataError(f"{tree} is not a folder.")
    if target.exists() and any(target.iterdir()):
        raise DataError(f"{target} is not empty.")
    paths = found(tree)
    by_hash = {row.sha256: path for row, path in paths.items()}
    lacking = [row for row in wanted if row.sha256 not in by_hash]
    if lacking:
        places = {row.place for row in lacking}
        named = listed(differences([row for row in paths if row.place in places], lacking))
        raise DataError(f"{tree} lacks {len(lacking)} of the {len(wanted)} images: {named}. Nothing was copied.")
    staging = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        for row in wanted:
            copy = staging / row.split / row.label / row.name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(by_hash[row.sha256], copy)
        staging.replace(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _row(path: Path) -> Row:
    split, label = path.parent.parent.name, path.parent.name
    return Row(
        split_of(split) or shown(split), shown(label), shown(path.name), hashlib.sha256(path.read_bytes()).hexdigest()
    )
