"""A curve from elsewhere on the pages with curves: brought, drawn, asked nothing, in no link, and taken off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from sgd_core.charts import foreign as charts_foreign
from sgd_core.runs.kept.store import PUBLISHED, Store
from sgd_core.runs.queue import engine as engines
from sgd_core.runs.queue.engine import Engine
from sgd_core.ui.shell import kept
from tests.app.conftest import FIGURES, charts, labels, opened, pressed, said, table
from tests.conftest import pages_of
from tests.runs.fake_cluster import FakeCluster

TRAIN, RUNS, FIGURE = "pages/Train.py", "pages/Runs.py", FIGURES[0]
CSV = ("sunny.csv", b"\xef\xbb\xbfepoch;val_acc\n0;0,5\n10;0,75\n149;0,875\n", "text/csv")
BADGE = "Dashed: sunny"


@pytest.fixture(params=["lab", "explore"])
def mode(invented: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: Any) -> Iterator[str]:
    with pages_of(invented, tmp_path / "cache", request.param):
        engine = Engine(connect=FakeCluster)
        monkeypatch.setattr(engines, "_engine", engine)
        yield request.param
        engine.close()


@pytest.fixture
def lab(invented: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with pages_of(invented, tmp_path / "cache"):
        engine = Engine(connect=FakeCluster)
        monkeypatch.setattr(engines, "_engine", engine)
        yield
        engine.close()


def links() -> dict[str, dict[str, str | list[str]]]:
    """A chart of curves on each of the three kinds of pages."""
    runs = Store().runs()
    some = list(runs[runs["source"] == PUBLISHED]["key"].str[: kept.SHORT])[:2]
    return {FIGURE: {}, TRAIN: {"data": "vegetables"}, RUNS: {"run": some}}


def foreign(app: AppTest) -> list[Any]:
    """The rows of a curve from elsewhere on the page's first chart."""
    spec = json.loads(charts(app)[0].spec)
    layers = spec["vconcat"][0]["layer"] if "vconcat" in spec else spec["layer"]
    found: list[Any] = [layer["data"]["values"] for layer in layers if layer.get("name") == charts_foreign.NAME]
    return found


def brought(app: AppTest, file: tuple[str, bytes, str] = CSV) -> AppTest:
    """The page after a file is given, or its text pasted."""
    if app.get("file_uploader") and any(each.label == "CSV file" for each in app.file_uploader):
        next(each for each in app.file_uploader if each.label == "CSV file").set_value(file)
    else:
        next(each for each in app.text_area if each.label == "CSV").set_value(file[1].decode())
    app.run()
    assert not app.exception
    return app


def rows_of(chart: Any) -> bytes:
    """What a chart is drawn of, its description apart."""
    return bytes(chart.data.data) + b"".join(bytes(each.data.data) for each in chart.datasets)


def settled(text: str) -> str:
    """What a page says less what is said of the curve."""
    return "\n".join(line for line in text.splitlines() if "from elsewhere" not in line)


@pytest.mark.parametrize("page", [FIGURE, TRAIN, RUNS])
def test_it_is_drawn_over_every_chart_of_curves_and_changes_no_sentence(page: str, mode: str) -> None:
    app = opened(page, **links()[page])
    before, plain, alt = settled(said(app)), charts(app)[0], charts(app)[0].alt
    link = dict(app.query_params)
    brought(app)
    assert [row["at"] for row in foreign(app)[0]] == [0, 10, 149]
    assert ("Dashed: pasted" if mode == "explore" else BADGE) in said(app)
    assert settled(said(app)) == before
    (shown, *_) = charts(app)
    assert shown.alt.startswith(alt)
    assert "from elsewhere" in shown.alt
    assert rows_of(shown) == rows_of(plain) != b""
    assert dict(app.query_params) == link
    pressed(app, "Take it off")
    assert foreign(app) == []
    assert "Take it off" not in labels(app)
    assert charts(app)[0].spec == plain.spec


def test_it_goes_along_from_page_to_page_and_is_in_no_table(lab: None) -> None:
    app = brought(opened(FIGURE))
    app.switch_page(RUNS)
    app.query_params["run"] = links()[RUNS]["run"]
    app.run()
    assert BADGE in said(app)
    assert len(foreign(app)) == 1
    assert not table(app, "from").astype(str).apply(lambda column: column.str.contains("sunny")).any(axis=None)
    app.switch_page(TRAIN)
    app.run()
    assert BADGE in said(app)


def test_it_is_drawn_only_where_its_kind_and_its_steps_are(lab: None) -> None:
    app = brought(opened(FIGURE))
    app.segmented_control(key="metric").set_value("Train loss").run()
    assert foreign(app) == []
    assert "it is an accuracy, and this chart shows a loss" in said(app)
    app = brought(opened(FIGURE, x="T"), ("tb.csv", b"Wall time,Step,Value\n1,1000,0.5\n2,20000,0.75\n", "text/csv"))
    assert foreign(app) == []
    assert "its μ is not known" in said(app)
    box = next(each for each in app.text_input if each.label == "μ, if known")
    box.set_value("1e-4").run()
    assert [row["at"] for row in foreign(app)[0]] == pytest.approx([0.1, 2])
    assert "μ = 0.0001" in said(app)
    next(each for each in app.selectbox if each.label == "Its steps count").set_value("epoch").run()
    assert "its file counts epochs" in said(app)


def test_a_column_is_chosen_and_what_it_is_goes_with_it(lab: None) -> None:
    app = brought(
        opened(FIGURE, metric="Train loss"), ("log.csv", b"epoch,val_acc,val_loss\n0,0.5,1\n9,0.6,0.5\n", "text/csv")
    )
    assert foreign(app) == []
    next(each for each in app.selectbox if each.label == "Column").set_value("val_loss").run()
    assert not app.exception
    assert next(each for each in app.selectbox if each.label == "It is").value == "loss"
    assert [row["y"] for row in foreign(app)[0]] == [1, 0.5]


def test_what_is_refused_is_a_sentence_and_the_page_stays(lab: None) -> None:
    app = brought(opened(FIGURE), ("bad.csv", b"step,acc\n0,0.5\n1,<img src=x onerror=alert(1)>\n", "text/csv"))
    assert foreign(app) == []
    assert [str(error.value) for error in app.error if "Row 3, column acc," in str(error.value)]
    assert r"\<img" in str(app.error[0].value)
    brought(app)
    assert not app.error
    assert len(foreign(app)) == 1
