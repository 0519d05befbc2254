"""The sentences about a set of images: what its folder holds, what is skipped, and what is done to what it holds."""

from __future__ import annotations

from collections.abc import Mapping

from sgd_core.evidence.sentences.words import are, listed
from sgd_core.images.listing import VAL_SHARE, Listing

_FOR = {"train": "to train on", "val": "for validation", "test": "for the test"}


def holds(found: Listing) -> str:
    """How many classes and images, and where those for validation come from where there is no val/."""
    counts = [f"{len(files):,} {_FOR[split]}" for split, files in found.files.items()]
    said = f"{len(found.classes):,} classes; images: {', '.join(counts)}."
    if found.own_val:
        said += f" There is no val/: {VAL_SHARE:.0%} of each class are set aside for it, by name and data seed."
    return said


def skipped(found: Listing) -> str:
    """What lies in the folder and is not read; '' where all is."""
    kinds = [f"{what} ({times:,}, such as {found.example[what]})" for what, times in sorted(found.skipped.items())]
    return f"Skipped: {'; '.join(kinds)}." if kinds else ""


def treated(done: Mapping[str, int]) -> str:
    """What is done to how many images on the way to a square of RGB pixels."""
    kinds = [f"{times:,} {what}" for what, times in sorted(done.items())]
    return f"Of them {'; '.join(kinds)}." if kinds else "All are square and RGB."


def own(found: Listing) -> str:
    """Under the choice of images on the Train page: what a reader's own set is."""
    said = f"{holds(found)} They are turned as EXIF says and squeezed to a square."
    left = sum(found.skipped.values())
    return f"{said} {left:,} other{'s' * (left != 1)} {are(left)} not read: data check names them." if left else said


def sizes(images: Mapping[str, int]) -> str:
    """Beside a choice of images: how many there are of each set to train on."""
    each = [f"{count:,} for {'the ' * (name in ('vegetables', 'shapes'))}{name}" for name, count in images.items()]
    return f"N is {listed(each)}."
