"""Run: one run that was trained, as it is kept: settings, how it ended, records, measurements, where it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sgd_core.experiment.record import EpochRecord, Status
from sgd_core.experiment.spec import RunSpec


@dataclass(frozen=True)
class Run:
    """A finished or interrupted run as it is kept."""

    key: str
    spec: RunSpec
    status: Status
    images: Mapping[str, int | None]
    """train_images, val_images, test_images: how many images each count is out of."""
    provenance: Mapping[str, Any]
    records: list[EpochRecord] = field(repr=False)
    measurements: list[dict[str, Any]] = field(default_factory=list, repr=False)

    def row(self) -> dict[str, Any]:
        """This run as a row of the table of runs."""
        return {"key": self.key, "status": self.status, **self.spec.model_dump(), **self.images, **self.provenance}

    def epochs(self) -> dict[str, list[Any]]:
        """The columns of EpochRecord, one value per record."""
        rows = [asdict(record) for record in self.records]
        return {f.name: [row[f.name] for row in rows] for f in fields(EpochRecord)}


def merged(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The measurements of a run before, and those made now; of one probe, epoch and name the later one stands."""
    rows = {(row["probe"], row["epoch"], row["name"]): row for row in [*before, *after]}
    return list(rows.values())
