"""One run from elsewhere, checked: every type and range, and that its numbers belong together.

Its key must be that of its settings, data and weights, and its epochs, learning rates, batch sizes and updates those of
its schedule. What is checked is only that such a run could be; that it was ever trained, nobody can see.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from sgd_core.errors import UserError
from sgd_core.experiment import takeover
from sgd_core.experiment.record import EpochRecord, Status
from sgd_core.experiment.run import Run
from sgd_core.experiment.spec import PROTOCOL, Fingerprints, RunSpec, allowed
from sgd_core.runs.kept import table
from sgd_core.runs.kept.local import LONGEST_NAME, LONGEST_NOTE, printable

LATER = (
    {"repeatable"}
    | set(table.SPEC_COLUMNS) - takeover.FIRST_SETTINGS
    | set(takeover.RECORDED) - takeover.FIRST_RECORDED
)
"""Fields that an export of an older version lacks."""
LOSSES = ("train_loss", "reported_loss", "val_loss", "test_loss")
MOST_MEASUREMENTS = 10_000
"""Of one run."""
LONGEST_TEXT = 2000
"""Characters of a text about where a run comes from."""


class ImportRefusedError(UserError):
    """A file whose runs are not taken; the message says why."""


def run(row: Any, where: str) -> tuple[Run, str, str]:
    """The run of one row of a file, with its name and note; `where` begins the sentence if it is refused."""
    wanted = {*table.RUN_COLUMNS, "name", "note", "epoch_records", "measurements"}
    if not isinstance(row, Mapping):
        raise ImportRefusedError(f"{_first(where)} does not have the fields of an exported run.")
    if lacking := sorted(wanted - set(row) - LATER):
        raise ImportRefusedError(
            f"{_first(where)} does not have the fields of an exported run: it lacks {', '.join(lacking)}."
        )
    try:
        takeover.refuse_unknown(row, wanted, "it")
        spec = takeover.spec_of(row, "it")
    except UserError as error:
        raise ImportRefusedError(f"{_first(where)}: {error}") from None
    for name, value in spec.model_dump().items():
        if name in row and (
            row[name] != value or isinstance(row[name], bool) != isinstance(value, bool)
        ):  # '16' for 16
            raise ImportRefusedError(f"{_first(where)}: {name} is {_shown(row[name])}, but must be {allowed(name)}.")
    status = row["status"]
    if status not in get_args(Status):
        raise ImportRefusedError(
            f"{_first(where)}: status is {_shown(status)}, but must be one of {', '.join(get_args(Status))}."
        )
    if row["protocol"] != PROTOCOL:
        raise ImportRefusedError(f"{_first(where)} was made by another version of the training protocol.")
    images = {name: _count(row[name], where, name, 10**6) for name in table.IMAGE_COLUMNS}
    if not images["train_images"] or not images["val_images"]:
        raise ImportRefusedError(f"{_first(where)} has no training or no validation images.")
    provenance = _provenance(row, where)
    prints = Fingerprints(provenance["data_fingerprint"], provenance["weights_fingerprint"], provenance["bank_seed"])
    key = spec.key(prints)
    if row["key"] not in (key, takeover.key_before(spec, prints)):
        raise ImportRefusedError(f"{_first(where)}: its key is not that of its settings, data and weights.")
    records = _records(row["epoch_records"], spec, images, status, where)
    measurements = _measurements(row["measurements"], where)
    name = _text(row["name"], where, "name", LONGEST_NAME)
    note = _text(row["note"], where, "note", LONGEST_NOTE)
    return Run(key, spec, status, images, provenance, records, measurements), name, note


def _provenance(row: Mapping[str, Any], where: str) -> dict[str, Any]:
    numbers = {"bank_seed", "protocol", "threads"}
    told: dict[str, Any] = {
        name: _count(row[name], where, name, 2**31) or 0 if name in numbers else _text(row[name], where, name)
        for name in table.PROVENANCE_COLUMNS
        if name != "repeatable"
    }
    repeatable = row.get("repeatable")
    if repeatable is not None and not isinstance(repeatable, bool):
        raise ImportRefusedError(f"{_first(where)}: repeatable must be true, false or left out.")
    return {**told, "repeatable": repeatable}


def _records(rows: Any, spec: RunSpec, images: Mapping[str, int | None], status: str, where: str) -> list[EpochRecord]:
    names = takeover.RECORDED
    train = images["train_images"] or 0
    try:
        planned = takeover.planned(spec, train)
    except UserError as error:
        raise ImportRefusedError(f"{_first(where)}: {error}") from None
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not 1 <= len(rows) <= len(planned):
        raise ImportRefusedError(f"{_first(where)} has no epochs, or more than its settings ask for.")
    if status in ("done", "failed to learn") and len(rows) != len(planned):
        raise ImportRefusedError(f"{_first(where)} is {status}, but lacks epochs.")
    of = {"reported_correct": train, "reported_correct_true": train, "val_correct": images["val_images"] or 0,
          "test_correct": images["test_images"] or 0}  # fmt: skip
    records = []
    for epoch, row in enumerate(rows, -1):
        place = f"{where}, epoch {epoch}"
        if not isinstance(row, Mapping) or set(names) - set(row) - LATER or row["epoch"] != epoch:
            raise ImportRefusedError(f"{_first(place)}: not the fields of an epoch, or not in order.")
        try:
            takeover.refuse_unknown(row, names, _first(place))
        except takeover.NewerVersionError as error:
            raise ImportRefusedError(str(error)) from None
        row = {**dict.fromkeys(names), **planned[epoch], **row}
        values: dict[str, Any] = {"epoch": epoch}
        for name in names[1:]:
            if name in of or name in ("updates", "batch_size"):
                values[name] = _count(row[name], place, name, of.get(name, 2**40))
            else:
                values[name] = _number(row[name], place, name, 0.0 if name in LOSSES else None)
        _as_planned(values, planned[epoch], place)
        records.append(EpochRecord(**values))
    return records


def _as_planned(values: Mapping[str, Any], planned: Mapping[str, Any], place: str) -> None:
    for name, wanted in planned.items():
        found = values[name]
        same = found is wanted if found is None or wanted is None else math.isclose(found, wanted, rel_tol=1e-6)
        if not same:
            raise ImportRefusedError(f"{_first(place)}: {name} is not what the run's schedule says.")
    if values["seconds"] is None or values["seconds"] < 0:
        raise ImportRefusedError(f"{_first(place)}: seconds must be a number of at least 0.")


def _measurements(rows: Any, where: str) -> list[dict[str, Any]]:
    if not isinstance(rows, Sequence) or isinstance(rows, str) or len(rows) > MOST_MEASUREMENTS:
        raise ImportRefusedError(f"{_first(where)}: measurements are not a list of at most {MOST_MEASUREMENTS}.")
    taken = []
    for row in rows:
        if not isinstance(row, Mapping) or sorted(row) != ["epoch", "name", "probe", "value"]:
            raise ImportRefusedError(f"{_first(where)}: a measurement has not exactly probe, epoch, name, value.")
        epoch = _whole(row["epoch"])
        if not isinstance(epoch, int) or isinstance(epoch, bool) or not -1 <= epoch <= 1000:
            raise ImportRefusedError(f"{_first(where)}: the epoch of a measurement is not one of a run.")
        taken.append(
            {
                "probe": _text(row["probe"], where, "probe", 100),
                "epoch": epoch,
                "name": _text(row["name"], where, "name of a measurement", 100),
                "value": _number(row["value"], where, "value"),
            }
        )
    return taken


def _count(value: Any, where: str, name: str, most: int) -> int | None:
    given, value = value, _whole(value)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most):
        raise ImportRefusedError(
            f"{_first(where)}: {name} is {_shown(given)}, but must be a whole number from 0 to {most}."
        )
    return value


def _whole(value: Any) -> Any:
    """16 for 16.0, as tools without null in whole numbers write it; anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _shown(value: Any) -> str:
    return repr(value) if len(repr(value)) <= 40 else repr(value)[:37] + "..."


def _number(value: Any, where: str, name: str, least: float | None = None) -> float | None:
    if value is None:
        return None
    if least is not None and isinstance(value, (int, float)) and value < least:
        raise ImportRefusedError(f"{_first(where)}: {name} is {_shown(value)}, but must be at least {least:g}.")
    if not isinstance(value, (int, float)) or isinstance(value, bool) or abs(value) > 1e300 or value != value:
        raise ImportRefusedError(f"{_first(where)}: {name} is {_shown(value)}, but must be a number.")
    return float(value)


def _text(value: Any, where: str, name: str, most: int = LONGEST_TEXT) -> str:
    if not isinstance(value, str) or len(value) > most or not printable(value):
        raise ImportRefusedError(f"{_first(where)}: {name} must be plain text of at most {most} characters.")
    return value


def _first(text: str) -> str:
    """With a capital first letter, and the rest, a path perhaps, as it is."""
    return text[:1].upper() + text[1:]
