"""Ten of the paper's training photographs, one a class, made small; CREDITS.md names each and its licence."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from html import escape
from pathlib import Path

FOLDER = Path(__file__).with_name("vegetables")
ONE = "Capsicum_0101"
"""The one that is followed through an epoch."""
CREDIT = (
    "Ten of the 2,967 photographs to train on, one a class, made smaller: M. I. Ahmed, S. Mamun, A. Asif, "
    '<a href="https://www.kaggle.com/datasets/misrakahmed/vegetable-image-dataset">vegetable-image-dataset</a>, '
    '<a href="https://creativecommons.org/licenses/by-sa/4.0/">CC BY-SA 4.0</a>.'
)
STYLE = """
<style>
.photographs { display: flex; flex-wrap: wrap; gap: 0.4rem; }
.photographs img { width: 3.5rem; height: 3.5rem; border-radius: 0.3rem; box-sizing: border-box; }
.photographs img.one { border: 0.2rem solid currentColor; }
.stMainBlockContainer .photographs + p { margin: 0.3rem 0 0; max-width: none; font-size: 0.8rem; opacity: 0.8; }
.photographs + p a { color: inherit; }
</style>
"""


@cache
def address(name: str) -> str:
    """The photograph as a data: URL, so that a page needs no second request for it."""
    return "data:image/webp;base64," + b64encode((FOLDER / f"{name}.webp").read_bytes()).decode()


@cache
def strip() -> str:
    """All of them in a row, as HTML, with their credit."""
    images = "".join(_image(file.stem) for file in sorted(FOLDER.glob("*.webp")))
    return f'{STYLE}<div class="photographs">{images}</div><p>{CREDIT}</p>'


def _image(name: str) -> str:
    what = name.rpartition("_")[0].replace("_", " ").lower()
    mark = ' class="one"' if name == ONE else ""
    return f'<img{mark} src="{address(name)}" alt="{escape(what)}" title="{escape(what)}">'
