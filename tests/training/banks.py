"""A tiny bank for tests of the loop: random features with a class signal, in memory, made in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from sgd_core.experiment.heads import FEATURES
from sgd_core.experiment.record import EpochRecord
from sgd_core.experiment.spec import Fingerprints
from sgd_core.training.loop import Training

TRAIN, VAL, TEST = 45, 20, 30


def finished(run: Training) -> list[EpochRecord]:
    """Every record of a run, once it has ended: then the first one too has its test score."""
    for _ in run:
        pass
    return run.records


class TinyImages:
    """Labels of ten classes; of the images it is asked only whether they can be decoded."""

    classes: Sequence[str] = [f"class {i}" for i in range(10)]

    def splits(self) -> list[str]:
        return ["train", "val", "test"]

    def labels(self, split: str) -> np.ndarray:
        return np.arange({"train": TRAIN, "val": VAL, "test": TEST}[split], dtype=np.int64) % 10

    def images(self, split: str) -> np.ndarray:
        return np.zeros((len(self.labels(split)), 1, 1, 3), dtype=np.uint8)


class TinyBank:
    """Stands in for FeatureBank: the same calls, seeded random features around one centre per class."""

    fingerprints = Fingerprints("tiny data", "tiny weights")

    def __init__(self) -> None:
        self.images = TinyImages()
        self.device = torch.device("cpu")
        self.asked: list[int] = []
        """The numbers of the views that were asked for, in order."""

    def view(self, number: int, report: object = None, cancelled: object = None) -> Tensor:
        self.asked.append(number)
        return self._features("train", number)

    def has(self, number: int) -> bool:
        return True

    def has_clean(self, split: str) -> bool:
        return True

    def clean(self, split: str, report: object = None, cancelled: object = None) -> Tensor:
        return self._features(split, {"val": 1000, "test": 1001, "train": 1002}[split])

    def _features(self, split: str, number: int) -> Tensor:
        labels = self.images.labels(split)
        centres = np.random.default_rng(0).standard_normal((10, FEATURES))
        noise = np.random.default_rng(number + 1).standard_normal((len(labels), FEATURES))
        return torch.from_numpy((centres[labels] + 2 * noise).clip(min=0).astype(np.float16))
