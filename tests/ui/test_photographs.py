"""The photographs of the first page: small, credited, and only where the images are at hand."""

from __future__ import annotations

from base64 import b64decode
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sgd_core.ui.start import photographs


def write(folder: Path, labels: list[str]) -> None:
    for shade, label in enumerate(labels):
        file = folder / "train" / label / photographs.PLACES[label]
        file.parent.mkdir(parents=True)
        Image.fromarray(np.full((224, 224, 3), 20 * shade, dtype=np.uint8)).save(file)


def test_where_the_images_are_they_are_shown_small_with_their_licence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SGD_DATA_DIR", str(tmp_path))
    write(tmp_path, list(photographs.PLACES))
    strip = photographs.strip()
    assert strip.count("<img") == 10
    assert 'alt="bitter gourd"' in strip
    assert "CC BY-SA 4.0" in strip
    assert len(strip) < 60_000
    kind, _, content = photographs.address().partition(",")
    assert kind == "data:image/webp;base64"
    with Image.open(BytesIO(b64decode(content))) as image:
        assert image.size == (112, 112)
        red, green, blue = np.asarray(image.convert("RGB")).reshape(-1, 3).mean(axis=0)
    assert (red, green, blue) == pytest.approx((80, 80, 80), abs=6)  # the fifth of the ten


@pytest.mark.parametrize("labels", [[], ["Bean", "Carrot"]])
def test_where_they_are_not_a_pepper_is_drawn_and_nobody_credited(
    labels: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SGD_DATA_DIR", str(tmp_path))
    write(tmp_path, labels)
    assert photographs.strip() == ""
    assert photographs.address().startswith("data:image/svg+xml,")
