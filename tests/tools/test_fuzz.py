"""Hostile links on whole pages: the first of those that `python -m tools fuzz` opens, and what the page says of one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.conftest import opened, said
from tests.conftest import pages_of
from tools import fuzz

LINKS = 150


@pytest.fixture(scope="module")
def hosted(invented: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Pages of an installation that only replays."""
    with pages_of(invented, tmp_path_factory.mktemp("cache"), mode="explore"):
        yield


@pytest.mark.usefixtures("hosted")
def test_no_hostile_link_ends_a_page_or_keeps_it_busy() -> None:
    pages = fuzz.Pages()
    for page, picked in fuzz.links(LINKS):
        link = pages.open(page, fuzz.named(picked, pages.own(page)))
        assert not link.errors, (page, link.query)
        assert link.seconds < fuzz.SLOW, (page, link.query)


@pytest.mark.usefixtures("hosted")
@pytest.mark.parametrize(
    ("page", "name", "value"),
    [
        ("pages/Figure_1_Batch_size.py", "metric", ""),
        ("pages/Sharpness.py", "at", ""),
        ("pages/Runs.py", "sort", ""),
        ("pages/Runs.py", "figure", ""),
        ("pages/Runs.py", "find", "word " * 2000),
        ("pages/Train.py", "seed", "1e309"),
        ("pages/Train.py", "job", "0" * 400),
        ("pages/Noise_lab_Motion.py", "seed", "9" * 160),
        ("pages/Noise_lab_Motion.py", "seed", "inf"),
    ],
)
def test_a_page_says_what_it_left_out(page: str, name: str, value: str) -> None:
    app = opened(page, **{name: value})
    assert not app.exception
    assert f"The link's {name}" in said(app)
