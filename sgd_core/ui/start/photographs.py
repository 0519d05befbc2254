"""Ten of the paper's training photographs, one a class, made small where the images are at hand; else a drawn pepper.

No photograph is part of this repository.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from urllib.parse import quote

from sgd_core.images import sets
from sgd_core.ui.shell import photograph

PLACES = {
    "Bean": "1150.jpg", "Bitter_Gourd": "0001.jpg", "Broccoli": "0026.jpg", "Cabbage": "0076.jpg",
    "Capsicum": "0101.jpg", "Carrot": "0051.jpg", "Cauliflower": "0001.jpg", "Cucumber": "0101.jpg",
    "Potato": "0126.jpg", "Pumpkin": "0051.jpg",
}  # fmt: skip
ONE = "Capsicum"
"""The one that is followed through an epoch."""
CREDIT = f"Ten of the 2,967 photographs to train on, one a class, made smaller: {photograph.SOURCE}"
STYLE = """
<style>
.photographs { display: flex; flex-wrap: wrap; gap: 0.4rem; }
.photographs img { width: 3.5rem; height: 3.5rem; border-radius: 0.3rem; box-sizing: border-box; }
.photographs img.one { border: 0.2rem solid currentColor; }
.stMainBlockContainer .photographs + p { margin: 0.3rem 0 0; max-width: none; font-size: 0.8rem; opacity: 0.8; }
.photographs + p a { color: inherit; }
</style>
"""
_PEPPER = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><rect width="100" height="100" fill="#fff"/>
<path d="M50 30C30 16 12 32 16 56c3 20 14 34 24 32 5-1 6-3 10-3s5 2 10 3c10 2 21-12 24-32 4-24-14-40-34-26z"
 fill="#c0392b"/><path d="M38 36c-10 8-10 28-4 44" fill="none" stroke="#e8a09a" stroke-width="4"
 stroke-linecap="round"/><path d="M50 32c-2-8 0-16 8-20" fill="none" stroke="#3d7a3d" stroke-width="7"
 stroke-linecap="round"/></svg>"""


def address() -> str:
    """The pepper as a data: URL, so that a page needs no second request for it."""
    file = _files().get(ONE)
    return photograph.small(file) if file is not None else "data:image/svg+xml," + quote(_PEPPER)


def strip() -> str:
    """All of them in a row, as HTML, with their credit; '' where one is not at hand."""
    files = _files()
    if len(files) < len(PLACES):
        return ""
    images = "".join(_image(label, file) for label, file in files.items())
    return f'{STYLE}<div class="photographs">{images}</div><p>{CREDIT}</p>'


def _files() -> dict[str, Path]:
    """Class -> its photograph, of those that are at hand."""
    if not sets.is_here(sets.PAPERS):
        return {}
    places = {label: sets.vegetables() / "train" / label / name for label, name in PLACES.items()}
    return {label: file for label, file in places.items() if file.is_file()}


def _image(label: str, file: Path) -> str:
    what = label.replace("_", " ").lower()
    mark = ' class="one"' if label == ONE else ""
    return f'<img{mark} src="{photograph.small(file)}" alt="{escape(what)}" title="{escape(what)}">'
