"""Heads: the layers that are trained on the frozen features, by name. One entry is one head.

A head is hidden layers of these widths and a last one as wide as there are classes. A ReLU stands after every hidden
layer, and a dropout before every layer but the last; before the last too where it is the only one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

FEATURES = 9216
"""What AlexNet's frozen layers make of an image: 256 x 6 x 6 numbers."""


@dataclass(frozen=True)
class Head:
    """The widths of a head's hidden layers, and where it comes from."""

    hidden: tuple[int, ...]
    words: str
    source: str

    def parameters(self, classes: int) -> int:
        """How many numbers are trained: weights and biases of every linear layer."""
        widths = (FEATURES, *self.hidden, classes)
        return sum((before + 1) * after for before, after in pairwise(widths))


HEADS: dict[str, Head] = {
    "paper": Head((1024, 128), "two hidden layers, 1024 and 128", "the authors' notebook"),
    "linear": Head((), "no hidden layer", "a linear probe; convex, so that it has one minimum"),
    "hidden": Head((1024,), "one hidden layer, 1024", "the paper's without its second hidden layer"),
    "wide": Head((4096, 4096), "two hidden layers of 4096", "Krizhevsky et al. 2012, AlexNet's own"),
}
