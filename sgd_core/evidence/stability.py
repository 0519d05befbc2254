"""The stability edge of real training: the learning rate that the curvature, as a probe measured it, allows.

The edge is 2 (1 + m) / h for the largest curvature h, dropout and the noise of batches left out. What counts for mu_0
is h before training, which the schedule does not change: along a run h may rise as long as mu leaves it room, and stays
near the edge where mu does not (Cohen et al. 2103.00065).
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
    """The lowest edge of any untrained head among them: mu_0 above it is likely to diverge. None: not measured."""
    start = [edge for edge in edges(measurements, momentum) if edge.epoch == START]
    return min(start, key=lambda edge: edge.learning_rate, default=None)
