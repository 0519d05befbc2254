"""Image folders for tests: small ones like the vegetables' made on the spot, and the real one where it is at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sgd_core import settings
from sgd_core.images.places import VEGETABLES
from sgd_core.training.data import Vegetables

REAL = settings.ROOT.parent / "shared" / "data" / "vegetables"


@pytest.fixture
def small_folder(tmp_path: Path) -> Path:
    """A folder like the vegetables': ten classes of real JPEGs, 40 pixels wide; 2 train and 1 val images of each."""
    return write_images(tmp_path / "vegetables", {"train": 2, "val": 1})


def write_images(folder: Path, per_class: dict[str, int]) -> Path:
    random = np.random.default_rng(0)
    for split, count in per_class.items():
        for label in VEGETABLES:
            place = folder / split / label
            place.mkdir(parents=True)
            for number in range(1, count + 1):
                pixels = random.integers(0, 256, (5, 5, 3), dtype=np.uint8)
                Image.fromarray(pixels).resize((40, 40)).save(place / f"{number:04d}.jpg", quality=95)
    return folder


@pytest.fixture(scope="session")
def real_vegetables() -> Vegetables:
    """The paper's images; skips where the development copy is not there."""
    if not REAL.is_dir():
        pytest.skip(f"the paper's images are not at {REAL}")
    return Vegetables(REAL)


@pytest.fixture
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own and no weights file, whatever the environment says; returns the cache's folder."""
    monkeypatch.delenv("SGD_ALEXNET_WEIGHTS", raising=False)
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"
