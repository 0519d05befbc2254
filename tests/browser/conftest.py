"""A real browser on a real server with the invented runs; skipped where there is no Chromium."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sgd_core.errors import UserError
from tests.browser.pages import WIDE
from tests.conftest import with_features
from tools import server
from tools.browser import PATIENCE, chromium, visit

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, ViewportSize

HERE = Path(__file__).parent
FIRST_VISIT = "if (!sessionStorage.visited) { localStorage.clear(); sessionStorage.visited = 'yes'; }"
"""Streamlit remembers there that another tab has opened the menu, which lies over a phone's page."""
NO_PULSE = """addEventListener('DOMContentLoaded', () => {
    const style = document.createElement('style');
    style.textContent = '*, *::before, *::after { animation-iteration-count: 1 !important }';
    document.head.append(style);
});
"""
"""What pulses while Streamlit loads is redrawn 60 times a second: a tenth of what a visit costs without a GPU."""
PROBES = "/_stcore/"
"""On a deep link Streamlit first looks for its server below the page, and is told 404."""
ASIDE = f"{PROBES}health"
"""A place without a page on the same server: a tab that waits there keeps its process, and with it compiled scripts."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a test fails, its report says what every open page showed."""
    report = yield
    context: BrowserContext | None = getattr(item, "funcargs", {}).get("context")
    if context is not None and report.when == "call" and report.failed:
        for page in context.pages:
            if ASIDE not in page.url:
                report.sections.append((page.url, page.locator("body").inner_text(timeout=PATIENCE)))
    return report


@pytest.fixture(scope="package")
def site(invented: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of the app; the features of the shapes are there already."""
    cache = tmp_path_factory.mktemp("cache")
    if find_spec("torch"):
        with_features(cache, request.getfixturevalue("shapes_features"))
    told = {"SGD_PUBLISHED_DIR": str(invented), "SGD_CACHE_DIR": str(cache), "SGD_MODE": "lab", "SGD_NICE": "0"}
    with server.running(told) as url:
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


@pytest.fixture(scope="package")
def rested(context: BrowserContext) -> list[Page]:
    """Tabs that no test has open: a visit in one of them costs half of one in a new tab."""
    return []


@pytest.fixture
def visited(context: BrowserContext, site: str, rested: list[Page]) -> Iterator[Callable[..., Page]]:
    """`visits` of one test."""
    with visits(context, site, rested) as visited:
        yield visited


@contextmanager
def visits(context: BrowserContext, site: str, rested: list[Page]) -> Iterator[Callable[..., Page]]:
    """Open a page of the app in a tab of its own; by the end none may have logged an error or left this machine.

    With a `script`, which runs before all others at every load, the tab is a new one and is closed by the end. A page
    that is `still` is read by someone who wants less motion.
    """
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and PROBES not in message.location.get("url", ""):
            problems.append(f"{message.text} {message.location.get('url', '')}")

    def is_ours(url: str) -> bool:
        return url.startswith((site, "data:", "blob:", site.replace("http", "ws")))

    watched: dict[str, Callable[..., Any]] = {
        "console": note,
        "pageerror": lambda error: problems.append(str(error)),
        "request": lambda request: None if is_ours(request.url) else problems.append(f"asked {request.url}"),
    }

    def rest(tab: Page, hooks: dict[str, Callable[..., Any]]) -> None:
        for event, hook in hooks.items():
            tab.remove_listener(event, hook)
        tab.mouse.move(-1, -1)
        tab.goto(f"{site}{ASIDE}")
        tab.evaluate("sessionStorage.clear()")
        rested.append(tab)

    with ExitStack() as ending:

        def open_tab(address: str, *, dark: bool = False, still: bool = False, script: str = "", **how: Any) -> Page:
            size: ViewportSize = {"width": how.pop("width", WIDE["width"]), "height": how.pop("height", WIDE["height"])}
            hooks = watched | how
            if rested and not script:
                tab = rested.pop()
            else:
                tab = context.new_page()
                tab.add_init_script(FIRST_VISIT + NO_PULSE + script)
            if script:
                ending.callback(tab.close)
            else:
                ending.callback(rest, tab, hooks)
            tab.set_viewport_size(size)
            tab.emulate_media(
                color_scheme="dark" if dark else "light", reduced_motion="reduce" if still else "no-preference"
            )
            for event, hook in hooks.items():
                tab.on(event, hook)
            visit(tab, f"{site}/{address}")
            return tab

        yield open_tab
    assert problems == []
