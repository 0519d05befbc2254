"""A click on the end of a run shows what it still gets wrong; another click hides it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import wrong_images
from tests.browser.pages import CHART, PHONE
from tools import server
from tools.browser import until, visit

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

LARGE, SMALL = "3 of 2,000", "1 of 2,000"
"""Of the test images that B=512 and B=16 get wrong."""


@pytest.fixture(scope="module")
def measured(invented: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = wrong_images.published(invented, tmp_path_factory.mktemp("measured"))
    environment = {"SGD_PUBLISHED_DIR": str(folder), "SGD_MODE": "explore", "SGD_DATA_DIR": str(folder / "none")}
    with server.running({**environment, "SGD_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}) as url:
        yield url


def _click(page: Page, what: str, run: str) -> None:
    """Click the value or the point at the end of this run."""
    found = f"""run => {{
        const of = [...document.querySelectorAll('{CHART} .{what}_marks :is(text, path)')];
        const {{ left, right, top, bottom }} = of.find(each => each.__data__.datum.run === run).getBoundingClientRect();
        return [(left + right) / 2, (top + bottom) / 2];
    }}"""
    x, y = page.evaluate(found, run)
    page.mouse.move(x, y)
    until(page, f"() => document.querySelector('{CHART} svg.marks').style.cursor === 'pointer'")
    page.mouse.click(x, y)


def test_a_click_on_an_end_shows_what_is_wrong_and_another_hides_it(context: BrowserContext, measured: str) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 900})
    visit(page, f"{measured}/Figure_1_Batch_size")
    page.get_by_text("Still wrong at the end of").wait_for()
    _click(page, "values", "B=512")
    page.get_by_text(LARGE).wait_for()
    assert page.url.endswith("?wrong=B%3D512")
    _click(page, "points", "B=16")
    page.get_by_text(SMALL).wait_for()
    _click(page, "values", "B=16")
    page.get_by_text(SMALL).wait_for(state="detached")
    page.close()


def test_the_link_shows_it_on_a_phone(context: BrowserContext, measured: str) -> None:
    page = context.new_page()
    page.set_viewport_size(PHONE)
    visit(page, f"{measured}/Figure_1_Batch_size?wrong=B%3D512")
    page.get_by_text(LARGE).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    page.close()
