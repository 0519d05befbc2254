"""What an answer need not make again: a run's epochs are picked out of one table, a figure's lines are made once."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from sgd_core.charts.axes import AXES
from sgd_core.charts.curves import Line
from sgd_core.runs.kept.store import PUBLISHED, Store
from sgd_core.ui.figures import reckoned
from sgd_core.ui.shell import kept, library, replay, shared

VIEW = replay.View(replay.PAPERS_ACCURACY, next(iter(AXES.values())), each_seed=False, beside=False, hidden=())


@pytest.fixture(autouse=True)
def _empty(published: None) -> None:
    shared.clear()


def test_the_epochs_of_a_published_run_are_those_of_the_store() -> None:
    runs = kept.all_runs()
    for _, row in runs[runs["source"] == PUBLISHED].iloc[::7].iterrows():
        epochs = Store().epochs(runs[runs["key"] == row["key"]])
        trained = epochs[epochs["epoch"] >= 0].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept.epochs_of((row["key"],)), trained)


def test_one_published_run_after_another_asks_the_store_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = kept.all_runs()["key"].iloc[[0, 1]]
    assert len(kept.epochs_of((one,)))
    monkeypatch.setattr(Store, "epochs", None)
    assert set(kept.epochs_of((other,))["key"]) == {other}


def test_how_the_runs_of_a_figure_look_is_made_once_whatever_is_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    lines = replay.lines

    def counted(number: int, rows: pd.DataFrame, mean: pd.DataFrame) -> list[Line]:
        made.append(number)
        return lines(number, rows, mean)

    monkeypatch.setattr(replay, "lines", counted)
    runs = list(library.figure_rows(1)["run"].unique())
    every = reckoned.reckoned(1, VIEW, (), False, 1.0)
    for axis in AXES.values():
        found = reckoned.reckoned(1, replace(VIEW, axis=axis), tuple(runs[:1]), False, 1.0)
        assert found.lines == [line for line in every.lines if line.run != runs[0]]
        assert found.measure == every.measure
    assert made == [1]


def test_epochs_are_picked_only_where_each_seed_is_drawn() -> None:
    covered = tuple(library.figure_rows(1)["run"].unique()[:1])
    _, none = reckoned.tables(1, VIEW, covered)
    mean, epochs = reckoned.tables(1, replace(VIEW, each_seed=True), covered)
    assert none.empty
    assert set(epochs["run"]) == set(mean["run"]) == set(library.figure_rows(1)["run"]) - {*covered}
