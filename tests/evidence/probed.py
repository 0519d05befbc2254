"""Runs along which something was measured, made up: real settings and plans, and values that the test gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sgd_core.evidence.ends import Tables
from sgd_core.experiment import fingerprints, schedules
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept import table

IMAGES = {"train_images": 2967, "val_images": 409, "test_images": 2000}
Values = Mapping[tuple[str, int], Mapping[str, float]]
"""(probe, epoch) -> name -> value."""


class Made:
    """Tables under construction."""

    def __init__(self) -> None:
        self.runs: list[dict[str, Any]] = []
        self.epochs: list[dict[str, Any]] = []
        self.measurements: list[dict[str, Any]] = []

    def add(self, spec: RunSpec, values: Values, status: str = "done", epochs: int | None = None) -> str:
        """A run whose losses after epoch k are 2 / (k + 2); the first `epochs` of it. Returns its key."""
        prints = fingerprints.expected(spec)
        key = spec.key(prints)
        self.runs.append({**spec.model_dump(), **IMAGES, **prints.columns(), "key": key, "status": status})
        start = {"key": key, "epoch": -1, "updates": 0, "training_time": 0.0, "effective_time": 0.0}
        self.epochs.append({**start, "reported_loss": 2.0, "reported_correct": 300})
        for planned in schedules.plan(spec, 2967)[:epochs]:
            loss = 2 / (planned.epoch + 2)
            told = {"train_loss": loss, "reported_loss": loss, "reported_correct": 2900}
            self.epochs.append({"key": key, **vars(planned), **told})
        self.measurements += [
            {"key": key, "probe": probe, "epoch": epoch, "name": name, "value": value}
            for (probe, epoch), each in values.items() for name, value in each.items()
        ]  # fmt: skip
        return key

    def tables(self) -> Tables:
        """Of everything that was added."""
        runs = table.frame("runs", self.runs)
        epochs = table.with_accuracies(table.frame("epochs", self.epochs), runs)
        return Tables(runs, epochs, table.frame("measurements", self.measurements))
