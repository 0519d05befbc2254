"""Which image sets there are, under which names, and what is known of them without opening an image."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from sgd_core.experiment.datasets import DATASETS
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import remembered, sets
from sgd_core.images.places import VEGETABLES, DataError
from tests.images.folders import CATS_AND_DOGS, write

Use = pytest.MonkeyPatch
TEN = dict.fromkeys(VEGETABLES, 2)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def use(monkeypatch: pytest.MonkeyPatch, *parts: object) -> None:
    monkeypatch.setenv("SGD_DATA_DIR", os.pathsep.join(map(str, parts)))


def test_several_folders_stand_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pets = write(tmp_path / "Cats & Dogs!", CATS_AND_DOGS)
    flat = write(tmp_path / "flat", {"": {"a": 5, "b": 5, "c": 10}})
    ten = write(tmp_path / "whatever", {"train": TEN, "val": TEN})
    use(monkeypatch, pets, f"letters={flat}", ten)
    assert sets.offered() == ("vegetables", "shapes", "cats-dogs", "letters")
    assert sets.troubles() == []
    assert sets.vegetables() == ten
    assert all(sets.at_hand(name) for name in sets.offered())
    assert sets.known("letters") == sets.described("letters", sets.listed("letters"))
    pets_known = sets.known("cats-dogs")
    assert pets_known is not None
    assert (pets_known.classes, pets_known.images) == (2, 20)
    assert sets.images_of(RunSpec(dataset="letters")) == 4 + 4 + 8
    assert sets.images_of(RunSpec(dataset="letters", images_per_class=6)) == 4 + 4 + 6
    assert sets.name_of(pets) == "cats-dogs"
    assert sets.known("vegetables") is DATASETS["vegetables"]


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_the_vegetables_are_known_in_any_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: object) -> None:
    ten = {case(label).replace("_", " "): 2 for label in VEGETABLES}  # type: ignore[operator]
    folder = write(tmp_path / "mine", {"Train": ten, "validation": ten})
    use(monkeypatch, folder)
    assert sets.offered() == ("vegetables", "shapes")
    assert sets.listed("vegetables").classes == VEGETABLES


def test_the_ten_under_another_name_are_images_like_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, f"mine={write(tmp_path / 'ten', {'train': TEN, 'val': TEN})}")
    assert sets.offered() == ("vegetables", "shapes", "mine")
    assert not sets.at_hand("vegetables")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("vegetables", r"vegetables does not hold the ten vegetables alone; 'python -m sgd_core data fetch' gets"),
        ("shapes", r"shapes cannot be called shapes, which is a built-in set\. Give it a name of its own"),
        ("My Pets=photos", r"'My Pets' cannot be the name of .*photos: 1 to 40 lower-case letters, digits and hyphens"),
        ("pets=nothing", r"nothing is not there\."),
    ],
)
def test_a_name_that_cannot_be_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, words: str) -> None:
    name, _, folder = given.rpartition("=")
    if folder != "nothing":
        write(tmp_path / folder, CATS_AND_DOGS)
    use(monkeypatch, f"{name}={tmp_path / folder}" if name else tmp_path / folder)
    (trouble,) = sets.troubles()
    assert re.search(words, trouble)
    with pytest.raises(DataError, match=re.escape(trouble)):
        sets.listed("cats")
    assert sets.offered() == ("vegetables", "shapes")


def test_two_of_one_name_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (write(tmp_path / place / "pets", CATS_AND_DOGS) for place in ("a", "b"))
    use(monkeypatch, one, other)
    (trouble,) = sets.troubles()
    assert trouble.startswith(f"Two folders of SGD_DATA_DIR are called pets: {one} and {other}.")
    assert sets.offered()[2:] == ("pets",)


def test_an_unknown_set_is_told_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, write(tmp_path / "pets", CATS_AND_DOGS))
    with pytest.raises(DataError, match=r"There is no image set 'flowers' here; there are vegetables, shapes, pets\."):
        sets.images_of(RunSpec(dataset="flowers"))
    with pytest.raises(DataError, match=r"The vegetables are not here; .* SGD_DATA_DIR has pets: --dataset"):
        sets.require("vegetables")


def test_faults_of_a_folder_are_said_where_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "pets", CATS_AND_DOGS)
    shutil.rmtree(folder / "val" / "cat")
    use(monkeypatch, folder)
    assert "pets" not in sets.offered()
    with pytest.raises(DataError, match="has no folder for the class cat"):
        sets.require("pets")


def test_a_change_is_seen_and_forgets_the_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "pets", CATS_AND_DOGS)
    use(monkeypatch, folder)
    assert sets.fingerprint("pets") is None
    remembered.of_files(*sets.hashed(sets.listed("pets")), lambda: "a" * 64)
    assert sets.fingerprint("pets") == "a" * 64
    before = sets.signature("pets")
    for place in (folder, *folder.rglob("*")):
        if place.is_dir():
            os.utime(place, (1e9, 1e9))
    assert sets.images_of(RunSpec(dataset="pets")) == 20  # kept, now that its folders are settled
    shutil.copy(folder / "train" / "cat" / "000.png", folder / "train" / "cat" / "new.png")
    assert sets.images_of(RunSpec(dataset="pets")) == 21
    assert sets.fingerprint("pets") is None
    assert sets.signature("pets") != before
    assert (sets.fingerprint("shapes"), sets.signature("shapes")) == ("", "")


def test_what_was_trained_on_is_known_when_it_is_unplugged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    use(monkeypatch, write(tmp_path / "pets", CATS_AND_DOGS))
    known = sets.known("pets")
    assert known is not None
    sets.remember("pets", known)
    shutil.rmtree(tmp_path / "pets")
    assert sets.known("pets") == known
    assert sets.known("flowers") is None
    (cache / "image_sets.json").write_text('{"pets": {"per_class": "many"}}')
    assert sets.known("pets") is None


def test_without_the_setting_the_place_of_the_vegetables_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SGD_DATA_DIR", raising=False)
    assert sets.vegetables().parts[-2:] == ("data", "vegetables")
    assert sets.offered()[:2] == ("vegetables", "shapes")
    if not sets.vegetables().exists():
        assert sets.troubles() == []
    monkeypatch.setenv("SGD_DATA_DIR", "/no/such/folder")
    assert sets.troubles() == []
    assert sets.offered() == ("vegetables", "shapes")
