from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sgd_core import settings
from sgd_core.experiment import fingerprints
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import listing
from sgd_core.images.places import VEGETABLES, DataError, Split
from sgd_core.training.data import KNOWN_SHAPES, Shapes, Vegetables, chosen, open_set, with_noise
from sgd_core.training.decoding import checked
from sgd_core.training.features import FeatureBank
from sgd_core.training.loop import Training
from sgd_core.training.shapes import SHAPES
from tests.training.banks import TinyBank


def test_a_folder_gives_images_and_labels(small_folder: Path) -> None:
    images = Vegetables(small_folder)
    assert images.splits() == ["train", "val"]
    assert images.labels("train").tolist() == [label for label in range(10) for _ in range(2)]
    pixels = images.images("train")
    assert pixels.shape == (20, 224, 224, 3)
    assert pixels.dtype == np.uint8
    with Image.open(small_folder / "train" / VEGETABLES[3] / "0002.jpg") as image:
        expected = np.asarray(image.convert("RGB").resize((224, 224), Image.Resampling.BILINEAR))
    assert (pixels[7] == expected).all()


def test_a_test_split_is_optional(small_folder: Path) -> None:
    shutil.copytree(small_folder / "val", small_folder / "test")
    assert Vegetables(small_folder).splits() == ["train", "val", "test"]


@pytest.mark.parametrize("change", ["content", "name", "class", "split", "removed"])
def test_the_fingerprint_sees_every_change(small_folder: Path, change: str) -> None:
    before = Vegetables(small_folder).fingerprint
    assert Vegetables(small_folder).fingerprint == before
    file = small_folder / "train" / "Bean" / "0001.jpg"
    if change == "content":
        file.write_bytes(file.read_bytes() + b"\0")
    elif change == "name":
        file.rename(file.with_name("0009.jpg"))
    elif change == "class":
        file.rename(small_folder / "train" / "Carrot" / "0009.jpg")
    elif change == "split":
        file.rename(small_folder / "val" / "Bean" / "0009.jpg")
    else:
        file.unlink()
    assert Vegetables(small_folder).fingerprint != before


def test_what_is_no_image_is_left_alone(small_folder: Path) -> None:
    before = Vegetables(small_folder).fingerprint
    (small_folder / "train" / "Bean" / "notes.txt").write_text("not an image")
    (small_folder / "train" / "Bean" / "._0001.jpg").write_bytes(b"a Mac's companion of 0001.jpg")
    (small_folder / "train" / ".thumbnails").mkdir()
    assert Vegetables(small_folder).fingerprint == before


@pytest.mark.parametrize("split", ["train", "val"])
def test_a_missing_split_is_named(small_folder: Path, split: str) -> None:
    shutil.rmtree(small_folder / split)
    with pytest.raises(
        DataError, match=rf"{small_folder / split} of the vegetables is missing.*SGD_DATA_DIR.*data fetch"
    ):
        Vegetables(small_folder)


def test_missing_classes_are_named(small_folder: Path) -> None:
    shutil.rmtree(small_folder / "val" / "Carrot")
    shutil.rmtree(small_folder / "val" / "Bean")
    with pytest.raises(DataError, match=f"{small_folder / 'val'} has no folder for the class Bean, Carrot"):
        Vegetables(small_folder)


def test_an_unexpected_class_is_named(small_folder: Path) -> None:
    (small_folder / "train" / "Brinjal").mkdir()
    with pytest.raises(DataError, match=r"train has folders that are none of the ten classes: Brinjal.*data fetch"):
        Vegetables(small_folder)


def test_an_empty_class_is_named(small_folder: Path) -> None:
    for file in (small_folder / "train" / "Potato").iterdir():
        file.unlink()
    with pytest.raises(DataError, match=f"{small_folder / 'train' / 'Potato'} holds no images"):
        Vegetables(small_folder)


def corrupt(file: Path, how: str) -> None:
    content = file.read_bytes()
    if how == "half":
        file.write_bytes(content[: len(content) // 2])
    elif how == "two bytes short":
        file.write_bytes(content[:-2])
    elif how == "empty":
        file.write_bytes(b"")
    elif how == "text":
        file.write_text("<html>404 Not Found</html>")
    elif how == "header only":
        file.write_bytes(content[:20] + b"\0" * (len(content) - 20))
    else:
        raise ValueError(how)


CORRUPTIONS = ["half", "two bytes short", "empty", "text", "header only"]


@pytest.mark.parametrize("how", CORRUPTIONS)
def test_a_corrupt_or_truncated_jpeg_is_named(small_folder: Path, how: str) -> None:
    file = small_folder / "val" / "Cabbage" / "0001.jpg"
    corrupt(file, how)
    images = Vegetables(small_folder)
    with pytest.raises(DataError, match=f"^{file} cannot be read as an image: .*\\.$"):
        images.images("val")
    assert len(images.images("train")) == 20
    (message,) = checked(images.listing, images.image_size)[0]
    assert str(file) in message


def test_every_broken_image_is_listed(small_folder: Path) -> None:
    assert checked(listing.read(small_folder, VEGETABLES), 224) == ([], {})
    corrupt(small_folder / "val" / "Bean" / "0001.jpg", "half")
    corrupt(small_folder / "train" / "Carrot" / "0002.jpg", "text")
    messages, _ = checked(listing.read(small_folder, VEGETABLES), 224)
    assert ["Carrot/0002.jpg" in messages[0], "Bean/0001.jpg" in messages[1]] == [True, True]
    assert len(messages) == 2


@pytest.mark.parametrize(
    ("name", "told", "views"),
    [("train/Pumpkin/0002.jpg", [], 0), ("val/Bean/0001.jpg", [], 1), ("test/Carrot/0001.jpg", [-1], 2)],
)
def test_a_run_stops_at_a_broken_image_before_it_stands_on_it(
    small_folder: Path, tmp_path: Path, name: str, told: list[int], views: int
) -> None:
    shutil.copytree(small_folder / "val", small_folder / "test")
    corrupt(small_folder / name, "half")
    bank = FeatureBank(Vegetables(small_folder), "random", tmp_path / "banks", torch.device("cpu"))
    run = Training(RunSpec.parse({"features": "random", "views": 2, "epochs": 2}), bank, bank.device)
    with pytest.raises(DataError, match=f"{small_folder / name} cannot be read"):
        list(run)
    assert [record.epoch for record in run.records] == told
    assert len(list((tmp_path / "banks").rglob("view-*.npy"))) == views


def test_the_train_command_says_it_in_one_sentence(
    small_folder: Path, own_settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = small_folder / "val" / "Bean" / "0001.jpg"
    corrupt(file, "half")
    monkeypatch.setenv("SGD_DATA_DIR", str(small_folder))
    command = [sys.executable, "-m", "sgd_core", "train", "--features", "random", "--views", "2", "--epochs", "3"]
    done = subprocess.run(command, cwd=settings.ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{file} cannot be read as an image: ")
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert not list(own_settings.rglob("*.safetensors")), "a checkpoint: something was trained"


def test_the_paper_set_has_the_papers_counts(real_vegetables: Vegetables) -> None:
    assert {split: len(real_vegetables.labels(split)) for split in real_vegetables.splits()} == {
        "train": 2967,
        "val": 409,
        "test": 2000,
    }
    per_class = dict(zip(VEGETABLES, np.bincount(real_vegetables.labels("train")).tolist(), strict=True))
    assert per_class == {**dict.fromkeys(VEGETABLES, 300), "Bean": 279, "Cauliflower": 288}
    assert np.bincount(real_vegetables.labels("val")).tolist() == [40, 40, 40, 41, 41, 41, 41, 41, 43, 41]


def test_shapes_are_the_same_everywhere() -> None:
    assert Shapes().fingerprint == open_set("shapes").fingerprint == fingerprints.DATA["shapes"]


def test_shapes_whose_features_are_there_are_not_drawn_and_a_split_is_drawn_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[str] = []
    draw = Shapes._draw

    def noted(images: Shapes, split: Split) -> np.ndarray:
        drawn.append(split)
        return draw(images, split)

    monkeypatch.setattr(Shapes, "_draw", noted)
    images = Shapes(KNOWN_SHAPES)
    assert images.fingerprint == fingerprints.DATA["shapes"]
    assert len(images.labels("train")) == len(images.places("train")) == 600
    assert drawn == []
    assert images.images("val") is images.images("val")
    assert drawn == ["val"]


def test_shapes_that_come_out_otherwise_are_refused_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = Shapes._draw
    monkeypatch.setattr(Shapes, "_draw", lambda images, split: draw(images, split) ^ 1)
    images = Shapes(KNOWN_SHAPES)
    for _ in range(2):
        with pytest.raises(DataError, match="The val images of the built-in shapes come out otherwise here"):
            images.images("val")


def test_shapes_need_no_files() -> None:
    images = Shapes()
    assert images.splits() == ["train", "val", "test"]
    for split, each in images.counts.items():
        assert images.images(split).shape == (10 * each, 128, 128, 3)
        assert np.bincount(images.labels(split)).tolist() == [each] * len(SHAPES)
    everything = [image.tobytes() for split in images.splits() for image in images.images(split)]
    assert len(set(everything)) == len(everything) == 1200


labels_of = st.lists(st.integers(0, 9), min_size=1, max_size=300).map(lambda x: np.array(x, dtype=np.int64))


@given(labels_of, st.integers(1, 40), st.integers(1, 40))
def test_a_subset_has_exact_counts_and_lies_in_a_larger_one(labels: np.ndarray, few: int, more: int) -> None:
    few, more = sorted((few, more))
    small, large = chosen(labels, few), chosen(labels, more)
    assert set(small) <= set(large)
    assert (np.diff(small) > 0).all()
    for label in np.unique(labels):
        assert (labels[small] == label).sum() == min(few, (labels == label).sum())


def test_without_a_limit_all_images_are_chosen() -> None:
    assert chosen(np.array([3, 1, 3]), None).tolist() == [0, 1, 2]


def test_a_subset_is_not_the_first_images_of_each_class() -> None:
    labels = np.repeat(np.arange(10), 100)
    assert chosen(labels, 10).tolist() != [100 * label + i for label in range(10) for i in range(10)]


@given(labels_of, st.floats(0, 0.9))
def test_noise_replaces_an_exact_share_by_other_classes(labels: np.ndarray, fraction: float) -> None:
    before = labels.copy()
    given_labels = with_noise(labels, fraction, 10)
    assert (labels == before).all()
    assert (given_labels != labels).sum() == round(fraction * len(labels))
    assert given_labels.min() >= 0
    assert given_labels.max() <= 9


def test_noise_is_uniform_over_the_other_classes_and_grows_in_place() -> None:
    labels = np.zeros(9000, dtype=np.int64)
    half, most = with_noise(labels, 0.5, 10), with_noise(labels, 0.9, 10)
    wrong = np.flatnonzero(half)
    assert (half[wrong] == most[wrong]).all()
    counts = np.bincount(half[wrong], minlength=10)[1:]
    assert np.abs(counts - 500).max() < 5 * np.sqrt(500)


def test_subset_and_noise_do_not_depend_on_the_runs_seed() -> None:
    bank = TinyBank()
    settings_of = {"images_per_class": 3, "label_noise": 0.4}
    runs = [Training(RunSpec.parse({**settings_of, "seed": seed}), bank, bank.device) for seed in (0, 1)]  # type: ignore[arg-type]
    assert (runs[0]._rows == runs[1]._rows).all()
    assert (runs[0]._given == runs[1]._given).all()
    assert (runs[0]._given != runs[0]._true).sum() == 12
    assert (runs[0]._initial != runs[1]._initial).any()
