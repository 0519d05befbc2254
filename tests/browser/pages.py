"""What tests in a browser share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

CHART = ".stVegaLiteChart"
PHONE: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1280, "height": 900}


def press(page: Page, label: str) -> None:
    """Click the button with exactly this label."""
    page.get_by_role("button", name=label, exact=True).click()


def play(page: Page) -> None:
    """Let the page's first moving picture move."""
    page.locator(".vega-bindings").get_by_role("button", name="Play").first.click()
