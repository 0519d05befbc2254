"""Near-twins: the search on images made to have some, the list of the paper's images, and the probe that uses it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy
from typer.testing import CliRunner

from sgd_core import settings
from sgd_core.cli import app
from sgd_core.experiment.datasets import DATASETS
from sgd_core.experiment.spec import RunSpec
from sgd_core.training import manifest, neighbours, twins
from sgd_core.training.data import Shapes, Vegetables
from sgd_core.training.loop import Training
from sgd_core.training.probes import Moment, Probes
from sgd_core.training.probes import twins as probe
from tests.training.banks import TEST, TRAIN, VAL, TinyBank, TinyImages
from tests.training.conftest import REAL

ROUNDING = 2e-4


class Photographs(TinyImages):
    """Random blobs; the first three of val are training images made lighter, darker and noisier, and one of test is."""

    fingerprint = "photographs"

    def places(self, split: str) -> list[str]:
        return [f"{split}/{label}/{i}" for i, label in enumerate(self.labels(split))]

    def images(self, split: str) -> np.ndarray:
        random = np.random.default_rng({"train": 0, "val": 1, "test": 2}[split])
        blobs = random.integers(40, 160, (len(self.labels(split)), 8, 8, 3))
        images = blobs.repeat(16, axis=1).repeat(16, axis=2)
        if split != "train":
            train = self.images("train").astype(int)
            images[0] = train[7] + 30
        if split == "val":
            images[1] = train[3] // 2
            images[2] = train[11] + random.integers(-20, 20, train[11].shape)
        return images.astype(np.uint8)


def test_a_twin_is_found_lighter_darker_and_noisier() -> None:
    found = twins.pairs(Photographs())  # type: ignore[arg-type]
    assert len(found) == VAL + TEST
    close = [(pair.image, pair.nearest) for pair in found if pair.correlation > twins.TWIN]
    assert close == [
        ("val/0/0", "train/7/7"), ("val/1/1", "train/3/3"), ("val/2/2", "train/1/11"), ("test/0/0", "train/7/7"),
    ]  # fmt: skip
    assert [pair.image for pair in twins.alike(found)] == sorted(image for image, _ in close)
    assert twins.counts(found, twins.TWIN) == {"val": 3, "test": 1}
    assert twins.counts(found, 2.0) == {"val": 0, "test": 0}


def test_the_correlation_is_that_of_the_grey_pixels() -> None:
    images = Photographs().images("train")[:5]
    rows = twins.greys(images, 128)  # their own size: nothing is averaged
    grey = images @ np.array([0.299, 0.587, 0.114])
    expected = np.corrcoef(grey.reshape(5, -1))
    assert rows @ rows.T == pytest.approx(expected, abs=5e-3)  # Pillow rounds greys to whole levels
    at, correlations = twins.nearest(rows[:2], rows[2:])
    assert at.tolist() == expected[:2, 2:].argmax(1).tolist()
    assert correlations == pytest.approx(expected[:2, 2:].max(1), abs=5e-3)


def test_a_blank_image_is_like_nothing() -> None:
    rows = twins.greys(np.full((1, 40, 40, 3), 200, dtype=np.uint8))
    assert not rows.any()


def test_the_list_is_of_the_papers_images() -> None:
    listed, places = twins.listed(), {row.place for row in manifest.read()}
    assert {pair.image for pair in listed} | {pair.nearest for pair in listed} <= places
    assert all(pair.nearest.startswith("train/") and pair.correlation > twins.ALIKE for pair in listed)
    assert len({pair.image for pair in listed}) == len(listed)
    assert twins.as_text(listed) == twins.FILE.read_text()
    close = [pair.image.split("/")[0] for pair in listed if pair.correlation > twins.TWIN]
    assert {split: close.count(split) for split in ("val", "test")} == {"val": 30, "test": 139}


def test_the_list_is_what_the_real_images_give() -> None:
    folder = Path(os.environ.get("SGD_DATA_DIR", REAL))
    if not folder.is_dir():
        pytest.skip(f"the paper's images are not at {folder}")
    images = Vegetables(folder)
    if images.fingerprint != DATASETS["vegetables"].fingerprint:
        pytest.skip(f"{folder} is not exactly the paper's subset")
    found = twins.alike(twins.pairs(images))
    listed = twins.listed()
    # Another JPEG decoder may round a pixel differently: one that is just at the limit may then come or go.
    here, there = ({pair[:2]: pair[2] for pair in some} for some in (found, listed))
    assert all(abs((here | there)[pair] - twins.ALIKE) < ROUNDING for pair in here.keys() ^ there.keys())
    assert all(abs(here[pair] - there[pair]) < ROUNDING for pair in here.keys() & there.keys())
    apart = twins.apart(images, "test")
    assert (len(apart), int((~apart).sum())) == (2000, 139)


def test_other_images_are_compared_by_their_pixels() -> None:
    images = Photographs()
    for threshold in (twins.TWIN, twins.ALIKE):
        assert np.flatnonzero(~twins.apart(images, "val", threshold)).tolist() == [0, 1, 2]  # type: ignore[arg-type]
    assert np.flatnonzero(~twins.apart(images, "test")).tolist() == [0]  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"threshold is 0\.5"):
        twins.apart(images, "val", 0.5)  # type: ignore[arg-type]


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_places_are_in_the_order_of_labels(split: str, small_folder: Path) -> None:
    shapes = Shapes()
    assert [place.split("/")[1] for place in shapes.places(split)] == [  # type: ignore[arg-type]
        shapes.classes[label]
        for label in shapes.labels(split)  # type: ignore[arg-type]
    ]
    if split != "test":
        folder = Vegetables(small_folder)
        places = folder.places(split)  # type: ignore[arg-type]
        assert [place.split("/")[:2] for place in places] == [
            [split, folder.classes[label]]
            for label in folder.labels(split)  # type: ignore[arg-type]
        ]
        assert all((small_folder / place).is_file() for place in places)


class PhotographBank(TinyBank):
    def __init__(self) -> None:
        super().__init__()
        self.images = Photographs()


def test_the_probe_counts_with_and_without_twins() -> None:
    spec, bank = RunSpec(epochs=2, learning_rate=1e-3, views=2), PhotographBank()
    seen: list[dict[str, float]] = []

    def by_hand(moment: Moment) -> dict[str, float]:
        told: dict[str, float] = {}
        for split, left_out in (("val", 3), ("test", 1)):
            labels = torch.from_numpy(bank.images.labels(split))
            head = moment.head.eval()
            with torch.no_grad():
                logits = head(bank.clean(split).float())
            right = logits.argmax(1) == labels
            told |= {
                f"{split}_images": len(labels), f"{split}_apart_images": len(labels) - left_out,
                f"{split}_correct": int(right.sum()), f"{split}_apart_correct": int(right[left_out:].sum()),
                f"{split}_loss": float(cross_entropy(logits, labels)),
                f"{split}_apart_loss": float(cross_entropy(logits[left_out:], labels[left_out:])),
            }  # fmt: skip
        seen.append(told)
        return told

    at = frozenset({1})
    probes = Probes({"twins": probe.measure, "by hand": by_hand}, {"twins": at, "by hand": at})
    training = Training(spec, bank, torch.device("cpu"), probes=probes)  # type: ignore[arg-type]
    last = list(training)[-1]
    told = {row["name"]: row["value"] for row in training.measurements if row["probe"] == "twins"}
    assert {name: told[name] for name in seen[0]} == pytest.approx(seen[0], rel=1e-5)
    assert (told["val_correct"], told["test_correct"]) == (last.val_correct, last.test_correct)
    assert told["test_loss"] == pytest.approx(last.test_loss, rel=1e-5)
    assert told["val_far_images"] == VAL - 3


def test_the_surroundings_are_those_of_the_run() -> None:
    seen: list[Moment] = []
    bank = TinyBank()

    def look(moment: Moment) -> dict[str, float]:
        seen.append(moment)
        return {}

    spec = RunSpec(epochs=3, learning_rate=1e-3, views=3, images_per_class=2)
    list(
        Training(
            spec, bank, torch.device("cpu"),  # type: ignore[arg-type]
            probes=Probes({"look": look}, {"look": frozenset({-1, 1})}),
        )
    )  # fmt: skip
    for moment in seen:
        around = moment.around
        assert around is not None
        assert id(around.images) == id(bank.images)
        assert torch.equal(around.later(0), moment.features)
        assert len(around.later(1)) == len(moment.labels) == 20 < TRAIN
        features, labels = around.clean("val")
        assert torch.equal(features, bank.clean("val"))
        assert labels.tolist() == bank.images.labels("val").tolist()
    before, after = (moment.around for moment in seen)
    assert before is not None
    assert after is not None
    assert torch.equal(before.later(2), after.later(0))  # view 2, reckoned from view 0; then from itself
    assert torch.equal(after.later(1), before.later(0))  # the bank's first view comes after its last


def test_the_nearest_neighbour_is_the_nearest() -> None:
    torch.manual_seed(0)
    features, others = torch.randn(300, 50).half(), torch.randn(40, 50).half()
    expected = torch.cdist(features.double(), others.double()).argmin(1)
    assert torch.equal(neighbours.by_distance(features, others), expected)
    cosines = torch.nn.functional.cosine_similarity(features.double()[:, None], others.double()[None], dim=2)
    assert torch.equal(neighbours.by_angle(features, others), cosines.argmax(1))


def test_check_counts_twins_and_keeps_only_the_papers(
    small_folder: Path, own_settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SGD_PUBLISHED_DIR", str(tmp_path / "published"))
    copy = small_folder / "val" / "Bean" / "0001.jpg"
    copy.write_bytes((small_folder / "train" / "Carrot" / "0002.jpg").read_bytes())
    said = CliRunner().invoke(app, ["data", "check", str(small_folder), "--keep"])
    assert "1 of 10 val images have a near-twin among the training images" in said.stdout
    assert "not exactly the paper's subset" in str(said.exception)
    assert not (tmp_path / "published").exists()
    printed = CliRunner().invoke(app, ["data", "twins", str(small_folder)])
    assert printed.stdout == ("image,nearest,correlation\nval/Bean/0001.jpg,train/Carrot/0002.jpg,1.0000\n")


def test_what_is_kept_agrees_with_the_list() -> None:
    kept = json.loads((settings.ROOT / "cached_runs" / "twins.json").read_text())
    assert (kept["size"], kept["threshold"], kept["far_threshold"]) == (twins.SIZE, twins.TWIN, twins.ALIKE)
    assert kept["data_fingerprint"] == DATASETS["vegetables"].fingerprint
    assert not kept["commit"].endswith("+changes")
    for threshold, part in ((twins.TWIN, "apart"), (twins.ALIKE, "far")):
        close = twins.counts(twins.listed(), threshold)
        (row,) = [row for row in kept["sensitivity"] if (row["size"], row["threshold"]) == (twins.SIZE, threshold)]
        for split in ("val", "test"):
            assert row[split] == close[split]
            assert kept["splits"][split]["all"]["images"] - kept["splits"][split][part]["images"] == row[split]
