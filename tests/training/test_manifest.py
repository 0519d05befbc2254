from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import kagglehub
import pytest
from typer.testing import CliRunner

from sgd_core import settings
from sgd_core.cli import app
from sgd_core.errors import UserError
from sgd_core.experiment import fingerprints, paper
from sgd_core.images.places import VEGETABLES, DataError
from sgd_core.training import manifest
from sgd_core.training.data import Vegetables, fingerprint_of
from sgd_core.training.manifest import Row, differences, found, read, rebuild
from tests.training.conftest import write_images


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What Kaggle's archive unpacks to, with more images and one class more than the manifest of `subset` names."""
    everything = write_images(tmp_path / "everything", {"train": 5, "val": 3, "test": 2})
    (everything / "val").rename(everything / "validation")
    unpacked = tmp_path / "download" / "versions" / "1" / "Vegetable Images"
    unpacked.parent.mkdir(parents=True)
    everything.rename(unpacked)
    (unpacked / "train" / "Brinjal").mkdir()
    (unpacked / "train" / "Brinjal" / "0001.jpg").write_bytes(b"an image of a class that the paper left out")
    return tmp_path / "download"


@pytest.fixture
def wanted(tree: Path) -> list[Row]:
    """A manifest with a gap in its numbering: of the train images 1, 2, 4 and 5."""
    rows = [row for row in found(tree) if row.label in VEGETABLES]
    return sorted(row for row in rows if (row.split, row.name) != ("train", "0003.jpg"))


def test_the_committed_manifest_is_the_papers_subset() -> None:
    rows = manifest.read()
    assert fingerprint_of(rows) == fingerprints.DATA["vegetables"]
    assert Counter(row.split for row in rows) == {
        "train": paper.TRAIN_IMAGES,
        "val": paper.VALIDATION_IMAGES,
        "test": 2000,
    }
    assert {row.label for row in rows} == set(VEGETABLES)
    copies = Counter(row.sha256 for row in rows)
    twice = [row.place for row in rows if copies[row.sha256] > 1]
    assert twice == ["train/Pumpkin/0099.jpg", "train/Pumpkin/0173.jpg"], "the authors' set holds one image twice"


def test_the_committed_manifest_is_what_the_real_folder_gives(real_vegetables: Vegetables) -> None:
    assert real_vegetables.fingerprint == fingerprints.DATA["vegetables"]
    shown = CliRunner().invoke(app, ["data", "manifest", str(real_vegetables.folder)])
    assert shown.exit_code == 0
    assert shown.stdout == manifest.FILE.read_text()


def test_a_manifest_survives_being_written_and_read(tmp_path: Path, wanted: list[Row]) -> None:
    file = tmp_path / "manifest.csv"
    file.write_text(manifest.as_text(reversed(wanted)))
    assert manifest.read(file) == wanted


def test_a_tree_gives_exactly_the_subset(tree: Path, wanted: list[Row], tmp_path: Path) -> None:
    target = tmp_path / "data" / "vegetables"
    target.parent.mkdir()
    rebuild(tree, wanted, target)
    images = Vegetables(target)
    assert sorted(images.rows()) == wanted
    assert images.fingerprint == fingerprint_of(wanted)
    assert sorted(path.name for path in (target / "train" / "Bean").iterdir()) == [
        "0001.jpg",
        "0002.jpg",
        "0004.jpg",
        "0005.jpg",
    ]
    assert [path.name for path in target.parent.iterdir()] == ["vegetables"], "something is left beside the folder"


@pytest.mark.parametrize("top", ["Vegetable Images", "vegetables", ""])
def test_the_name_of_the_top_folder_does_not_matter(tree: Path, wanted: list[Row], tmp_path: Path, top: str) -> None:
    (tmp_path / "other").mkdir()
    (tree / "versions" / "1" / "Vegetable Images").rename(tmp_path / "other" / top)
    rebuild(tmp_path / "other", wanted, tmp_path / "target")
    assert sorted(Vegetables(tmp_path / "target").rows()) == wanted


def test_an_image_is_found_by_its_content_under_another_name(tree: Path, wanted: list[Row], tmp_path: Path) -> None:
    bean = next(tree.rglob("validation")) / "Bean" / "0002.jpg"
    bean.rename(next(tree.rglob("train")) / "Bean" / "1000.jpg")
    rebuild(tree, wanted, tmp_path / "target")
    assert sorted(Vegetables(tmp_path / "target").rows()) == wanted


def test_a_missing_and_a_wrong_image_are_named_and_nothing_is_written(
    tree: Path, wanted: list[Row], tmp_path: Path
) -> None:
    (next(tree.rglob("validation")) / "Carrot" / "0002.jpg").unlink()
    wrong = next(tree.rglob("train")) / "Bean" / "0004.jpg"
    wrong.write_bytes(wrong.read_bytes() + b"\0")
    with pytest.raises(DataError) as raised:
        rebuild(tree, wanted, tmp_path / "data" / "target")
    assert f"{tree} lacks 2 of the {len(wanted)} images" in str(raised.value)
    assert "train/Bean/0004.jpg differs" in str(raised.value)
    assert "val/Carrot/0002.jpg is missing" in str(raised.value)
    assert not (tmp_path / "data").exists()


def test_a_long_list_is_cut_and_counted(tree: Path, wanted: list[Row], tmp_path: Path) -> None:
    shutil.rmtree(next(tree.rglob("validation")))
    with pytest.raises(DataError, match=r"lacks 30 of the 90 images: val/Bean/0001.jpg is missing; .*; and 20 more\."):
        rebuild(tree, wanted, tmp_path / "target")


def test_half_a_copy_is_never_left_under_the_final_name(
    tree: Path, wanted: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = 0

    def fail_at_the_tenth(source: Path, target: Path) -> None:
        nonlocal copied
        copied += 1
        if copied == 10:
            raise OSError(28, "No space left on device", str(target))
        target.write_bytes(source.read_bytes())

    monkeypatch.setattr(shutil, "copyfile", fail_at_the_tenth)
    with pytest.raises(OSError, match="No space left"):
        rebuild(tree, wanted, tmp_path / "new" / "target")
    assert list((tmp_path / "new").iterdir()) == []


def test_differences_name_what_is_missing_other_and_extra() -> None:
    wanted = [Row("train", "Bean", "1.jpg", "a"), Row("train", "Bean", "2.jpg", "b"), Row("val", "Bean", "3.jpg", "c")]
    there = [("train", "Bean", "2.jpg", "x"), ("val", "Bean", "3.jpg", "c"), ("val", "Bean", "4.jpg", "d")]
    assert differences(there, wanted) == [
        "train/Bean/1.jpg is missing",
        "train/Bean/2.jpg differs (its SHA-256 is not the manifest's)",
        "val/Bean/4.jpg is not in the manifest",
    ]
    assert differences(wanted, wanted) == []


def test_the_commands_fetch_check_and_refuse(
    tree: Path, wanted: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, target = tmp_path / "small.csv", tmp_path / "data" / "vegetables"
    file.write_text(manifest.as_text(wanted))
    monkeypatch.setattr(manifest, "read", lambda: read(file))
    monkeypatch.setenv("SGD_DATA_DIR", str(target))

    def run(*command: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["data", *command])
        return result.exit_code, result.stdout if result.exit_code == 0 else str(result.exception)

    assert run("fetch", "--from", str(tmp_path / "nowhere")) == (1, f"{tmp_path / 'nowhere'} is not a folder.")
    code, said = run("fetch", "--from", str(tree))
    assert code == 0
    assert f"{target}: {len(wanted)} images, every SHA-256 verified" in said
    assert "CC BY-SA 4.0" in said
    assert run("fetch")[1].strip() == f"{target} holds the paper's subset already: {len(wanted)} images, verified."
    assert f"It is exactly the paper's subset (fingerprint {fingerprint_of(wanted)})" in run("check")[1]

    extra = target / "train" / "Bean" / "0003.jpg"
    shutil.copyfile(target / "train" / "Bean" / "0004.jpg", extra)
    clause = "not exactly the paper's subset: train/Bean/0003.jpg is not in the manifest."
    assert run("check") == (1, f"It is {clause}")
    code, said = run("fetch", "--from", str(tree))
    assert (code, f"{target} is there already and is {clause}" in said) == (1, True)
    assert extra.exists()

    extra.write_bytes(extra.read_bytes()[:300])
    code, said = run("check")
    assert (code, said.startswith(f"{extra} cannot be read as an image")) == (1, True)


def test_a_failing_download_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """kagglehub's download is replaced by one that fails as it does without a network, so that no test needs any."""

    def fail(handle: str) -> str:
        assert handle == "misrakahmed/vegetable-image-dataset"
        raise ConnectionError("no route to api.kaggle.com\n and a second line")

    monkeypatch.setattr(kagglehub, "dataset_download", fail)
    result = CliRunner().invoke(app, ["data", "fetch", "--to", str(tmp_path / "target")])
    assert result.exit_code == 1
    assert isinstance(result.exception, UserError)
    said = str(result.exception)
    assert said.startswith("The Kaggle set could not be downloaded (no route to api.kaggle.com and a second line). ")
    assert "https://www.kaggle.com/datasets/misrakahmed/vegetable-image-dataset" in said
    assert "--from" in said
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "target").exists()


def test_a_download_is_searched(tree: Path, wanted: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """kagglehub's download is replaced by a tree made here; only what is done with what it returns is tested."""
    monkeypatch.setattr(kagglehub, "dataset_download", lambda handle: str(tree))
    monkeypatch.setattr(manifest, "read", lambda: wanted)
    result = CliRunner().invoke(app, ["data", "fetch", "--to", str(tmp_path / "target")])
    assert result.exit_code == 0
    assert f"export SGD_DATA_DIR={tmp_path / 'target'}" in result.stdout
    assert sorted(Vegetables(tmp_path / "target").rows()) == wanted


@pytest.mark.parametrize("module", ["sgd_core.training.manifest", "sgd_core.experiment.fingerprints", "sgd_core.cli"])
def test_the_known_fingerprints_are_had_without_torch(module: str) -> None:
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=settings.ROOT).returncode == 0
