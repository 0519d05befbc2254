"""Words are explained by hover, by the keyboard and by tap, within the window and without a rerun."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sgd_core.ui.shell.words import WORDS
from tests.browser.pages import PHONE
from tools.browser import DRAWN, until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PAGE = "Figure_1_Batch_size"
OPEN = ".word > [popover]:visible"
WITHIN = """node => { const box = node.getBoundingClientRect();
    return box.left >= 0 && box.top >= 0 && box.right <= innerWidth && box.bottom <= innerHeight; }"""


ALONE = """() => [...document.querySelectorAll('.word')].filter(word => {
    const next = word.nextSibling;
    if (next?.nodeType !== Node.TEXT_NODE || !/^[?.,:;)]/.test(next.data)) return false;
    const range = new Range();
    range.setStart(next, 0);
    range.setEnd(next, 1);
    return range.getBoundingClientRect().top >= word.querySelector('button').getBoundingClientRect().bottom;
}).length"""
"""How many words are at the end of a line whose full stop, or the like, begins the next one."""


@pytest.fixture
def asked(visited: Callable[..., Page]) -> Callable[..., tuple[Page, list[str]]]:
    """A page, and what its browser sends the server from then on."""

    def open_page(**window: int) -> tuple[Page, list[str]]:
        sent: list[str] = []
        page = visited(PAGE, websocket=lambda socket: socket.on("framesent", lambda _: sent.append("sent")), **window)
        sent.clear()
        return page, sent

    return open_page


def shown(page: Page) -> Locator:
    """The one explanation that is open."""
    found = page.locator(OPEN)
    found.wait_for()
    assert found.count() == 1
    assert found.evaluate(WITHIN)
    return found


def test_by_tap_on_a_phone_every_word_in_the_text(asked: Callable[..., tuple[Page, list[str]]]) -> None:
    page, sent = asked(**PHONE)
    words = page.locator(".word > button:visible")
    assert words.count() >= 8
    for place in range(words.count()):
        words.nth(place).click()
        assert len(shown(page).inner_text()) > 40
        page.locator("h1").click()
        page.locator(OPEN).wait_for(state="detached")
    assert sent == []


def test_by_the_pointer_and_gone_with_it(asked: Callable[..., tuple[Page, list[str]]]) -> None:
    page, sent = asked()
    page.locator(".word > button", has_text="momentum").hover()
    assert WORDS["momentum"].meaning in shown(page).inner_text()
    page.locator("h1").hover()
    page.locator(OPEN).wait_for(state="detached")
    assert sent == []


def test_by_the_keyboard(asked: Callable[..., tuple[Page, list[str]]]) -> None:
    page, _ = asked()
    page.locator("h1").click()
    page.locator(".word > button", has_text="learning rate").focus()
    page.keyboard.press("Tab")
    assert WORDS["batch"].meaning in shown(page).inner_text()
    page.keyboard.press("Tab")
    assert WORDS["epoch"].meaning in shown(page).inner_text()


def test_a_control_leaves_the_words_explained(visited: Callable[..., Page]) -> None:
    """The figure runs again by itself: what it explained, it explains still, and what the page did, it does not."""
    page = visited(PAGE)
    words = page.locator(".word b")
    before = sorted(words.all_text_contents())
    page.locator(".st-key-controls [role=radio]", has_text="Updates").click()
    until(page, "() => location.href.includes('Updates')")
    until(page, DRAWN)
    page.wait_for_timeout(1000)
    assert sorted(words.all_text_contents()) == before


def test_what_ends_a_sentence_stays_on_the_line_of_its_word(visited: Callable[..., Page]) -> None:
    page = visited("Schedule_workbench")
    for width in range(390, 1290, 20):
        page.set_viewport_size({"width": width, "height": 720})
        assert page.evaluate(ALONE) == 0, width
