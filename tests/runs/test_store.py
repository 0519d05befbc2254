"""One interface over published runs and this machine's."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sgd_core import settings
from sgd_core.experiment.record import Status
from sgd_core.experiment.run import Run
from sgd_core.experiment.spec import Fingerprints
from sgd_core.runs.kept import table
from sgd_core.runs.kept.store import LOCAL, PUBLISHED, Store
from tests.runs.made import made
from tests.runs.test_published import tables


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "published", tmp_path / "runs")


def publish(store: Store, *runs: Run) -> None:
    store.published.write(tables(*runs), {}, "")


def test_there_may_be_no_runs_at_all(store: Store) -> None:
    runs = store.runs()
    assert len(runs) == 0
    assert {"key", "status", "source", "question", *table.SPEC_COLUMNS, *table.FINALS} <= set(runs.columns)
    assert len(store.epochs(runs)) == 0
    assert {"reported_accuracy", "images_seen"} <= set(store.epochs(runs).columns)
    assert len(store.measurements(runs)) == 0
    assert len(store.answers([made().spec.question()])) == 0
    assert not store.has("key")
    assert not store.local.folder.exists()


def test_the_types_of_a_table_do_not_depend_on_where_its_rows_came_from(store: Store) -> None:
    listed = [store.runs()]
    store.save(made(epochs=20))
    listed.append(store.runs())
    publish(store, made(epochs=20, seed=1))
    listed.append(store.runs())
    store.local.folder.joinpath("cache.db").unlink()
    listed.append(store.runs())
    for runs in listed:
        kept = [*table.RUN_COLUMNS, "source", "question"]
        assert runs[kept].dtypes.to_dict() == listed[0][kept].dtypes.to_dict()
        assert store.epochs(runs).dtypes.to_dict() == store.epochs(listed[0]).dtypes.to_dict()
    assert [len(runs) for runs in listed] == [0, 1, 2, 1]


def test_runs_of_both_sources_are_listed_with_their_epochs_and_measurements(store: Store) -> None:
    published, here = made(epochs=20), made(epochs=20, seed=1)
    publish(store, published)
    store.save(here)
    runs = store.runs().set_index("key", drop=False)
    assert runs["source"].to_dict() == {published.key: PUBLISHED, here.key: LOCAL}
    assert runs["question"].to_dict() == {run.key: run.spec.question() for run in (published, here)}
    for run in (published, here):
        one = runs.loc[[run.key]].reset_index(drop=True)
        assert table.rows(store.epochs(one)[table.EPOCH_COLUMNS]) == [
            {"key": run.key, **record.as_dict()} for record in run.records
        ]
        assert table.rows(store.measurements(one)) == [{"key": run.key, **row} for row in run.measurements]
        correct = [record.val_correct for record in run.records[-10:] if record.val_correct is not None]
        assert one["final_val_accuracy"].item() == pytest.approx(sum(correct) / 10 / 409, rel=1e-12)


def test_a_published_run_stands_before_one_of_the_same_key_here(store: Store) -> None:
    publish(store, made(epochs=20, device="cpu: published"))
    store.save(made("cancelled", epochs=20, device="cpu: here"))
    runs = store.runs()
    assert runs[["source", "status", "device"]].values.tolist() == [[PUBLISHED, "done", "cpu: published"]]
    assert len(store.epochs(runs)) == 21


@pytest.mark.parametrize(
    ("status", "there"), [("done", True), ("diverged", True), ("cancelled", False), ("failed", False)]
)
def test_only_done_and_diverged_runs_are_there(store: Store, status: Status, there: bool) -> None:
    run = made(status, epochs=5)
    store.save(run)
    assert store.has(run.key) is there
    assert len(store.answers([run.spec.question()])) == there
    store.local.folder.joinpath("cache.db").unlink()
    assert not store.has(run.key)
    publish(store, run)
    assert store.has(run.key) is there


def test_answers_are_found_by_question_whatever_their_views_and_source(store: Store) -> None:
    publish(store, made(epochs=20, views=17), made(epochs=20, views=33, seed=1))
    store.save(made(epochs=20, views=33))
    store.save(made(epochs=20, views=17, seed=1))
    store.save(made(epochs=20, views=17, seed=2))
    answers = store.answers([made(epochs=20, seed=seed).spec.question() for seed in (0, 1, 3)])
    assert answers[["seed", "views", "source"]].sort_values("seed").values.tolist() == [
        [0, 33, LOCAL],
        [1, 33, PUBLISHED],
    ]
    assert answers["final_reported_accuracy"].notna().all()
    assert len(store.epochs(answers)) == 2 * 21


def test_listing_parses_no_more_than_it_must(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = made(epochs=5)
    store.save(run)
    monkeypatch.setattr(store.local, "rows", lambda: pytest.fail("has() must not list every run"))
    monkeypatch.setattr(store.local, "epochs", lambda keys: pytest.fail("has() needs no epochs"))
    assert store.has(run.key)


def test_a_diverged_run_keeps_its_curve(store: Store) -> None:
    run = made("diverged", epochs=40)
    store.save(run)
    runs = store.runs()
    assert runs["status"].tolist() == ["diverged"]
    assert len(store.epochs(runs)) == len(run.records)


def test_other_images_are_another_key_of_the_same_question(store: Store) -> None:
    one, other = made(epochs=5), made(epochs=5, prints=Fingerprints("other", "weights"))
    store.save(one)
    store.save(other)
    runs = store.runs()
    assert runs["key"].nunique() == 2
    assert runs["question"].nunique() == 1


def test_the_folders_come_from_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_PUBLISHED_DIR", str(tmp_path / "p"))
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path / "c"))
    store = Store()
    assert (store.published.folder, store.local.folder) == (tmp_path / "p", tmp_path / "c" / "runs")
    monkeypatch.delenv("SGD_PUBLISHED_DIR")
    assert Store().published.folder == settings.ROOT / "cached_runs"


def test_what_a_page_does_to_a_table_stays_on_that_page(store: Store) -> None:
    publish(store, made(epochs=5))
    epochs = store.epochs(store.runs())
    epochs["epoch"] = 0
    pd.testing.assert_series_equal(
        store.epochs(store.runs())["epoch"], pd.Series(range(-1, 5), dtype="Int64", name="epoch")
    )
