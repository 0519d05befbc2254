"""What is said of a folder of images: counts, what is set aside, what is skipped, what is done to them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from sgd_core.evidence.sentences import images as sentences
from sgd_core.images.listing import Listing
from sgd_core.images.places import ImageFile, Split


def folder(counts: dict[Split, int], own_val: bool = False, skipped: dict[str, int] | None = None) -> Listing:
    place = Path("pets")
    files = {split: [ImageFile(split, "cat", place / str(i)) for i in range(n)] for split, n in counts.items()}
    example = {what: f"train/{what}" for what in skipped or {}}
    return Listing(place, place, ("cat", "dog"), files, [], Counter(skipped or {}), example, own_val)


def test_what_a_folder_holds() -> None:
    assert sentences.holds(folder({"train": 1200, "val": 8})) == (
        "2 classes; images: 1,200 to train on, 8 for validation."
    )
    assert sentences.holds(folder({"train": 12, "val": 3, "test": 5}, own_val=True)) == (
        "2 classes; images: 12 to train on, 3 for validation, 5 for the test. There is no val/: 20% of each class are "
        "set aside for it, by name and data seed."
    )


def test_what_is_skipped_is_counted_and_named() -> None:
    assert sentences.skipped(folder({"train": 1})) == ""
    assert sentences.skipped(folder({"train": 1}, skipped={"b files": 1200, "a files": 1})) == (
        "Skipped: a files (1, such as train/a files); b files (1,200, such as train/b files)."
    )


def test_what_is_done_is_counted() -> None:
    assert sentences.treated({}) == "All are square and RGB."
    assert sentences.treated({"turned": 1, "squeezed": 30}) == "Of them 30 squeezed; 1 turned."


def test_a_readers_own_set_in_a_line() -> None:
    line = "2 classes; images: 8 to train on, 2 for validation. They are turned as EXIF says and squeezed to a square."
    assert sentences.own(folder({"train": 8, "val": 2})) == line
    told = folder({"train": 8, "val": 2}, skipped={"a": 1})
    assert sentences.own(told) == f"{line} 1 other is not read: data check names them."
    told = folder({"train": 8, "val": 2}, skipped={"a": 1000, "b": 2})
    assert sentences.own(told) == f"{line} 1,002 others are not read: data check names them."


def test_how_many_images_each_set_has() -> None:
    assert sentences.sizes({"shapes": 600}) == "N is 600 for the shapes."
    assert sentences.sizes({"vegetables": 2967, "shapes": 600}) == (
        "N is 2,967 for the vegetables and 600 for the shapes."
    )
    assert sentences.sizes({"vegetables": 2967, "shapes": 600, "pets": 20}) == (
        "N is 2,967 for the vegetables, 600 for the shapes and 20 for pets."
    )
