"""`data check` on any folder: what it holds, what is skipped, and every trouble of it in one report."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from sgd_core.cli import data
from sgd_core.images.places import VEGETABLES, DataError
from tests.images.folders import CATS_AND_DOGS, write
from tests.training.test_decoding import broken_chunk


@pytest.fixture(autouse=True)
def pets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = write(tmp_path / "pets", CATS_AND_DOGS)
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("SGD_DATA_DIR", str(folder))
    return folder


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_a_folder_of_ones_own_is_told(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("CMYK", (30, 20)).save(pets / "train" / "cat" / "wide.jpg")
    (pets / "train" / "cat" / "notes.txt").write_text("x")
    data.check()
    holds, skipped, twins, use = told(capsys)
    assert holds == (
        f"{pets}: 2 classes; images: 21 to train on, 10 for validation. All can be decoded. Of them 1 grey, palette or "
        "CMYK, made RGB; 1 not square, and squeezed to a square."
    )
    assert skipped == "Skipped: .txt files (1, such as train/cat/notes.txt)."
    assert twins.startswith("0 of 10 val images have a near-twin among the training images")
    assert use.startswith("Fingerprint ")
    assert use.endswith(" To train on it: --dataset pets.")


def test_every_trouble_of_a_folder_is_in_one_report(pets: Path) -> None:
    (pets / "train" / "dog" / "a.png").write_bytes(broken_chunk())
    (pets / "val" / "cat" / "b.jpg").write_text("not an image")
    (pets / "val" / "bird").mkdir()
    (pets / "val" / "cat" / "notes.txt").write_text("x")
    with pytest.raises(DataError) as error:
        data.check()
    assert [line.removeprefix(f"{pets}/").split(",")[0] for line in str(error.value).splitlines()] == [
        "val has folders of classes that train/ has not: bird. Remove or rename them.",
        "train/dog/a.png cannot be read as an image: it is none",
        "val/cat/b.jpg cannot be read as an image: it is none",
        "Skipped: .txt files (1",
    ]


def test_every_folder_in_use_is_checked(
    pets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    flat = write(tmp_path / "flat", {"": {"a": 5, "b": 5}})
    monkeypatch.setenv("SGD_DATA_DIR", os.pathsep.join([str(pets), str(tmp_path / "none"), f"letters={flat}"]))
    with pytest.raises(DataError, match=f"^{tmp_path / 'none'} is not there.$"):
        data.check()
    said = "\n".join(told(capsys))
    assert "--dataset pets." in said
    assert "There is no val/: 20% of each class are set aside for it, by name and data seed." in said
    assert "--dataset letters." in said


def test_the_kaggle_folder_is_told_how_the_papers_images_come_out_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    classes = dict.fromkeys((*VEGETABLES, "Brinjal"), 1)
    folder = write(tmp_path / "archive", {"train": classes, "test": classes, "validation": classes})
    data.check(folder)
    said = told(capsys)
    assert said[-1] == (f"The ten vegetables are among its classes: 'data fetch --from {folder}' picks the paper's.")
    assert f"To use it: export SGD_DATA_DIR={folder}" in said[-2]
