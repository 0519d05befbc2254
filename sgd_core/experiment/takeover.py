"""Runs that an older version of this program wrote: read as if today's had, wherever they lie.

A setting that a file does not have is at its default; a recorded column that follows from the schedule is computed, any
other is null. Until 2026-11 a run's key named every setting that matters; since then only those not at their default,
and `key_before` is how the old one is recognised. What a file has and this version does not know was written by a
newer one, and is refused in a sentence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from sgd_core.errors import UserError
from sgd_core.experiment import schedules
from sgd_core.experiment.record import EpochRecord
from sgd_core.experiment.spec import Fingerprints, RunSpec, SpecError, key_of

FIRST_SETTINGS = frozenset(
    {"dataset", "images_per_class", "label_noise", "features", "views", "epochs", "batch_size", "batch_growth",
     "learning_rate", "schedule", "step_decay", "decay_every", "decay_rate", "momentum", "seed"}
)  # fmt: skip
"""The settings there were when keys named all of them. Never changes."""
FIRST_RECORDED = frozenset(
    {"epoch", "updates", "training_time", "learning_rate", "batch_size", "train_loss", "reported_loss",
     "reported_correct", "reported_correct_true", "val_loss", "val_correct", "test_loss", "test_correct", "weight_norm",
     "distance_from_init", "seconds"}
)  # fmt: skip
"""The columns of an epoch there were then. Never changes."""
RECORDED = [field.name for field in fields(EpochRecord)]


class NewerVersionError(UserError):
    """Something that a newer version of this program has written."""


def refuse_unknown(found: Collection[str], known: Collection[str], where: str) -> None:
    """Raise NewerVersionError, naming them, where `found` has columns or settings that this version does not know."""
    unknown = sorted(set(found) - set(known))
    if unknown:
        raise NewerVersionError(
            f"{where} was written by a newer version of this program: it has {_listed(unknown)}, which this version "
            "does not know. Update this program to read it."
        )


def spec_of(row: Mapping[str, Any], where: str = "The run") -> RunSpec:
    """The settings in a row, which may lack those that came later; raises NewerVersionError and SpecError."""
    given = {name: row[name] for name in RunSpec.model_fields if name in row}
    if lacking := FIRST_SETTINGS - given.keys():
        raise SpecError(f"{where} has no {', '.join(sorted(lacking))}.")
    for field in ("schedule", "features", "head"):
        _refuse_unknown_name(field, given.get(field), where)
    return RunSpec.parse(given)


def key_before(spec: RunSpec, fingerprints: Fingerprints) -> str | None:
    """The key that this run had when keys named all settings; None where it has one that did not exist then."""
    if spec.chosen().keys() - FIRST_SETTINGS:
        return None
    return key_of({name: value for name, value in spec.settings().items() if name in FIRST_SETTINGS}, fingerprints)


def todays_key(kept: str, spec: RunSpec, fingerprints: Fingerprints) -> str:
    """Today's key of a run that is kept under `kept`: another one only where `kept` is the key that it had before."""
    return spec.key(fingerprints) if kept == key_before(spec, fingerprints) else kept


def records_of(rows: list[Mapping[str, Any]], spec: RunSpec, images: int, where: str = "The run") -> list[EpochRecord]:
    """Epoch records, from -1 on, from rows that may lack the columns that came later; `images` are those of training.

    Raises NewerVersionError where a row has a column that this version does not know.
    """
    if rows:
        refuse_unknown(rows[0], RECORDED, where)
    if not rows or all(name in rows[0] for name in RECORDED):
        return [EpochRecord(**row) for row in rows]
    later = planned(spec, images)
    empty = dict.fromkeys(RECORDED)
    return [EpochRecord(**{**empty, **later[row["epoch"]], **row}) for row in rows]


def planned(spec: RunSpec, images: int) -> dict[int, dict[str, Any]]:
    """Epoch, from -1 on -> what the schedule says of it, under the names of EpochRecord."""
    before = {"updates": 0, "training_time": 0.0, "effective_time": 0.0, "learning_rate": None, "batch_size": None}
    epochs = {epoch.epoch: vars(epoch) for epoch in schedules.plan(spec, images)}
    return {-1: {"epoch": -1, **before}, **epochs}


def _listed(names: list[str]) -> str:
    return ", ".join([name[:40] for name in names[:5]] + ["and more"] * (len(names) > 5))


def _refuse_unknown_name(field: str, value: Any, where: str) -> None:
    from sgd_core.experiment.spec import choices

    if isinstance(value, str) and value not in choices(field):
        raise NewerVersionError(
            f"{where} has {field} = {value[:40]!r}, which this version does not know; it knows "
            f"{', '.join(choices(field))}. A newer version of this program may have written it."
        )
