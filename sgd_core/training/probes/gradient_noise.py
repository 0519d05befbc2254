"""The noise of the batch gradient on the real network, exactly where that is possible, with and without dropout.

For a linear layer y = W x + b the gradient of one example is the outer product of delta = dL/dy and (x, 1), so its
squared norm is (|x|^2 + 1) |delta|^2 and the inner product of two of them (x.x' + 1) (delta.delta'). The head has only
linear layers, so tr Sigma, the trace of the per-example gradients' covariance over all images, costs one forward and
one backward pass and no sampling. What must be sampled (batches, dropout masks) comes with a standard error.

Sigma is the population covariance (divided by N), as in Smith and Le 1710.06451: the gradient of a batch of B drawn
with replacement has variance tr Sigma / B, without replacement times (N - B) / (N - 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from sgd_core.experiment.seeds import derive
from sgd_core.training.probes import Moment

BATCH_SIZES = (16, 32, 64, 128, 256, 512, 1024)
BATCHES = 32
"""Batches drawn per batch size; the standard error of a variance is about 3% of it at B=16."""
MASK_PAIRS = 4
"""Pairs of dropout masks per image."""


@dataclass(frozen=True)
class Backward:
    """What every example's gradient is made of: the inputs and deltas of each linear layer, each (n, width)."""

    inputs: list[Tensor]
    deltas: list[Tensor]

    def inner(self, other: Backward) -> Tensor:
        """(n,) inner products of the examples' gradients with those of `other`, in float64."""
        total = torch.zeros(len(self.deltas[0]), dtype=torch.float64, device=self.deltas[0].device)
        for x, x2, d, d2 in zip(self.inputs, other.inputs, self.deltas, other.deltas, strict=True):
            total += ((x * x2).sum(1).double() + 1) * (d * d2).sum(1).double()
        return total

    def along(self, gradient: list[Tensor]) -> Tensor:
        """(n,) inner products of the examples' gradients with one gradient, given as `mean` gives it, in float64."""
        total = torch.zeros(len(self.deltas[0]), dtype=torch.float64, device=self.deltas[0].device)
        for i, (x, d) in enumerate(zip(self.inputs, self.deltas, strict=True)):
            weight, bias = gradient[2 * i : 2 * i + 2]
            total += ((x @ weight.T + bias) * d).sum(1).double()
        return total

    def mean(self, rows: Tensor | slice = slice(None)) -> list[Tensor]:
        """The mean gradient over some examples: weight (out, in) and bias (out,) of each layer, one after the other."""
        gradient = []
        for x, d in zip(self.inputs, self.deltas, strict=True):
            gradient += [d[rows].T @ x[rows] / len(d[rows]), d[rows].mean(0)]
        return gradient


@torch.no_grad()
def backward(head: nn.Sequential, features: Tensor, labels: Tensor) -> Backward:
    """The per-example gradients of the cross-entropy in factors, with the dropout of the head's mode."""
    inputs, gates, value = [], [], features.float()
    for layer in head:
        if isinstance(layer, nn.Linear):
            inputs.append(value)
        before, value = value, layer(value)
        if not isinstance(layer, nn.Linear):  # ReLU and dropout multiply each element by what they make of it
            gates.append((len(inputs), torch.where(before != 0, value / before, torch.zeros_like(value))))
    delta = torch.softmax(value, 1) - one_hot(labels, value.shape[1])
    linears = [layer for layer in head if isinstance(layer, nn.Linear)]
    deltas = [delta]
    for i in range(len(linears) - 1, 0, -1):
        delta = delta @ linears[i].weight
        for place, gate in gates:
            if place == i:
                delta = delta * gate
        deltas.insert(0, delta)
    return Backward(inputs, deltas)


def squared_norm(gradient: list[Tensor]) -> float:
    """The squared L2 norm of a gradient over all its tensors."""
    return float(sum(part.double().square().sum() for part in gradient))


def measure(moment: Moment) -> Mapping[str, float]:
    """What is measured at the end of an epoch, on all training images of the view it is scored on.

    trace, gradient_norm_squared, noise_scale (their ratio, B_simple of McCandlish et al. 1812.06162): dropout off.
    with_B, without_B and with_B_se, without_B_se: measured variance of the gradient of a batch of B, dropout off.
    dropout_trace, dropout_trace_se: E over images of the trace of the gradient's covariance over dropout masks.
    total_trace: the same for image and mask together, which is the noise that training sees.
    total_gradient_norm_squared, total_noise_scale: |E gradient|^2 over images and masks, unbiased (where it is tiny it
    can come out below zero), and total_trace over it: B_simple as training with dropout sees it.
    """
    head = moment.head
    assert isinstance(head, nn.Sequential)
    was_training, devices = head.training, [moment.features.device] if moment.features.is_cuda else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(derive(moment.spec.seed, moment.epoch, "gradient noise"))
        head.eval()
        values = _of_batches(backward(head, moment.features, moment.labels))
        head.train()
        values |= _of_dropout(head, moment.features, moment.labels)
    head.train(was_training)
    return values


def _of_batches(examples: Backward) -> dict[str, float]:
    full = examples.mean()
    norm, images = squared_norm(full), len(examples.deltas[0])
    trace = float(examples.inner(examples).mean()) - norm
    values = {"trace": trace, "gradient_norm_squared": norm, "noise_scale": trace / norm}
    for batch in (size for size in BATCH_SIZES if size < images):
        for kind in ("with", "without"):
            squares = torch.tensor([_distance(examples, full, _draw(kind, batch, images)) for _ in range(BATCHES)])
            values[f"{kind}_{batch}"] = float(squares.mean())
            values[f"{kind}_{batch}_se"] = float(squares.std()) / BATCHES**0.5
    return values


def _draw(kind: str, batch: int, images: int) -> Tensor:
    return torch.randint(images, (batch,)) if kind == "with" else torch.randperm(images)[:batch]


def _distance(examples: Backward, full: list[Tensor], rows: Tensor) -> float:
    rows = rows.to(full[0].device)
    return float(sum((a - b).double().square().sum() for a, b in zip(examples.mean(rows), full, strict=True)))


def _of_dropout(head: nn.Sequential, features: Tensor, labels: Tensor) -> dict[str, float]:
    images, spreads, norms, products = len(labels), [], [], []
    for _ in range(MASK_PAIRS):
        one, two = backward(head, features, labels), backward(head, features, labels)
        squares = one.inner(one), two.inner(two)
        spreads.append((squares[0] + squares[1]) / 2 - one.inner(two))
        norms.append((squares[0] + squares[1]) / 2)
        # The means over two independent sets of masks: their inner product estimates |E gradient|^2 without bias.
        pairs = zip(one.mean(), two.mean(), strict=True)
        products.append(float(sum((a.double() * b.double()).sum() for a, b in pairs)))
    spread, norm = torch.stack(spreads).mean(0), sum(products) / MASK_PAIRS
    total = float(torch.stack(norms).mean()) - norm
    return {
        "dropout_trace": float(spread.mean()),
        "dropout_trace_se": float(spread.std()) / images**0.5,
        "total_trace": total,
        "total_gradient_norm_squared": norm,
        "total_noise_scale": total / norm,
    }
