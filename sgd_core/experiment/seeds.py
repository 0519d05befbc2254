"""Random seeds by purpose: one run seed gives independent streams for initial weights, order and dropout."""

from __future__ import annotations

import hashlib

DATA_SEED = 0
"""Chooses image subsets and label noise; never the run's seed, so that runs differ in one thing at a time."""


def derive(seed: int, *purpose: str | int) -> int:
    """A seed in [0, 2**63) for one purpose, e.g. derive(0, 'order', 17); the same on every machine."""
    name = ":".join(map(str, (seed, *purpose)))
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1
