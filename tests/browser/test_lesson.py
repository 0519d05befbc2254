"""A lesson by its arrow keys and with guesses drawn on it: every screen stands in its window, on a projector and on a
phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sgd_core.ui.lesson import shelf
from sgd_core.ui.shell.streamlit_private import ERRORS, MAIN
from tests.browser.pages import CHART, PHONE
from tests.browser.test_every_page import CONTRAST
from tools.browser import DRAWN, until

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocket

FITS = f"""() => [document.documentElement, document.querySelector('{MAIN}')].every(
    node => node.scrollHeight <= window.innerHeight && node.scrollWidth <= window.innerWidth)"""
"""Whether nothing needs scrolling."""
WHOLE = """() => [...document.querySelectorAll('.stMainBlockContainer h1, .stVegaLiteChart, .stButton button,'
    + '[class*="st-key-drawing-"], [class*="st-key-choosing-"] button')]
    .filter(node => node.checkVisibility())
    .every(node => { const box = node.getBoundingClientRect();
        return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth; })"""
"""Whether question, picture and buttons stand within the window."""


SHEET = '[class*="st-key-drawing-"]'
PLAYED = """share => {
    const sheet = [...document.querySelectorAll('[class*="st-key-drawing-"] *')].find(node => node.shadowRoot);
    const [all, played] = ['#inside', '#played'].map(name =>
        sheet.shadowRoot.querySelector(`${name} rect`).width.baseVal.value);
    return played >= share * all; }"""
"""Whether so much of the truth has been uncovered."""
FIRST = "Lesson?lesson=short&step=1"
"""A screen on which a curve is drawn."""


@pytest.mark.parametrize(
    ("width", "height"),
    [(1280, 720), (390, 844), *(pytest.param(*size, marks=pytest.mark.long) for size in ((1024, 768), (1920, 1080)))],
)
def test_the_short_lesson_by_its_keys(width: int, height: int, visited: Callable[..., Page]) -> None:
    page = visited("Lesson?lesson=short&step=1", width=width, height=height)
    steps = shelf.lesson("short").steps
    for place, step in enumerate(steps, 1):
        assert_stands(page, step.question)
        if step.picture == "curves":
            assert_picture(page, height)
            page.keyboard.press("ArrowDown")
            until(page, "() => location.href.includes('shown=1')")
            page.wait_for_selector(".st-key-answer")
            assert_stands(page, step.question)
            assert_picture(page, height)
        if place < len(steps):
            page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert_stands(page, steps[-2].question)


@pytest.mark.parametrize("step", [1, 5, 6])
def test_options_stand_in_the_window(step: int, visited: Callable[..., Page]) -> None:
    page = visited(f"Lesson?lesson=full&step={step}", **PHONE)
    asked = shelf.lesson("full").steps[step - 1]
    assert asked.guess is not None
    assert_stands(page, asked.question)
    for option in asked.guess.options:
        assert page.get_by_text(option, exact=True).is_visible()


def test_a_guess_is_drawn_by_mouse_kept_and_held_against_the_truth(visited: Callable[..., Page]) -> None:
    page = visited(FIRST, width=1280, height=720)
    stroke(page, [(0.0, 0.1), (0.3, 0.5), (0.6, 0.8)])
    page.get_by_role("slider").and_(page.locator('[aria-valuetext="90.0%"]')).wait_for()  # it goes on to the edge
    answered(page)
    stroke(page, [(0.9, 0.8), (1.0, 0.6)])
    assert ended(page) == pytest.approx(0.8, abs=0.01)
    answered(page)
    page.keyboard.press("ArrowRight")
    assert_stands(page, shelf.lesson("short").steps[1].question)
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Draw again").wait_for()
    assert ended(page) == pytest.approx(0.8, abs=0.01)
    before = page.locator(f"{SHEET} .pad").bounding_box()
    page.keyboard.press("ArrowDown")
    page.locator(".st-key-answer").get_by_text("Guessed: 80").wait_for()
    page.locator(f"{SHEET} .truth").wait_for(state="attached")
    until(page, PLAYED, arg=0.2)
    assert not page.evaluate(PLAYED, 0.9)  # it plays
    assert page.get_by_role("slider").count() == 0
    after = page.locator(f"{SHEET} #inside rect").evaluate("node => node.height.baseVal.value")
    assert before is not None
    assert after == pytest.approx(before["height"], abs=1)  # nothing jumps
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Draw again").click()
    page.get_by_text("Draw B=512 here").wait_for()
    answered(page)
    page.keyboard.press("ArrowDown")
    page.locator(f"{SHEET} .truth").wait_for(state="attached")
    assert "Guessed" not in page.locator(".st-key-answer").inner_text()


def test_while_a_curve_is_drawn_nothing_is_sent(visited: Callable[..., Page]) -> None:
    frames: list[object] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: frames.append(frame))

    page = visited(FIRST, width=1280, height=720, websocket=listen)
    page.locator(f"{SHEET} .pad").wait_for()
    box = pad(page)
    page.mouse.move(box["x"] + 9, box["y"] + 200)
    page.mouse.down()
    frames.clear()
    for step in range(40):
        page.mouse.move(box["x"] + 9 + 20 * step, box["y"] + 200 - step)
    assert frames == []
    assert page.locator(f"{SHEET} .end.unset").count() == 1  # the line has not come to its end
    page.mouse.up()
    answered(page)
    assert page.locator(f"{SHEET} .end.unset").count() == 0
    assert len(frames) == 1


def test_a_guess_is_drawn_by_finger(visited: Callable[..., Page]) -> None:
    page = visited(FIRST, **PHONE)
    page.locator(f"{SHEET} .pad").wait_for()
    box = pad(page)
    touch = page.context.new_cdp_session(page)

    def finger(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": box["x"] + x * 0.95 * box["width"], "y": box["y"] + (1 - y) * box["height"]} for x, y in places]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    finger("touchStart", (0.1, 0.2))
    for step in range(1, 10):
        finger("touchMove", (0.1 + 0.09 * step, 0.2 + 0.05 * step))
    finger("touchEnd")
    assert ended(page) == pytest.approx(0.825, abs=0.02)
    answered(page)
    assert page.evaluate("() => scrollY") == 0


def test_a_guess_is_made_by_keys_alone(visited: Callable[..., Page]) -> None:
    page = visited(FIRST, width=1280, height=720)
    slider = page.get_by_role("slider")
    slider.wait_for()
    assert slider.get_attribute("aria-valuetext") == "not guessed yet"
    slider.focus()
    for key in ("PageUp", "PageUp", "ArrowDown"):
        page.keyboard.press(key)
    assert slider.get_attribute("aria-valuetext") == "84.5%"  # half of the axis, and 19 hundredths of it
    page.get_by_role("button", name="Draw again").wait_for()
    assert "shown" not in page.url  # the lesson's keys are those of the sheet while it has them
    answered(page)
    page.keyboard.press("ArrowRight")
    assert_stands(page, shelf.lesson("short").steps[1].question)
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Draw again").wait_for()
    page.keyboard.press("ArrowDown")
    page.locator(".st-key-answer").get_by_text("Guessed: 84.5%").wait_for()


def pad(page: Page) -> dict[str, float]:
    """Where a curve is drawn."""
    box = page.locator(f"{SHEET} .pad").bounding_box()
    assert box is not None
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}


def stroke(page: Page, places: list[tuple[float, float]]) -> None:
    """Draw by mouse through these places, as shares of the axes."""
    page.locator(f"{SHEET} .pad").wait_for()
    box = pad(page)
    wide = page.locator(f"{SHEET} #inside rect").evaluate("node => node.width.baseVal.value")
    at = [(box["x"] + x * wide, box["y"] + 1 + (1 - y) * (box["height"] - 2)) for x, y in places]
    page.mouse.move(*at[0])
    page.mouse.down()
    for place in at[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def ended(page: Page) -> float:
    """Where the own curve ends."""
    return float(page.get_by_role("slider").get_attribute("aria-valuenow") or "nan")


def answered(page: Page) -> None:
    """The guess has been taken, and the page is still again."""
    page.wait_for_timeout(600)
    until(page, DRAWN)


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
    until(page, DRAWN)
    until(page, FITS)
    until(page, WHOLE)
    assert page.locator(ERRORS).count() == 0


def assert_picture(page: Page, height: int) -> None:
    """The picture takes half of the window or more."""
    box = page.locator(f"{CHART}, {SHEET}").bounding_box()
    assert box is not None
    assert box["height"] >= height / 2
