"""The step of SGD with momentum, v <- m v + g and w <- w - mu v, by torch's fused kernel: all in one pass over memory.

torch.optim.SGD calls the same kernel, bit for bit, but imports torch's compiler as it is made: more than a second and
150 MB of every process that trains.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn


class SGD:
    """Steps along the gradients that `backward` has left on these parameters."""

    def __init__(self, parameters: Iterable[nn.Parameter], rate: float | Tensor, momentum: float) -> None:
        """`rate`: mu; as a tensor () on the parameters' device it is read anew by every step of a CUDA graph."""
        self.parameters = list(parameters)
        self.rate = rate
        self.momentum = momentum
        self.momenta: list[Tensor] = []
        """v, one for each parameter; none before the first step, and none at all where m is 0."""

    def forget_gradients(self) -> None:
        """Before the next `backward`, which would add to them."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self) -> None:
        """One step; every parameter has a gradient."""
        gradients = [parameter.grad for parameter in self.parameters if parameter.grad is not None]
        is_first = self.momentum != 0 and not self.momenta
        if is_first:
            self.momenta = [torch.empty_like(parameter) for parameter in self.parameters]  # the kernel copies g there
        with torch.no_grad():
            torch._fused_sgd_(
                list[Tensor](self.parameters), gradients, self.momenta,
                weight_decay=0.0, momentum=self.momentum, lr=self.rate,
                dampening=0.0, nesterov=False, maximize=False, is_first_step=is_first,
            )  # fmt: skip
