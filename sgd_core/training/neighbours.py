"""The nearest training image of every val and test image in feature space, and how often it is of the same class.

What a method with nothing to train gets on the frozen features (Cover and Hart 1967): where that is nearly everything,
no way of training a head on them can show much of a gap. How near is measured matters: on the paper's images the angle
between features gets 99.4% of the test images right and their distance 97.2%, so both are there.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import normalize

CHUNK = 256


def by_angle(features: Tensor, others: Tensor) -> Tensor:
    """(n,) index of the row of `others` (m, d) at the smallest angle to each row of (n, d) features."""
    return by_distance(normalize(features.float(), dim=1), normalize(others.float(), dim=1))


@torch.inference_mode()
def by_distance(features: Tensor, others: Tensor) -> Tensor:
    """(n,) index of the row of `others` (m, d) at the smallest Euclidean distance from each row of (n, d) features."""
    against = others.float()
    squares = against.square().sum(1)
    parts = features.split(CHUNK)  # type: ignore[no-untyped-call]
    # |a - b|^2 less |a|^2, which is the same for all b
    return torch.cat([(squares - 2 * part.float() @ against.T).argmin(1) for part in parts])
