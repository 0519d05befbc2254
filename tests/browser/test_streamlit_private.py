"""What is taken from Streamlit without its promise, where only a browser shows that it is still there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sgd_core.ui.noise_lab.second_schedule import SAME
from sgd_core.ui.shell import streamlit_private
from tests.browser.pages import PHONE

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

PAGE = "Schedule_workbench"
"""A page with sliders, choices and charts."""
REFUSED = f"{PAGE}?{urlencode({'schedule': 'step', 's': '0.375', 'second': SAME, 'growth': '4.0'})}"
"""A link for which it has a sentence in place of a chart."""


def test_what_styles_select_is_on_a_page(visited: Callable[..., Page]) -> None:
    """Else presentation size hides nothing, or charts and controls lose their layout."""
    wide, phone, menu = visited(PAGE), visited(PAGE, **PHONE), visited(PAGE, **PHONE)
    menu.locator(streamlit_private.IN_STYLES["CLOSED_SIDEBAR"]).click()
    menu.locator(streamlit_private.IN_STYLES["CLOSE_SIDEBAR"]).wait_for(state="attached")
    missing = []
    for name, selector in streamlit_private.IN_STYLES.items():
        page = {"CLOSED_SIDEBAR": phone, "CLOSE_SIDEBAR": menu}.get(name, wide)
        if not page.locator(selector).count():
            missing.append(name)
    assert missing == []


def test_the_parts_of_a_page_that_tests_and_tools_look_at_are_there(visited: Callable[..., Page]) -> None:
    page = visited(PAGE)
    for selector in (streamlit_private.APP, streamlit_private.MAIN):
        assert page.locator(selector).count() == 1, selector


def test_an_error_is_found_where_there_is_one(visited: Callable[..., Page]) -> None:
    assert visited(REFUSED).locator(streamlit_private.ERRORS).count() == 1


def test_the_cookie_that_tells_visitors_apart_is_there(visited: Callable[..., Page], context: BrowserContext) -> None:
    visited(PAGE)
    cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    assert len(streamlit_private.token(cookies[streamlit_private.COOKIE])) == 32
