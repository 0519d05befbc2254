"""Sentences about a folder that is no image set: what is wrong with it, and what to do."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from sgd_core.images.places import ARCHIVES, Split, hidden, shown

NAMED = 5
"""Files, folders or classes that a sentence names at most."""


def no_folder(folder: Path) -> str:
    """Of what is not there, an archive, or another file."""
    if not folder.exists():
        return f"{shown(folder)} is not there."
    if folder.suffix.lower() in ARCHIVES:
        return f"{shown(folder)} is an archive. Unpack it, and name the folder that comes out."
    return f"{shown(folder)} is a file, not a folder."


def no_train(root: Path, splits: Iterable[Split], papers: bool) -> str:
    """Of a folder without train/, which has these splits, if any; `papers` where it should hold the vegetables."""
    with os.scandir(root) as entries:
        names = sorted(entry.name for entry in entries if not hidden(entry.name))
    if archives := [name for name in names if os.path.splitext(name)[1].lower() in ARCHIVES]:
        return f"{shown(root)} holds {listed([shown(name) for name in archives])}. Unpack it there first."
    if papers:
        return missing(root, "train")
    there = f"It holds {listed([shown(name) for name in names])}." if names else "It is empty."
    lacking = "no train/" if splits else "neither train/ nor folders of images"
    return f"{shown(root)} has {lacking}. {there} An image set has train/ and val/ with one folder a class."


def missing(root: Path, split: Split) -> str:
    """Of a split that the vegetables lack."""
    return (
        f"The folder {shown(root / split)} of the vegetables is missing. Set SGD_DATA_DIR to a folder with train/ and "
        "val/, or run 'python -m sgd_core data fetch'."
    )


def listed(names: Sequence[str], most: int = NAMED) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
