"""`screenshots`: every page of the app is photographed, and the README shows every picture there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from sgd_core.ui import path
from tests.cli.conftest import Command
from tests.conftest import ROOT
from tools import screenshots, server

URL = "http://app"


@contextmanager
def stands_in(value: Any) -> Iterator[Any]:
    yield value


@pytest.fixture
def taken(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Name -> page of every picture that is written; the server, the browser and the waiting for a page stand in."""
    taken: dict[str, str] = {}
    browser = MagicMock()
    page = browser.new_context().new_page()
    page.evaluate.return_value = 1000
    page.screenshot.side_effect = lambda path: taken.update({path.name: page.at.removeprefix(f"{URL}/")})
    monkeypatch.setattr(server, "running", lambda: stands_in(URL))
    monkeypatch.setattr(screenshots, "chromium", lambda: stands_in(browser))
    monkeypatch.setattr(screenshots, "visit", lambda page, url: setattr(page, "at", url))
    assert command("screenshots", "--folder", str(tmp_path / "pictures")).code == 0
    return taken


def test_every_page_is_photographed(taken: dict[str, str]) -> None:
    photographed = [address.partition("?")[0] for address in taken.values()]
    assert set(photographed) == {page.slug for page in path.in_order()}
    assert len(taken) > len(set(photographed))  # some in the dark and on a phone besides


def test_the_readme_shows_every_picture_and_no_other(taken: dict[str, str]) -> None:
    there = sorted(file.name for file in (ROOT / screenshots.FOLDER).iterdir())
    assert there == sorted(taken)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(rf"\]\({screenshots.FOLDER}/([^)]+)\)", text)) == there
