"""`screenshots`: a picture of every page, taken from the published runs, so that the README's pictures stay current."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from sgd_core import settings
from sgd_core.ui.shell.streamlit_private import MAIN
from tools import server
from tools.browser import chromium, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = Path("docs/screenshots")
WIDE, PHONE = 1280, 390
TALLEST = 2400
"""Pixels of a page that a picture shows at most."""
STILL_MS = 2500
"""Wait for curves that glide to their places, and for web fonts."""


@dataclass(frozen=True)
class Shot:
    """One picture: file name, path and query of the page, width in pixels, light or dark."""

    name: str
    address: str
    width: int = WIDE
    dark: bool = False


def screenshots(
    folder: Annotated[Path, typer.Option(help="where the pictures go")] = FOLDER,
    page: Annotated[list[str] | None, typer.Option(help="only pictures whose name holds this")] = None,
) -> None:
    """Start the app and write one PNG per page, some also dark and as on a phone."""
    console = Console()
    target = settings.ROOT / folder
    target.mkdir(parents=True, exist_ok=True)
    with server.running() as url, chromium() as browser:
        for shot in _shots():
            if page and not any(part in shot.name for part in page):
                continue
            _take(browser, f"{url}/{shot.address}", shot, target / f"{shot.name}.png")
            console.print(f"{target / shot.name}.png", highlight=False, soft_wrap=True)


def _shots() -> Iterator[Shot]:
    slugs = server.pages().values()
    names = {slug: slug.lower().replace("_", "-") or "start" for slug in slugs}
    yield from (Shot(names[slug], slug) for slug in slugs)
    first_figure = next(slug for slug in slugs if slug.startswith("Figure_1"))
    yield Shot("lesson-guess", "Lesson?lesson=full&step=2")
    yield Shot("start-phone", "", PHONE)
    yield Shot("figure-1-dark", f"{first_figure}?x=T", dark=True)
    yield Shot("figure-1-phone", first_figure, PHONE)
    yield Shot("figure-1-presentation", f"{first_figure}?x=T&present=true")


def _take(browser: Browser, url: str, shot: Shot, file: Path) -> None:
    size = {"width": shot.width, "height": 900}
    context = browser.new_context(viewport=size, color_scheme="dark" if shot.dark else "light")  # type: ignore[arg-type]
    page = context.new_page()
    visit(page, url)
    height = page.evaluate(f"() => document.querySelector('{MAIN}').scrollHeight")
    page.set_viewport_size({"width": shot.width, "height": min(int(height), TALLEST)})
    page.wait_for_timeout(STILL_MS)
    page.screenshot(path=file)
    context.close()
