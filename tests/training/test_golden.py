"""The numerical protocol: one tiny run, pinned. It fails when the same spec gives other numbers than before."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from sgd_core.experiment.spec import PROTOCOL, RunSpec
from sgd_core.training.loop import Training
from tests.training.banks import TinyBank

SPEC = RunSpec(
    epochs=3, batch_size=16, batch_growth=2, views=3, learning_rate=0.02, schedule="step", decay_every=1,
    label_noise=0.1, images_per_class=4,
)  # fmt: skip
"""Batches of 16, 32 and 40 out of 40 images, four of them with a wrong label; every stream of randomness is used."""

PINNED_PROTOCOL = 1
PINNED: dict[str, list[Any]] = {
    "updates": [0, 3, 5, 6],
    "training_time": [0.0, 0.06, 0.08, 0.085],
    "train_loss": [None, 2.3098630, 2.1593747, 2.0757270],
    "reported_loss": [2.3132290, 2.0900490, 1.9898578, 1.4900840],
    "val_loss": [2.3100211, 2.1235628, 2.0394193, 2.0196066],
    "test_loss": [2.3174591, 2.1276722, 2.0376714, 2.0148902],
    "weight_norm": [19.680115, 19.699770, 19.720629, 19.727098],
    "distance_from_init": [0.0, 0.9035717, 1.2859423, 1.3819746],
}
COUNTS = {
    "reported_correct": [9, 13, 24],
    "reported_correct_true": [9, 13, 22],
    "val_correct": [5, 7, 4],
    "test_correct": [10, 9, 8],
}
"""Of the trained epochs only. The two highest logits of every image are 1e-3 apart or more, a thousand times what
rounding changes; those of the untrained head come as close as 1e-4."""
TOLERANCE = 1e-5
"""Relative. One thread and two differ by 2e-7; a change of protocol moves the losses by 1e-3 and more."""


@pytest.fixture(params=[1, 2], ids=["one thread", "two threads"])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.skipif(
    platform.machine() != "x86_64" or not torch.backends.mkl.is_available(),
    reason="the pinned dropout masks are those that torch draws with MKL on x86_64",
)
def test_the_protocol_gives_the_records_it_gave_before(threads: int) -> None:
    assert PROTOCOL == PINNED_PROTOCOL, "PROTOCOL was raised: pin the numbers that the new protocol gives"
    training = Training(SPEC, TinyBank(), torch.device("cpu"))  # type: ignore[arg-type]
    assert len(list(training)) == 4
    records = training.records
    found = {name: [getattr(record, name) for record in records] for name in PINNED}
    counts = {name: [getattr(record, name) for record in records[1:]] for name in COUNTS}
    raise_it = "the same spec gives other numbers: raise PROTOCOL in sgd_core/experiment/spec.py, then pin the new ones"
    for name, pinned in PINNED.items():
        assert found[name] == [None if value is None else pytest.approx(value, rel=TOLERANCE) for value in pinned], (
            f"{name}: {raise_it}"
        )
    assert counts == COUNTS, raise_it
