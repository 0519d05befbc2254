"""A diskcache folder that holds JSON only, never evicts and may be used by several processes.

Nothing else knows diskcache. It writes; reads go straight to its SQLite table, opened read-only, because its own way
asks for one row at a time and cannot open a folder that it may not write to. Its JSONDisk still unpickles a row that
says it is pickled; JsonDisk refuses every row that is not its own. The folder must be on a local disk (SQLite) and must
be this machine's own.
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

HUGE = 2**50
"""Size limit in bytes. Eviction is off, so it only keeps diskcache from counting down towards its 1 GiB default."""
DATABASE = "cache.db"
PATIENCE = 60
"""Seconds to wait for another process that is writing."""


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


class Writer:
    """An open transaction: everything that is put or removed in it is kept, or nothing."""

    def __init__(self, cache: diskcache.Cache) -> None:
        self._cache = cache

    def put(self, name: str, value: Any) -> None:
        """Keep a JSON-able value under a name, in place of any other."""
        self._cache[name] = value

    def remove(self, name: str) -> None:
        """Forget a name, if it is there."""
        self._cache.delete(name)


class JsonCache:
    """Values by name in one folder, which is made on the first write. `what` they are stands in every error."""

    def __init__(self, folder: Path, what: str) -> None:
        self.folder, self.what = folder, what

    def state(self) -> tuple[int, ...]:
        """Changes whenever something is written: sizes and times of the database's files."""
        files = [self.folder / name for name in (DATABASE, f"{DATABASE}-wal")]
        return tuple(n for file in files if file.is_file() for n in (file.stat().st_size, file.stat().st_mtime_ns))

    def stored(self, kind: str) -> dict[str, float]:
        """Name, without 'kind:', of everything of a kind -> when it was stored, in seconds since 1970."""
        rows = self._asked(f"SELECT key, store_time FROM Cache WHERE raw = 1 AND {_of_kind(kind)}", [()])
        return {name.removeprefix(f"{kind}:"): stored for name, stored in rows}

    def all(self, kind: str) -> list[tuple[str, Any]]:
        """Name, without 'kind:', and value of everything of a kind."""
        return self._values(kind, _of_kind(kind), [()])

    def some(self, kind: str, names: Iterable[str]) -> list[tuple[str, Any]]:
        """The same for these names of a kind, in their order; those that are not there are left out."""
        return self._values(kind, "key = ?", [(f"{kind}:{name}",) for name in names])

    @contextmanager
    def writing(self, what: str) -> Iterator[Writer]:
        """One transaction; `what` is named in the StoreError where it cannot be kept."""
        try:
            with self._open() as cache, cache.transact():
                yield Writer(cache)
        except (OSError, sqlite3.Error, diskcache.Timeout) as error:
            raise StoreError(f"{what} could not be kept in {self.folder}: {error}.") from error

    def check(self) -> None:
        """Raise StoreError where nothing could be kept now, as in a folder that may not be written."""
        with self.writing("What is made"):
            pass

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

    def _values(self, kind: str, condition: str, parameters: list[tuple[str, ...]]) -> list[tuple[str, Any]]:
        """Name and value of every row that meets the condition, asked once for each of `parameters`."""
        select = f"SELECT key, mode, filename, value FROM Cache WHERE raw = 1 AND {condition}"
        disk = JsonDisk(str(self.folder))
        values = []
        for name, mode, filename, value in self._asked(select, parameters):
            try:
                values.append((name.removeprefix(f"{kind}:"), disk.fetch(mode, filename, value, False)))
            except (StoreError, OSError, ValueError, TypeError, zlib.error) as error:
                raise StoreError(f"{name} in {self.what}, {self.folder}, is refused: {error}") from error
        return values

    def _asked(self, select: str, parameters: list[tuple[str, ...]]) -> list[tuple[Any, ...]]:
        database = self.folder / DATABASE
        if not database.is_file():
            return []
        try:
            return _query(database, "mode=ro", select, parameters)
        except sqlite3.OperationalError as error:
            if str(error).startswith("no such table"):  # another process has made the file, but not yet its tables
                return []
            if "locked" in str(error):
                raise self._unreadable(error) from error
        except (OSError, sqlite3.Error) as error:
            raise self._unreadable(error) from error
        try:
            # Even reading makes files beside the database. Where that is not allowed, nobody else writes to it either.
            return _query(database, "mode=ro&immutable=1", select, parameters)
        except (OSError, sqlite3.Error) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> StoreError:
        said = f"{self.what[:1].upper()}{self.what[1:]} in {self.folder} cannot be read: {error}."
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            said += (
                f" The file {self.folder / DATABASE} is damaged; it is kept as it is. Move it to another place, and a "
                "new one is begun."
            )
        return StoreError(said)


def _of_kind(kind: str) -> str:
    return f"key >= '{kind}:' AND key < '{kind};'"  # ';' comes after ':'


def _query(database: Path, options: str, select: str, parameters: list[tuple[str, ...]]) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"{database.as_uri()}?{options}", uri=True, timeout=PATIENCE)) as connection:
        return [row for each in parameters for row in connection.execute(select, each)]
