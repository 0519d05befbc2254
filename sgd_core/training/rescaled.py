"""The same function from other weights: a layer times alpha, the next one's weights divided by it (Dinh et al.
1703.04933, section 4.2).

A ReLU lets a positive factor through, so no prediction changes, but every curvature does: that of the first layer's
weights falls by alpha^2, that of the next one's rises by it. The factor is put on the first layer that has a ReLU
behind it, the widest of the paper's head.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sgd_core.training.between import moved_to
from sgd_core.training.classifier import flat
from sgd_core.training.probes import Moment, curvature, sharpness, trace

ALPHAS = (0.25, 0.5, 1.0, 2.0, 4.0)
CHUNK = 1024


def rescale(head: nn.Sequential, alpha: float) -> Tensor:
    """The head's flat weights with its first hidden layer times `alpha` and the next one's weights divided by it.

    Raises ValueError where no ReLU stands between the two, or the factor is not above zero.
    """
    linears = [layer for layer in head if isinstance(layer, nn.Linear)]
    if alpha <= 0 or len(linears) < 2 or not any(isinstance(layer, nn.ReLU) for layer in head):
        raise ValueError("Only a positive factor between two layers with a ReLU leaves the function as it is.")
    factors = {linears[0].weight: alpha, linears[0].bias: alpha, linears[1].weight: 1 / alpha}
    return torch.cat([factors.get(p, 1.0) * p.detach().reshape(-1) for p in head.parameters()])


def measure(moment: Moment, alpha: float, images: Tensor) -> dict[str, float]:
    """What the probes curvature, trace and sharpness find of the rescaled head, and whether it answers as before.

    Of `images` (n, 9216): changed, how many are classified otherwise; logit_difference, the largest change of any
    logit; logit_size, the largest logit. The head's own weights are put back.
    """
    head, before = moment.head, flat(moment.head)
    assert isinstance(head, nn.Sequential)
    logits = _logits(head, images)
    found: dict[str, float] = {}
    with moved_to(head, rescale(head, alpha)):
        for probe in (curvature, trace, sharpness):
            found |= probe.measure(moment)
        others = _logits(head, images)
    assert torch.equal(flat(head), before)
    return found | {
        "changed": float((logits.argmax(1) != others.argmax(1)).sum()),
        "logit_difference": float((logits - others).abs().max()),
        "logit_size": float(logits.abs().max()),
        "images": float(len(images)),
    }


def named(found: Mapping[str, float], alpha: float) -> dict[str, float]:
    """'trace at 0.5' and so on."""
    return {f"{name} at {alpha:g}": value for name, value in found.items()}


@torch.no_grad()
def _logits(head: nn.Module, images: Tensor) -> Tensor:
    was_training = head.training
    head.eval()
    found = torch.cat([head(part.float()) for part in images.split(CHUNK)])  # type: ignore[no-untyped-call]
    head.train(was_training)
    return found
