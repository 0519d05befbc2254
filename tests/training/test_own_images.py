"""Runs on images of a reader's own: as many classes as there are folders, and a key that knows which images."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from sgd_core.experiment.datasets import DATASETS
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import listing, sets
from sgd_core.images.places import DataError
from sgd_core.training import data, identity, one_run
from sgd_core.training.data import Folder, Vegetables, open_folder, open_set
from sgd_core.training.features import FeatureBank
from sgd_core.training.loop import Training
from tests.images.folders import CATS_AND_DOGS, write

CPU = torch.device("cpu")


@pytest.fixture
def pets(tmp_path: Path, own_settings: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = write(tmp_path / "pets", CATS_AND_DOGS)
    monkeypatch.setenv("SGD_DATA_DIR", str(folder))
    return folder


def test_a_set_of_two_classes_is_trained_to_the_end(pets: Path) -> None:
    spec = RunSpec(dataset="pets", features="random", views=2, epochs=5, batch_size=4, learning_rate=1e-3)
    assert identity.key(spec) is None  # nobody has looked at these images yet
    run = one_run.train(spec, CPU)
    assert run.status == "done"
    assert run.images == {"train_images": 20, "val_images": 10, "test_images": None}
    assert run.records[-1].val_correct == 10
    first = run.records[0]
    assert first.reported_loss == pytest.approx(math.log(2), abs=0.15)  # untrained: chance is one in two
    assert identity.key(spec) == run.key
    known = sets.known("pets")
    shutil.rmtree(pets)
    assert sets.known("pets") == known


def test_the_last_layer_and_wrong_labels_follow_the_classes(tmp_path: Path, own_settings: Path) -> None:
    folder = write(tmp_path / "letters", {"": dict.fromkeys("abcde", 5)})
    images = open_folder(folder)
    assert (images.name, images.classes) == ("letters", tuple("abcde"))
    bank = FeatureBank(images, "random", tmp_path / "banks", CPU)
    run = Training(
        RunSpec(dataset="letters", features="random", views=2, label_noise=0.5, images_per_class=2), bank, CPU
    )
    shapes = [tuple(parameter.shape) for parameter in run._head.parameters()]
    assert shapes[-2:] == [(5, 128), (5,)]
    assert sorted(run._true.tolist()) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert int((run._true != run._given).sum()) == 5
    assert run._given.max() < 5


def test_the_fingerprint_sees_images_split_and_how_they_are_read(tmp_path: Path, own_settings: Path) -> None:
    folder = write(tmp_path / "pets", CATS_AND_DOGS)
    one = open_folder(folder).fingerprint
    assert open_folder(folder).fingerprint == one
    assert Folder("another", listing.read(folder)).fingerprint == one  # the name is in the settings
    shutil.rmtree(folder / "val")
    without = open_folder(folder)
    assert len(without.labels("val")) == 4
    assert without.fingerprint != one
    by_hand = tmp_path / "by hand"
    for file in [file for files in without.listing.files.values() for file in files]:
        (by_hand / file.split / file.label).mkdir(parents=True, exist_ok=True)
        shutil.copy(file.path, by_hand / file.split / file.label / file.name)
    assert list(open_folder(by_hand).rows()) == list(without.rows())
    assert open_folder(by_hand).fingerprint != without.fingerprint  # the same split, but by another rule


def test_images_are_as_their_files_say(pets: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.new("RGB", (30, 20), (250, 0, 0))
    image.paste((0, 0, 250), (0, 10, 30, 20))
    image.save(pets / "train" / "cat" / "000.jpg", exif=exif, quality=95)
    images = open_set("pets")
    pixels = images.images("train")
    assert pixels.shape == (21, 224, 224, 3)
    at = images.places("train").index("train/cat/000.jpg")
    assert pixels[at, :, :100, 2].mean() > 200 > 60 > pixels[at, :, 124:, 2].mean()  # blue was below, is left
    assert np.bincount(images.labels("train")).tolist() == [11, 10]


def test_more_images_than_the_memory_holds_are_refused(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "_memory", lambda: 8_000_000)
    with pytest.raises(DataError, match=r"The 30 images of pets take 0\.0 GB of memory, .* Use fewer images\."):
        open_set("pets").images("train")


def test_a_folder_of_faults_is_refused_before_anything_is_read(pets: Path, own_settings: Path) -> None:
    shutil.rmtree(pets / "val" / "cat")
    with pytest.raises(DataError, match="has no folder for the class cat"):
        one_run.train(RunSpec(dataset="pets", features="random"), CPU)
    assert not (own_settings / "banks").exists()


def test_the_vegetables_are_what_they_were(real_vegetables: Vegetables) -> None:
    """Fingerprint and pixels, to the last bit, as before there were other folders."""
    assert real_vegetables.fingerprint == DATASETS["vegetables"].fingerprint
    assert real_vegetables.known().per_class == DATASETS["vegetables"].per_class
    for file, pixels in zip(real_vegetables.listing.files["val"], real_vegetables.images("val"), strict=True):
        with Image.open(file.path) as image:
            plain = image.convert("RGB").resize((224, 224), Image.Resampling.BILINEAR)
        assert (np.asarray(plain) == pixels).all(), file
