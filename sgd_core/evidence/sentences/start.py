"""What the first page says of its picture and of the runs there are: pure functions from values to text (Markdown)."""

from __future__ import annotations

from collections.abc import Sequence

from sgd_core.experiment import paper

WALK = (
    "**This is SGD**, 200 runs of it, on a problem with two weights: every batch pushes, the slope pulls back. How "
    "wide does the cloud get, and what do B and μ have to do with it?"
)


def read(images: int) -> str:
    """How the picture is read."""
    return f"An epoch: all {images:,} photographs once, a tile a step. The framed pepper is in one batch of each size."


def pictured(sizes: Sequence[int], images: int) -> str:
    """The picture for those who cannot see it; how many steps there are is for the lesson to ask."""
    squares = " and ".join(f"by batches of {size}" for size in sizes)
    return f"Squares that fill tile by tile, a tile a step: an epoch of {images:,} photographs {squares}."


def published(found: int, of: int, arms: int) -> str:
    """How many of the paper's runs there are, how many more that test its claims, and what all of them train."""
    more = f", and {arms} more that test{'s' * (arms == 1)} its claims" if arms else ""
    return (
        "Lynn and Maljković (EPFL, *Assessment of the Generalization Error of SGD in Deep Neural Network*) trained one "
        f"network {of} times. {found} of these runs are published here, made again on their images, each at one seed "
        f"or more{more}: {paper.TRAIN_IMAGES:,} photographs to train on, {paper.VALIDATION_IMAGES} to validate and "
        "2,000 test images, frozen AlexNet features, and a new three-layer head for every run."
    )
