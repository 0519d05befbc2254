"""EpochRecord: what is measured once an epoch, and which accuracies follow from it.

Counts are integers; accuracies are derived (`with_accuracies`), so that a table never holds two versions of one number.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["done", "diverged", "failed to learn", "cancelled", "failed"]
"""done: trained to the end. diverged: a loss was not finite. failed to learn: trained to the end, but it ends at chance
or with a loss that has exploded. cancelled, failed: it did not get there."""
ANSWERS: tuple[Status, ...] = ("done", "diverged", "failed to learn")
"""The statuses that answer a question; a cancelled or failed run is kept for its curve only."""
EXPLODED = 2.0
"""A loss that ends above so many times log(classes), the loss of a head that knows nothing, has exploded."""
STANDARD_ERRORS = 3.0
"""Fewer training images correct than chance and so many of its standard errors is chance."""


@dataclass(frozen=True)
class EpochRecord:
    """One epoch k = 0, 1, ... (-1: the untrained head). Null where not measured, or where a loss is not finite."""

    epoch: int
    updates: int
    """Updates up to the end of this epoch."""
    training_time: float
    """T, the sum of mu over those updates."""
    effective_time: float
    """T_eff, the sum of mu_t (1 - m^(t+1)) over those updates."""
    learning_rate: float | None
    batch_size: int | None
    """Effective: min(B_k, training images)."""
    train_loss: float | None
    """Mean over the epoch's batches of the batch loss, dropout on (the paper's train loss)."""
    reported_loss: float | None
    reported_correct: int | None
    """Training images counted correct as the paper's 'validation accuracy' counts them: eval mode, on an augmented
    view that this epoch was not trained on, against the labels given for training."""
    reported_correct_true: int | None
    """The same against the true labels; differs under label noise only."""
    val_loss: float | None
    val_correct: int | None
    test_loss: float | None
    test_correct: int | None
    weight_norm: float | None
    """L2 norm of all trained parameters."""
    distance_from_init: float | None
    """L2 distance of all trained parameters from their initial values."""
    seconds: float
    """Wall time of the epoch, evaluation included, the making of features left out."""

    def learned(self, images: int, classes: int) -> bool:
        """Whether a run that ends with this epoch has learned; `images` are those of training."""
        correct = max(self.reported_correct or 0, self.reported_correct_true or 0)
        return learned(correct, self.reported_loss, images, classes)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def learned(correct: int, loss: float | None, images: int, classes: int) -> bool:
    """Whether a head has learned: above chance on its training images, with a loss in bounds.

    `correct` is against the given labels or the true ones, whichever are more: with most labels wrong a head that has
    learned is right about the true ones only.
    """
    above = correct / images > chance_bound(images, classes)
    return above and loss is not None and loss <= EXPLODED * math.log(classes)


def chance_bound(images: int, classes: int) -> float:
    """The share of images right up to which a head may know nothing.

    One that gives one class to every image gets 1/classes of them, and binomial chance adds STANDARD_ERRORS of
    sqrt(p (1 - p) / images).
    """
    chance = 1 / classes
    return chance + STANDARD_ERRORS * math.sqrt(chance * (1 - chance) / images)
