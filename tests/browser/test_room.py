"""A class in a room: a laptop and two phones play the short lesson by keys, taps and strokes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from sgd_core.ui.lesson import shelf
from sgd_core.ui.shell.streamlit_private import ERRORS
from tests.browser.pages import CHART, PHONE
from tests.browser.test_lesson import FITS, SHEET, WHOLE, stroke
from tools.browser import DRAWN, PATIENCE, until

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

DRAWN_GUESSES = f"{SHEET} path.guess"
NOTE = "text => document.querySelector('.st-key-note')?.innerText.includes(text)"
"""Whether the note says this; words in it may be marked as explained."""


@pytest.fixture
def devices(context: BrowserContext, site: str) -> Iterator[list[Page]]:
    """A laptop and two phones, each a browser of its own; the phones' theme is light and dark."""
    browser = context.browser
    assert browser is not None
    laptop = browser.new_context(viewport={"width": 1280, "height": 720})
    phones = [browser.new_context(viewport=PHONE, color_scheme=scheme) for scheme in ("light", "dark")]
    pages, problems = [], []
    for each in (laptop, *phones):
        each.set_default_timeout(PATIENCE)
        page = each.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        pages.append(page)
    pages[0].goto(f"{site}/Lesson?lesson=short&step=1")
    pages[0].get_by_role("button", name="Next").wait_for()
    yield pages
    for each in (laptop, *phones):
        each.close()
    assert problems == []


def test_a_class_plays_the_short_lesson(devices: list[Page], site: str) -> None:
    steps = shelf.lesson("short").steps
    assert [step.guess.kind if step.guess else "" for step in steps[:3]] == ["draw", "", "choice"]
    laptop, *phones = devices
    laptop.keyboard.press("j")
    letters = laptop.locator(".letters").inner_text()
    assert laptop.get_by_role("img", name=re.compile("QR code")).count() == 0, "only this machine gets here"
    laptop.get_by_text("No phone can join").wait_for()
    for page in phones:
        page.goto(f"{site}/Lesson?room={letters.lower()}")
        page.get_by_text("You are in.").wait_for()
    laptop.get_by_text("2 phones are here.").wait_for()

    laptop.keyboard.press("ArrowRight")
    for page in phones:
        page.get_by_role("heading", name=steps[0].question).wait_for()
        assert page.locator(CHART).count() == 0
        until(page, FITS)
        stroke(page, [(0.05, 0.2), (0.5, 0.6), (1.0, 0.8)])
        page.get_by_text("Sent.").wait_for()
    laptop.get_by_text("all 2 have answered").wait_for()
    until(laptop, FITS)
    until(laptop, WHOLE)
    assert laptop.locator(DRAWN_GUESSES).count() == 0

    phones[0].reload()
    phones[0].get_by_text("Sent.").wait_for()
    laptop.get_by_role("button", name="Show guesses").wait_for()
    laptop.keyboard.press("ArrowDown")
    laptop.locator(DRAWN_GUESSES).nth(1).wait_for()
    for page in phones:
        page.get_by_text("All guesses are on the screen now.").wait_for()
    laptop.keyboard.press("ArrowDown")
    laptop.get_by_text("The middle of 2 guesses").wait_for()
    for page in phones:
        page.get_by_text("What is true is on the screen").wait_for()

    laptop.keyboard.press("ArrowRight")
    for page in phones:
        page.get_by_text("Nothing to guess here.").wait_for()
    laptop.keyboard.press("ArrowRight")
    for page in phones:
        page.get_by_text(steps[2].guess.options[1] if steps[2].guess else "").click()
        page.get_by_text("Sent.").wait_for()
    laptop.get_by_role("button", name="Show guesses").wait_for()
    laptop.keyboard.press("ArrowDown")
    laptop.get_by_text("Most votes, 2 of 2").wait_for()

    laptop.keyboard.press("Escape")
    laptop.get_by_role("button", name="End the room").click()
    for page in phones:
        page.get_by_text("The room has ended.").wait_for()
    assert sum(page.locator(ERRORS).count() for page in devices) == 0


def test_a_second_screen_has_the_note_and_steers(devices: list[Page], site: str) -> None:
    steps = shelf.lesson("short").steps
    laptop, second, phone = devices
    laptop.keyboard.press("j")
    laptop.get_by_role("button", name="Begin").click()
    laptop.get_by_text("no phone is here").wait_for()
    assert "steer" not in laptop.url  # the projector shows it
    laptop.reload()
    laptop.get_by_role("button", name="Code").click()
    laptop.get_by_text("For the teacher").click()
    laptop.get_by_role("button", name="Steer from another device").click()
    link = laptop.locator(".stCode code").inner_text()
    laptop.keyboard.press("Escape")
    laptop.get_by_role("button", name="Go on").click()
    phone.goto(laptop.url)  # the projector's address makes a phone of whoever opens it
    phone.get_by_text("Your guess").wait_for()
    second.goto(f"{site}/Lesson?{link.partition('?')[2]}")  # the link has the address for phones
    second.get_by_role("heading", name=steps[0].question).wait_for()
    until(second, NOTE, arg=steps[0].note.ask)
    until(second, "() => !location.search.includes('steer')")
    second.get_by_role("button", name="Next").click()
    laptop.get_by_role("heading", name=steps[1].question).wait_for()
    until(laptop, DRAWN)
    laptop.keyboard.press("ArrowRight")
    second.get_by_role("heading", name=steps[2].question).wait_for()
    until(second, NOTE, arg=steps[2].note.ask)
    assert second.locator(CHART).count() == 0
    until(second, FITS)
