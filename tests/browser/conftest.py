"""A real browser on a real server with the invented runs; skipped where there is no Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sgd_core.errors import UserError
from tools import server
from tools.browser import PATIENCE, chromium, visit

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page

HERE = Path(__file__).parent
FIRST_VISIT = "if (!sessionStorage.visited) { localStorage.clear(); sessionStorage.visited = 'yes'; }"
"""Streamlit remembers there that another tab has opened the menu, which lies over a phone's page."""
PROBES = "/_stcore/"
"""On a deep link Streamlit first looks for its server below the page, and is told 404."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def site(invented: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the app."""
    cache = tmp_path_factory.mktemp("cache")
    with server.running({"SGD_PUBLISHED_DIR": str(invented), "SGD_CACHE_DIR": str(cache), "SGD_MODE": "lab"}) as url:
        yield url


@pytest.fixture(scope="package")
def context() -> Iterator[BrowserContext]:
    """One browser for all tests, so that it keeps Streamlit's scripts; every page is a visit of its own.

    It ends with the last of them: its event loop would be in the way of others.
    """
    started = chromium()
    try:
        browser = started.__enter__()
    except UserError as error:
        pytest.skip(str(error).splitlines()[0])
    try:
        made = browser.new_context(accept_downloads=True)
        made.set_default_timeout(PATIENCE)
        yield made
    finally:
        started.__exit__(None, None, None)


@pytest.fixture
def visited(context: BrowserContext, site: str) -> Iterator[Callable[..., Page]]:
    """Open a page of the app in a tab of its own; by the end none may have logged an error or left this machine."""
    problems: list[str] = []
    tabs = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and PROBES not in message.location.get("url", ""):
            problems.append(f"{message.text} {message.location.get('url', '')}")

    def is_ours(url: str) -> bool:
        return url.startswith((site, "data:", "blob:", site.replace("http", "ws")))

    def open_tab(address: str, width: int = 1280, height: int = 900, dark: bool = False, **hooks: Any) -> Page:
        tab = context.new_page()
        tab.add_init_script(FIRST_VISIT)
        tabs.append(tab)
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(color_scheme="dark" if dark else "light")
        tab.on("console", note)
        tab.on("pageerror", lambda error: problems.append(str(error)))
        tab.on("request", lambda request: None if is_ours(request.url) else problems.append(f"asked {request.url}"))
        for event, hook in hooks.items():
            tab.on(event, hook)  # type: ignore[call-overload]
        visit(tab, f"{site}/{address}")
        return tab

    yield open_tab
    for tab in tabs:
        tab.close()
    assert problems == []
