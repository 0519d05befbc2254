"""A sharpness that does not depend on the scale of the layers: the sum of w_i^2 H_ii, with its standard error.

It is twice the mean rise of the loss, to second order, when every weight is moved by a random share of itself with
variance one: the average-case, elementwise adaptive sharpness of Andriushchenko et al. 2302.07011 (worst-case form:
ASAM, Kwon et al. 2102.11600). Multiplying a layer by a and dividing the next by a, which changes no prediction of a
ReLU network and makes any plain sharpness as large as one likes (Dinh et al. 1703.04933), leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from sgd_core.training.classifier import flat
from sgd_core.training.hessian import random_trace
from sgd_core.training.probes import Moment

VECTORS = 8


def measure(moment: Moment) -> Mapping[str, float]:
    """adaptive, the sum of w_i^2 H_ii of the mean cross-entropy, dropout off, and adaptive_se, its standard error."""
    value, error = random_trace(moment, flat(moment.head), VECTORS, "sharpness")
    return {"adaptive": value, "adaptive_se": error}
