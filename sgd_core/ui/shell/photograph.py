"""A photograph made small, to stand in a page; no photograph is part of this repository."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

SIDE = 112
"""Pixels of a photograph made small."""
SOURCE = (
    "M. I. Ahmed, S. Mamun, A. Asif, "
    '<a href="https://www.kaggle.com/datasets/misrakahmed/vegetable-image-dataset">vegetable-image-dataset</a>, '
    '<a href="https://creativecommons.org/licenses/by-sa/4.0/">CC BY-SA 4.0</a>.'
)
"""Whose the paper's photographs are, as HTML."""


@lru_cache(maxsize=2000)
def small(file: Path) -> str:
    """A photograph made small, as a data: URL; raises OSError where it cannot be read."""
    with Image.open(file) as image:
        image.draft("RGB", (SIDE, SIDE))
        return address(ImageOps.exif_transpose(image))


def address(image: Image.Image) -> str:
    """An image squeezed to a small square, as a data: URL."""
    packed = BytesIO()
    image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(packed, "WEBP", quality=60)
    return "data:image/webp;base64," + b64encode(packed.getvalue()).decode()
