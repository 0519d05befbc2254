"""The strip of what a run still gets wrong: photographs where they are at hand, a table elsewhere, a command before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from sgd_core.experiment.datasets import DATASETS
from sgd_core.images.places import VEGETABLES
from sgd_core.ui.shell import at_hand, photograph
from tests import wrong_images
from tests.app.conftest import FIGURES, opened, said
from tests.app.conftest import table as shown_table
from tests.conftest import pages_of


@pytest.fixture(scope="module")
def measured(invented: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """B=16 and B=512 were measured at the end of seed 1, and the photographs are not here."""
    folder = wrong_images.published(invented, tmp_path_factory.mktemp("measured"))
    with pytest.MonkeyPatch.context() as patch, pages_of(folder, tmp_path_factory.mktemp("cache"), "explore"):
        patch.setenv("SGD_DATA_DIR", str(folder.parent / "no photographs"))
        yield


def _strip(app: AppTest) -> list[str]:
    return [each.proto.body for each in app.get("html") if 'class="wrong"' in each.proto.body]


@pytest.mark.usefixtures("measured")
def test_where_no_photograph_is_the_images_are_named_in_a_table() -> None:
    app = opened(FIGURES[0], wrong="B=512")
    assert not app.exception
    assert (
        "**3 of 2,000** test images are wrong (less than 1%). Most often bean is taken for cucumber: 2 times."
        in said(app)
    )
    assert "1 of them is wrong in both runs compared here." in said(app)
    assert "At the end of B=512, seed 1, V=151: one run." in said(app)
    found = shown_table(app, "said")
    assert list(found["name"])[:2] == ["test/Bean/0001.jpg", "test/Bean/0004.jpg"]  # what both get wrong comes first
    assert list(found["said"]) == ["cucumber", "cucumber", "capsicum"]
    assert list(found["everywhere"]) == [True, False, False]
    assert _strip(app) == []


@pytest.mark.usefixtures("measured")
def test_where_they_are_they_are_shown_with_their_licence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for place in (
        "test/Bean/0001.jpg",
        *(f"{split}/{label}/1.jpg" for split in ("train", "val") for label in VEGETABLES),
    ):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((64, 64, 3), 90, dtype=np.uint8)).save(tmp_path / place)
    monkeypatch.setenv("SGD_DATA_DIR", str(tmp_path))
    (strip,) = _strip(opened(FIGURES[0], wrong="B=16"))
    assert strip.count("<img") == 1
    assert 'alt="bean, taken for cucumber" title="test/Bean/0001.jpg"' in strip
    assert "in all runs" in strip
    assert "CC BY-SA 4.0" in strip
    assert _strip(opened(FIGURES[0], wrong="B=512")) == []  # one of its three is not here: the table


@pytest.mark.usefixtures("measured")
def test_a_run_that_was_not_measured_says_how_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(FIGURES[0], wrong="B=64")
    command = "python -m sgd_core train --batch-size 64 --probe errors --probe-epochs last"
    assert f"Which images B=64 still gets wrong is not measured yet: `{command}`." in said(app)
    assert "not measured yet" not in said(opened(FIGURES[3]))  # nothing of it was, and a visitor cannot change that
    monkeypatch.setenv("SGD_MODE", "lab")
    command = "python -m sgd_core sweep paper --figure 4 --probe errors --probe-epochs last"
    assert f"Which images a run still gets wrong is not measured yet: `{command}`." in said(opened(FIGURES[3]))


@pytest.mark.usefixtures("measured")
def test_a_split_without_a_wrong_image_is_a_sentence() -> None:
    app = opened(FIGURES[0], wrong="B=16", of="validation")
    assert "None of the 409 validation images is wrong." in said(app)


@pytest.mark.usefixtures("measured")
def test_a_curve_that_is_hidden_until_guessed_gives_nothing_away() -> None:
    app = opened(FIGURES[0], wrong="B=512", predict="true")
    assert not app.exception
    assert "Your guess" in said(app)
    assert "test images are wrong" not in said(app)


def test_the_shapes_are_drawn_where_their_fingerprint_is_that_of_the_run() -> None:
    images = at_hand.find("shapes", DATASETS["shapes"].fingerprint)
    assert images is not None
    assert images.address("test", 3).startswith("data:image/webp;base64,")
    assert images.classes[0] == "disc"
    assert images.credit == ""
    assert at_hand.find("shapes", "others") is None


def test_a_reader_s_own_images_are_shown_where_they_are_still_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for i, place in enumerate(("train/cat/a.png", "train/dog/a.png", "val/cat/a.png", "val/dog/b.png")):
        (tmp_path / "pets" / place).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((32, 32, 3), 60 * i, dtype=np.uint8)).save(tmp_path / "pets" / place)
    monkeypatch.setenv("SGD_DATA_DIR", f"pets={tmp_path / 'pets'}")
    monkeypatch.setattr("sgd_core.ui.shell.kept.fingerprint", lambda name: "of these pets")
    images = at_hand.find("pets", "of these pets")
    assert images is not None
    assert list(images.classes) == ["cat", "dog"]
    assert images.address("val", 1).startswith("data:image/webp;base64,")
    (tmp_path / "pets" / "val/dog/b.png").write_bytes(b"no picture")
    photograph.small.cache_clear()
    assert images.address("val", 1) == ""
    assert at_hand.find("pets", "of other pets") is None
