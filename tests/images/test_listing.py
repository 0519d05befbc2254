"""What a folder of images holds: whatever it is called, it either works or is told what to do."""

from __future__ import annotations

import os
import shutil
import unicodedata
from pathlib import Path

import pytest

from sgd_core.images import listing
from sgd_core.images.places import VEGETABLES, shown
from tests.images.folders import CATS_AND_DOGS, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "photos", CATS_AND_DOGS)


def counts(found: listing.Listing) -> dict[str, int]:
    assert found.faults == []
    return {split: len(files) for split, files in found.files.items()}


def test_splits_and_classes_are_read_from_the_folder(folder: Path) -> None:
    found = listing.read(folder)
    assert found.classes == ("cat", "dog")
    assert counts(found) == {"train": 20, "val": 10}
    assert found.per_class() == (10, 10)
    assert not found.own_val
    assert not found.skipped


@pytest.mark.parametrize("train", ["train", "Train", "training", "Training Set", "train-set"])
@pytest.mark.parametrize("val", ["val", "VAL", "valid", "Validation", "validation"])
def test_near_names_of_splits_are_understood(tmp_path: Path, train: str, val: str) -> None:
    folder = write(tmp_path, {train: {"a": 2, "b": 2}, val: {"a": 1, "b": 1}, "Testing": {"a": 1, "b": 3}})
    assert counts(listing.read(folder)) == {"train": 4, "val": 2, "test": 4}


def test_class_names_in_other_case_or_form_are_one_class(tmp_path: Path) -> None:
    composed, apart = (unicodedata.normalize(form, "Bébé chat") for form in ("NFC", "NFD"))
    train, val, test = {composed: 2, "Dog": 2}, {apart: 1, "DOG": 1}, {"bébé_chat": 1, "dog": 1}
    folder = write(tmp_path, {"train": train, "val": val, "test": test})
    found = listing.read(folder)
    assert counts(found) == {"train": 4, "val": 2, "test": 2}
    assert found.classes == (composed, "Dog")
    assert {file.label for file in found.files["test"]} == {composed, "Dog"}


def test_two_folders_of_one_class_are_named(folder: Path) -> None:
    write(folder, {"train": {"Cat": 3}})
    (fault,) = listing.read(folder).faults
    assert fault == f"{folder / 'train'} has 2 folders for one class: Cat, cat. Put their images into one."


def test_two_folders_of_one_split_are_named_and_neither_is_read(folder: Path) -> None:
    write(folder, {"validation": {"cat": 3}})
    (fault,) = listing.read(folder).faults
    assert fault == f"{folder} has both val/ and validation/. Keep one of them, under the name val/."


def test_every_fault_of_a_folder_is_in_one_report(folder: Path) -> None:
    shutil.rmtree(folder / "val" / "dog")
    write(folder, {"val": {"bird": 1}})
    for file in (folder / "train" / "cat").iterdir():
        file.unlink()
    (folder / "train" / "cat" / "more").mkdir()
    faults = listing.read(folder).faults
    assert faults[0].startswith(f"{folder / 'train' / 'cat'} holds no images (")
    assert faults[0].endswith("Those in folders within it are not read: move them up.")
    assert faults[1:] == [
        f"{folder / 'val'} has no folder for the class dog.",
        f"{folder / 'val'} has folders of classes that train/ has not: bird. Remove or rename them.",
    ]


def test_a_fifth_of_each_class_is_set_aside_where_there_is_no_val(tmp_path: Path) -> None:
    folder = write(tmp_path, {"train": {"cat": 10, "dog": 7, "owl": 2}})
    found = listing.read(folder)
    assert found.own_val
    assert counts(found) == {"train": 15, "val": 4}
    assert found.per_class("val") == (2, 1, 1)
    assert list(found.files) == ["train", "val"]
    both = [{file.path for file in files} for files in found.files.values()]
    assert not both[0] & both[1]
    assert len(both[0] | both[1]) == 19
    assert [file.path.name for file in found.files["val"]] == ["002.png", "007.png", "006.png", "000.png"]


def test_another_image_leaves_most_of_the_split_as_it_was(tmp_path: Path) -> None:
    folder = write(tmp_path, {"train": {"cat": 50, "dog": 50}})
    before = {file.path for file in listing.read(folder).files["val"]}
    shutil.copy(folder / "train" / "cat" / "000.png", folder / "train" / "cat" / "new.png")
    after = {file.path for file in listing.read(folder).files["val"]}
    assert len(before & after) >= 19


def test_a_single_image_cannot_be_split(tmp_path: Path) -> None:
    folder = write(tmp_path, {"train": {"cat": 4, "dog": 1}})
    (fault,) = listing.read(folder).faults
    assert fault.startswith(f"{folder / 'train' / 'dog'} holds one image. {folder} has no val/")


def test_folders_of_classes_alone_are_enough(tmp_path: Path) -> None:
    folder = write(tmp_path, {"": {"cat": 5, "dog": 10}})
    (folder / "papers").mkdir()
    found = listing.read(folder)
    assert counts(found) == {"train": 12, "val": 3}
    assert found.classes == ("cat", "dog")
    assert found.skipped == {"folders without images": 1}


def test_the_kaggle_folder_as_it_comes_works(tmp_path: Path) -> None:
    classes = dict.fromkeys((*VEGETABLES, "Brinjal", "Papaya", "Radish", "Tomato", "Bottle_Gourd"), 2)
    write(tmp_path / "archive" / "Vegetable Images", {"train": classes, "test": classes, "validation": classes})
    (tmp_path / "archive" / "__MACOSX").mkdir()
    found = listing.read(tmp_path / "archive")
    assert len(found.classes) == 15
    assert counts(found) == {"train": 30, "val": 30, "test": 30}
    assert found.root == tmp_path / "archive" / "Vegetable Images"


def test_what_is_not_read_is_counted_and_named(folder: Path) -> None:
    cat = folder / "train" / "cat"
    for name in ("notes.txt", "more.TXT", "raw.heic", ".DS_Store", "Thumbs.db", "README"):
        (cat / name).write_text("x")
    (cat / "more").mkdir()
    (cat / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    (folder / "train" / "labels.csv").write_text("x")
    (folder / "extra").mkdir()
    found = listing.read(folder)
    assert counts(found) == {"train": 20, "val": 10}
    assert found.skipped == {
        ".txt files": 2, ".heic files": 1, "hidden files or folders": 2, "files without an ending": 1,
        "folders in folders of classes": 1, "links to nothing": 1, "files beside the folders of classes": 1,
        "folders beside train/": 1,
    }  # fmt: skip
    assert found.example[".heic files"] == "train/cat/raw.heic"


@pytest.mark.parametrize("ending", [".webp", ".bmp", ".gif", ".tif", ".TIFF", ".JPG", ".jpe", ".jfif"])
def test_what_pillow_reads_is_listed(folder: Path, ending: str) -> None:
    (folder / "val" / "cat" / f"one{ending}").write_bytes(b"x")
    assert counts(listing.read(folder))["val"] == 11


def test_names_that_are_not_utf8_are_read_and_shown(folder: Path) -> None:
    source = folder / "train" / "cat" / "000.png"
    os.makedirs(os.path.join(os.fsencode(folder / "train"), b"hibou\xe9"))
    os.makedirs(os.path.join(os.fsencode(folder / "val"), b"hibou\xe9"))
    for split in ("train", "val"):
        shutil.copy(os.fsencode(source), os.path.join(os.fsencode(folder / split), b"hibou\xe9", b"caf\xe9.png"))
    found = listing.read(folder)
    assert counts(found) == {"train": 21, "val": 11}
    assert found.classes[-1] == r"hibou\xe9"
    assert found.files["val"][-1].name == r"caf\xe9.png"
    assert found.files["val"][-1].path.read_bytes() == source.read_bytes()
    found.faults.append(shown(found.files["val"][-1].path))
    assert "\n".join(found.faults).encode()  # can be printed


@pytest.mark.parametrize("name", ["photos.zip", "photos.tar.gz", "photos.7z"])
def test_an_archive_is_told_to_be_unpacked(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(b"PK")
    assert listing.read(file).faults == [f"{file} is an archive. Unpack it, and name the folder that comes out."]
    assert listing.read(tmp_path).faults == [f"{tmp_path} holds {name}. Unpack it there first."]
    assert listing.read(tmp_path, VEGETABLES).faults == [f"{tmp_path} holds {name}. Unpack it there first."]


def test_what_is_no_image_set_is_told_what_one_is(tmp_path: Path) -> None:
    needs = "An image set has train/ and val/ with one folder a class."
    assert listing.read(tmp_path / "no").faults == [f"{tmp_path / 'no'} is not there."]
    assert listing.read(tmp_path).faults == [
        f"{tmp_path} has neither train/ nor folders of images. It is empty. {needs}"
    ]
    write(tmp_path, {"val": {"cat": 1}})
    assert listing.read(tmp_path).faults == [f"{tmp_path} has no train/. It holds val. {needs}"]
    (tmp_path / "file.txt").write_text("x")
    assert listing.read(tmp_path / "file.txt").faults == [f"{tmp_path / 'file.txt'} is a file, not a folder."]


@pytest.mark.parametrize("classes", [1, 1001])
def test_how_many_classes_can_be_told_apart(tmp_path: Path, classes: int) -> None:
    for split in ("train", "val"):
        for label in range(classes):
            (tmp_path / split / str(label)).mkdir(parents=True)
            (tmp_path / split / str(label) / "a.png").write_bytes(b"x")
    (fault,) = listing.read(tmp_path).faults
    assert fault == f"{tmp_path} has {classes} folder{'s' * (classes > 1)} of a class; 2 to 1000 can be told apart."


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_named(folder: Path) -> None:
    (folder / "train" / "cat").chmod(0)
    (fault,) = listing.read(folder).faults
    assert fault == f"{folder / 'train' / 'cat'} cannot be read: Permission denied."
