"""Every word of the list is explained where it first stands, on every page it stands on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sgd_core.ui.shell.words import WORDS, names_in, plain
from tests.app.conftest import PAGES, opened, said, texts
from tests.conftest import ROOT, pages_of

POPOVER = re.compile(r'popovertarget="word-([a-z0-9-]+)-[0-9a-f]+"')
LIST = "pages/Words.py"
NAMES = {word.slug: name for name, word in WORDS.items()}


def explained(text: str) -> list[str]:
    """The words that a drawn text explains."""
    return [NAMES[slug] for slug in POPOVER.findall(text)]


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("page", [page for page in PAGES if page != LIST])
def test_a_word_is_explained_where_it_first_stands(page: str) -> None:
    seen: set[str] = set()
    for text in texts(opened(page)):
        new = [name for name in names_in(plain(text)) if name not in seen]
        assert [name for name in new if name not in explained(text)] == [], plain(text)
        seen.update(new)


def test_the_list_has_every_word_with_its_meaning() -> None:
    text = said(opened(LIST))
    assert [word.name for word in WORDS.values() if f"##### {word.title}" not in text] == []
    assert len(texts(opened(LIST))) == 1 + 2 * len(WORDS)


def test_every_word_is_explained_on_some_page(tmp_path: Path) -> None:
    with pages_of(ROOT / "cached_runs", tmp_path):
        there = {name for page in PAGES for text in texts(opened(page)) for name in explained(text)}
    assert there == set(WORDS)
