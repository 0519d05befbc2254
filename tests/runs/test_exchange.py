"""Export and import: what goes out comes in again; what is not as it must be is refused, and nothing has changed."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sgd_core.errors import UserError
from sgd_core.runs import exchange, table
from sgd_core.runs.exchange import ImportRefusedError
from sgd_core.runs.store import IMPORTED, Store
from tests.runs.made import made


@pytest.fixture(autouse=True)
def lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_MODE", "lab")


def store(folder: Path) -> Store:
    return Store(folder / "published", folder / "runs")


@pytest.fixture
def here(tmp_path: Path) -> Store:
    kept = store(tmp_path / "here")
    kept.local.save_all([made(epochs=3), made("diverged", epochs=6, seed=1)])
    kept.local.annotate(made(epochs=3).key, "my run", "looks *good*")
    return kept


@pytest.fixture
def elsewhere(tmp_path: Path) -> Store:
    return store(tmp_path / "elsewhere")


@pytest.mark.parametrize("write", [exchange.to_json, exchange.to_parquet])
def test_what_goes_out_comes_in_again(here: Store, elsewhere: Store, write: Callable[..., bytes]) -> None:
    runs = here.runs()
    taken = exchange.take(elsewhere, write(here, runs))
    assert sorted(taken.kept) == sorted(runs["key"])
    back = elsewhere.runs()
    assert set(back["source"]) == {IMPORTED}
    columns = [*table.RUN_COLUMNS, *table.FINALS, "name", "note"]
    assert table.rows(back.sort_values("key")[columns]) == table.rows(runs.sort_values("key")[columns])
    assert table.rows(elsewhere.epochs(back)) == table.rows(here.epochs(back.assign(source="this machine")))


def test_imported_runs_answer_nothing_and_replace_nothing(here: Store, elsewhere: Store) -> None:
    content = exchange.to_json(here, here.runs())
    exchange.take(elsewhere, content)
    key = made(epochs=3).key
    assert not elsewhere.has(key)
    assert elsewhere.answers([made(epochs=3).spec.question()]).empty
    again = exchange.take(elsewhere, content)
    assert again.kept == []
    assert key in again.there
    assert exchange.take(here, content).kept == []
    assert set(here.runs()["source"]) == {"this machine"}


def changed(content: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    told = json.loads(content)
    change(told["runs"][0])
    return json.dumps(told).encode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda run: run.pop("key"), "exactly the fields"),
        (lambda run: run.update(extra=1), "exactly the fields"),
        (lambda run: run.update(batch_size=0), "batch_size"),
        (lambda run: run.update(batch_size="16"), "batch_size"),
        (lambda run: run.update(seed=True), "seed"),
        (lambda run: run.update(learning_rate=0.5), "key"),
        (lambda run: run.update(status="perfect"), "status"),
        (lambda run: run.update(protocol=99), "protocol"),
        (lambda run: run.update(train_images=-1), "train_images"),
        (lambda run: run.update(device=["x"]), "device"),
        (lambda run: run.update(device="a\u202eb"), "device"),
        (lambda run: run.update(command="x" * 5000), "command"),
        (lambda run: run.update(name="<b>" * 100), "name"),
        (lambda run: run.update(epoch_records=[]), "epochs"),
        (lambda run: run["epoch_records"].pop(), "lacks epochs|epochs"),
        (lambda run: run["epoch_records"][1].update(val_correct=10**9), "val_correct"),
        (lambda run: run["epoch_records"][1].update(val_correct=1.5), "val_correct"),
        (lambda run: run["epoch_records"][1].update(updates=7), "updates"),
        (lambda run: run["epoch_records"][1].update(train_loss="nan"), "train_loss"),
        (lambda run: run["epoch_records"][1].update(epoch=5), "order"),
        (lambda run: run.update(measurements=[{"probe": "x"}]), "measurement"),
        (lambda run: run.update(measurements="x" * 10), "measurements"),
    ],
)
def test_a_file_that_is_not_as_it_must_be_is_refused_and_nothing_has_changed(
    here: Store, elsewhere: Store, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    runs = here.runs()
    content = changed(exchange.to_json(here, runs[runs["status"] == "done"]), change)
    with pytest.raises(ImportRefusedError, match=words):
        exchange.take(elsewhere, content)
    assert elsewhere.runs().empty


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PAR1 and then nothing",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"format": "sgd-lab runs 1", "runs": [NaN]}',
        b'{"format": "something", "runs": []}',
        b'{"format": "sgd-lab runs 1", "runs": []}',
        b'{"format": "sgd-lab runs 1", "runs": [3]}',
        b'{"format": "sgd-lab runs 1", "runs": [' + b"9" * 10_000 + b"]}",
        pickle.dumps({"a": 1}),
    ],
    ids=range(10),
)
def test_what_is_no_export_is_refused(elsewhere: Store, content: bytes) -> None:
    with pytest.raises(ImportRefusedError):
        exchange.take(elsewhere, content)
    assert elsewhere.runs().empty


def test_a_file_that_is_too_large_is_refused_before_it_is_read(elsewhere: Store) -> None:
    with pytest.raises(ImportRefusedError, match="MB"):
        exchange.take(elsewhere, b"x" * (exchange.LARGEST + 1))


def test_parquet_of_another_schema_is_refused(here: Store, elsewhere: Store) -> None:
    good = pq.read_table(io.BytesIO(exchange.to_parquet(here, here.runs())))
    place = good.schema.get_field_index("seed")
    for bad in (
        good.drop_columns(["seed"]),
        good.set_column(place, "seed", good["seed"].cast(pa.string())),
        pa.table({"key": ["x"] * 5}),
    ):
        file = io.BytesIO()
        pq.write_table(bad, file)
        with pytest.raises(ImportRefusedError, match="columns"):
            exchange.take(elsewhere, file.getvalue())
    assert elsewhere.runs().empty


def test_more_runs_than_are_taken_are_refused(here: Store, elsewhere: Store) -> None:
    good = pq.read_table(io.BytesIO(exchange.to_parquet(here, here.runs())))
    file = io.BytesIO()
    pq.write_table(pa.concat_tables([good] * (exchange.MOST_RUNS // 2 + 1)), file)
    with pytest.raises(ImportRefusedError, match="large"):
        exchange.take(elsewhere, file.getvalue())


def test_explore_refuses_import_rename_and_delete(here: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    content = exchange.to_json(here, here.runs())
    key = here.runs()["key"].iloc[0]
    monkeypatch.setenv("SGD_MODE", "explore")
    for refused in (
        lambda: exchange.take(here, content),
        lambda: here.local.annotate(key, "x", ""),
        lambda: here.local.delete([key]),
    ):
        with pytest.raises(UserError, match="refused"):
            refused()
    assert key in set(here.runs()["key"])
