"""A file of runs from elsewhere: its size and its schema are checked here, every run of it by runs.validation.

Nothing is unpickled and nothing is run. Reading happens in a process of its own that may take MEMORY bytes and SECONDS
of time, because a file of 20 MB can ask for any amount of memory when it is unpacked, and one file at a time; what that
process hands back is checked again.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sgd_core import settings
from sgd_core.experiment import takeover
from sgd_core.experiment.run import Run
from sgd_core.runs.kept import table, validation
from sgd_core.runs.kept.validation import ImportRefusedError

LARGEST = 20 * 2**20
"""Bytes of a file."""
MOST_RUNS, MOST_EPOCHS, MOST_MEASURED = 1000, 100_000, 100_000
"""Of a file, all its runs together; a million values that probes measured took 1 GB of the server and 98 s."""
FORMAT = "sgd-lab runs 1"
MEMORY = 2 * 2**30
"""Bytes of address space, of which Python and its libraries take about a third."""
SECONDS = 60
COMMAND = (sys.executable, "-m", "sgd_core.runs.kept.incoming")
TOO_LONG = f"The file could not be read within {SECONDS} s. Export fewer runs at once."
TOO_LARGE = f"The file needs more than {MEMORY // 2**30} GB of memory: it is too large once it is unpacked."
SAID = 5
"""Columns that a refusal names at most."""
PANDAS_INDEX = "__index_level_"
"""How a column begins that pandas adds to a file of a filtered table."""

_READING = threading.Lock()
_TYPES = {"Int64": pa.int64(), "Float64": pa.float64(), "boolean": pa.bool_(), "string": pa.string()}


def read(content: bytes) -> list[tuple[Run, str, str]]:
    """Every run of a file, with a reader's name and note; raises ImportRefusedError with the reason."""
    if len(content) > LARGEST:
        raise ImportRefusedError(
            f"The file has {len(content) / 2**20:.0f} MB; at most {LARGEST // 2**20} are taken. "
            "Export fewer runs at once."
        )
    if not _READING.acquire(timeout=SECONDS):
        raise ImportRefusedError("Another file is being read just now. Import this one in a moment.")
    try:
        return _checked(_told(content))
    finally:
        _READING.release()


def _told(content: bytes) -> list[Any]:
    """What the process of its own says that the file holds."""
    environment = {
        **os.environ, "PYTHONPATH": str(settings.ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }  # fmt: skip
    try:
        ended = subprocess.run(COMMAND, input=content, capture_output=True, env=environment, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise ImportRefusedError(TOO_LONG) from None
    if ended.returncode:
        raise ImportRefusedError(_stopped(ended.returncode, ended.stderr.decode(errors="replace")))
    told = json.loads(ended.stdout)
    if "refused" in told:
        raise ImportRefusedError(str(told["refused"]))
    return list(told["runs"])


def _stopped(code: int, words: str) -> str:
    """Why the process that reads ended without an answer, by its exit status and what it wrote last."""
    if -code == signal.SIGXCPU:
        return TOO_LONG
    if any(each in words for each in ("MemoryError", "bad_alloc", "Cannot allocate memory", "out of memory")):
        return TOO_LARGE
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
    return (
        f"What reads files {how} over this one. It is damaged, or was not made by this app; nothing of it was kept. "
        "Export the runs again."
    )


def rows(content: bytes) -> list[dict[str, Any]]:
    """The rows of a file of runs as they are written, checked; raises ImportRefusedError with the reason."""
    found = _parquet_rows(content) if content[:4] == b"PAR1" else _json_rows(content)
    _checked(found)
    return found


def schema() -> pa.Schema:
    """The columns of a Parquet file of runs: one row a run, epochs and measurements as lists."""

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
        file = pq.ParquetFile(pa.BufferReader(content), pre_buffer=False)  # no threads but this one: see _main
        wanted = schema()
        found = file.schema_arrow
        names = [name for name in found.names if not name.startswith(PANDAS_INDEX)]
        takeover.refuse_unknown(_names(found) - (set(found.names) - set(names)), _names(wanted), "The file")
        if lacking := [name for name in wanted.names if name not in names and name not in validation.LATER]:
            raise ImportRefusedError(f"The file lacks the column{'s' * (len(lacking) > 1)} {_listed(lacking)}.")
        wrong = [each for name in names for each in _misfits(name, found.field(name).type, wanted.field(name).type)]
        if wrong:
            raise ImportRefusedError("\n".join(wrong[:SAID]))
        groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
        columns = [group.column(i) for group in groups for i in range(group.num_columns)]
        if file.metadata.num_rows > MOST_RUNS or sum(group.total_byte_size for group in groups) > MEMORY:
            raise ImportRefusedError("The Parquet file is too large once it is unpacked.")
        most = max(MOST_EPOCHS, MOST_MEASURED) + MOST_RUNS  # a run without any counts as one
        if any(column.num_values > most for column in columns):
            raise ImportRefusedError("The Parquet file holds more values than that many runs can have.")
        rows: list[dict[str, Any]] = file.read(names, use_threads=False).to_pylist()
    except takeover.NewerVersionError as error:
        raise ImportRefusedError(str(error)) from None
    except ImportRefusedError:
        raise
    except MemoryError:
        raise ImportRefusedError("The Parquet file is too large once it is unpacked.") from None
    except (OSError, ValueError, TypeError, KeyError) as error:  # pyarrow's errors are among these
        raise ImportRefusedError(f"The file cannot be read as Parquet: {_short(error)}.") from None
    return [_without_nan(row) for row in rows]


def _names(columns: pa.Schema) -> set[str]:
    """Of all columns, those of epochs and measurements among them."""
    lists = [column.type.value_type for column in columns if _is_list(column.type)]
    return {*columns.names, *(field.name for inner in lists if pa.types.is_struct(inner) for field in inner)}


def _misfits(name: str, found: pa.DataType, wanted: pa.DataType) -> list[str]:
    """A sentence for every column that cannot hold what it must; other tools widen types, and values tell the rest."""
    if pa.types.is_null(found):
        return []
    if pa.types.is_list(wanted) and _is_list(found):
        return _misfits(name, found.value_type, wanted.value_type)
    if pa.types.is_struct(wanted) and pa.types.is_struct(found):
        types = {field.name: field.type for field in wanted}
        there = {field.name: field.type for field in found}
        lacking = [f"The file lacks {name}.{each}." for each in types if each not in {*there, *validation.LATER}]
        return [each for n, t in there.items() for each in _misfits(f"{name}.{n}", t, types[n])] + lacking
    if any(test(found) for test in _HOLDS.get(wanted, ())):
        return []
    return [f"The column {name} is of type {found}, but must be {_WORDS.get(wanted, str(wanted))}."]


def _is_list(found: pa.DataType) -> bool:
    return bool(pa.types.is_list(found) or pa.types.is_large_list(found))


def _is_text(found: pa.DataType) -> bool:
    plain = found.value_type if pa.types.is_dictionary(found) else found
    return bool(pa.types.is_string(plain) or pa.types.is_large_string(plain) or pa.types.is_string_view(plain))


_HOLDS: dict[pa.DataType, tuple[Callable[[pa.DataType], bool], ...]] = {
    pa.int64(): (pa.types.is_integer, pa.types.is_floating),
    pa.float64(): (pa.types.is_integer, pa.types.is_floating),
    pa.bool_(): (pa.types.is_boolean,),
    pa.string(): (_is_text,),
}
"""Type of a column -> which other types may hold it: pandas writes whole numbers with a gap as floats."""
_WORDS = {pa.int64(): "whole numbers", pa.float64(): "numbers", pa.bool_(): "true or false", pa.string(): "text"}


def _without_nan(value: Any) -> Any:
    """The same with null for NaN, which pandas writes for it and no run has."""
    if isinstance(value, dict):
        return {name: _without_nan(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _listed(names: Sequence[str]) -> str:
    return ", ".join([*names[:SAID], *(["and more"] if len(names) > SAID else [])])


def _json_rows(content: bytes) -> list[Any]:
    try:
        text = content.decode(json.detect_encoding(content)).removeprefix("\ufeff")  # Windows begins a file with a mark
        told = json.loads(text, parse_constant=_refuse_constant)
    except ImportRefusedError:
        raise
    except MemoryError:
        raise ImportRefusedError("The JSON file is too large once it is read.") from None
    except (ValueError, RecursionError) as error:
        raise ImportRefusedError(f"The file is neither Parquet nor JSON: {_short(error)}.") from None
    if not isinstance(told, dict) or told.get("format") != FORMAT or not isinstance(told.get("runs"), list):
        raise ImportRefusedError(f"The file is JSON, but not of exported runs (its format is not {FORMAT!r}).")
    return list(told["runs"])


def _refuse_constant(name: str) -> None:
    raise ImportRefusedError(f"The file holds the number {name}, which no run has.")


def _checked(found: Sequence[Any]) -> list[tuple[Run, str, str]]:
    if not 1 <= len(found) <= MOST_RUNS:
        raise ImportRefusedError(f"The file has {len(found)} runs; 1 to {MOST_RUNS} are taken.")
    runs, epochs, measured = [], 0, 0
    for number, row in enumerate(found, 1):
        runs.append(validation.run(row, f"run {number} of the file"))
        epochs += len(runs[-1][0].records)
        if epochs > MOST_EPOCHS:
            raise ImportRefusedError(f"The file has more than {MOST_EPOCHS:,} epochs. Export fewer runs at once.")
        measured += len(runs[-1][0].measurements)
        if measured > MOST_MEASURED:
            raise ImportRefusedError(
                f"The file has more than {MOST_MEASURED:,} measurements. Export fewer runs at once."
            )
    if len({run.key for run, _, _ in runs}) < len(runs):
        raise ImportRefusedError("The file holds a run twice.")
    return runs


def _short(error: BaseException) -> str:
    return str(error).split("\n")[0][:200].rstrip(".")


def _main() -> None:
    """In the process of its own: a file from standard input, its rows or the reason against it to standard output."""
    _limit()
    try:
        told: dict[str, Any] = {"runs": rows(sys.stdin.buffer.read(LARGEST + 1))}
    except ImportRefusedError as error:
        told = {"refused": str(error)}
    except MemoryError:
        told = {"refused": "The file is too large once it is unpacked."}
    sys.stdout.write(json.dumps(told, allow_nan=False))
    sys.stdout.flush()
    # Seen once, on a busy machine: this process ended by SIGABRT over a good file. So Arrow starts no threads here, and
    # what remains is not taken apart.
    os._exit(0)


def _limit() -> None:
    import contextlib
    import resource

    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        with contextlib.suppress(ValueError, OSError):  # not every system has every limit
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    _main()
