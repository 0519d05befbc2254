"""Keeps the weights themselves in the cache folder, so that what lies between the ends of runs can be measured later.

38 MB an epoch for the paper's head. They are this machine's only: never published, exported or looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from sgd_core import settings
from sgd_core.training import checkpoint
from sgd_core.training.classifier import flat
from sgd_core.training.probes import Moment


def measure(moment: Moment) -> Mapping[str, float]:
    """norm, the L2 norm of the weights that were kept."""
    weights = flat(moment.head).cpu()
    checkpoint.write(file_of(moment.key, moment.epoch), {"weights": weights}, {"key": moment.key})
    return {"norm": float(weights.norm())}


def kept(key: str, epoch: int) -> Tensor | None:
    """The flat weights of a run after an epoch, or None where they were not kept."""
    found = checkpoint.read(file_of(key, epoch))
    return found[0]["weights"] if found is not None else None


def file_of(key: str, epoch: int) -> Path:
    """Where the weights of a run after an epoch lie, whether there are any or not."""
    return settings.cache_dir() / "weights" / f"{key}-{epoch}.safetensors"
