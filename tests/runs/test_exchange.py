"""Export and import: what goes out comes in again; what is not as it must be is refused, and nothing has changed."""

from __future__ import annotations

import io
import json
import pickle
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sgd_core.errors import UserError
from sgd_core.runs.kept import exchange, incoming, table
from sgd_core.runs.kept.store import IMPORTED, Store
from sgd_core.runs.kept.validation import ImportRefusedError
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
        (lambda run: run.pop("key"), "does not have the fields of an exported run: it lacks key"),
        (lambda run: run.update(extra=1), "newer version of this program: it has extra,"),
        (lambda run: run.update(batch_size=0), "batch_size"),
        (lambda run: run.update(batch_size="16"), "batch_size is '16', but must be a whole number from 1 to 4096"),
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
        (lambda run: run["epoch_records"][1].update(val_loss=-1e-9), "val_loss is -1e-09, but must be at least 0"),
        (
            lambda run: run.update(learning_rate=5e-324),
            "learning_rate is 5e-324, but must be a number from 1e-12 to 10",
        ),
        (lambda run: run["epoch_records"][1].update(epoch=5), "order"),
        (lambda run: run["epoch_records"][1].pop("seconds"), "fields of an epoch"),
        (lambda run: run["epoch_records"][1].update(extra=1), "newer version of this program: it has extra,"),
        (lambda run: run.update(measurements=[{"probe": "x"}]), "measurement"),
        (lambda run: run.update(measurements="x" * 10), "measurements"),
    ],
)
def test_a_run_that_is_not_as_it_must_be_is_refused(
    here: Store, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    runs = here.runs()
    content = changed(exchange.to_json(here, runs[runs["status"] == "done"]), change)
    with pytest.raises(ImportRefusedError, match=words):
        incoming.rows(content)


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
def test_what_is_no_export_is_refused(content: bytes) -> None:
    with pytest.raises(ImportRefusedError):
        incoming.rows(content)


def test_one_bad_run_and_none_of_the_file_is_kept(here: Store, elsewhere: Store) -> None:
    told = json.loads(exchange.to_json(here, here.runs()))
    told["runs"][1]["seed"] = 77
    with pytest.raises(ImportRefusedError, match="Run 2 of the file: its key"):
        exchange.take(elsewhere, json.dumps(told).encode())
    assert elsewhere.runs().empty
    assert not elsewhere.imported.folder.exists()


def test_a_file_that_is_too_large_is_refused_before_it_is_read(elsewhere: Store) -> None:
    with pytest.raises(ImportRefusedError, match="MB"):
        exchange.take(elsewhere, b"x" * (incoming.LARGEST + 1))


def parquet(rows: pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(rows, file)
    return file.getvalue()


def test_parquet_of_another_schema_is_refused_and_the_column_is_named(here: Store) -> None:
    good = pq.read_table(io.BytesIO(exchange.to_parquet(here, here.runs())))
    place = good.schema.get_field_index("seed")
    text = good.set_column(place, "seed", good["seed"].cast(pa.string()))
    records = pa.array([[{"epoch": "first"}]] * good.num_rows)
    inner = good.set_column(good.schema.get_field_index("epoch_records"), "epoch_records", records)
    for bad, words in (
        (good.drop_columns(["seed", "status"]), "^The file lacks the columns status, seed.$"),
        (text, "^The column seed is of type string, but must be whole numbers.$"),
        (inner, r"The column epoch_records.epoch is of type string, but must be whole numbers"),
        (pa.table({"key": ["x"] * 5}), "The file lacks the columns status, .*, and more"),
    ):
        with pytest.raises(ImportRefusedError, match=words):
            incoming.rows(parquet(bad))


def through_pandas(content: bytes) -> bytes:
    """The file as pandas reads and writes it: large strings, whole numbers with gaps as floats, an index of its own."""
    rows = pd.read_parquet(io.BytesIO(content)).iloc[::-1]
    for column in ("seed", "threads", "images_per_class"):
        rows[column] = rows[column].astype("float64")
    file = io.BytesIO()
    rows.to_parquet(file, index=True)
    return file.getvalue()


def test_what_pandas_has_read_and_written_comes_in(here: Store, elsewhere: Store) -> None:
    runs = here.runs()
    content = through_pandas(exchange.to_parquet(here, runs))
    types = pq.read_schema(io.BytesIO(content))
    assert types.field("seed").type == pa.float64()
    assert types.field("key").type == pa.large_string()
    assert any(name.startswith("__index_level_") for name in types.names)
    assert sorted(exchange.take(elsewhere, content).kept) == sorted(runs["key"])
    back = elsewhere.runs()
    columns = [*table.RUN_COLUMNS, *table.FINALS]
    assert table.rows(back.sort_values("key")[columns]) == table.rows(runs.sort_values("key")[columns])
    assert table.rows(elsewhere.epochs(back)) == table.rows(here.epochs(runs))


def test_a_float_that_is_no_whole_number_is_still_refused(here: Store) -> None:
    good = pd.read_parquet(io.BytesIO(exchange.to_parquet(here, here.runs())))
    good["threads"] = 1.5
    with pytest.raises(ImportRefusedError, match=r"Run 1 of the file: threads is 1.5, but must be a whole number"):
        incoming.rows(parquet(pa.Table.from_pandas(good)))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_json_as_windows_writes_it_comes_in(here: Store, encoding: str) -> None:
    content = exchange.to_json(here, here.runs()).decode()
    assert incoming.rows(content.encode(encoding)) == incoming.rows(content.encode())


def test_more_runs_than_are_taken_are_refused(here: Store) -> None:
    good = pq.read_table(io.BytesIO(exchange.to_parquet(here, here.runs())))
    file = io.BytesIO()
    pq.write_table(pa.concat_tables([good] * (incoming.MOST_RUNS // 2 + 1)), file)
    with pytest.raises(ImportRefusedError, match="large"):
        incoming.rows(file.getvalue())


def bomb(here: Store, text: str) -> bytes:
    """A Parquet file of 1000 runs, small as a file, that all share this long text by a dictionary."""
    good = pq.read_table(io.BytesIO(exchange.to_parquet(here, here.runs())))
    many = pa.concat_tables([good] * (incoming.MOST_RUNS // good.num_rows))
    shared = pa.DictionaryArray.from_arrays(pa.array([0] * many.num_rows, pa.int32()), [text])
    many = many.set_column(many.schema.get_field_index("device"), "device", shared)
    file = io.BytesIO()
    pq.write_table(many, file, compression="zstd", store_schema=False)
    return file.getvalue()


def test_a_parquet_bomb_is_refused_and_this_process_takes_no_memory_for_it(here: Store, elsewhere: Store) -> None:
    content = bomb(here, "x" * 8_000_000)  # 8 GB unpacked
    assert len(content) < 2 * 2**20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ImportRefusedError, match="too large"):
        exchange.take(elsewhere, content)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB
    assert elsewhere.runs().empty


def test_more_measurements_than_are_taken_are_refused(here: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 144 kB of Parquet, a hundred runs with 10,000 measurements each, the server once made 1 GB."""
    good = pq.read_table(io.BytesIO(exchange.to_parquet(here, here.runs())))
    one = {"probe": "noise", "epoch": 0, "name": "trace", "value": 1.0}
    many = pa.array([[one] * 10_000] * good.num_rows, type=good.schema.field("measurements").type)
    good = good.set_column(good.schema.get_field_index("measurements"), "measurements", many)
    bomb = parquet(pa.concat_tables([good] * (incoming.MOST_MEASURED // 10_000)))
    assert len(bomb) < 200_000
    with pytest.raises(ImportRefusedError, match="more values than that many runs can have"):
        incoming.rows(bomb)
    monkeypatch.setattr(incoming, "MOST_MEASURED", 3)
    with pytest.raises(ImportRefusedError, match="more than 3 measurements"):
        incoming.rows(exchange.to_json(here, here.runs()))


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "was ended by SIGSEGV over this one. It is damaged"),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "could not be read within 60 s"),
        ("sys.exit('terminate called after throwing std::bad_alloc')", "needs more than 2 GB of memory"),
        ("sys.exit('something odd')", "ended with status 1 over this one"),
    ],
)
def test_what_ends_the_reader_is_said_as_it_is(
    elsewhere: Store, monkeypatch: pytest.MonkeyPatch, deed: str, words: str
) -> None:
    monkeypatch.setattr(incoming, "COMMAND", (sys.executable, "-S", "-c", f"import os, signal, sys; {deed}"))
    with pytest.raises(ImportRefusedError, match=words):
        exchange.take(elsewhere, b"PAR1 some file")


def test_one_file_is_read_at_a_time(elsewhere: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "SECONDS", 0.01)
    with incoming._READING, pytest.raises(ImportRefusedError, match="Another file is being read just now"):
        exchange.take(elsewhere, b"PAR1 some file")
    assert not incoming._READING.locked()


def test_a_json_bomb_is_refused(elsewhere: Store) -> None:
    content = b'{"format": "sgd-lab runs 1", "runs": [' + b"[]," * 6_000_000 + b"[]]}"
    assert len(content) < incoming.LARGEST
    with pytest.raises(ImportRefusedError, match=r"runs|large"):
        exchange.take(elsewhere, content)
    assert elsewhere.runs().empty


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "[x](javascript:1) **b** $x$", "../../etc/passwd"])
def test_a_name_is_only_text_and_never_a_path(here: Store, elsewhere: Store, name: str) -> None:
    here.local.annotate(made(epochs=3).key, name, name)
    exchange.take(elsewhere, exchange.to_json(here, here.runs()))
    kept = elsewhere.runs().set_index("key").loc[made(epochs=3).key]
    assert (kept["name"], kept["note"]) == (name, name)
    assert {file.name for file in elsewhere.imported.folder.parent.iterdir()} <= {"imported", "imported.index.parquet"}


@pytest.mark.parametrize("key", ["../../../etc/passwd", "run:x", "0" * 64, ""])
def test_a_key_that_is_none_is_refused(here: Store, key: str) -> None:
    runs = here.runs()
    content = changed(exchange.to_json(here, runs[runs["status"] == "done"]), lambda run: run.update(key=key))
    with pytest.raises(ImportRefusedError, match="key"):
        incoming.rows(content)


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
