"""This machine's runs: kept exactly, by several processes, without eviction, and never unpickled."""

from __future__ import annotations

import json
import os
import pickle
import sqlite3
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import diskcache
import pytest

from sgd_core import settings
from sgd_core.runs.kept import json_cache
from sgd_core.runs.kept.json_cache import JsonCache, JsonDisk, StoreError
from sgd_core.runs.kept.local import LocalRuns
from sgd_core.runs.kept.store import Store
from tests.runs.made import made

NOBODY = 65534


class Planted:
    """Unpickling this makes a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self.file),)


def database(runs: LocalRuns) -> sqlite3.Connection:
    return sqlite3.connect(runs.folder / "cache.db")


def test_a_run_comes_back_bit_for_bit(tmp_path: Path) -> None:
    runs, run = LocalRuns(tmp_path), made(epochs=12)
    runs.save(run)
    again = LocalRuns(tmp_path)
    assert again.rows() == [run.row()]
    assert again.row(run.key) == run.row()
    assert again.epochs([run.key]) == {"key": [run.key] * 13, **run.epochs()}
    assert again.measurements([run.key]) == [{"key": run.key, **row} for row in run.measurements]


def test_saving_again_replaces_the_run(tmp_path: Path) -> None:
    runs = LocalRuns(tmp_path)
    runs.save(made("cancelled", epochs=3))
    runs.save(made("done", epochs=3))
    assert [row["status"] for row in runs.rows()] == ["done"]


def test_a_folder_that_is_not_there_holds_no_runs_and_is_not_made(tmp_path: Path) -> None:
    runs = LocalRuns(tmp_path / "none")
    assert (runs.rows(), runs.row("key"), runs.epochs(["key"]), runs.measurements(["key"])) == ([], None, {}, [])
    assert not runs.folder.exists()


def test_nothing_is_ever_evicted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = LocalRuns(tmp_path)
    runs.save(made(seed=0))
    with closing(database(runs)) as connection:
        kept = dict(connection.execute("SELECT key, value FROM Settings").fetchall())
        expiring = connection.execute("SELECT COUNT(*) FROM Cache WHERE expire_time IS NOT NULL").fetchone()
    assert kept["eviction_policy"] == "none"
    assert kept["cull_limit"] == 0
    assert kept["size_limit"] >= 2**50
    assert expiring == (0,)

    monkeypatch.setattr(json_cache, "HUGE", 1)  # every write is now far beyond the size limit, and goes to a file
    for seed in range(1, 5):
        runs.save(made(seed=seed))
    assert sorted(row["seed"] for row in runs.rows()) == [0, 1, 2, 3, 4]
    assert list(runs.folder.rglob("*.val"))
    assert len(runs.epochs([made(seed=seed).key for seed in range(5)])["epoch"]) == 5 * 151


def test_only_json_is_stored(tmp_path: Path) -> None:
    runs = LocalRuns(tmp_path)
    runs.save(made(epochs=3))
    with closing(database(runs)) as connection:
        rows = connection.execute("SELECT key, raw, mode, value FROM Cache").fetchall()
    assert len(rows) == 4  # with the kind of keys
    for key, raw, mode, value in rows:
        assert key.split(":")[0] in ("run", "epochs", "measurements", "format")
        assert (raw, mode) == (1, diskcache.core.MODE_RAW)
        json.loads(zlib.decompress(value))
    for bad in (float("nan"), {1}, b"bytes"):
        with pytest.raises((ValueError, TypeError)):
            JsonDisk(str(tmp_path)).store(bad, False)
    with pytest.raises(StoreError, match="text, not int"):
        JsonDisk(str(tmp_path)).put(1)


@pytest.mark.parametrize("what", ["run", "epochs", "measurements"])
def test_a_planted_pickle_is_refused_and_not_executed(tmp_path: Path, what: str) -> None:
    runs, run, trap = LocalRuns(tmp_path / "runs"), made(epochs=3), tmp_path / "executed"
    runs.save(run)
    name = f"{what}:{run.key}"
    with diskcache.Cache(str(runs.folder), disk=diskcache.Disk) as cache:
        cache[name] = Planted(trap)
    reads = {
        "run": runs.rows,
        "epochs": lambda: runs.epochs([run.key]),
        "measurements": lambda: runs.measurements([run.key]),
    }
    with pytest.raises(StoreError, match=f"{name} .* is refused"):
        reads[what]()
    with diskcache.Cache(str(runs.folder), disk=JsonDisk) as cache, pytest.raises(StoreError, match="refused"):
        cache[name]
    assert not trap.exists()
    with diskcache.Cache(str(runs.folder), disk=diskcache.Disk) as cache:
        cache.get(name)  # diskcache's own way does execute it: the trap works
    assert trap.exists()


def test_a_planted_pickle_as_key_is_refused_and_not_executed(tmp_path: Path) -> None:
    runs, run, trap = LocalRuns(tmp_path / "runs"), made(epochs=3), tmp_path / "executed"
    runs.save(run)
    with closing(database(runs)) as connection, connection:
        for raw in (0, 1):
            connection.execute(
                "INSERT INTO Cache (key, raw, store_time, access_time, access_count, size, mode, value)"
                " SELECT ?, ?, store_time, access_time, access_count, size, mode, value FROM Cache WHERE key = ?",
                (sqlite3.Binary(pickle.dumps(Planted(trap), protocol=0)), raw, f"run:{run.key}"),
            )
    assert runs.rows() == [run.row()]
    with diskcache.Cache(str(runs.folder), disk=JsonDisk) as cache, pytest.raises(StoreError, match="refused"):
        list(cache.iterkeys())
    assert not trap.exists()


def test_a_damaged_value_is_refused_by_name(tmp_path: Path) -> None:
    runs, run = LocalRuns(tmp_path), made(epochs=3)
    runs.save(run)
    with closing(database(runs)) as connection, connection:
        connection.execute("UPDATE Cache SET value = x'00' WHERE key = ?", (f"run:{run.key}",))
    with pytest.raises(StoreError, match=f"run:{run.key} in the runs of this machine, {tmp_path}, is refused"):
        runs.rows()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreError, match=f"{tmp_path} cannot be read"):
        LocalRuns(tmp_path).rows()
    with pytest.raises(StoreError, match=f"could not be kept in {tmp_path}"):
        LocalRuns(tmp_path).save(made(epochs=3))


WRITER = """
import sys
from pathlib import Path
from sgd_core.runs.kept.local import LocalRuns
from tests.runs.made import made
runs = [made(epochs=20, seed=seed) for seed in range(int(sys.argv[2]), int(sys.argv[3]))]
print("ready", flush=True)
sys.stdin.readline()
for run in runs:
    LocalRuns(Path(sys.argv[1])).save(run)
    assert run.key in {row["key"] for row in LocalRuns(Path(sys.argv[1])).rows()}
"""


def test_several_processes_may_write_at_once(tmp_path: Path) -> None:
    folder, each = tmp_path / "new", 8
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), str(each * i), str(each * (i + 1))],
            cwd=settings.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for i in range(4)
    ]  # fmt: skip
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:  # all start at once, on a folder that none of them has made yet
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=120)
    assert [writer.returncode for writer in writers] == [0] * 4
    runs = LocalRuns(folder)
    assert sorted(row["seed"] for row in runs.rows()) == list(range(4 * each))
    assert len(runs.epochs([made(epochs=20, seed=seed).key for seed in range(4 * each)])["epoch"]) == 21 * 4 * each


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write to the folder meanwhile, root neither: the process goes on as another user."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_read_only_folder_is_listed_and_refuses_to_save() -> None:
    with tempfile.TemporaryDirectory() as name:  # tmp_path lies under a folder that only its owner may enter
        folder = Path(name)
        runs, run, other = LocalRuns(folder), made(epochs=3), made(epochs=3, seed=1)
        runs.save(run)
        assert [path.name for path in folder.iterdir()] == ["cache.db"]  # no log beside it that could be read
        with read_only(folder):
            with pytest.raises(PermissionError):
                (folder / "x").touch()
            assert runs.rows() == [run.row()]
            assert runs.epochs([run.key])["key"] == [run.key] * 4
            with pytest.raises(StoreError, match=f"could not be kept in {folder}"):
                runs.save(other)
        assert runs.rows() == [run.row()]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=f"could not be kept in {tmp_path}/file/runs"):
        LocalRuns(tmp_path / "file" / "runs").save(made(epochs=3))
    assert LocalRuns(tmp_path / "file" / "runs").rows() == []


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("run", 5), ("run", []), ("run", {"key": ["x"]}), ("run", {"train_images": None}), ("run", {"seed": "x"}),
        ("run", {"learning_rate": 5e-324}), ("epochs", None), ("epochs", {"epoch": "x"}),
        ("epochs", {"val_loss": [[1]]}),
        ("measurements", [5]), ("measurements", "x"), ("note", [1]), ("note", {"name": {"a": 1}}),
    ],
)  # fmt: skip
def test_what_is_kept_in_wrong_types_keeps_no_other_run_from_being_shown(tmp_path: Path, kind: str, wrong: Any) -> None:
    store, broken, whole = Store(tmp_path / "none", tmp_path / "runs"), made(epochs=3), made(epochs=3, seed=1)
    store.local.save_all([broken, whole])
    cache = JsonCache(store.local.folder, "the runs of this machine")
    before = dict(cache.some(kind, [broken.key])).get(broken.key, {})
    with cache.writing("This") as writer:
        mixed = {**before, **wrong} if isinstance(before, dict) and isinstance(wrong, dict) else wrong
        writer.put(f"{kind}:{broken.key}", mixed)
    runs = store.runs()
    assert whole.key in set(runs["key"])
    assert whole.key in set(store.epochs(runs)["key"])
    assert whole.key in set(store.measurements(runs)["key"])
    assert len(store.troubles()) == (kind in ("run", "epochs"))
