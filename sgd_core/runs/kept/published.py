"""Published runs: three Parquet files and a provenance.json in one folder, read by the app, written by `publish` only.

A table is parsed once and kept while its file stays the same: ten seeds of the 27 runs take about 55 ms to read (40,500
epochs, two cores), and every page asks for them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from sgd_core.errors import UserError
from sgd_core.experiment.takeover import NewerVersionError
from sgd_core.runs.kept import table
from sgd_core.runs.kept.local import WRONG

MOST = 10**9
"""Images and epochs."""


class PublishedRuns:
    """The published runs of one folder; empty where there is none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def frame(self, name: str) -> pd.DataFrame:
        """The table called runs, epochs or measurements; raises UserError naming a file that is not such a table."""
        path = self.folder / f"{name}.parquet"
        if not path.is_file():
            return table.frame(name)
        runs = self.folder / "runs.parquet"
        if not runs.is_file():
            raise UserError(f"{path} belongs to no run: {runs} is missing.")
        return _read(path, _state(path), runs, _state(runs)).copy(deep=False)

    def asked(self) -> pd.DataFrame:
        """The table called runs, with `question`."""
        return _asked(self.folder, *self._states()).copy(deep=False)

    def listed(self) -> pd.DataFrame:
        """The same with final accuracies, losses and totals, made once while the files stay as they are."""
        return _listed(self.folder, *self._states()).copy(deep=False)

    def _states(self) -> list[tuple[int, int] | None]:
        files = [self.folder / f"{name}.parquet" for name in ("runs", "epochs")]
        return [_state(file) if file.is_file() else None for file in files]

    def text(self, name: str) -> str | None:
        """What a file of the folder says, or None where there is none; raises UserError if it is not text."""
        path = self.folder / name
        try:
            return path.read_text(encoding="utf-8") if path.is_file() else None
        except UnicodeDecodeError as error:
            raise UserError(f"{path} is not a text file: {error}.") from None

    def provenance(self) -> dict[str, Any]:
        """What provenance.json says of data, weights and protocol; raises UserError if it is not JSON."""
        text = self.text("provenance.json")
        try:
            return json.loads(text) if text is not None else {}
        except json.JSONDecodeError as error:
            raise UserError(f"{self.folder / 'provenance.json'} is not JSON: {error}.") from None

    def write(self, tables: Mapping[str, pd.DataFrame], provenance: Mapping[str, Any], readme: str) -> None:
        """Replace the published runs, file by file, each whole or not at all; runs come after what belongs to them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("epochs", "measurements", "runs"):
            kept = tables[name][table.COLUMNS[name]]
            self._replace(f"{name}.parquet", kept.to_parquet(index=False, compression="zstd"))
        self._replace("provenance.json", (json.dumps(provenance, indent=2) + "\n").encode())
        self._replace("README.md", readme.encode())

    def _replace(self, name: str, content: bytes) -> None:
        partial = self.folder / f"{name}.part"
        try:
            partial.write_bytes(content)
            partial.replace(self.folder / name)
        finally:
            partial.unlink(missing_ok=True)


def _state(path: Path) -> tuple[int, int]:
    """When a file was written (ns), and its bytes."""
    state = path.stat()
    return state.st_mtime_ns, state.st_size


@lru_cache(maxsize=len(table.COLUMNS))
def _read(path: Path, state: tuple[int, int], runs: Path, state_of_runs: tuple[int, int]) -> pd.DataFrame:
    """The typed table of a Parquet file, as if today's version had written it; the states are those that are meant."""
    try:
        kept = pd.read_parquet(path)
        of = kept if runs == path else pd.read_parquet(runs)
        return _sound(path.stem, table.typed(table.of_today(path.stem, kept, of, str(path))))
    except NewerVersionError:
        raise
    except (UserError, OSError, NotImplementedError, *WRONG) as error:  # pyarrow's own errors are among these
        raise UserError(f"{path} cannot be read as a table of published {path.stem}: {error}.") from None


@lru_cache(maxsize=2)
def _asked(folder: Path, *_states: tuple[int, int] | None) -> pd.DataFrame:
    return table.with_questions(PublishedRuns(folder).frame("runs"))


@lru_cache(maxsize=2)
def _listed(folder: Path, *states: tuple[int, int] | None) -> pd.DataFrame:
    return table.with_finals(_asked(folder, *states), PublishedRuns(folder).frame("epochs"))


def _sound(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The table, if what everything else stands on is there; raises ValueError."""
    if frame["key"].isna().any() or (name == "runs" and not frame["key"].is_unique):
        raise ValueError("a key is missing, or stands there twice")
    counts = {"runs": (["train_images", "val_images"], 1), "epochs": (["epoch"], -1), "measurements": (["epoch"], -1)}
    columns, least = counts[name]
    if not ((frame[columns] >= least) & (frame[columns] <= MOST)).fillna(False).all(axis=None):
        raise ValueError(f"{' and '.join(columns)} must be whole numbers from {least} to {MOST}")
    return frame
