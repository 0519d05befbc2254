"""The Runs page: find, overlay by link, rename, delete; nothing of it in explore mode."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sgd_core.evidence import ordering
from sgd_core.experiment.run import Run
from sgd_core.runs.kept import exchange
from sgd_core.runs.kept.store import IMPORTED, LOCAL, PUBLISHED, Store
from sgd_core.runs.queue import engine as engines
from sgd_core.runs.queue.engine import Engine
from sgd_core.ui.every_run.columns import NUMBERS
from sgd_core.ui.shell import kept
from tests.app.conftest import charts, labels, opened, pressed, said, table
from tests.runs.fake_cluster import FakeCluster
from tests.runs.made import made

PAGE = "pages/Runs.py"
MINE: Run = made(epochs=5, batch_size=64, learning_rate=0.0123)
HOSTILE = "# my <b>best</b> run](javascript:x)"


@pytest.fixture
def cache(pages: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    Store().save(MINE)
    engine = Engine(connect=FakeCluster)
    monkeypatch.setattr(engines, "_engine", engine)
    yield tmp_path / "cache"
    engine.close()


def short(run: Run) -> str:
    return run.key[: kept.SHORT]


def a_published() -> str:
    runs = Store().runs()
    return str(runs[runs["source"] == PUBLISHED]["key"].iloc[0])[: kept.SHORT]


def test_every_run_is_listed_and_found_by_what_it_is(cache: Path) -> None:
    app = opened(PAGE)
    assert not app.exception
    assert "55 runs" in said(app)
    for words in ("mu=0.0123", "B=64 mu=123e-4", MINE.key, "this machine"):
        app = opened(PAGE, find=words)
        assert not app.exception
        assert list(table(app, "from")["from"]) == [LOCAL], words
    assert "0 runs" in said(opened(PAGE, find="nothing like it (["))
    assert set(table(opened(PAGE, find="B=16"), "from")["B"]) == {16}
    app = opened(PAGE, find="foo=3")
    assert "foo is no column of the runs" in said(app)
    assert "55 runs" in said(app)


def test_filters_and_sorting_stand_in_the_link(cache: Path) -> None:
    assert list(table(opened(PAGE, source=LOCAL), "from")["from"]) == [LOCAL]
    assert "55 runs" in said(opened(PAGE, ended="done"))
    assert table(opened(PAGE, sort="validation"), "from")["validation"].is_monotonic_decreasing
    assert table(opened(PAGE, sort="validation", back="true"), "from")["validation"].is_monotonic_increasing
    for column in ("B", "T_eff", "train loss", "test loss"):
        app = opened(PAGE, sort=column)
        assert not app.exception
        assert list(table(app, "from").columns)[1] == column  # where a reader sees it
        assert table(app, "from")[column].dropna().is_monotonic_increasing != NUMBERS[column].falling


def test_seeds_of_a_setting_are_one_row_and_one_curve_with_its_band(cache: Path) -> None:
    app = opened(PAGE, group="true", find="B=32, μ=1e-4")
    assert "2 runs of 1 setting" in said(app)
    (row,) = table(app, "seeds").query("seeds == 2").to_dict("records")
    assert row["± validation"] > 0
    runs = kept.all_runs()
    both = [key[: kept.SHORT] for key in runs.query("batch_size == 32")["key"]]
    app = opened(PAGE, group="true", run=both)
    (chart,) = charts(app)
    assert chart.alt.count("ends at") == 1
    assert list(table(app, "seeds")["run"]).count("B=32, μ=1e-4") == 1
    assert charts(opened(PAGE, run=both))[0].alt.count("ends at") == 2


def test_one_number_of_every_run_is_drawn_against_another(cache: Path) -> None:
    app = opened(PAGE, draw="Scatter", across="T", up="validation", run=short(MINE))
    assert not app.exception
    (chart,) = charts(app)
    runs = kept.all_runs()
    pairs = runs[["end_time", "final_val_accuracy"]].dropna()
    rho = ordering.spearman(pairs["end_time"], pairs["final_val_accuracy"])
    assert f"Over {len(pairs)} runs: the rank correlation of T and validation is {rho:.2f}" in said(app)
    assert json.loads(chart.spec)["encoding"]["x"]["scale"]["type"] == "log"
    app = opened(PAGE, draw="Scatter", find=MINE.key, group="true")
    assert "too few" in said(app)


def test_no_run_that_is_found_is_no_setting_either(cache: Path) -> None:
    """Grouped, nothing has no intervals; that once ended the page."""
    app = opened(PAGE, find="B=17", group="true")
    assert not app.exception
    assert "0 runs" in said(app)


def test_a_search_that_finds_nothing_says_which_word_it_is(cache: Path) -> None:
    app = opened(PAGE, find="B=512 B=4")
    assert "No run here has B=4." in said(app)
    assert "Export" not in said(app)


def test_a_number_is_drawn_against_itself(cache: Path) -> None:
    """Two controls can be at the same number; that once ended the page."""
    app = opened(PAGE, draw="Scatter", across="T_eff", up="T_eff")
    assert not app.exception
    assert "T_eff" in said(app)
    assert len(charts(app)) == 1


def test_a_link_lays_runs_over_each_other(cache: Path) -> None:
    app = opened(PAGE, run=[short(MINE), a_published()])
    assert not app.exception
    (chart,) = charts(app)
    assert chart.alt.count("ends at") == 2
    assert LOCAL in chart.alt


def test_a_loss_of_zero_and_one_that_exploded_neither_kill_nor_empty_the_chart(cache: Path) -> None:
    losses = (None, 2.3, 0.5, 0.0, 6e18, 0.1)  # the first row is the untrained head
    odd = replace(MINE, records=[replace(row, train_loss=loss) for row, loss in zip(MINE.records, losses, strict=True)])
    Store().local.delete([MINE.key])
    Store().save(odd)
    for axis in ("Epoch", "T", "T_eff"):
        app = opened(PAGE, run=short(odd), metric="Train loss", x=axis)
        assert not app.exception
        (chart,) = charts(app)
        low, high = json.loads(chart.spec)["vconcat"][0]["layer"][0]["encoding"]["y"]["scale"]["domain"]
        assert 0 < low < 0.1
        assert high == pytest.approx(1100)
        assert "Drawn at the edge of the axis: 1 below 8e-07 and 1 above 1.1e+03" in said(app)


def test_a_run_is_laid_over_a_figure_of_the_paper(cache: Path) -> None:
    app = opened(PAGE, run=short(MINE), figure="1")
    (chart,) = charts(app)
    assert chart.alt.count("ends at") == 1 + 6
    assert "B=512" in chart.alt
    drawn = json.loads(chart.spec)["vconcat"][0]["layer"][1]["encoding"]
    assert sorted(drawn["strokeOpacity"]["scale"]["range"]) == [0.5] * 6 + [1]
    widths = dict(zip(drawn["strokeWidth"]["scale"]["domain"], drawn["strokeWidth"]["scale"]["range"], strict=True))
    (mine,) = (run for run, width in widths.items() if width == 3.5)
    assert "this machine" in mine
    assert ("on other images" in said(app)) is (MINE.spec.dataset != "vegetables")
    alone = json.loads(charts(opened(PAGE, run=short(MINE)))[0].spec)["vconcat"][0]["layer"][0]["encoding"]
    assert "strokeOpacity" not in alone


def test_a_link_to_a_run_that_is_not_here_says_so(cache: Path) -> None:
    app = opened(PAGE, run=["0" * kept.SHORT, "../../../../etc", "x"], sort="<script>", figure="9")
    assert not app.exception
    assert "2 of the runs in this link are not here" in said(app)


def test_a_run_of_this_machine_is_renamed_and_deleted(cache: Path) -> None:
    app = opened(PAGE, run=short(MINE))
    (name,) = (box for box in app.text_input if box.label == "Name")
    (note,) = (box for box in app.text_area if box.label == "Note")
    name.set_value(HOSTILE)
    note.set_value("a *note*")
    pressed(app, "Keep name and note")
    assert Store().local.notes()[MINE.key] == {"name": HOSTILE, "note": "a *note*"}
    assert HOSTILE in list(table(opened(PAGE, find="best"), "from")["run"])
    assert HOSTILE not in said(app)  # as text of a cell and of the chart only, never as Markdown
    pressed(app, "Delete for good")
    assert Store().local.row(MINE.key) is None
    assert "1 run is deleted" in said(app)
    assert "54 runs" in said(app)


def test_a_deleted_run_is_drawn_nowhere(cache: Path) -> None:
    engines.engine().start([MINE.spec], "somebody")
    app = opened("pages/Train.py", job=short(MINE))
    assert "was trained before" in said(app)
    pressed(opened(PAGE, run=short(MINE)), "Delete for good")
    assert engines.engine().jobs() == []
    app = opened("pages/Train.py", job=short(MINE))
    assert "was trained before" not in said(app)
    assert "neither under way nor kept here" in said(app)


def test_a_published_run_can_be_neither_renamed_nor_deleted(cache: Path) -> None:
    app = opened(PAGE, run=a_published())
    assert not {"Keep name and note", "Delete for good"} & set(labels(app))


def test_imported_runs_carry_their_badge(cache: Path, tmp_path: Path) -> None:
    elsewhere = Store(tmp_path / "none", tmp_path / "elsewhere" / "runs")
    other = made(epochs=7, batch_size=128)
    elsewhere.local.save_all([other, MINE])
    taken = exchange.take(Store(), exchange.to_parquet(elsewhere, elsewhere.runs()))
    assert (taken.kept, taken.there) == ([other.key], [MINE.key])
    app = opened(PAGE, source=IMPORTED, run=short(other))
    assert list(table(app, "from")["from"]) == [IMPORTED]
    assert f"({IMPORTED})" in charts(app)[0].alt
    pressed(app, "Delete for good")
    assert Store().imported.row(other.key) is None
    assert Store().local.row(MINE.key) is not None


def test_explore_offers_none_of_it(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_MODE", "explore")
    app = opened(PAGE, run=short(MINE))
    assert not app.exception
    assert set(labels(app)) == {"Choose none"}
    assert "cannot be imported" in said(app)


def test_a_grid_is_drawn_of_runs_that_differ_in_their_seed_alone(cache: Path) -> None:
    mixed = opened(PAGE, draw="Map of B and μ")
    assert not mixed.exception
    assert "Runs of one B and μ₀ differ here in" in said(mixed)
    assert not charts(mixed)
    find = "constant epochs=150 from=published"
    tiles = opened(PAGE, draw="Map of B and μ", find=find)
    assert "cells of " in (told := said(tiles))
    assert "is highest at B = " in told
    assert len(charts(tiles)) == 1
    small = opened(PAGE, draw="Small charts", find=find, x="T_eff", metric="Test accuracy")
    assert not small.exception
    drawn = charts(small)[0].alt.count(" ends at ")
    assert f"{drawn} cells of " in told
    assert drawn > 10
    assert "All charts have one scale." in said(small)
