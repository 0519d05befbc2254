"""Runs made up for tests of the store: the schedule is real, the measured numbers are drawn from the spec's seed."""

from __future__ import annotations

import random
from typing import Any

from sgd_core.experiment import fingerprints, schedules
from sgd_core.experiment.record import EpochRecord, Status
from sgd_core.experiment.run import Run
from sgd_core.experiment.spec import PROTOCOL, Fingerprints, RunSpec

IMAGES = {"train_images": 2967, "val_images": 409, "test_images": 2000}
DATE = "2026-01-02T03:04:05+00:00"


def made(status: Status = "done", prints: Fingerprints | None = None, date: str = DATE, **settings: Any) -> Run:
    """A run of these settings; other `prints`, another key. `commit` and `device` may be among the settings."""
    provenance: dict[str, Any] = {
        "commit": "a" * 40,
        "device": "cpu: test",
        **{k: settings.pop(k) for k in ("commit", "device") if k in settings},
    }
    spec = RunSpec.parse(settings)
    prints = prints or fingerprints.expected(spec)
    provenance |= {
        "data_fingerprint": prints.data, "weights_fingerprint": prints.weights, "bank_seed": prints.bank_seed,
        "protocol": PROTOCOL, "threads": 2, "torch": "2.14", "torchvision": "0.29", "numpy": "2.4", "python": "3.11",
        "system": "Linux x86_64", "command": "python -m sgd_core train", "date": date, "repeatable": True,
    }  # fmt: skip
    drawn = random.Random(spec.seed)
    records = [_record(drawn, -1, 0, 0.0, 0.0, None, None)]
    for epoch in schedules.plan(spec, IMAGES["train_images"]):
        records.append(_record(drawn, **vars(epoch)))
    if status == "diverged":
        records = records[: len(records) // 2]
    measurements = [
        {"probe": "noise", "epoch": 0, "name": "trace", "value": drawn.random()},
        {"probe": "noise", "epoch": 1, "name": "trace", "value": None},
    ]
    return Run(spec.key(prints), spec, status, IMAGES, provenance, records, measurements)


def _record(
    drawn: random.Random, epoch: int, updates: int, training_time: float, effective_time: float,
    learning_rate: float | None, batch_size: int | None,
) -> EpochRecord:  # fmt: skip
    tested = epoch % 5 == 4
    return EpochRecord(
        epoch=epoch,
        updates=updates,
        training_time=training_time,
        effective_time=effective_time,
        learning_rate=learning_rate,
        batch_size=batch_size,
        train_loss=drawn.random() if epoch >= 0 else None,
        reported_loss=drawn.random() / 3,
        reported_correct=drawn.randint(1000, 2967),  # above chance, or it would have failed to learn
        reported_correct_true=drawn.randint(0, 2967),
        val_loss=drawn.random() * 1e-17,
        val_correct=drawn.randint(0, 409),
        test_loss=drawn.random() if tested else None,
        test_correct=drawn.randint(0, 2000) if tested else None,
        weight_norm=drawn.random() * 1e17,
        distance_from_init=drawn.random(),
        seconds=drawn.random(),
    )
