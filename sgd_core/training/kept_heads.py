"""What is to be measured along a run that is kept, at weights that are kept too: without training it again.

`--probe weights` keeps weights. The numbers are those that the training would have measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from sgd_core.experiment.claims import LAST
from sgd_core.experiment.spec import RunSpec
from sgd_core.training import one_run
from sgd_core.training.loop import Training
from sgd_core.training.probes import Probes, named, weights


def measure(
    spec: RunSpec, key: str, device: torch.device, wanted: Mapping[str, frozenset[int]], ended: int, last: int
) -> list[dict[str, Any]] | None:
    """The measurements of these probes at their epochs, as far as the run came: to `ended`, where `last` was planned.

    None where the weights after one of these epochs are not kept under this key, or are themselves asked for.
    """
    epochs = {last if epoch == LAST else epoch for at in wanted.values() for epoch in at}
    kept = {epoch: weights.kept(key, epoch) for epoch in sorted(epochs) if epoch <= ended}
    found = {epoch: each for epoch, each in kept.items() if each is not None}
    if len(found) < len(kept) or "weights" in wanted:
        return None
    bank = one_run.bank_of(spec, device)
    training = Training(spec, bank, device, probes=Probes(named(wanted), wanted))
    if training.key != key:
        return None
    for epoch, each in found.items():
        training.measure_at(epoch, each)
    return training.measurements
