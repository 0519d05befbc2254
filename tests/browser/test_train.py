"""A tiny run on the built-in shapes in a real browser: start, watch it grow in place, come back to it, cancel, see it
on the Runs page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from sgd_core.runs.kept import incoming
from tests.browser.pages import CHART, press
from tools.browser import PATIENCE, until

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytest.importorskip("torch")

LONG = "Train?data=shapes&features=random&views=2&epochs=300&B=1&head=linear"
"""Minutes, in epochs of half a second."""
SHORT = "Train?data=shapes&features=random&views=2&epochs=2&B=16&head=linear"
"""Learns, and not by a hair: two thirds of its training images are right after these two epochs."""
CURVE = """() => [...document.querySelectorAll('.st-key-picture svg.marks .mark-line path')]
    .map(path => path.getAttribute('d') ?? '').join('')"""
"""All lines: the one of the first epochs' points, which is the first, ends with them."""
LONGER = f"before => (({CURVE})()).length > before.length"


@pytest.fixture
def seed(attempt: int) -> int:
    return 10 * attempt


def grown(page: Page, than: str = "") -> str:
    """The curve as it is drawn once it is longer than it was."""
    until(page, LONGER, arg=than)
    return str(page.evaluate(CURVE))


def test_a_run_grows_in_place_survives_a_refresh_and_is_cancelled(visited: Callable[..., Page], seed: int) -> None:
    page = visited(f"{LONG}&seed={seed}")
    press(page, "Start")
    page.get_by_role("button", name="Cancel").wait_for()
    until(page, "() => location.search.includes('job=')")
    first = grown(page)
    page.evaluate("() => { document.querySelector('.st-key-picture svg.marks').watched = true; }")
    later = grown(page, grown(page, first))
    assert page.evaluate("() => document.querySelector('.st-key-picture svg.marks').watched === true")

    page.reload()
    assert len(grown(page)) >= len(later)
    other = visited(page.url.removeprefix(page.url.split("Train")[0]))  # another visitor, by the link
    grown(other)
    page.get_by_role("link", name="1 · Batch size").click()
    page.get_by_role("heading", name="Figure 1").wait_for()
    page.get_by_role("link", name="Train a run").click()
    grown(page)
    assert "job=" in page.url

    page.get_by_text(re.compile(r"[1-9]\d* of 300 epochs done")).wait_for(timeout=PATIENCE)  # the curve began before
    press(other, "Cancel")
    for each in (page, other):
        each.get_by_text("was cancelled after").wait_for(timeout=PATIENCE)
    assert page.get_by_text("Its curve so far is kept").is_visible()
    assert page.get_by_role("button", name="Train it again").is_visible()


@pytest.mark.parametrize("present", [False, pytest.param(True, marks=pytest.mark.long)])
def test_all_that_is_live_is_on_one_screen(visited: Callable[..., Page], present: bool, seed: int) -> None:
    page = visited(f"{LONG}&seed={seed + 1 + present}&present={str(present).lower()}", height=720)
    press(page, "Start")
    page.get_by_role("button", name="Cancel").wait_for()
    page.locator(f".st-key-picture {CHART} svg.marks").wait_for()
    for what in (
        page.locator(".st-key-start button"), page.get_by_role("button", name="Cancel"),
        page.get_by_role("slider", name="images per update"), page.get_by_role("slider", name="learning rate").first,
        page.get_by_role("progressbar"), page.locator(f".st-key-picture {CHART}"),
    ):  # fmt: skip
        box: Any = what.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 720, what
    press(page, "Cancel")
    page.get_by_text("was cancelled").wait_for(timeout=PATIENCE)


@pytest.mark.long
def test_a_duel_is_on_one_screen_of_a_projector(visited: Callable[..., Page]) -> None:
    page = visited("Train?data=shapes&present=true", height=720)
    page.get_by_role("button", name="B=16 against B=256").click()
    page.get_by_role("button", name="Cancel").first.wait_for()
    page.get_by_text(" s left.").first.wait_for(timeout=PATIENCE)  # the longest of what is said there
    box: Any = page.locator(f".st-key-picture {CHART}").bounding_box()
    assert box["y"] + box["height"] <= 720
    page.get_by_role("button", name="Cancel").first.click()
    page.get_by_text("All 2 runs have ended.").wait_for(timeout=PATIENCE)  # the next test's run would wait for them


def test_on_a_phone_start_and_curve_come_before_the_controls(visited: Callable[..., Page]) -> None:
    page = visited("Train?data=vegetables", width=390, height=844)
    places: list[Any] = [
        page.locator(".st-key-start button").bounding_box(),
        page.locator(f".st-key-picture {CHART}").bounding_box(),
        page.get_by_role("slider", name="images per update").bounding_box(),
    ]  # fmt: skip
    assert [box["y"] for box in places] == sorted(box["y"] for box in places)
    assert places[1]["y"] < 844 / 2


def test_a_finished_run_is_one_click_from_the_replay(visited: Callable[..., Page], seed: int) -> None:
    page = visited(f"{SHORT}&seed={seed}")
    press(page, "Start")
    page.get_by_text(f"seed {seed} is trained").wait_for(timeout=PATIENCE)
    page.get_by_role("button", name=f"Train seed {seed + 1}").wait_for()
    key = page.url.split("job=")[1].split("&")[0]
    page = visited(f"Runs?run={key}&figure=1")
    text = page.locator(f"{CHART} svg").text_content() or ""
    assert f"B=16, μ=4e-4, linear head, 2 epochs, seed {seed} (this machine)" in text
    assert "B=512" in text


def test_a_row_is_ticked_and_a_file_is_refused(visited: Callable[..., Page], tmp_path: Path) -> None:
    page = visited("Runs?find=B=16+mu=1e-4")
    table = page.get_by_test_id("stDataFrame").first
    table.locator("canvas").first.wait_for()
    box: Any = table.bounding_box()
    page.mouse.click(box["x"] + 20, box["y"] + 52)
    until(page, "() => location.search.includes('run=')")
    page.locator(f"{CHART} svg").wait_for()
    file = tmp_path / "runs.json"
    file.write_text(f'{{"format": "{incoming.FORMAT}", "runs": [{{"key": "../../etc/passwd"}}]}}')
    page.get_by_test_id("stForm").locator("input[type=file]").set_input_files(file)
    page.get_by_text("runs.json").wait_for()
    press(page, "Import")
    page.get_by_text("does not have the fields").wait_for()
