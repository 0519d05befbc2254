"""The noise lab and the workbench in a real browser: pictures move without the server, controls stand in the link."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.browser.pages import PHONE, play, press
from tools.browser import DRAWN, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

LABEL = """() => [...document.querySelectorAll('.stVegaLiteChart svg.marks .mark-text text')]
    .map(node => node.textContent).find(text => text.startsWith('B = '))"""
DOTS = """() => [...document.querySelectorAll('.stVegaLiteChart svg.marks .mark-symbol path')]
    .map(node => node.getAttribute('transform')).join(' ')"""

YOURS = """name => [...document.querySelectorAll('td')]
    .some(cell => cell.innerText.startsWith(name) && cell.innerText.includes('(yours)'))"""
"""Whether the table of scenes calls this one the reader's."""
COUNTER = """() => [...document.querySelectorAll('.stVegaLiteChart svg.marks .mark-text text')]
    .map(node => node.textContent).find(text => text.startsWith('step '))"""


def test_the_cloud_of_batch_gradients_glides_to_the_sliders_b_and_all_that_is_said_goes_along(
    visited: Callable[..., Page],
) -> None:
    page = visited("Noise_lab_Batch_gradient?B=8")
    assert page.evaluate(LABEL) == "B = 8"
    assert page.locator(".vega-bind").count() == 0  # the slider is the only control of B
    page.locator(".st-key-B").get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    until(page, f"() => ({LABEL})() === 'B = 4'")
    page.get_by_text("At B = 4 half of all guesses").wait_for()
    until(page, "() => document.querySelector('.stMainBlockContainer').innerText.includes(' of 4. ')")
    page.get_by_text("Variance at B = 4:").wait_for()


def test_the_walkers_move_in_the_browser(visited: Callable[..., Page]) -> None:
    page = visited("Noise_lab_Motion?mu=0.45&B=4&k=4")
    assert "90% of the stability limit" in page.locator(".stMainBlockContainer").inner_text()
    still = page.evaluate(DOTS)
    play(page)
    until(page, f"still => ({DOTS})() !== still", arg=still)


def test_the_valleys_fill_in_the_browser(visited: Callable[..., Page]) -> None:
    frames: list[str] = []
    page = visited(
        "Noise_lab_Valleys?B=1",
        websocket=lambda one: one.on("framereceived", lambda frame: frames.append(str(frame)[:40])),
    )
    still, before = page.evaluate(COUNTER), len(frames)
    assert still.startswith("step 2,048 of 2,048")
    play(page)
    until(page, f"() => ({COUNTER})() === 'step 0 of 2,048 · 0% in the right valley'")
    until(page, f"() => /step [1-9]\\d+ of .* [1-9]\\d*% in/.test(({COUNTER})())")
    assert len(frames) == before


def test_a_scene_stands_in_the_link_and_survives_a_reload(visited: Callable[..., Page]) -> None:
    page = visited("Noise_lab_Valleys")
    press(page, "Noise grows with curvature")
    until(page, "() => location.search.includes('growing')")
    until(page, YOURS, arg="Noise grows with curvature")
    page.reload()
    until(page, DRAWN)
    until(page, YOURS, arg="Noise grows with curvature")


def test_the_same_noise_the_other_way_at_the_press_of_a_button(visited: Callable[..., Page]) -> None:
    page = visited("Schedule_workbench?s=0.375&Ndec=20&epochs=200", **PHONE, dark=True)
    press(page, "Same noise, other way")
    page.get_by_text("At epoch 160 B_k passes N").wait_for()
    assert "second=same" in page.url
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_schedule_goes_along_to_the_train_page(visited: Callable[..., Page]) -> None:
    page = visited("Schedule_workbench?schedule=exponential&r=0.25&B=64&mu=4e-4&epochs=40")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Train the first schedule").click()
    train = opened.value
    train.set_default_timeout(20_000)
    train.get_by_text("from 6.25e-06").wait_for()
    assert {"B=64", "schedule=exponential", "r=0.25"} <= set(train.url.split("?")[1].split("&"))
    train.close()
