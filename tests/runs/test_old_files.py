"""Files that an older version wrote (tests/old): all of it is read as today's, and moved without a loss."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sgd_core import settings
from sgd_core.experiment import fingerprints, schedules, takeover
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept import exchange, table
from sgd_core.runs.kept.local import KINDS, LocalRuns
from sgd_core.runs.kept.published import PublishedRuns
from sgd_core.runs.kept.store import IMPORTED, Store
from sgd_core.runs.queue.jobs import RESUMABLE, JobFolder
from tests.runs.made import made
from tests.runs.test_local import read_only

OLD = settings.ROOT / "tests" / "old"
LATER = set(RunSpec.model_fields) - takeover.FIRST_SETTINGS


@pytest.fixture(autouse=True)
def lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_MODE", "lab")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The old cache, in a copy that may be written to."""
    return shutil.copytree(OLD / "cache", tmp_path / "cache") / "runs"


def kept_in(folder: Path) -> dict[str, Any]:
    """Name -> value of everything in a cache, past the code that reads it."""
    with closing(sqlite3.connect(f"{(folder / 'cache.db').as_uri()}?immutable=1", uri=True)) as connection:
        rows = connection.execute("SELECT key, value FROM Cache").fetchall()
    return {name: json.loads(zlib.decompress(value)) for name, value in rows}


WRITTEN = kept_in(OLD / "cache" / "runs")


def todays(row: dict[str, Any]) -> str:
    """Today's key of a run as an older version wrote it."""
    spec = RunSpec.parse({name: row[name] for name in takeover.FIRST_SETTINGS})
    key = spec.key(fingerprints.expected(spec))
    assert key != row["key"] == takeover.key_before(spec, fingerprints.expected(spec))
    return key


FORMER = {todays(row): row["key"] for name, row in WRITTEN.items() if name.startswith("run:")}


def as_today(row: dict[str, Any]) -> dict[str, Any]:
    """A row as today's version would have written it: today's key, what was not there at its default or null."""
    defaults = {name: info.default for name, info in RunSpec.model_fields.items()}
    return {**dict.fromkeys(table.RUN_COLUMNS), **defaults, **row, "key": todays(row)}


def effective_times(row: dict[str, Any], epochs: int) -> list[float]:
    plan = schedules.plan(RunSpec.parse({name: row[name] for name in takeover.FIRST_SETTINGS}), row["train_images"])
    return [0.0, *(epoch.effective_time for epoch in plan)][:epochs]


def assert_all_is_read(folder: Path) -> None:
    """The cache holds what the older version wrote, as today's code reads it."""
    runs = LocalRuns(folder)
    assert sorted(row["key"] for row in runs.rows()) == sorted(runs.stamps()) == sorted(FORMER)
    for key, former in FORMER.items():
        row, epochs = WRITTEN[f"run:{former}"], WRITTEN[f"epochs:{former}"]
        times = effective_times(row, len(epochs["epoch"]))
        assert runs.row(key) == as_today(row)
        assert runs.epochs([key]) == {"key": [key] * len(times), **epochs, "effective_time": times}
        assert runs.measurements_of(key) == WRITTEN[f"measurements:{former}"] != []
        assert runs.measurements([key])[0]["key"] == key
    assert runs.notes() == {key: WRITTEN[f"note:{f}"] for key, f in FORMER.items() if f"note:{f}" in WRITTEN} != {}


# Published


def test_published_runs_are_read_under_todays_keys_and_what_came_later_is_at_its_default() -> None:
    written, read = pd.read_parquet(OLD / "published" / "runs.parquet"), PublishedRuns(OLD / "published").frame("runs")
    assert not LATER & set(written.columns)
    pd.testing.assert_frame_equal(read, table.frame("runs", [as_today(row) for row in table.rows(written)]))
    assert PublishedRuns(OLD / "published").provenance()["runs"] == len(read) == 2


def test_published_epochs_are_read_bit_for_bit_and_their_effective_time_is_the_plans() -> None:
    runs, written = (pd.read_parquet(OLD / "published" / f"{name}.parquet") for name in ("runs", "epochs"))
    read = PublishedRuns(OLD / "published").frame("epochs")
    assert "effective_time" not in written.columns
    assert len(runs) == 2
    for row in table.rows(runs):
        before, now = written[written["key"] == row["key"]], read[read["key"] == todays(row)]
        assert now["effective_time"].tolist() == effective_times(row, len(before))
        there = [column for column in before.columns if column != "key"]
        pd.testing.assert_frame_equal(
            now[there].reset_index(drop=True), before[there].reset_index(drop=True), check_exact=True
        )


def test_published_measurements_and_answers_are_found_under_todays_keys(tmp_path: Path) -> None:
    store = Store(OLD / "published", tmp_path / "none")
    written = {name: pd.read_parquet(OLD / "published" / f"{name}.parquet") for name in ("runs", "measurements")}
    keys = {row["key"]: todays(row) for row in table.rows(written["runs"])}
    assert all(store.has(key) for key in keys.values())
    assert not any(store.has(former) for former in keys)
    measured = store.measurements(store.runs())
    assert measured["value"].tolist() == written["measurements"]["value"].tolist() != []
    assert measured["key"].tolist() == [keys[former] for former in written["measurements"]["key"]]
    assert not store.answers([RunSpec(batch_size=512).question()]).empty


# This machine's


def test_an_old_cache_is_read_before_anything_is_written_and_stays_as_it_is(folder: Path) -> None:
    before = (folder / "cache.db").read_bytes()
    assert_all_is_read(folder)
    assert (folder / "cache.db").read_bytes() == before


def test_an_old_cache_that_nobody_may_write_to_is_read() -> None:
    with tempfile.TemporaryDirectory() as name:  # tmp_path lies under a folder that only its owner may enter
        folder = shutil.copytree(OLD / "cache", Path(name) / "cache") / "runs"
        with read_only(Path(name)):
            assert_all_is_read(folder)
            store = Store(folder / "none", folder)
            assert set(store.runs()["key"]) == set(FORMER)
            assert all(store.has(key) for key in FORMER)


def test_the_first_write_moves_all_of_an_old_cache_and_loses_nothing(folder: Path) -> None:
    run = made(epochs=2, seed=5)
    LocalRuns(folder).save(run)
    there = kept_in(folder)
    assert not any(former in name for former in FORMER.values() for name in there)
    moved = {f"{kind}:{key}" for key, former in FORMER.items() for kind in KINDS if f"{kind}:{former}" in WRITTEN}
    new = {f"{kind}:{run.key}" for kind in ("run", "epochs", "measurements")}
    assert set(there) == moved | new | {"format:keys"}
    LocalRuns(folder).delete([run.key])
    assert_all_is_read(folder)


def test_a_note_may_be_the_first_write(folder: Path) -> None:
    annotated = next(key for key, former in FORMER.items() if f"note:{former}" not in WRITTEN)
    LocalRuns(folder).annotate(annotated, "new", "written today")
    notes = LocalRuns(folder).notes()
    assert notes.pop(annotated) == {"name": "new", "note": "written today"}
    assert [note["name"] for note in notes.values()] == ["my first run"]


def test_a_deletion_may_be_the_first_write(folder: Path) -> None:
    gone, stays = FORMER
    assert any(gone in name or FORMER[gone] in name for name in kept_in(folder))
    LocalRuns(folder).delete([gone])
    assert [row["key"] for row in LocalRuns(folder).rows()] == [stays]
    assert not any(gone in name or FORMER[gone] in name for name in kept_in(folder))


def test_a_first_write_that_fails_moves_nothing(folder: Path) -> None:
    run = made(epochs=2)
    run.measurements.append({"value": float("nan")})
    with pytest.raises(ValueError, match="not JSON compliant"):
        LocalRuns(folder).save(run)
    assert kept_in(folder) == WRITTEN
    assert_all_is_read(folder)


def test_whoever_read_an_old_cache_before_finds_its_runs_after_somebody_moved_them(folder: Path) -> None:
    before = Store(folder / "none", folder)
    listed = before.runs()
    assert set(listed["key"]) == set(FORMER)
    assert all(before.has(key) for key in FORMER)  # so none is trained again
    LocalRuns(folder).save(made(epochs=2, seed=5))
    assert all(before.has(key) for key in FORMER)
    assert all(Store(folder / "none", folder).has(key) for key in FORMER)
    again = before.runs()
    columns = [*table.RUN_COLUMNS, *table.FINALS, "name", "note"]
    moved = again[again["key"].isin(FORMER)].set_index("key").loc[listed["key"]].reset_index()
    assert table.rows(moved[columns]) == table.rows(listed[columns])


# Exports


@pytest.mark.parametrize("name", ["export.json", "export.parquet"])
def test_an_old_export_is_imported_under_todays_key(tmp_path: Path, name: str) -> None:
    store, content = Store(tmp_path / "none", tmp_path / "runs"), (OLD / name).read_bytes()
    (row,) = json.loads((OLD / "export.json").read_text())["runs"]
    written = row.pop("epoch_records")
    measurements, told = row.pop("measurements"), {what: row.pop(what) for what in ("name", "note")}
    assert exchange.take(store, content).kept == [todays(row)]
    runs = store.runs()
    assert set(runs["source"]) == {IMPORTED}
    assert table.rows(runs[table.RUN_COLUMNS]) == [as_today(row)]
    assert table.rows(runs[["name", "note"]]) == [told]
    epochs = table.by_key(store.epochs(runs)[table.EPOCH_COLUMNS])[todays(row)]
    assert [each.pop("effective_time") for each in epochs] == effective_times(row, len(written))
    assert epochs == written
    assert table.by_key(store.measurements(runs))[todays(row)] == measurements
    assert exchange.take(store, content).there == [todays(row)]


# Jobs


@pytest.fixture
def jobs(tmp_path: Path) -> JobFolder:
    return JobFolder(shutil.copytree(OLD / "jobs", tmp_path / "jobs"))


def test_an_old_job_is_found_can_be_resumed_and_its_file_gets_todays_name(jobs: JobFolder) -> None:
    (file,) = jobs.folder.iterdir()
    written = json.loads(file.read_text())
    key = todays({"key": written["key"], **written["spec"]})
    (job,) = jobs.read()
    assert (job.key, job.state, job.message) == (key, "interrupted", written["message"])
    assert job.state in RESUMABLE
    assert job.spec == RunSpec.parse(written["spec"])
    assert [path.name for path in jobs.folder.iterdir()] == [f"{key}.json"]
    assert jobs.read() == [job]


@pytest.mark.parametrize("features", ["imagenet", "random"])
def test_an_old_job_knows_its_run_under_todays_key_on_random_features_too(jobs: JobFolder, features: str) -> None:
    (file,) = jobs.folder.iterdir()
    written = json.loads(file.read_text())
    spec = RunSpec.parse({**written["spec"], "features": features})
    run_key = takeover.key_before(spec, fingerprints.expected(spec))
    file.write_text(json.dumps({**written, "state": "done", "run_key": run_key}))
    (job,) = jobs.read()
    assert job.run_key == spec.key(fingerprints.expected(spec)) != run_key


def test_a_run_that_an_older_program_wrote_after_the_take_over_is_taken_over_too(folder: Path) -> None:
    runs = LocalRuns(folder)
    moved = made(epochs=3)
    runs.save(moved)
    former = next(value for name, value in WRITTEN.items() if name.startswith("run:"))
    epochs = WRITTEN[f"epochs:{former['key']}"]
    with runs._cache.writing("An older program's run") as writer:  # as it would write: under the key of its time
        writer.put(f"epochs:{former['key']}", epochs)
        writer.put(f"run:{former['key']}", former)
    again = Store(folder.parent / "none", folder)
    assert todays(former) in set(again.runs()["key"])
    assert again.has(todays(former))
    assert f"run:{former['key']}" in kept_in(folder)
    runs.save(made(epochs=3, seed=9))
    assert f"run:{former['key']}" not in kept_in(folder)
    assert Store(folder.parent / "none", folder).has(todays(former))
