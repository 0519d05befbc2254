"""Training on a GPU: the same records twice, after a stop and with recorded updates, and close to those of the CPU."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import torch

from sgd_core.experiment.record import EpochRecord
from sgd_core.experiment.spec import RunSpec
from sgd_core.training import environment, loop
from sgd_core.training.classifier import flat
from sgd_core.training.data import Shapes
from sgd_core.training.features import FeatureBank
from sgd_core.training.loop import Training
from sgd_core.training.probes import Probes, named
from sgd_core.training.updates import PLAIN_FIRST, RecordedUpdates, Updates
from tests.training.banks import TinyBank, finished

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU that torch can use")
GPU, CPU = torch.device("cuda"), torch.device("cpu")
PROBES = ("curvature", "gradient_noise", "noise_shares", "sharpness", "trace", "errors")


@pytest.fixture(autouse=True)
def prepared() -> None:
    environment.prepare(GPU)


def training(device: torch.device = GPU, file: Path | None = None, probes: Any = None, **settings: Any) -> Training:
    """45 images in batches of 4, the last of 1: one size is recorded in the first epoch, the other in its fourth."""
    spec = RunSpec.parse({"epochs": 14, "batch_size": 4, "learning_rate": 1e-3, "views": 3, **settings})
    gauges = {} if probes is None else {"probes": probes}
    return Training(spec, TinyBank(), device, file, checkpoint_seconds=0.0, **gauges)  # type: ignore[arg-type]


def timeless(records: list[EpochRecord]) -> list[dict[str, Any]]:
    return [{name: value for name, value in record.as_dict().items() if name != "seconds"} for record in records]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"schedule": "time", "decay_rate": 0.5},
        {"schedule": "step", "decay_every": 12, "batch_growth": 2.0},
        {"weight_noise": 3.0},
        {"images_per_class": 3, "label_noise": 0.3, "augment": False},
        {"head": "linear"},
    ],
)
def test_recorded_updates_are_bit_for_bit_the_plain_ones(settings: dict[str, Any]) -> None:
    recorded = training(**settings)
    assert isinstance(recorded._updates, RecordedUpdates)
    with patch.object(loop, "updates_of", Updates):
        plain = training(**settings)
    assert timeless(finished(recorded)) == timeless(finished(plain))
    assert torch.equal(flat(recorded._head), flat(plain._head))


def test_updates_are_recorded_once_a_size_has_come_often_enough() -> None:
    run = training()
    finished(run)
    updates = run._updates
    assert isinstance(updates, RecordedUpdates)
    assert set(updates._graphs) == {4, 1}
    assert updates._made == {4: 14 * 11, 1: 14}
    assert PLAIN_FIRST < 14


def test_a_run_is_the_same_twice_and_after_a_stop(tmp_path: Path) -> None:
    first = timeless(finished(training()))
    assert timeless(finished(training())) == first
    file = tmp_path / "checkpoint.safetensors"
    for record in training(file=file):
        if record.epoch == 12:
            break
    resumed = training(file=file)
    assert timeless(finished(resumed)) == first
    assert resumed.repeatable
    assert resumed.note == ""


def test_another_seed_is_another_run() -> None:
    assert timeless(finished(training(seed=1)))[-1] != timeless(finished(training()))[-1]


def test_records_are_close_to_the_cpus_where_nothing_is_drawn_on_the_device() -> None:
    pairs = zip(finished(training(dropout=0.0)), finished(training(CPU, dropout=0.0)), strict=True)
    for ours, theirs in pairs:
        for name in ("train_loss", "reported_loss", "val_loss", "weight_norm", "distance_from_init"):
            a, b = getattr(ours, name), getattr(theirs, name)
            assert (a is None and b is None) or math.isclose(a, b, rel_tol=1e-3, abs_tol=1e-6), (ours.epoch, name)
        assert ours.val_correct is not None
        assert theirs.val_correct is not None
        assert abs(ours.val_correct - theirs.val_correct) <= 1
        assert ours.test_correct is not None, "a GPU scores the test images in every epoch"


def test_probes_measure_what_they_do_on_the_cpu() -> None:
    gauges = {name: frozenset({-1, 1}) for name in PROBES}
    runs = [training(device, probes=Probes(named(gauges), gauges), dropout=0.0, epochs=2) for device in (GPU, CPU)]
    for run in runs:
        finished(run)
    ours, theirs = (
        {(row["probe"], row["epoch"], row["name"]): row["value"] for row in run.measurements} for run in runs
    )
    assert set(ours) == set(theirs)
    assert {probe for probe, _, _ in ours} == set(PROBES)
    far = {
        of: (ours[of], theirs[of])
        for of in ours
        if theirs[of] is not None
        and of[2] != "steps"
        and not math.isclose(ours[of], theirs[of], rel_tol=0.02, abs_tol=1e-5)
    }
    assert far == {}


def test_views_stay_on_the_gpu_and_are_those_on_disk(tmp_path: Path) -> None:
    bank = FeatureBank(Shapes(), "random", tmp_path, GPU)
    view = bank.view(0)
    assert view.device.type == "cuda"
    assert bank.view(0) is view
    again = FeatureBank(Shapes(), "random", tmp_path, CPU)
    assert torch.equal(again.view(0), view.cpu())
    theirs = FeatureBank(Shapes(), "random", tmp_path / "cpu", CPU).view(0)
    assert float((view.cpu().float() - theirs.float()).abs().max()) < 0.01 * float(theirs.float().abs().max())
