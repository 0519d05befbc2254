"""A lesson by its arrow keys: every screen stands in its window, on a projector and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sgd_core.ui.lesson import shelf
from sgd_core.ui.shell.streamlit_private import ERRORS, MAIN
from tests.browser.pages import CHART, PHONE
from tests.browser.test_every_page import CONTRAST
from tools.browser import DRAWN

if TYPE_CHECKING:
    from playwright.sync_api import Page

FITS = f"""() => [document.documentElement, document.querySelector('{MAIN}')].every(
    node => node.scrollHeight <= window.innerHeight && node.scrollWidth <= window.innerWidth)"""
"""Whether nothing needs scrolling."""
WHOLE = """() => [...document.querySelectorAll('.stMainBlockContainer h1, .stVegaLiteChart, .stButton button')]
    .filter(node => node.checkVisibility())
    .every(node => { const box = node.getBoundingClientRect();
        return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth; })"""
"""Whether question, picture and buttons stand within the window."""


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_the_short_lesson_by_its_keys(width: int, height: int, visited: Callable[..., Page]) -> None:
    page = visited("Lesson?lesson=short&step=1", width=width, height=height)
    steps = shelf.lesson("short").steps
    for place, step in enumerate(steps, 1):
        assert_stands(page, step.question)
        if step.picture == "curves":
            assert_picture(page, height)
            page.keyboard.press("ArrowDown")
            page.wait_for_function("() => location.href.includes('shown=1')")
            page.wait_for_selector(".st-key-answer")
            assert_stands(page, step.question)
            assert_picture(page, height)
        if place < len(steps):
            page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert_stands(page, steps[-2].question)


def test_the_note_stands_in_the_window_too(visited: Callable[..., Page]) -> None:
    page = visited("Lesson?lesson=short&step=1", width=1280, height=720)
    note = page.get_by_text(shelf.lesson("short").steps[0].note.ask)
    assert note.count() == 0
    page.keyboard.press("n")
    note.wait_for()
    assert_stands(page, shelf.lesson("short").steps[0].question)
    assert_picture(page, 720)
    box = note.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 720
    page.keyboard.press("n")
    note.wait_for(state="detached")


@pytest.mark.parametrize("dark", [True, False])
def test_what_is_written_can_be_read_from_afar(dark: bool, visited: Callable[..., Page]) -> None:
    page = visited("Lesson?lesson=full&step=2", **PHONE, dark=dark)
    seen = page.evaluate(CONTRAST)
    assert (seen["ground"] < 0.05) == dark
    assert seen["text"] >= 4.5
    assert seen["line"] >= 2.5


def assert_stands(page: Page, question: str) -> None:
    """This question's screen is there and whole."""
    page.get_by_role("heading", name=question).wait_for()
    page.wait_for_function(DRAWN)
    page.wait_for_function(FITS)
    page.wait_for_function(WHOLE)
    assert page.locator(ERRORS).count() == 0


def assert_picture(page: Page, height: int) -> None:
    """The picture takes half of the window or more."""
    box = page.locator(CHART).bounding_box()
    assert box is not None
    assert box["height"] >= height / 2
