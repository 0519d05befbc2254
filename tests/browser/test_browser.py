"""What browser.js does on every page: history, the menu of a phone, and a theme that changes while a page is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from sgd_core.ui.shell.streamlit_private import IN_STYLES
from tests.browser.pages import CHART, PHONE
from tests.browser.test_every_page import CONTRAST, STATE
from tools.browser import DRAWN, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

FIGURE = "Figure_1_Batch_size"
LINKED = "x=T&metric=Validation+accuracy"
TITLE = "title => document.querySelector('.stMainBlockContainer h1')?.innerText.startsWith(title)"


def arrived(page: Page, title: str) -> None:
    """Wait until the page of this title is there."""
    until(page, TITLE, arg=title)
    until(page, DRAWN)


def asked(page: Page) -> dict[str, list[str]]:
    """What the page's address says of its controls."""
    return parse_qs(urlsplit(page.url).query)


def big(page: Page) -> tuple[bool, bool, bool]:
    """Whether presentation size is on: in the address, by the switch, and as it looks."""
    return (
        asked(page).get("present") == ["true"],
        page.locator(".st-key-present input").is_checked(),
        not page.locator(IN_STYLES["SIDEBAR"]).is_visible(),
    )


@pytest.mark.parametrize("opened", [pytest.param("by a link", marks=pytest.mark.long), "by its switch"])
def test_presentation_size_goes_along_to_the_next_page(opened: str, visited: Callable[..., Page]) -> None:
    page = visited(FIGURE + ("?present=true" if opened == "by a link" else ""))
    if opened == "by its switch":
        page.locator(".st-key-present label").click()
        page.wait_for_url("**present=true")
    page.get_by_role("link", name="Next: Figure 2").click()
    arrived(page, "Figure 2")
    page.wait_for_url("**present=true")
    assert big(page) == (True, True, True)
    page.locator(".st-key-present label").click()
    page.locator(IN_STYLES["SIDEBAR"]).wait_for()
    assert big(page) == (False, False, False)
    page.get_by_role("link", name="Next: Figure 3").click()
    arrived(page, "Figure 3")
    assert big(page) == (False, False, False)


def test_back_brings_back_a_page_with_its_controls(visited: Callable[..., Page]) -> None:
    page = visited(f"{FIGURE}?{LINKED}")
    before = page.evaluate(STATE)
    assert {"T", "Validation accuracy"} <= set(before["chosen"])
    page.locator(IN_STYLES["SIDEBAR"]).get_by_role("link", name="2 · Learning rate").click()
    arrived(page, "Figure 2")
    assert page.url.endswith("Figure_2_Learning_rate")
    page.go_back()
    arrived(page, "Figure 1")
    assert page.url.endswith(f"{FIGURE}?{LINKED}")
    until(page, f"state => JSON.stringify(({STATE})()) === JSON.stringify(state)", arg=before)
    page.go_forward()
    arrived(page, "Figure 2")


def test_back_leaves_a_page_whose_controls_were_changed(visited: Callable[..., Page]) -> None:
    """A control is no page: only pages are gone back through, each with the controls it was left with."""
    page = visited("Evidence")
    page.locator(IN_STYLES["SIDEBAR"]).get_by_role("link", name="1 · Batch size").click()
    arrived(page, "Figure 1")
    page.get_by_role("radio", name="Updates", exact=True).click()
    page.wait_for_url("**x=Updates")
    page.locator(IN_STYLES["SIDEBAR"]).get_by_role("link", name="Start").click()
    arrived(page, "What decides")
    page.go_back()
    arrived(page, "Figure 1")
    assert asked(page) == {"x": ["Updates"]}
    assert page.get_by_role("radio", name="Updates", exact=True).is_checked()
    page.go_back()
    arrived(page, "What the evidence says")


def test_the_menu_of_a_phone_closes_when_a_page_was_chosen(visited: Callable[..., Page]) -> None:
    page = visited(FIGURE, **PHONE)
    page.locator(IN_STYLES["CLOSED_SIDEBAR"]).click()
    page.locator(IN_STYLES["SIDEBAR"]).get_by_role("link", name="2 · Learning rate").click()
    arrived(page, "Figure 2")
    until(page, f"() => document.querySelector('{IN_STYLES['SIDEBAR']}').getBoundingClientRect().right <= 0")
    assert page.locator("h1").is_visible()


def test_curves_can_be_seen_when_the_system_turns_dark(visited: Callable[..., Page]) -> None:
    page = visited(FIGURE)
    stroke = f"document.querySelector('{CHART} .mark-line path').getAttribute('stroke')"
    light = page.evaluate(stroke)
    page.emulate_media(color_scheme="dark")
    until(page, f"light => {stroke} !== light", arg=light)
    until(page, DRAWN)
    seen = page.evaluate(CONTRAST)
    assert seen["ground"] < 0.05
    assert seen["line"] >= 3
    assert seen["text"] >= 3


def test_a_theme_can_be_chosen_and_the_charts_follow(visited: Callable[..., Page]) -> None:
    page = visited(FIGURE)
    stroke = f"document.querySelector('{CHART} .mark-line path').getAttribute('stroke')"
    light = page.evaluate(stroke)
    page.get_by_role("button", name="Main menu").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    until(page, f"light => {stroke} !== light", arg=light)
    assert page.evaluate(CONTRAST)["ground"] < 0.05
