"""Runs out of and into files: Parquet or JSON, one row a run with its epochs and measurements inside.

A file from elsewhere is checked before anything is kept: its size, its schema, every type and range, that the key is
that of the settings, and that epochs, learning rates, batch sizes and updates are those of the schedule. It is never
unpickled and never run. All of its runs are kept, as imported ones beside this machine's, or none.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, get_args

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sgd_core.errors import UserError
from sgd_core.experiment.record import EpochRecord, Status
from sgd_core.experiment.schedules import plan
from sgd_core.experiment.spec import PROTOCOL, Fingerprints, RunSpec
from sgd_core.runs import table
from sgd_core.runs.local import LONGEST_NAME, LONGEST_NOTE, printable
from sgd_core.runs.mode import require_lab
from sgd_core.runs.store import Store
from sgd_core.runs.table import Run

LARGEST = 20 * 2**20
"""Bytes of a file: some 500 runs of 150 epochs as JSON, ten times as many as Parquet."""
UNPACKED = 200 * 2**20
"""Bytes that a Parquet file may say it takes unpacked."""
MOST_RUNS, MOST_EPOCHS, MOST_MEASUREMENTS = 1000, 1001, 10_000
LONGEST_TEXT = 2000
"""Characters of a text about where a run comes from."""
FORMAT = "sgd-lab runs 1"

_TYPES = {"Int64": pa.int64(), "Float64": pa.float64(), "string": pa.string()}


class ImportRefusedError(UserError):
    """A file whose runs are not taken; the message says why."""


@dataclass(frozen=True)
class Imported:
    """What came of an import."""

    kept: list[str]
    """Keys of the runs that were kept."""
    there: list[str]
    """Keys of runs that were there before; they stay as they are."""


def to_json(store: Store, runs: pd.DataFrame) -> bytes:
    """These rows of Store.runs with all their epochs and measurements, as JSON."""
    return json.dumps({"format": FORMAT, "runs": _rows(store, runs)}, allow_nan=False, indent=1).encode()


def to_parquet(store: Store, runs: pd.DataFrame) -> bytes:
    """The same as Parquet: one row a run, epochs and measurements as lists."""
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(_rows(store, runs), schema=_schema()), file, compression="zstd")
    return file.getvalue()


def take(store: Store, content: bytes) -> Imported:
    """Import every run of a file that to_json or to_parquet made.

    Runs whose key is there already, from wherever, are left as they are. Raises ImportRefusedError with the reason,
    having kept nothing, where any run of the file is not as it must be; and where this is no lab.
    """
    require_lab("Importing runs")
    if len(content) > LARGEST:
        raise ImportRefusedError(
            f"The file has {len(content) / 2**20:.0f} MB; at most {LARGEST // 2**20} are taken. "
            "Export fewer runs at once."
        )
    rows = _parquet_rows(content) if content[:4] == b"PAR1" else _json_rows(content)
    if not 1 <= len(rows) <= MOST_RUNS:
        raise ImportRefusedError(f"The file has {len(rows)} runs; 1 to {MOST_RUNS} are taken.")
    runs = [_run(row, f"run {number} of the file") for number, row in enumerate(rows, 1)]
    keys = [run.key for run, _, _ in runs]
    if len(set(keys)) < len(keys):
        raise ImportRefusedError("The file holds a run twice.")
    there = set(store.runs()["key"])
    new = [each for each in runs if each[0].key not in there]
    store.imported.save_all(run for run, _, _ in new)
    for run, name, note in new:
        if name or note:
            store.imported.annotate(run.key, name, note)
    return Imported([run.key for run, _, _ in new], [key for key in keys if key in there])


def _rows(store: Store, runs: pd.DataFrame) -> list[dict[str, Any]]:
    epochs = _by_key(store.epochs(runs)[table.EPOCH_COLUMNS])
    measurements = _by_key(store.measurements(runs)[table.MEASUREMENT_COLUMNS])
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


def _by_key(frame: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in table.rows(frame):
        grouped.setdefault(row.pop("key"), []).append(row)
    return grouped


def _schema() -> pa.Schema:
    def struct(name: str) -> pa.DataType:
        types = table.frame(name).dtypes
        return pa.struct([(c, _TYPES[str(types[c])]) for c in table.COLUMNS[name] if c != "key"])

    types = table.frame("runs").dtypes
    return pa.schema(
        [
            *((column, _TYPES[str(types[column])]) for column in table.RUN_COLUMNS),
            ("name", pa.string()),
            ("note", pa.string()),
            ("epoch_records", pa.list_(struct("epochs"))),
            ("measurements", pa.list_(struct("measurements"))),
        ]
    )


def _parquet_rows(content: bytes) -> list[dict[str, Any]]:
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        wanted = _schema()
        if file.schema_arrow.names != wanted.names or not all(
            _alike(file.schema_arrow.field(name).type, wanted.field(name).type) for name in wanted.names
        ):
            raise ImportRefusedError("The columns of the Parquet file, or their types, are not those of exported runs.")
        groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
        columns = [group.column(i) for group in groups for i in range(group.num_columns)]
        if file.metadata.num_rows > MOST_RUNS or sum(group.total_byte_size for group in groups) > UNPACKED:
            raise ImportRefusedError("The Parquet file is too large once it is unpacked.")
        if any(column.num_values > MOST_RUNS * MOST_EPOCHS for column in columns):
            raise ImportRefusedError("The Parquet file holds more values than that many runs can have.")
        rows: list[dict[str, Any]] = file.read().to_pylist()
    except (OSError, ValueError, TypeError, KeyError, MemoryError) as error:  # pyarrow's errors are among these
        if isinstance(error, ImportRefusedError):
            raise
        raise ImportRefusedError(f"The file cannot be read as Parquet: {_short(error)}.") from None
    return rows


def _alike(found: pa.DataType, wanted: pa.DataType) -> bool:
    if pa.types.is_list(wanted):
        return bool(pa.types.is_list(found)) and _alike(found.value_type, wanted.value_type)
    if pa.types.is_struct(wanted):
        names = [field.name for field in wanted]
        return (
            bool(pa.types.is_struct(found))
            and [field.name for field in found] == names
            and all(found.field(name).type == wanted.field(name).type for name in names)
        )
    return bool(found == wanted)


def _json_rows(content: bytes) -> list[Any]:
    try:
        told = json.loads(content.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        if isinstance(error, ImportRefusedError):
            raise
        raise ImportRefusedError(f"The file is neither Parquet nor JSON: {_short(error)}.") from None
    if not isinstance(told, dict) or told.get("format") != FORMAT or not isinstance(told.get("runs"), list):
        raise ImportRefusedError(f"The file is JSON, but not of exported runs (its format is not {FORMAT!r}).")
    return list(told["runs"])


def _refuse_constant(name: str) -> None:
    raise ImportRefusedError(f"The file holds the number {name}, which no run has.")


def _run(row: Any, where: str) -> tuple[Run, str, str]:
    """The run of one row with its name and note, everything checked."""
    wanted = [*table.RUN_COLUMNS, "name", "note", "epoch_records", "measurements"]
    if not isinstance(row, Mapping) or sorted(row) != sorted(wanted):
        raise ImportRefusedError(f"{where.capitalize()} does not have exactly the fields of an exported run.")
    try:
        spec = RunSpec.parse({name: row[name] for name in table.SPEC_COLUMNS})
    except UserError as error:
        raise ImportRefusedError(f"{where.capitalize()}: {error}") from None
    for name, value in spec.model_dump().items():
        if row[name] != value or isinstance(row[name], bool):  # such as '16' for 16
            raise ImportRefusedError(f"{where.capitalize()}: {name} is not of the type that it must have.")
    status = row["status"]
    if status not in get_args(Status):
        raise ImportRefusedError(f"{where.capitalize()}: status is not one of {', '.join(get_args(Status))}.")
    if row["protocol"] != PROTOCOL:
        raise ImportRefusedError(f"{where.capitalize()} was made by another version of the training protocol.")
    images = {name: _count(row[name], where, name, 10**6) for name in table.IMAGE_COLUMNS}
    if not images["train_images"] or not images["val_images"]:
        raise ImportRefusedError(f"{where.capitalize()} has no training or no validation images.")
    provenance = _provenance(row, where)
    prints = Fingerprints(provenance["data_fingerprint"], provenance["weights_fingerprint"], provenance["bank_seed"])
    key = spec.key(prints)
    if row["key"] != key:
        raise ImportRefusedError(f"{where.capitalize()}: its key is not that of its settings, data and weights.")
    records = _records(row["epoch_records"], spec, images, status, where)
    measurements = _measurements(row["measurements"], where)
    name = _text(row["name"], where, "name", LONGEST_NAME)
    note = _text(row["note"], where, "note", LONGEST_NOTE)
    return Run(key, spec, status, images, provenance, records, measurements), name, note


def _provenance(row: Mapping[str, Any], where: str) -> dict[str, Any]:
    numbers = {"bank_seed", "protocol", "threads"}
    return {
        name: _count(row[name], where, name, 2**31) or 0 if name in numbers else _text(row[name], where, name)
        for name in table.PROVENANCE_COLUMNS
    }


def _records(rows: Any, spec: RunSpec, images: Mapping[str, int | None], status: str, where: str) -> list[EpochRecord]:
    names = [each.name for each in fields(EpochRecord)]
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not 1 <= len(rows) <= spec.epochs + 1:
        raise ImportRefusedError(f"{where.capitalize()} has no epochs, or more than its settings ask for.")
    if status == "done" and len(rows) != spec.epochs + 1:
        raise ImportRefusedError(f"{where.capitalize()} is done, but lacks epochs.")
    train = images["train_images"] or 0
    planned = plan(spec, train)
    of = {"reported_correct": train, "reported_correct_true": train, "val_correct": images["val_images"] or 0,
          "test_correct": images["test_images"] or 0}  # fmt: skip
    records = []
    for epoch, row in enumerate(rows, -1):
        place = f"{where}, epoch {epoch}"
        if not isinstance(row, Mapping) or sorted(row) != sorted(names) or row["epoch"] != epoch:
            raise ImportRefusedError(f"{place.capitalize()}: not the fields of an epoch, or not in order.")
        values: dict[str, Any] = {"epoch": epoch}
        for name in names[1:]:
            if name in of or name in ("updates", "batch_size"):
                values[name] = _count(row[name], place, name, of.get(name, 2**40))
            else:
                values[name] = _number(row[name], place, name)
        _as_planned(values, planned[epoch] if epoch >= 0 else None, place)
        records.append(EpochRecord(**values))
    return records


def _as_planned(values: Mapping[str, Any], epoch: Any, place: str) -> None:
    for name in ("updates", "training_time", "learning_rate", "batch_size"):
        wanted = getattr(epoch, name) if epoch is not None else {"updates": 0, "training_time": 0.0}.get(name)
        found = values[name]
        same = found is wanted if found is None or wanted is None else math.isclose(found, wanted, rel_tol=1e-6)
        if not same:
            raise ImportRefusedError(f"{place.capitalize()}: {name} is not what the run's schedule says.")
    if values["seconds"] is None or values["seconds"] < 0:
        raise ImportRefusedError(f"{place.capitalize()}: seconds must be a number of at least 0.")


def _measurements(rows: Any, where: str) -> list[dict[str, Any]]:
    if not isinstance(rows, Sequence) or isinstance(rows, str) or len(rows) > MOST_MEASUREMENTS:
        raise ImportRefusedError(f"{where.capitalize()}: measurements are not a list of at most {MOST_MEASUREMENTS}.")
    taken = []
    for row in rows:
        if not isinstance(row, Mapping) or sorted(row) != ["epoch", "name", "probe", "value"]:
            raise ImportRefusedError(f"{where.capitalize()}: a measurement has not exactly probe, epoch, name, value.")
        if not isinstance(row["epoch"], int) or isinstance(row["epoch"], bool) or not -1 <= row["epoch"] <= 1000:
            raise ImportRefusedError(f"{where.capitalize()}: the epoch of a measurement is not one of a run.")
        taken.append(
            {
                "probe": _text(row["probe"], where, "probe", 100),
                "epoch": row["epoch"],
                "name": _text(row["name"], where, "name of a measurement", 100),
                "value": _number(row["value"], where, "value"),
            }
        )
    return taken


def _count(value: Any, where: str, name: str, most: int) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most):
        raise ImportRefusedError(f"{where.capitalize()}: {name} must be a whole number from 0 to {most}.")
    return value


def _number(value: Any, where: str, name: str) -> float | None:
    if value is None:
        return None
    if not isinstance(value, (int, float)) or isinstance(value, bool) or abs(value) > 1e300 or value != value:
        raise ImportRefusedError(f"{where.capitalize()}: {name} must be a number.")
    return float(value)


def _text(value: Any, where: str, name: str, most: int = LONGEST_TEXT) -> str:
    if not isinstance(value, str) or len(value) > most or not printable(value):
        raise ImportRefusedError(f"{where.capitalize()}: {name} must be plain text of at most {most} characters.")
    return value


def _short(error: BaseException) -> str:
    return str(error).split("\n")[0][:200].rstrip(".")
