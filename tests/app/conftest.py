"""Pages of the app, run without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from sgd_core.ui import path
from sgd_core.ui.figures import figure
from sgd_core.ui.shell.words import plain
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
    """Everything that the page says in text, its words as they are read."""
    shown = [*app.title, *app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.success]
    return "\n".join(plain(str(element.value)) for element in shown)


def texts(app: AppTest) -> list[str]:
    """What the page says below its title in Markdown, in the order in which it stands there, as it is drawn."""

    def within(block: Any) -> Iterator[str]:
        for part in block.children.values():
            if hasattr(part, "children"):
                yield from within(part)
            elif part.type in ("markdown", "caption"):
                yield str(part.value)

    return list(within(app.main))


def charts(app: AppTest) -> list[Any]:
    """What the page sends of every chart: `spec`, `alt`, `data`."""
    return [element.proto for element in app.get("vega_lite_chart")]


def table(app: AppTest, column: str) -> pd.DataFrame:
    """The page's only table with this column."""
    (found,) = (each.value for each in app.dataframe if column in each.value)
    return found


def labels(app: AppTest) -> list[str]:
    """What stands on the page's buttons."""
    return [button.label for button in app.button]


def pressed(app: AppTest, label: str) -> AppTest:
    """The page after a press of the button with this label."""
    (button,) = (button for button in app.button if button.label == label)
    button.click().run(timeout=PATIENCE)
    assert not app.exception
    return app


@pytest.fixture(scope="module")
def published(invented: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Pages read the invented runs."""
    with pages_of(invented, tmp_path_factory.mktemp("cache")):
        yield


@pytest.fixture
def pages(invented: Path, tmp_path: Path) -> Iterator[None]:
    """The same, with what is kept here in a folder of one test."""
    with pages_of(invented, tmp_path / "cache"):
        yield
