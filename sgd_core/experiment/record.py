"""EpochRecord: what is measured once an epoch, and which accuracies follow from it.

Counts are integers; accuracies are derived (`with_accuracies`), so that a table never holds two versions of one number.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["done", "diverged", "cancelled", "failed"]
ANSWERS: tuple[Status, ...] = ("done", "diverged")
"""The statuses that answer a question; a cancelled or failed run is kept for its curve only."""


@dataclass(frozen=True)
class EpochRecord:
    """One epoch k = 0, 1, ... (-1: the untrained head). Null where not measured, or where a loss is not finite."""

    epoch: int
    updates: int
    """Updates up to the end of this epoch."""
    training_time: float
    """T, the sum of mu over those updates."""
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
    """Wall time of the epoch, evaluation included."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
