"""Measurements as data: their runs can be made, and each is trained once however much is measured along it."""

from __future__ import annotations

import pytest

from sgd_core.experiment import measurements, paper, schedules
from sgd_core.experiment.claims import LAST
from sgd_core.experiment.measurements import EDGE, MEASUREMENTS, along, is_measured
from sgd_core.experiment.spec import RunSpec
from sgd_core.training import probes


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_every_probe_and_every_epoch_is_there(name: str) -> None:
    measurement = MEASUREMENTS[name]
    assert set(measurement.probes) <= set(probes.names())
    assert measurement.words
    for spec in measurement.runs:
        epochs = len(schedules.plan(spec, paper.TRAIN_IMAGES))
        assert spec.seed == 0
        assert all(epoch == LAST or -1 <= epoch < epochs for epoch in measurement.epochs)


def test_a_run_is_made_once_for_everything_that_is_measured_along_it() -> None:
    found = along(MEASUREMENTS)
    questions = [spec.question() for spec, _ in found]
    assert len(questions) == len(set(questions)) == 4 + len(EDGE)
    (both,) = [asked for spec, asked in found if spec == RunSpec()]
    gauges = {"gradient_noise", "noise_shares", "curvature", "trace", "sharpness", "twins", "weights", "errors"}
    assert set(both) == gauges
    assert both["twins"] == {LAST}
    assert both["noise_shares"] == measurements.ALONG
    fast = {spec.question(): asked for spec, asked in found}[RunSpec(batch_size=512, learning_rate=32e-4).question()]
    assert fast["curvature"] == measurements.ALONG | {-1, 0, 1, 4, 14, 49, LAST}


def test_some_runs_are_measured_whatever_their_seed() -> None:
    assert is_measured(EDGE["B=16, mu=0.02"].model_copy(update={"seed": 4, "views": 33}))
    assert not is_measured(RunSpec(batch_size=64))
