"""A probe of the training loop: the largest eigenvalue of the loss's Hessian, which bounds the stable learning rate.

Lanczos' method on Hessian-vector products over all training images, dropout off. A product is two backward passes,
about three seconds for 2967 images on two CPU cores; the estimate rises towards the eigenvalue from below.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from sgd_core.experiment.seeds import derive
from sgd_core.training.loop import Moment

TOLERANCE = 0.01
"""Relative change of the estimate in one step at which it stops."""
STEPS = 30
CHUNK = 1024


def curvature(moment: Moment) -> Mapping[str, float]:
    """largest_eigenvalue, per weight^2, of the Hessian of the mean cross-entropy, on the view the epoch is scored on.

    Also steps, how many products that took.
    """
    head, was_training = moment.head, moment.head.training
    head.eval()
    generator = torch.Generator().manual_seed(derive(moment.spec.seed, moment.epoch, "curvature"))
    size = sum(parameter.numel() for parameter in head.parameters())
    direction = torch.randn(size, generator=generator).to(moment.features.device)
    direction /= direction.norm()
    before, coupling = torch.zeros_like(direction), 0.0
    diagonal: list[float] = []
    couplings: list[float] = []
    largest = 0.0
    for _ in range(STEPS):
        product = hessian_product(head, moment.features, moment.labels, direction) - coupling * before
        diagonal.append(float(product @ direction))
        product -= diagonal[-1] * direction
        found = float(torch.linalg.eigvalsh(_tridiagonal(diagonal, couplings))[-1])
        settled, largest = abs(found - largest) <= TOLERANCE * abs(found), found
        coupling = float(product.norm())
        if settled or coupling == 0:
            break
        couplings.append(coupling)
        before, direction = direction, product / coupling
    head.train(was_training)
    return {"largest_eigenvalue": largest, "steps": len(diagonal)}


def hessian_product(head: nn.Module, features: Tensor, labels: Tensor, direction: Tensor) -> Tensor:
    """The Hessian of the mean cross-entropy over all examples times a vector over all parameters, flat like it."""
    parameters = list(head.parameters())
    parts = direction.split([parameter.numel() for parameter in parameters])  # type: ignore[no-untyped-call]
    shaped = [part.view_as(parameter) for part, parameter in zip(parts, parameters, strict=True)]
    total = torch.zeros_like(direction)
    with torch.enable_grad():
        for start in range(0, len(labels), CHUNK):
            part = slice(start, start + CHUNK)
            loss = cross_entropy(head(features[part].float()), labels[part], reduction="sum") / len(labels)
            gradient = torch.autograd.grad(loss, parameters, create_graph=True)
            along = sum((g * d).sum() for g, d in zip(gradient, shaped, strict=True))
            products = torch.autograd.grad(along, parameters)
            total += torch.cat([product.reshape(-1) for product in products])
    return total


def _tridiagonal(diagonal: list[float], couplings: list[float]) -> Tensor:
    matrix = torch.diag(torch.tensor(diagonal, dtype=torch.float64))
    if couplings:
        beside = torch.tensor(couplings, dtype=torch.float64)
        matrix += torch.diag(beside, 1) + torch.diag(beside, -1)
    return matrix
