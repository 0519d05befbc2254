"""Image folders for tests, made on the spot: tiny files whose colour is their class."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

CATS_AND_DOGS = {"train": {"cat": 10, "dog": 10}, "val": {"cat": 5, "dog": 5}}


def write(folder: Path, counts: Mapping[str, Mapping[str, int]]) -> Path:
    """Split ('' for none) -> class -> how many images; returns the folder."""
    random = np.random.default_rng(0)
    for split, of_class in counts.items():
        for place, (label, count) in enumerate(of_class.items()):
            (folder / split / label).mkdir(parents=True)
            for number in range(count):
                pixels = random.integers(0, 60, (16, 16, 3)) + 190 * place // max(1, len(of_class) - 1)
                Image.fromarray(pixels.astype(np.uint8)).save(folder / split / label / f"{number:03d}.png")
    return folder
