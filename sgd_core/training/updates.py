"""Updates of the head, one batch after the other: as they are called, or on a GPU recorded once and replayed.

At B=16 the GPU waits for Python between the kernels of an update. A CUDA graph launches all of them at once, with the
same kernels in the same order and the same random numbers, so that records are bit for bit those of plain updates.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from sgd_core.training.sgd import SGD

PLAIN_FIRST = 3
"""So many updates with a batch size are made plainly before one is recorded."""


class Updates:
    """SGD on one head. `begin` an epoch, then call with the size of one batch after the other; `total` adds up."""

    def __init__(
        self, head: nn.Module, device: torch.device, momentum: float, labels: Tensor, is_weighted: bool = False
    ) -> None:
        """`labels` (n,) of all examples; `is_weighted` where each example's loss is to be weighted."""
        self._head, self._labels, self._is_weighted = head, labels, is_weighted
        on_gpu = device.type == "cuda"
        # A number would be part of what is recorded; a tensor is read anew by every update.
        self.sgd = SGD(head.parameters(), torch.zeros((), device=device) if on_gpu else 0.0, momentum)
        self.total = torch.zeros((), dtype=torch.float64, device=device)
        """The sum of the batches' mean losses since `begin`."""

    def begin(self, view: Tensor, order: Tensor, weights: Tensor | None, learning_rate: float) -> None:
        """An epoch on (n, 9216) features, in an order of their rows, with (n,) weights of the examples' losses."""
        self._view, self._order, self._weights, self._at = view, order, weights, 0
        self._take(learning_rate)

    def _take(self, learning_rate: float) -> None:
        if isinstance(self.sgd.rate, Tensor):
            self.sgd.rate.fill_(learning_rate)
        else:
            self.sgd.rate = learning_rate
        self.total.zero_()

    def __call__(self, size: int) -> None:
        """One update with the next `size` examples."""
        rows = self._order[self._at : self._at + size]
        self._at += size
        self._update(rows)

    def _update(self, rows: Tensor) -> None:
        self.sgd.forget_gradients()
        logits, labels = self._head(self._view[rows].float()), self._labels[rows]
        loss = cross_entropy(logits, labels)
        if self._is_weighted:
            assert self._weights is not None
            each = cross_entropy(logits, labels, reduction="none")
            (self._weights[rows] * each).mean().backward()  # type: ignore[no-untyped-call]
        else:
            loss.backward()  # type: ignore[no-untyped-call]
        self.sgd.step()
        self.total += loss.detach()


class RecordedUpdates(Updates):
    """The same updates on a GPU, replayed from a CUDA graph a batch size.

    All that they read stays in one place on the GPU: view, order, weights, the place in the order, learning rate, and
    the head's parameters and momenta, which must not be replaced after the first update.
    """

    def __init__(
        self, head: nn.Module, device: torch.device, momentum: float, labels: Tensor, is_weighted: bool = False
    ) -> None:
        super().__init__(head, device, momentum, labels, is_weighted)
        self._graphs: dict[int, torch.cuda.CUDAGraph] = {}
        self._made: dict[int, int] = {}
        self._place = torch.zeros((), dtype=torch.long, device=device)
        self._range = torch.arange(len(labels), device=device)

    def begin(self, view: Tensor, order: Tensor, weights: Tensor | None, learning_rate: float) -> None:
        if not hasattr(self, "_view"):
            self._view, self._order = torch.empty_like(view), torch.empty_like(order)
            self._weights = None if weights is None else torch.empty_like(weights)
        self._view.copy_(view)
        self._order.copy_(order)
        if self._weights is not None and weights is not None:
            self._weights.copy_(weights)
        self._place.zero_()
        self._take(learning_rate)

    def __call__(self, size: int) -> None:
        self._made[size] = self._made.get(size, 0) + 1
        if self._made[size] <= PLAIN_FIRST:
            self._next(size)
            return
        if size not in self._graphs:
            self._graphs[size] = self._recorded(size)
        self._graphs[size].replay()

    def _next(self, size: int) -> None:
        rows = self._order[self._place + self._range[:size]]
        self._update(rows)
        self._place += size

    def _recorded(self, size: int) -> torch.cuda.CUDAGraph:
        """Recording computes nothing: the first replay makes the first of these updates."""
        graph, stream = torch.cuda.CUDAGraph(), torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            graph.capture_begin()
            try:
                self._next(size)
            finally:
                graph.capture_end()
        torch.cuda.current_stream().wait_stream(stream)
        return graph


def updates_of(
    head: nn.Module, device: torch.device, momentum: float, labels: Tensor, is_weighted: bool = False
) -> Updates:
    """The faster of the two on this device."""
    return (RecordedUpdates if device.type == "cuda" else Updates)(head, device, momentum, labels, is_weighted)
