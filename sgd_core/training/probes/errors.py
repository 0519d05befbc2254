"""Which images the head gets wrong, and what it takes them for: of val and test, and of those it was trained on.

The images are as they are (no crops), dropout is off, and the true labels count, not the given ones. An image goes by
its index in its split, in the order of the data set whose fingerprint the run carries.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch

from sgd_core.images.places import SPLITS
from sgd_core.training.data import chosen
from sgd_core.training.probes import Moment

CHUNK = 1024
MOST = 1000
"""Of a split. Where more are wrong, only how many is kept: an untrained head is wrong about nearly all of them."""


@torch.inference_mode()
def measure(moment: Moment) -> Mapping[str, float]:
    """test_images, test_wrong: how many there are, how many are wrong; and the same of train and val.

    'test 17 of 3': image 17 of test, whose class is 3; the value is the class it was taken for. test_wrong is NaN
    where the weights are not finite.
    """
    head, around = moment.head, moment.around
    assert around is not None
    was_training = head.training
    head.eval()
    told: dict[str, float] = {}
    for split in around.images.splits():
        features, labels = around.clean(split)
        rows = torch.arange(len(labels))
        if split == SPLITS[0]:
            rows = torch.from_numpy(chosen(labels.cpu().numpy(), moment.spec.images_per_class))
            features, labels = features[rows], labels[rows]
        logits = torch.cat([head(part.float()) for part in features.split(CHUNK)])  # type: ignore[no-untyped-call]
        taken, true = logits.argmax(1).tolist(), labels.tolist()
        wrong = [(i, was, said) for i, was, said in zip(rows.tolist(), true, taken, strict=True) if was != said]
        finite = bool(logits.isfinite().all())
        told |= {f"{split}_images": float(len(true)), f"{split}_wrong": float(len(wrong)) if finite else math.nan}
        if finite and len(wrong) <= MOST:
            told |= {f"{split} {i} of {was}": float(said) for i, was, said in wrong}
    head.train(was_training)
    return told
