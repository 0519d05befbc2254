"""How many val and test images are recognised, with and without those that have a twin among the training images."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch.nn.functional import cross_entropy

from sgd_core.images.places import SPLITS
from sgd_core.training import twins
from sgd_core.training.probes import Moment

CHUNK = 1024
APART = {"apart": twins.TWIN, "far": twins.ALIKE}
"""Part of a split -> the correlation with a training image above which an image is left out of it."""


@torch.inference_mode()
def measure(moment: Moment) -> Mapping[str, float]:
    """val_correct, val_images, val_loss and the same of test; val_apart_correct and so on without the twins.

    val_far_correct and so on leave out all that are listed as alike (correlation above 0.90). The images are as they
    are (no augmentation), dropout is off; a loss is a mean over the images. A part without images has no loss.
    """
    head, around = moment.head, moment.around
    assert around is not None
    was_training = head.training
    head.eval()
    told: dict[str, float] = {}
    for split in SPLITS[1:]:
        if split not in around.images.splits():
            continue
        features, labels = around.clean(split)
        logits = torch.cat([head(part.float()) for part in features.split(CHUNK)])  # type: ignore[no-untyped-call]
        losses, correct = cross_entropy(logits, labels, reduction="none").double(), logits.argmax(1) == labels
        told |= _scored(split, losses, correct)
        for part, threshold in APART.items():
            rows = torch.from_numpy(twins.apart(around.images, split, threshold)).to(losses.device)
            told |= _scored(f"{split}_{part}", losses[rows], correct[rows])
    head.train(was_training)
    return told


def _scored(name: str, losses: torch.Tensor, correct: torch.Tensor) -> dict[str, float]:
    told = {f"{name}_images": float(len(correct)), f"{name}_correct": float(correct.sum())}
    return told | ({f"{name}_loss": float(losses.mean())} if len(losses) else {})
