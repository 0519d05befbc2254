"""This machine's runs: a diskcache folder that holds JSON only, never evicts and may be used by several processes.

diskcache's own JSONDisk still unpickles a row that says it is pickled; JsonDisk refuses every row that is not its own.
The folder must be on a local disk (SQLite) and must be this machine's own: other people's runs come in as Parquet.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import diskcache
from diskcache.core import MODE_BINARY, MODE_RAW

from sgd_core.errors import UserError
from sgd_core.experiment.record import EpochRecord
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.table import Run

HUGE = 2**50
"""Size limit in bytes. Eviction is off, so it only keeps diskcache from counting down towards its 1 GiB default."""


class StoreError(UserError):
    """A store that cannot be read or written; the message names the folder."""


class JsonDisk(diskcache.Disk):
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
        self._opened: diskcache.Cache | None = None

    def rows(self) -> list[dict[str, Any]]:
        """Every run as a row of `runs`, without its epochs."""
        cache = self._cache()
        if cache is None:
            return []
        kept = (cache.get(name) for name in cache.iterkeys() if name.startswith("run:"))
        return [row for row in kept if row is not None]

    def records(self, key: str) -> list[EpochRecord]:
        """The epochs of one run; empty if it is not here."""
        cache = self._cache()
        columns = cache.get(f"epochs:{key}") if cache is not None else None
        if columns is None:
            return []
        return [EpochRecord(*values) for values in zip(*columns.values(), strict=True)]

    def measurements(self, key: str) -> list[dict[str, Any]]:
        """What probes measured in one run."""
        cache = self._cache()
        return (cache.get(f"measurements:{key}") if cache is not None else None) or []

    def save(self, run: Run) -> None:
        """Keep the run in place of any earlier one of its key; raises StoreError if the folder cannot be written."""
        rows = [asdict(record) for record in run.records]
        columns = {name: [row[name] for row in rows] for name in EpochRecord.__dataclass_fields__}
        try:
            cache = self._cache(make=True)
            assert cache is not None
            with cache.transact():
                cache[f"epochs:{run.key}"] = columns
                cache[f"measurements:{run.key}"] = run.measurements
                cache[f"run:{run.key}"] = run.row()
        except (OSError, sqlite3.Error, diskcache.Timeout) as error:
            raise StoreError(f"The run could not be kept in {self.folder}: {error}.") from error

    def _cache(self, make: bool = False) -> diskcache.Cache | None:
        if self._opened is None and (make or (self.folder / "cache.db").is_file()):
            try:
                self._opened = diskcache.Cache(
                    str(self.folder), disk=JsonDisk, eviction_policy="none", size_limit=HUGE, cull_limit=0, timeout=60
                )
            except (OSError, sqlite3.Error) as error:
                if make:
                    raise
                raise StoreError(f"The runs of this machine in {self.folder} cannot be opened: {error}.") from error
        return self._opened


def spec_in(row: dict[str, Any]) -> RunSpec:
    """The RunSpec of a row as it is kept here."""
    return RunSpec.parse({name: row[name] for name in RunSpec.model_fields})
