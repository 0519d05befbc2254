"""Seconds per epoch: the straightforward way against the feature bank, measured one after the other on one machine.

The straightforward way is what a notebook does: an ImageFolder and a DataLoader decode, crop and flip every training
image, the frozen layers convolve it, the head trains on it; then the same pass again, without training, measures the
authors' accuracy. The bank's way is an epoch of the real loop, the scoring of one view and of the validation images
included (test images are scored every fifth epoch, which a median leaves out). Head, optimiser, batch size, device,
threads and memory settings are the same.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from PIL import Image
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader

from sgd_core.experiment.spec import RunSpec
from sgd_core.training import weights
from sgd_core.training.classifier import initial_head
from sgd_core.training.data import ImageSet, Vegetables
from sgd_core.training.features import FeatureBank
from sgd_core.training.loop import Training

WARM_UP = 1
"""Epochs on the bank before those that count; the straightforward way has one for each number of loader processes."""
VIEWS = 2
"""An epoch reads one view and is scored on another; which ones does not change its time."""


@dataclass(frozen=True)
class Comparison:
    """Seconds of each epoch that counts, at one batch size."""

    batch_size: int
    workers: int
    """Loader processes of the straightforward way: none or one per core, whichever gave the faster warm-up epoch."""
    straightforward: list[float]
    bank: list[float]
    view: float
    """To make one view of the bank: paid once for all runs, or once an epoch by the very first run."""

    @property
    def ratio(self) -> float:
        """How many times faster an epoch is on the bank, its views made before."""
        return statistics.median(self.straightforward) / statistics.median(self.bank)

    @property
    def first_run_ratio(self) -> float:
        """The same for a first run that makes one view in every epoch."""
        return statistics.median(self.straightforward) / (statistics.median(self.bank) + self.view)


def compare(
    images: ImageSet,
    features: str,
    batch_sizes: Sequence[int],
    repeats: int,
    device: torch.device,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Comparison]:
    """Measure `repeats` epochs each way at each batch size; `say` hears what is being done."""
    with tempfile.TemporaryDirectory(prefix="sgd-bench-") as place:
        bank = FeatureBank(images, features, Path(place) / "banks", device)
        folder = (
            images.folder / "train" if isinstance(images, Vegetables) else _as_folder(images, Path(place) / "train")
        )
        say("making the bank's views")
        for split in images.splits():
            if split != "train":
                bank.clean(split)
        view_seconds = [_timed(lambda: bank.view(number)) for number in range(VIEWS)]  # noqa: B023 (called at once)
        for batch_size in batch_sizes:
            spec = RunSpec.parse(
                {"dataset": images.name, "features": features, "views": VIEWS, "batch_size": batch_size}
            )
            say(f"B={batch_size}: {repeats} epochs on the feature bank")
            untrained_and_epochs = islice(Training(spec, bank, device), 1 + WARM_UP + repeats)
            bank_seconds = [record.seconds for record in untrained_and_epochs][1 + WARM_UP :]
            say(f"B={batch_size}: warming up the straightforward way")
            ways = (Straightforward(folder, bank, spec, device, workers) for workers in {0, os.cpu_count() or 0})
            fastest = min(ways, key=lambda way: _timed(way.epoch))
            say(f"B={batch_size}: {repeats} epochs the straightforward way")
            yield Comparison(
                batch_size=batch_size,
                workers=fastest.workers,
                straightforward=[_timed(fastest.epoch) for _ in range(repeats)],
                bank=bank_seconds,
                view=statistics.median(view_seconds),
            )


class Straightforward:
    """Training without a bank: every epoch decodes, augments and convolves all images twice."""

    def __init__(self, folder: Path, bank: FeatureBank, spec: RunSpec, device: torch.device, workers: int) -> None:
        """`folder` has one folder of images per class; weights, normalisation and image size are the bank's."""
        from torchvision.datasets import ImageFolder  # seconds, of no use to who only asks what was measured
        from torchvision.transforms import v2

        self.workers, self.device = workers, device
        mean, std = bank.normalisation
        augmented = ImageFolder(
            folder,
            v2.Compose(
                [
                    v2.RandomHorizontalFlip(),
                    v2.RandomResizedCrop(bank.images.image_size),
                    v2.ToImage(),
                    v2.ToDtype(torch.float32, scale=True),
                    v2.Normalize(mean, std),
                ]
            ),
        )
        self._training, self._scoring = (
            DataLoader(
                augmented,
                spec.batch_size,
                shuffle=shuffle,
                num_workers=workers,
                persistent_workers=workers > 0,
                pin_memory=device.type == "cuda",
            )
            for shuffle in (True, False)
        )
        self._layers = weights.feature_layers(spec.features).to(device)
        self._head = initial_head(spec.seed, len(augmented.classes)).to(device)
        self._optimizer = torch.optim.SGD(
            self._head.parameters(), lr=spec.learning_rate, momentum=spec.momentum, fused=True
        )

    def epoch(self) -> tuple[float, int]:
        """Train on every image, then score every image anew; returns the mean batch loss and the number correct."""
        self._head.train()
        total = torch.zeros((), device=self.device)
        for images, labels in self._training:
            with torch.no_grad():
                features = self._layers(images.to(self.device))
            self._optimizer.zero_grad(set_to_none=True)
            loss = cross_entropy(self._head(features), labels.to(self.device))
            loss.backward()  # type: ignore[no-untyped-call]
            self._optimizer.step()
            total += loss.detach()
        self._head.eval()
        correct = torch.zeros((), dtype=torch.int64, device=self.device)
        with torch.inference_mode():
            for images, labels in self._scoring:
                predicted = self._head(self._layers(images.to(self.device))).argmax(dim=1)
                correct += (predicted == labels.to(self.device)).sum()
        return float(total) / len(self._training), int(correct)


def _timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes; every work here ends by fetching a number, so a GPU has finished too."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _as_folder(images: ImageSet, folder: Path) -> Path:
    """The training images as PNG files, one folder per class."""
    for i, (image, label) in enumerate(zip(images.images("train"), images.labels("train"), strict=True)):
        file = folder / images.classes[label] / f"{i}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(file)
    return folder
