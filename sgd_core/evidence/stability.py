"""The stability edge of real training: the learning rate that the curvature, as a probe measured it, allows.

The edge is 2 (1 + m) / h for the largest curvature h, dropout and the noise of batches left out. h rises early in
training and then falls, so there are two: from h before training, which no schedule changes, and from the largest h
along a run. Along B=512, mu=32e-4 of the paper they are 0.30 and 0.058 at m=0.9. Two to four epochs at constant mu:
B=512 trained smoothly at 0.03, jumped about at 0.1, fell to chance at 0.15 and 0.2, and its loss exploded at 0.25 and
0.3. B=16 trained at 0.01 and fell to chance at 0.03: for small batches the true edge is lower than either.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sgd_core.noise.theory import stability_limit

PROBE, NAME = "curvature", "largest_eigenvalue"
START = -1
"""The epoch of the untrained head."""


@dataclass(frozen=True)
class Edge:
    """A learning rate beyond which SGD with some momentum leaves the place where the curvature was measured."""

    key: str
    """Of the run along which it was measured."""
    epoch: int
    curvature: float
    """The largest eigenvalue of the Hessian, per weight^2."""
    learning_rate: float


def edges(measurements: pd.DataFrame, momentum: float) -> list[Edge]:
    """The edge at every epoch at which the curvature was measured, in the order of runs and epochs.

    `measurements` are those of published or kept runs (Store.measurements); a curvature that is not known, or not
    above zero, bounds nothing and is left out.
    """
    rows = measurements[(measurements["probe"] == PROBE) & (measurements["name"] == NAME) & (measurements["value"] > 0)]
    return [
        Edge(row["key"], row["epoch"], row["value"], float(stability_limit(row["value"], momentum)))
        for row in rows.sort_values(["key", "epoch"]).to_dict("records")
    ]


def edge_at_start(measurements: pd.DataFrame, momentum: float) -> Edge | None:
    """The lowest edge of any untrained head among them: mu_0 above it grows without bound. None: not measured."""
    found = [edge for edge in edges(measurements, momentum) if edge.epoch == START]
    return min(found, key=lambda edge: edge.learning_rate, default=None)
