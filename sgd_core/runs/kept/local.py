"""This machine's runs: kept in one folder by JsonCache, a run's row, epochs, measurements and notes each under its key.

Runs that an older version kept under another key are read under today's, and moved there at the first write. Other
people's runs come in as Parquet or JSON, never as such a folder.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sgd_core.experiment import takeover
from sgd_core.experiment.run import Run, merged
from sgd_core.experiment.spec import SpecError
from sgd_core.runs.kept import table
from sgd_core.runs.kept.json_cache import JsonCache, StoreError, Writer
from sgd_core.runs.mode import require_lab

LONGEST_NAME, LONGEST_NOTE = 60, 1000
"""Characters."""
KINDS = ("run", "epochs", "measurements", "note")
"""What is kept of a run, each under 'kind:key'."""
KEYS = 2
"""Kept as 'format:keys' at every write: what was stored before that is under today's keys."""

WRONG = (TypeError, ValueError, KeyError, AttributeError, OverflowError)
"""What Python and pandas raise for values of another form than they were written in."""

__all__ = ["LocalRuns", "StoreError"]


class LocalRuns:
    """Runs kept in one folder; it is made on the first write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._cache = JsonCache(folder, "the runs of this machine")
        self._known: tuple[tuple[int, ...], dict[str, str]] | None = None

    def rows(self) -> list[dict[str, Any]]:
        """Every run as a row of `runs`, without its epochs."""
        return [self._row(row) for _, row in self._cache.all("run")]

    def stamps(self) -> dict[str, float]:
        """Key of every run -> when it was stored, in seconds since 1970."""
        today = {stored: key for key, stored in self._former().items()}
        return {today.get(stored, stored): when for stored, when in self._cache.stored("run").items()}

    def row(self, key: str) -> dict[str, Any] | None:
        """One run as a row of `runs`, or None if it is not here."""
        return next((self._row(row) for _, row in self._cache.some("run", [self._stored(key)])), None)

    def epochs(self, keys: Iterable[str]) -> dict[str, list[Any]]:
        """The columns of `epochs` of these runs, one run after the other."""
        columns: dict[str, list[Any]] = {}
        today = {self._stored(key): key for key in keys}
        with self._refusing():
            for stored, kept in self._cache.some("epochs", today):
                whole = self._epochs(today[stored], kept)
                for column, values in {"key": [today[stored]] * len(whole["epoch"]), **whole}.items():
                    columns.setdefault(column, []).extend(values)
        return columns

    def measurements(self, keys: Iterable[str]) -> list[dict[str, Any]]:
        """The rows of `measurements` of these runs."""
        today = {self._stored(key): key for key in keys}
        with self._refusing():
            kept = self._cache.some("measurements", today)
            return [{"key": today[stored], **row} for stored, rows in kept for row in rows]

    def measurements_of(self, key: str) -> list[dict[str, Any]]:
        """What is measured of one run, without its key: as Run.measurements holds it."""
        return [row for _, rows in self._cache.some("measurements", [self._stored(key)]) for row in rows]

    def check(self) -> None:
        """Raise StoreError where no run could be read or kept now: to be known before one is trained."""
        self.stamps()
        self._cache.check()

    def save(self, run: Run) -> None:
        """Keep the run in place of any earlier one of its key; raises StoreError if the folder cannot be written."""
        self.save_all([run])

    def save_all(self, runs: Iterable[Run]) -> None:
        """Keep all of the runs or, where one cannot be kept, none."""
        with self._writing("The run") as writer:
            for run in runs:
                writer.put(f"epochs:{run.key}", run.epochs())
                writer.put(f"measurements:{run.key}", run.measurements)
                writer.put(f"run:{run.key}", run.row())

    def add_measurements(self, key: str, rows: list[dict[str, Any]]) -> None:
        """Keep more measurements of a run that is here; of one probe, epoch and name these stand. Raises StoreError."""
        if self.row(key) is None:
            raise StoreError(f"There is no run {key[:8]} in {self.folder}.")
        with self._writing("The measurements") as writer:
            writer.put(f"measurements:{key}", merged(self.measurements_of(key), rows))

    def notes(self) -> dict[str, dict[str, str]]:
        """Key of a run -> what a reader wrote about it: `name` and `note`, both text, either may be missing."""
        today = {stored: key for key, stored in self._former().items()}
        kept = [(stored, note) for stored, note in self._cache.all("note") if isinstance(note, dict)]
        return {today.get(stored, stored): {str(k): str(v) for k, v in note.items()} for stored, note in kept}

    def annotate(self, key: str, name: str, note: str) -> None:
        """Keep a reader's name and note for a run in place of earlier ones; raises StoreError if that cannot be."""
        require_lab("Renaming a run")
        for what, text, most in (("name", name, LONGEST_NAME), ("note", note, LONGEST_NOTE)):
            if len(text) > most or not printable(text):
                raise StoreError(f"A run's {what} is at most {most} characters of text, without control characters.")
        if self.row(key) is None:
            raise StoreError(f"There is no run {key[:8]} in {self.folder}.")
        with self._writing("The note") as writer:
            writer.put(f"note:{key}", {"name": name.strip(), "note": note.strip()})

    def delete(self, keys: Iterable[str]) -> None:
        """Remove runs with all that belongs to them; raises StoreError if the folder cannot be written."""
        require_lab("Deleting a run")
        with self._writing("The deletion") as writer:
            for key in keys:
                for kind in KINDS:
                    writer.remove(f"{kind}:{key}")

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row as today's version would have kept it."""
        where = f"A run in {self.folder}"
        with self._refusing():
            takeover.refuse_unknown(row, table.RUN_COLUMNS, where)
            spec = takeover.spec_of(row, where)
            if not isinstance(row["key"], str):
                raise TypeError(f"its key is {row['key']!r}")
            key = takeover.todays_key(row["key"], spec, table.fingerprints_of(row))
            return {**dict.fromkeys(table.RUN_COLUMNS), **row, **spec.model_dump(), "key": key}

    def _epochs(self, key: str, kept: dict[str, list[Any]]) -> dict[str, list[Any]]:
        takeover.refuse_unknown(kept, takeover.RECORDED, f"A run in {self.folder}")
        lacking = [name for name in takeover.RECORDED if name not in kept]
        row = self.row(key) if lacking else None
        if row is None:
            return kept
        planned = takeover.planned(table.spec_of(row), row["train_images"])
        return kept | {name: [planned[epoch].get(name) for epoch in kept["epoch"]] for name in lacking}

    def _stored(self, key: str) -> str:
        return self._former().get(key, key)

    def _former(self) -> dict[str, str]:
        """Today's key -> the former one, of every run that still lies under that; read anew when the folder changed.

        A run stored after the last write of today's version may be under a former key: an older program can still run.
        """
        state = self._cache.state()
        if self._known is None or self._known[0] != state:
            moved = self._cache.stored("format").get("keys", -math.inf) if state else math.inf
            later = [stored for stored, when in self._cache.stored("run").items() if when > moved]
            read = readable(self._keys_today, later)  # what is damaged has no key
            self._known = state, {key: stored for part in read for stored, key in part if key != stored}
        return self._known[1]

    def _keys_today(self, stored: list[str]) -> list[tuple[str, str]]:
        return [(name, self._row(row)["key"]) for name, row in self._cache.some("run", stored)]

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """Raise StoreError for what is kept, but is not of the form in which it was written."""
        try:
            yield
        except takeover.NewerVersionError:
            raise
        except (SpecError, *WRONG) as error:
            raise StoreError(f"A run in {self.folder} is refused: {error}") from error

    @contextmanager
    def _writing(self, what: str) -> Iterator[Writer]:
        """One transaction, in which every run that lies under a former key is taken over to today's first."""
        with self._cache.writing(what) as writer:
            for key, stored in self._former().items():
                self._move(writer, key, stored)
            yield writer
            writer.put("format:keys", KEYS)

    def _move(self, writer: Writer, key: str, stored: str) -> None:
        there = bool(self._cache.some("run", [key]))
        for kind in KINDS:
            for _, value in self._cache.some(kind, [stored]):
                if not there:
                    writer.put(f"{kind}:{key}", self._whole(kind, key, value))
                writer.remove(f"{kind}:{stored}")

    def _whole(self, kind: str, key: str, value: Any) -> Any:
        """What is kept of a run, as today's version keeps it."""
        return self._row(value) if kind == "run" else self._epochs(key, value) if kind == "epochs" else value


def readable(read: Callable[[list[str]], Any], keys: Iterable[str]) -> list[Any]:
    """What can be read of these keys: all at once or, where something is damaged, one by one without that.

    Raises NewerVersionError: what another version wrote is not damaged.
    """
    wanted, found = list(keys), []
    for part in (wanted, *([key] for key in wanted)):
        try:
            found.append(read(part))
        except takeover.NewerVersionError:
            raise
        except (StoreError, *WRONG):
            continue
        if part is wanted:
            break
    return found


def printable(text: str) -> bool:
    """Whether a text shows as it is: no control, format or unassigned characters; spaces and line breaks may be."""
    return all(character.isprintable() or character == "\n" for character in text)
