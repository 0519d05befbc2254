"""One run from elsewhere, checked: every type and range, and that its numbers belong together.

Its key must be that of its settings, data and weights, and its epochs, learning rates, batch sizes and updates those of
its schedule. What is checked is only that such a run could be; that it was ever trained, nobody can see.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, get_args

from sgd_core.errors import UserError
from sgd_core.experiment.record import EpochRecord, Status
from sgd_core.experiment.schedules import plan
from sgd_core.experiment.spec import PROTOCOL, Fingerprints, RunSpec
from sgd_core.runs import table
from sgd_core.runs.local import LONGEST_NAME, LONGEST_NOTE, printable
from sgd_core.runs.table import Run

MOST_MEASUREMENTS = 10_000
"""Of one run."""
LONGEST_TEXT = 2000
"""Characters of a text about where a run comes from."""


class ImportRefusedError(UserError):
    """A file whose runs are not taken; the message says why."""


def run(row: Any, where: str) -> tuple[Run, str, str]:
    """The run of one row of a file, with its name and note; `where` begins the sentence if it is refused."""
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
