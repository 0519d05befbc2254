"""A real browser on the app's pages, for `screenshots`, `bench pages` and the browser tests.

Needs playwright and a Chromium: the system's where there is one, else playwright's own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sgd_core.errors import UserError
from sgd_core.ui.shell.streamlit_private import APP, SKELETON

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE = 120_000
"""Milliseconds for a page to be there, on a machine that is busy with training."""

DRAWN = f"""() => {{
    const app = document.querySelector('{APP}');
    const main = document.querySelector('.stMainBlockContainer');
    const charts = [...main?.querySelectorAll('.stVegaLiteChart') ?? []];
    return app?.dataset.testScriptState === 'notRunning' && !!main?.querySelector('h1')
        && !main.querySelector('{SKELETON}')
        && charts.every(chart => chart.querySelector('svg.marks, canvas.marks'));
}}"""
"""Whether the page is there: its script has ended, its title is on it, and every chart has been drawn."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser; raises UserError where playwright or a Chromium is missing."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ModuleNotFoundError:
        raise UserError("This needs playwright, which is not installed: pip install -r requirements-dev.txt.") from None
    system = next((path for path in map(shutil.which, NAMES) if path), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=system, args=ARGUMENTS)
        except Error as error:
            raise UserError(
                f"No Chromium could be started ({system or 'none of ' + ', '.join(NAMES)}): {error}"
            ) from None
        try:
            yield browser
        finally:
            browser.close()


def until(page: Page, condition: str, arg: object = None, every: int = 50) -> None:
    """Wait until a JavaScript function of `arg` says true, asked every so many milliseconds.

    Not at every frame, as playwright does by itself: on a busy machine the question keeps the page from its answer.
    """
    page.wait_for_function(condition, arg=arg, timeout=PATIENCE, polling=every)


def visit(page: Page, url: str) -> None:
    """Open a page of the app and wait until it is drawn."""
    page.goto(url)
    until(page, DRAWN)
