"""The first page moves at once, and what moves by itself stands still for a reader who has asked for less motion."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.pages import CHART, PHONE
from tools.browser import DRAWN, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIT = "document.querySelectorAll('.stVegaLiteChart .mark-rect path[opacity=\"1\"]').length"
SOON = """(async () => {
    const lit = () => LIT;
    while (!document.querySelector('.stVegaLiteChart .mark-rect path')) await new Promise(requestAnimationFrame);
    const first = lit(), began = performance.now();
    while (lit() === first && performance.now() - began < 20000) await new Promise(requestAnimationFrame);
    window.movedAfter = performance.now() - began;
})()""".replace("LIT", LIT)
"""Milliseconds from the first tile on screen to the first that lights up."""
FRAMES = """
    window.frames = 0;
    new MutationObserver(changes => {
        if (changes.some(each => each.target.closest('svg.marks'))) window.frames++;
    }).observe(document, {subtree: true, attributes: true, attributeFilter: ['d', 'opacity', 'transform']});
"""
"""How often charts have been redrawn since the page began."""
MOVES_BY_ITSELF = {"": "", "a lesson": "Lesson?lesson=full&step=1&shown=1"}
JUMPS = 6
"""Redraws of a picture that stands still: its first, its jump to the end, and those of a window that settles."""


@pytest.mark.parametrize("size", [{"width": 1280, "height": 720}, PHONE])
def test_the_page_is_two_screens_long_and_its_picture_stands_in_the_first_and_moves_within_a_second(
    size: dict[str, int], visited: Callable[..., Page]
) -> None:
    page = visited("", script=SOON, **size)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") <= 2 * size["height"]
    box = page.locator(CHART).bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < size["height"]
    until(page, "() => window.movedAfter")
    assert page.evaluate("window.movedAfter") < 1000


def test_it_rests_when_it_is_told_to(visited: Callable[..., Page]) -> None:
    page = visited("")
    page.get_by_label("Keep moving").uncheck()
    page.add_script_tag(content=FRAMES)
    page.wait_for_timeout(600)
    assert page.evaluate("window.frames") == 0


def test_begin_leads_into_the_lesson(visited: Callable[..., Page]) -> None:
    page = visited("")
    page.get_by_role("button", name="Begin").click()
    until(page, "() => location.href.includes('Lesson?lesson=full&step=1')")
    until(page, DRAWN)
    assert "How many times as many steps" in page.locator("h1").inner_text()


@pytest.mark.parametrize("address", MOVES_BY_ITSELF.values(), ids=MOVES_BY_ITSELF)
def test_what_moves_by_itself_stands_still_where_less_motion_is_asked_for(
    address: str, visited: Callable[..., Page]
) -> None:
    page = visited(address, script=FRAMES)
    until(page, f"() => window.frames > {JUMPS}")
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    until(page, DRAWN)
    page.wait_for_timeout(2000)
    assert page.evaluate("window.frames") <= JUMPS


def test_the_epoch_that_stands_still_is_whole(visited: Callable[..., Page]) -> None:
    page = visited("", still=True)
    until(page, f"() => {LIT} === 186 + 6")
    assert not page.get_by_label("Keep moving").is_checked()
