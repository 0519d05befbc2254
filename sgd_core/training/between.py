"""What lies between the ends of two runs of one head: the loss along the line, and on the plane with the start.

The line is Keskar et al.'s picture (1609.04836, section 2.2): (1 - alpha) w_0 + alpha w_1 for alpha from -0.5 to 1.5.
The plane goes through a start and two ends, as in Garipov et al. 1802.10026: orthonormal axes by Gram-Schmidt, u along
the first end, v towards the second; any point has coordinates on it, and a distance from it. Dropout is off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from sgd_core.training.classifier import flat

CHUNK = 1024
ALPHAS = tuple(round(-0.5 + 0.1 * i, 1) for i in range(21))


@dataclass(frozen=True)
class Scored:
    """Loss and accuracy of a head on some images."""

    loss: float
    accuracy: float


@torch.no_grad()
def score(head: nn.Module, weights: Tensor, features: Tensor, labels: Tensor) -> Scored:
    """How the head with these flat weights does on (n, 9216) features; the head's own weights are put back."""
    was_training, loss, correct = head.training, 0.0, 0
    head.eval()
    with moved_to(head, weights):
        for start in range(0, len(labels), CHUNK):
            part = slice(start, start + CHUNK)
            logits = head(features[part].float())
            loss += float(cross_entropy(logits, labels[part], reduction="sum"))
            correct += int((logits.argmax(1) == labels[part]).sum())
    head.train(was_training)
    return Scored(loss / len(labels), correct / len(labels))


@contextmanager
def moved_to(head: nn.Module, weights: Tensor) -> Iterator[None]:
    """The head with these flat weights for as long as the block lasts; then it has its own again."""
    before = flat(head)
    _set(head, weights)
    try:
        yield
    finally:
        _set(head, before)


@torch.no_grad()
def _set(head: nn.Module, weights: Tensor) -> None:
    parameters = list(head.parameters())
    parts = weights.split([parameter.numel() for parameter in parameters])  # type: ignore[no-untyped-call]
    for parameter, part in zip(parameters, parts, strict=True):
        parameter.copy_(part.view_as(parameter))


def line(
    head: nn.Module, first: Tensor, second: Tensor, features: Tensor, labels: Tensor, alphas: Sequence[float] = ALPHAS
) -> list[Scored]:
    """How the head does at (1 - alpha) first + alpha second for every alpha."""
    return [score(head, torch.lerp(first, second, alpha), features, labels) for alpha in alphas]


@dataclass(frozen=True)
class Plane:
    """A plane through three points in the space of weights; u and v are orthonormal, flat."""

    origin: Tensor
    u: Tensor
    v: Tensor

    @classmethod
    def through(cls, origin: Tensor, first: Tensor, second: Tensor) -> Plane:
        """Raises ValueError where the three points lie on one line."""
        u = (first - origin).double()
        u /= u.norm()
        away = (second - origin).double()
        v = away - (away @ u) * u
        if float(v.norm()) <= 1e-6 * float(away.norm()):
            raise ValueError("The three points lie on one line, which is no plane.")
        return cls(origin, u, v / v.norm())

    def coordinates(self, weights: Tensor) -> tuple[float, float, float]:
        """Along u, along v, and the distance from the plane."""
        away = (weights - self.origin).double()
        x, y = float(away @ self.u), float(away @ self.v)
        return x, y, float((away - x * self.u - y * self.v).norm())

    def point(self, x: float, y: float) -> Tensor:
        """The weights at these coordinates, float32."""
        return (self.origin.double() + x * self.u + y * self.v).float()
