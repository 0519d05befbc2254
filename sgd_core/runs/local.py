"""This machine's runs: a diskcache folder that holds JSON only, never evicts and may be used by several processes.

diskcache writes; reads go straight to its SQLite table, opened read-only. Its own way asks for one row at a time and
cannot open a folder that it may not write to. Its JSONDisk still unpickles a row that says it is pickled; JsonDisk
refuses every row that is not its own. The folder must be on a local disk (SQLite) and must be this machine's own: other
people's runs come in as Parquet.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import diskcache
from diskcache.core import MODE_BINARY, MODE_RAW

from sgd_core.errors import UserError
from sgd_core.runs.mode import require_lab
from sgd_core.runs.table import Run

HUGE = 2**50
"""Size limit in bytes. Eviction is off, so it only keeps diskcache from counting down towards its 1 GiB default."""
PATIENCE = 60
"""Seconds to wait for another process that is writing."""
LONGEST_NAME, LONGEST_NOTE = 60, 1000
"""Characters."""


class StoreError(UserError):
    """A store that cannot be read or written; the message names the folder."""


class JsonDisk(diskcache.Disk):  # type: ignore[misc]
    """Keys are text, values are compressed JSON; anything else in the database is refused, never unpickled."""

    def put(self, key: Any) -> tuple[Any, bool]:
        if not isinstance(key, str):
            raise StoreError(f"A key of this store is text, not {type(key).__name__}.")
        return key, True

    def get(self, key: Any, raw: bool) -> Any:
        if not raw or not isinstance(key, str):
            raise StoreError("The store holds a key that it did not write; it is refused.")
        return key

    def store(self, value: Any, read: bool, key: Any = diskcache.UNKNOWN) -> Any:
        text = json.dumps(value, separators=(",", ":"), allow_nan=False)
        return super().store(zlib.compress(text.encode()), False, key=key)

    def fetch(self, mode: int, filename: str, value: Any, read: bool) -> Any:
        if mode not in (MODE_RAW, MODE_BINARY):
            raise StoreError("The store holds a value that it did not write; it is refused.")
        return json.loads(zlib.decompress(super().fetch(mode, filename, value, False)))


class LocalRuns:
    """Runs kept in one folder; it is made on the first write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def rows(self) -> list[dict[str, Any]]:
        """Every run as a row of `runs`, without its epochs."""
        return [row for _, row in self._read("key >= 'run:' AND key < 'run;'", [()])]  # ';' comes after ':'

    def stamps(self) -> dict[str, float]:
        """Key of every run -> when it was stored, in seconds since 1970."""
        select = "SELECT key, store_time FROM Cache WHERE raw = 1 AND key >= 'run:' AND key < 'run;'"
        try:
            return {name.removeprefix("run:"): stored for name, stored in self._asked(select, [()])}
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The runs of this machine in {self.folder} cannot be read: {error}.") from error

    def row(self, key: str) -> dict[str, Any] | None:
        """One run as a row of `runs`, or None if it is not here."""
        return next((row for _, row in self._read("key = ?", [(f"run:{key}",)])), None)

    def epochs(self, keys: Iterable[str]) -> dict[str, list[Any]]:
        """The columns of `epochs` of these runs, one run after the other."""
        columns: dict[str, list[Any]] = {}
        for name, kept in self._read("key = ?", [(f"epochs:{key}",) for key in keys]):
            rows = len(kept["epoch"])
            for column, values in {"key": [name.removeprefix("epochs:")] * rows, **kept}.items():
                columns.setdefault(column, []).extend(values)
        return columns

    def measurements(self, keys: Iterable[str]) -> list[dict[str, Any]]:
        """The rows of `measurements` of these runs."""
        kept = self._read("key = ?", [(f"measurements:{key}",) for key in keys])
        return [{"key": name.removeprefix("measurements:"), **row} for name, rows in kept for row in rows]

    def save(self, run: Run) -> None:
        """Keep the run in place of any earlier one of its key; raises StoreError if the folder cannot be written."""
        self.save_all([run])

    def save_all(self, runs: Iterable[Run]) -> None:
        """Keep all of the runs or, where one cannot be kept, none."""
        with self._writing("The run") as cache:
            for run in runs:
                cache[f"epochs:{run.key}"] = run.epochs()
                cache[f"measurements:{run.key}"] = run.measurements
                cache[f"run:{run.key}"] = run.row()

    def notes(self) -> dict[str, dict[str, str]]:
        """Key of a run -> what a reader wrote about it: `name` and `note`, both text, either may be missing."""
        kept = self._read("key >= 'note:' AND key < 'note;'", [()])
        return {name.removeprefix("note:"): {str(k): str(v) for k, v in note.items()} for name, note in kept}

    def annotate(self, key: str, name: str, note: str) -> None:
        """Keep a reader's name and note for a run in place of earlier ones; raises StoreError if that cannot be."""
        require_lab("Renaming a run")
        for what, text, most in (("name", name, LONGEST_NAME), ("note", note, LONGEST_NOTE)):
            if len(text) > most or not printable(text):
                raise StoreError(f"A run's {what} is at most {most} characters of text, without control characters.")
        if self.row(key) is None:
            raise StoreError(f"There is no run {key[:8]} in {self.folder}.")
        with self._writing("The note") as cache:
            cache[f"note:{key}"] = {"name": name.strip(), "note": note.strip()}

    def delete(self, keys: Iterable[str]) -> None:
        """Remove runs with all that belongs to them; raises StoreError if the folder cannot be written."""
        require_lab("Deleting a run")
        with self._writing("The deletion") as cache:
            for key in keys:
                for kind in ("run", "epochs", "measurements", "note"):
                    cache.delete(f"{kind}:{key}")

    @contextmanager
    def _writing(self, what: str) -> Iterator[diskcache.Cache]:
        """The open cache in one transaction; `what` is named where it cannot be kept."""
        try:
            with self._open() as cache, cache.transact():
                yield cache
        except (OSError, sqlite3.Error, diskcache.Timeout) as error:
            raise StoreError(f"{what} could not be kept in {self.folder}: {error}.") from error

    def _open(self) -> diskcache.Cache:
        return diskcache.Cache(
            str(self.folder),
            disk=JsonDisk,
            disk_min_file_size=HUGE,  # every value in the database itself, so that a run is one transaction
            eviction_policy="none",
            cull_limit=0,
            size_limit=HUGE,
            timeout=PATIENCE,
        )

    def _read(self, condition: str, parameters: Iterable[tuple[str, ...]]) -> list[tuple[str, Any]]:
        """Key and value of every row that meets the condition, asked once for each of `parameters`."""
        select = f"SELECT key, mode, filename, value FROM Cache WHERE raw = 1 AND {condition}"
        disk = JsonDisk(str(self.folder))
        try:
            rows = self._asked(select, list(parameters))
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The runs of this machine in {self.folder} cannot be read: {error}.") from error
        values = []
        for name, mode, filename, value in rows:
            try:
                values.append((name, disk.fetch(mode, filename, value, False)))
            except (StoreError, OSError, ValueError, TypeError, zlib.error) as error:
                raise StoreError(f"{name} in the runs of this machine, {self.folder}, is refused: {error}") from error
        return values

    def _asked(self, select: str, parameters: list[tuple[str, ...]]) -> list[tuple[Any, ...]]:
        database = self.folder / "cache.db"
        if not database.is_file():
            return []
        try:
            return _query(database, "mode=ro", select, parameters)
        except sqlite3.OperationalError as error:
            if str(error).startswith("no such table"):  # another process has made the file, but not yet its tables
                return []
            # Even reading makes files beside the database. Where that is not allowed, nobody else writes to it either.
            return _query(database, "mode=ro&immutable=1", select, parameters)


def printable(text: str) -> bool:
    """Whether a text shows as it is: no control, format or unassigned characters; spaces and line breaks may be."""
    return all(character.isprintable() or character == "\n" for character in text)


def _query(database: Path, options: str, select: str, parameters: list[tuple[str, ...]]) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"{database.as_uri()}?{options}", uri=True, timeout=PATIENCE)) as connection:
        return [row for each in parameters for row in connection.execute(select, each)]
