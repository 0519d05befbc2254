"""Pages of the app, run without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sgd_core.ui import path
from sgd_core.ui.figures import figure
from tests.conftest import ROOT, pages_of

PAGES = [page.file for page in path.in_order()]
FIGURES = [page.file for page in figure.PAGES.values()]
PATIENCE = 120
"""Seconds for one run of a page, on a machine that trains beside it."""


def opened(page: str, **query: str | list[str]) -> AppTest:
    """A page opened by a link with these query parameters."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    if page != "app.py":
        app.switch_page(page)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def said(app: AppTest) -> str:
    """Everything that the page says in text."""
    shown = [*app.title, *app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.success]
    return "\n".join(str(element.value) for element in shown)


@pytest.fixture(scope="module")
def published(invented: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Pages read the invented runs."""
    with pages_of(invented, tmp_path_factory.mktemp("cache")):
        yield
