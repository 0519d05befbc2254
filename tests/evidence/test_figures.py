"""Which published rows make up a figure, and its curves and finals over seeds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sgd_core.evidence import figures
from sgd_core.experiment import paper
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept.store import Store


@pytest.fixture(scope="module")
def store(invented: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(invented, tmp_path_factory.mktemp("local"))


@pytest.fixture(scope="module")
def runs(store: Store) -> pd.DataFrame:
    return store.runs()


@pytest.fixture(scope="module")
def epochs(store: Store, runs: pd.DataFrame) -> pd.DataFrame:
    rows = figures.rows_of(runs, 4)
    return store.epochs(rows).merge(rows[["key", "run", "order", "seed"]], on="key")


def changed(runs: pd.DataFrame, spec: RunSpec, **values: Any) -> pd.DataFrame:
    """The rows of one setting (any seed), with other values and keys."""
    same = (runs["batch_size"] == spec.batch_size) & (runs["learning_rate"] == spec.learning_rate)
    rows = runs[same & (runs["schedule"] == spec.schedule)]
    return rows.assign(key=rows["key"] + "x", **values)


@pytest.mark.parametrize("figure", [1, 2, 3, 4])
def test_a_figure_holds_its_runs_in_the_order_of_its_legend(runs: pd.DataFrame, figure: int) -> None:
    rows = figures.rows_of(runs, figure)
    expected = paper.runs_of(figure)
    assert list(rows["run"].unique()) == [run.label(figure) for run in expected]
    assert list(rows.groupby("run", sort=False)["seed"].unique().map(list)) == [[0, 1]] * len(expected)
    assert list(rows.drop_duplicates("run")["paper_reported"]) == [run.reported for run in expected]


def test_only_the_most_views_of_a_question_are_drawn(runs: pd.DataFrame) -> None:
    nominal = paper.RUNS[0].spec
    fewer = changed(runs, nominal, views=17, final_reported_accuracy=0.5)
    rows = figures.rows_of(pd.concat([fewer, runs], ignore_index=True), 1)
    mine = rows[rows["run"] == "B=16"]
    assert list(mine["views"]) == [nominal.views] * 2
    assert (mine["final_reported_accuracy"] > 0.9).all()
    assert set(rows[rows["run"] == "B=32"]["views"]) == {151}


def test_only_done_and_diverged_runs_are_drawn(runs: pd.DataFrame) -> None:
    for status, drawn in {"done": 2, "diverged": 2, "cancelled": 0, "failed": 0}.items():
        rows = figures.rows_of(runs.assign(status=status), 4)
        assert (rows.groupby("run").size() == drawn).all(), status
        assert len(rows) == drawn * 2, status


def test_other_settings_and_no_runs_at_all_give_an_empty_table(runs: pd.DataFrame) -> None:
    for none in (runs.iloc[:0], runs.assign(momentum=0.5), runs.assign(label_noise=0.2)):
        rows = figures.rows_of(none, 1)
        assert rows.empty
        assert {"run", "order", "paper_reported", "seed"} <= set(rows.columns)


def test_curves_are_means_over_seeds_with_the_schedule(epochs: pd.DataFrame) -> None:
    mean = figures.curves(epochs, "reported_accuracy")
    assert list(mean.groupby("run", sort=False).size()) == [120, 120]
    assert mean["epoch"].min() == 0
    one = epochs[(epochs["run"] == "s=0.75, s_B=2") & (epochs["epoch"] == 60)]
    row = mean[(mean["run"] == "s=0.75, s_B=2") & (mean["epoch"] == 60)].iloc[0]
    low, high = sorted(one["reported_accuracy"])
    assert row["mean"] == pytest.approx((low + high) / 2)
    assert row["high"] - row["low"] == pytest.approx(
        12.7062047 * (high - low)
    )  # two seeds: sd / sqrt(2) = half their gap
    assert row["n"] == 2
    assert row["batch_size"] == 128
    assert row["learning_rate"] == pytest.approx(1e-4 * 0.75**3)
    assert row["updates"] == 20 * (186 + 93 + 47) + 24
    assert row["images_seen"] == 61 * 2967


def test_curves_of_what_is_not_measured_every_epoch(epochs: pd.DataFrame) -> None:
    mean = figures.curves(epochs, "test_accuracy")
    measured = sorted({*range(4, 120, 5), *range(110, 120)})
    assert list(mean[mean["order"] == 0]["epoch"]) == measured


def test_finals_are_means_over_the_last_ten_epochs_and_over_seeds(runs: pd.DataFrame, epochs: pd.DataFrame) -> None:
    table = figures.finals(figures.rows_of(runs, 4)).set_index("run")
    assert list(table.index) == ["s=0.75, s_B=2", "s=0.375, B=16"]
    tail = epochs[(epochs["run"] == "s=0.375, B=16") & (epochs["epoch"] >= 110)]
    by_seed = tail.groupby("seed")["val_accuracy"].mean()
    row = table.loc["s=0.375, B=16"]
    assert row["final_val_accuracy"] == pytest.approx(by_seed.mean())
    assert row["final_val_accuracy_high"] == pytest.approx(by_seed.mean() + 12.7062047 * by_seed.std() / 2**0.5)
    assert (row["n"], row["views"], row["paper_reported"]) == (2, 151, 0.9726)


def with_views(runs: pd.DataFrame, views: int, seed: int, names: list[str]) -> pd.DataFrame:
    """These runs of Figure 1 once more, of another seed and with other crops."""
    rows = figures.rows_of(runs, 1)
    rows = rows[(rows["seed"] == 0) & rows["run"].isin(names)]
    return rows[runs.columns].assign(views=views, seed=seed, key=rows["key"] + f"{views} {seed}")


def test_a_figure_mixes_neither_crops_nor_seeds(runs: pd.DataFrame) -> None:
    names = [run.label(1) for run in paper.runs_of(1)]
    few = runs.assign(views=33)
    half = pd.concat([few, with_views(runs, 151, 5, names[:3])], ignore_index=True)
    assert set(figures.rows_of(half, 1)["views"]) == {33}  # at V = 151 no seed has all six
    whole = pd.concat([half, with_views(runs, 151, 5, names[3:])], ignore_index=True)
    drawn = figures.rows_of(whole, 1)
    assert (set(drawn["views"]), set(drawn["seed"]), len(drawn)) == ({151}, {5}, 6)
    more = pd.concat([whole, with_views(runs, 151, 6, names[:5])], ignore_index=True)
    assert set(figures.rows_of(more, 1)["seed"]) == {5}  # seed 6 lacks a run


def test_where_no_seed_is_complete_every_run_is_drawn_with_the_most_crops_it_has(runs: pd.DataFrame) -> None:
    names = [run.label(1) for run in paper.runs_of(1)]
    parts = [with_views(runs, 33, 0, names[:3]), with_views(runs, 17, 0, names[2:])]
    drawn = figures.rows_of(pd.concat(parts, ignore_index=True), 1)
    assert dict(zip(drawn["run"], drawn["views"], strict=True)) == {
        name: 33 if name in names[:3] else 17 for name in names
    }
