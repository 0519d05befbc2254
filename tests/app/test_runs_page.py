"""The Runs page: find, overlay by link, rename, delete; nothing of it in explore mode."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sgd_core.runs.store import LOCAL, Store
from sgd_core.runs.table import Run
from tests.app.conftest import PATIENCE, opened, said
from tests.conftest import pages_of
from tests.runs.made import made

PAGE = "pages/12_Runs.py"
MINE: Run = made(epochs=5, batch_size=64, learning_rate=0.0123)


@pytest.fixture
def cache(invented: Path, tmp_path: Path) -> Iterator[Path]:
    with pages_of(invented, tmp_path / "cache"):
        Store().save(MINE)
        yield tmp_path / "cache"


def charts(app: AppTest) -> list[str]:
    return [element.proto.alt for kind in ("vega_lite_chart", "arrow_vega_lite_chart") for element in app.get(kind)]


def test_every_run_is_listed_and_found_by_what_it_is(cache: Path) -> None:
    app = opened(PAGE)
    assert not app.exception
    assert "55 runs" in said(app)
    app = opened(PAGE, find="mu=0.0123")
    assert not app.exception
    assert "1 runs" in said(app)
    assert list(app.dataframe[0].value["from"]) == [LOCAL]


def test_a_link_lays_runs_over_each_other(cache: Path) -> None:
    runs = Store().runs()
    keys = [MINE.key[:12], str(runs[runs["source"] != LOCAL]["key"].iloc[0])[:12]]
    app = opened(PAGE, run=keys)
    assert not app.exception
    (alt,) = charts(app)
    assert alt.count("ends at") == 2
    assert LOCAL in alt


def test_a_link_to_a_run_that_is_not_here_says_so(cache: Path) -> None:
    app = opened(PAGE, run=["0" * 12, "../../etc"])
    assert not app.exception
    assert "2 of the runs in this link are not here" in said(app)


def test_a_run_of_this_machine_is_renamed_and_deleted(cache: Path) -> None:
    app = opened(PAGE, run=[MINE.key[:12]])
    app.text_input[1].set_value("# my <b>best</b> run")
    next(button for button in app.button if button.label == "Keep name and note").click()
    app.run(timeout=PATIENCE)
    assert not app.exception
    assert Store().local.notes()[MINE.key]["name"] == "# my <b>best</b> run"
    next(button for button in app.button if button.label == "Delete them").click()
    app.run(timeout=PATIENCE)
    assert not app.exception
    assert Store().local.row(MINE.key) is None


def test_a_published_run_can_be_neither_renamed_nor_deleted(cache: Path) -> None:
    runs = Store().runs()
    app = opened(PAGE, run=[str(runs[runs["source"] != LOCAL]["key"].iloc[0])[:12]])
    assert not {"Keep name and note", "Delete them"} & {button.label for button in app.button}


def test_explore_offers_none_of_it(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_MODE", "explore")
    app = opened(PAGE, run=[MINE.key[:12]])
    assert not app.exception
    assert {button.label for button in app.button} <= {"Choose none"}
    assert "cannot be imported" in said(app)
