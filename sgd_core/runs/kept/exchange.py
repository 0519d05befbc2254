"""Runs out of and into files: Parquet or JSON, one row a run with its epochs and measurements inside.

What comes in is checked by runs.incoming before anything is kept. All of a file's runs are kept, as imported ones
beside this machine's, or none; a run that is there already, from wherever, stays as it is.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sgd_core.runs.kept import incoming, table
from sgd_core.runs.kept.store import Store
from sgd_core.runs.mode import require_lab


@dataclass(frozen=True)
class Imported:
    """What came of an import."""

    kept: list[str]
    """Keys of the runs that were kept."""
    there: list[str]
    """Keys of runs that were there before; they stay as they are."""


def to_json(store: Store, runs: pd.DataFrame) -> bytes:
    """These rows of Store.runs with all their epochs and measurements, as JSON."""
    return json.dumps({"format": incoming.FORMAT, "runs": _rows(store, runs)}, allow_nan=False, indent=1).encode()


def to_parquet(store: Store, runs: pd.DataFrame) -> bytes:
    """The same as Parquet: one row a run, epochs and measurements as lists."""
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(_rows(store, runs), schema=incoming.schema()), file, compression="zstd")
    return file.getvalue()


def take(store: Store, content: bytes) -> Imported:
    """Import every run of a file that to_json or to_parquet made.

    Raises ImportRefusedError with the reason, having kept nothing, where any run of the file is not as it must be, and
    ExploreOnlyError where this is no lab.
    """
    require_lab("Importing runs")
    runs = incoming.read(content)
    there = set(store.runs()["key"])
    new = [each for each in runs if each[0].key not in there]
    store.imported.save_all(run for run, _, _ in new)
    for run, name, note in new:
        if name or note:
            store.imported.annotate(run.key, name, note)
    return Imported([run.key for run, _, _ in new], [run.key for run, _, _ in runs if run.key in there])


def _rows(store: Store, runs: pd.DataFrame) -> list[dict[str, Any]]:
    epochs = table.by_key(store.epochs(runs)[table.EPOCH_COLUMNS])
    measurements = table.by_key(store.measurements(runs)[table.MEASUREMENT_COLUMNS])
    return [
        {
            **{column: row[column] for column in table.RUN_COLUMNS},
            "name": row["name"] or "",
            "note": row["note"] or "",
            "epoch_records": epochs.get(row["key"], []),
            "measurements": measurements.get(row["key"], []),
        }
        for row in table.rows(runs)
    ]
