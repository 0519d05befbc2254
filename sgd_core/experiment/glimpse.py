"""A look at a run on its way through an epoch: for a curve that grows before the eye, and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass

EPOCHS = 3
"""So many epochs, the first of a run, are looked at on their way."""
LOOKS = 7
"""In each of them, before its end."""
SAMPLE = 100
"""Images that are scored at a look."""


@dataclass(frozen=True)
class Glimpse:
    """What was seen after so many updates. Its accuracies are of a sample, in eval mode, as in an EpochRecord."""

    epoch: float
    """Between the records: k - 1 at the beginning of epoch k, k at its end."""
    updates: int
    training_time: float
    effective_time: float
    learning_rate: float
    batch_size: int
    train_loss: float
    """Mean over the batches since the last look, dropout on."""
    reported_correct: int
    reported_images: int
    """Of this epoch's view, those that come last in its order: none of them has been trained on in this epoch."""
    val_correct: int
    val_images: int


def due(steps: int, batch_size: int, images: int) -> dict[int, int]:
    """Steps of an epoch after which it is looked at -> images of the sample, which are still to come by then."""
    sample = min(SAMPLE, images // 4)
    looks = {round(look * steps / (LOOKS + 1)) for look in range(1, LOOKS + 1)}
    return {step: sample for step in sorted(looks) if step > 0 and step * batch_size <= images - sample and sample > 0}
