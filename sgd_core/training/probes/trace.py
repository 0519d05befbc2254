"""The trace of the loss's Hessian, the sum of all its eigenvalues, with its standard error (Hutchinson's method).

Dropout is off, and all training images of the view that the epoch is scored on count. One vector is one
Hessian-vector product.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch

from sgd_core.training.classifier import flat
from sgd_core.training.hessian import random_trace
from sgd_core.training.probes import Moment

VECTORS = 8


def measure(moment: Moment) -> Mapping[str, float]:
    """trace of the Hessian of the mean cross-entropy, and trace_se, its standard error over the random vectors."""
    trace, error = random_trace(moment, torch.ones_like(flat(moment.head)), VECTORS, "trace")
    return {"trace": trace, "trace_se": error}
