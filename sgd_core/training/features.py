"""The feature bank: AlexNet's frozen features of augmented views of the training images, computed once, kept on disk.

The features are frozen, so the only cost that must be paid per step is the head. Each view is one pass of fresh crops
and flips over all training images (fp16, 54.7 MB for 2967 images, about 15 to 20 s on two CPU cores); epoch e of a run
reads view e mod V. With V > epochs every epoch sees a fresh augmentation, as in the paper. Views are made when they
are first asked for, each written whole or not at all, so a bank survives a kill and grows from where it was.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, nullcontext, suppress
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock, Timeout
from torch import Tensor

from sgd_core.experiment.seeds import derive
from sgd_core.experiment.spec import Fingerprints
from sgd_core.images.places import Split
from sgd_core.training import weights
from sgd_core.training.crops import augmented, normalised
from sgd_core.training.data import ImageSet
from sgd_core.training.locks import GivenUpError, locked

BANK_SEED = 0
PART = ".part"
"""How a file ends while it is written."""
TRANSFORM = "RandomHorizontalFlip, RandomResizedCrop(torchvision defaults, bilinear, antialias), normalise; v1"
"""Names what happens to an image before the network (training.crops); part of a bank's key."""
MOST_LANES = 2
"""Batches that are in the network at once, at most."""

Report = Callable[[int, int], None]
"""Called with (images done, images in all) while a view is made."""


class Cancelled(Exception):  # noqa: N818 (not an error)
    """The maker of a view was told to stop; views finished before that are kept."""


class FeatureBank:
    """Feature views of one image set under one set of frozen weights, on `device`, kept in `folder`."""

    def __init__(
        self,
        images: ImageSet,
        features: str,
        folder: Path,
        device: torch.device,
        batch: int = 64,
        seed: int = BANK_SEED,
    ) -> None:
        self.images, self.features, self.device, self.batch, self.seed = images, features, device, batch, seed
        self.weights_fingerprint = weights.fingerprint(features)
        named = (images.fingerprint, self.weights_fingerprint, TRANSFORM, images.image_size, seed)
        self.key = hashlib.sha256(json.dumps(named).encode()).hexdigest()[:16]
        self.folder = folder / self.key
        self._resident: dict[str, Tensor] = {}

    @property
    def fingerprints(self) -> Fingerprints:
        """What a run on this bank stands on, for its key."""
        return Fingerprints(self.images.fingerprint, self.weights_fingerprint, self.seed)

    def view(self, number: int, report: Report | None = None, cancelled: Callable[[], bool] | None = None) -> Tensor:
        """(n, 9216) float16: augmented view `number` of all training images, made if need be.

        On CPU memory-mapped; on a GPU copied there, and kept there while half of its memory is free.

        Raises Cancelled, and DataError where an image cannot be decoded.
        """
        return self._kept(f"view-{number:04d}", "train", number, report, cancelled)

    def clean(self, split: Split, report: Report | None = None, cancelled: Callable[[], bool] | None = None) -> Tensor:
        """(n, 9216) float16: features of a split without augmentation, kept like a view."""
        return self._kept(f"clean-{split}", split, None, report, cancelled)

    def has(self, number: int) -> bool:
        """Whether view `number` is on disk already."""
        return (self.folder / f"view-{number:04d}.npy").is_file()

    def has_clean(self, split: Split) -> bool:
        """Whether the features of a split without augmentation are on disk already."""
        return (self.folder / f"clean-{split}.npy").is_file()

    @cached_property
    def normalisation(self) -> tuple[list[float], list[float]]:
        """Per-channel mean and standard deviation of the uncropped training images in [0, 1], to four digits."""
        return channel_statistics(self.images.images("train"))

    @cached_property
    def _layers(self) -> torch.nn.Module:
        return weights.feature_layers(self.features).to(self.device)

    def _kept(
        self, name: str, split: Split, number: int | None, report: Report | None, cancelled: Callable[[], bool] | None
    ) -> Tensor:
        if name in self._resident:
            return self._resident[name]
        path = self.folder / f"{name}.npy"
        if not path.is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            try:  # a second process waits for the view instead of making it too
                with locked(self.folder / f"{name}.lock", cancelled or (lambda: False)):
                    if not path.is_file():
                        self._clear(name)
                        self._write(path, split, number, report, cancelled)
            except GivenUpError:
                raise Cancelled(name) from None
        # Copy-on-write mapping: torch wants writable memory, and nothing here ever writes to it.
        mapped = torch.from_numpy(np.load(path, mmap_mode="c", allow_pickle=False))
        if self.device.type != "cuda":
            return mapped
        there = mapped.to(self.device)
        free, memory = torch.cuda.mem_get_info(self.device)
        if free > memory / 2:
            self._resident[name] = there
        return there

    def _clear(self, own: str) -> None:
        """Remove what was half written when its process was killed; others lock what they are writing, as `own` is."""
        for partial in self.folder.glob(f"*{PART}"):
            name = partial.name.partition(".")[0]
            lock = nullcontext() if name == own else FileLock(self.folder / f"{name}.lock", timeout=0)
            with suppress(Timeout), lock:
                partial.unlink(missing_ok=True)

    def _write(
        self, path: Path, split: Split, number: int | None, report: Report | None, cancelled: Callable[[], bool] | None
    ) -> None:
        rows, total = [], len(self.images.labels(split))
        with closing(self._compute(split, number)) as parts:  # or its inference mode and seed would outlive Cancelled
            for part in parts:
                rows.append(part)
                if report is not None:
                    report(sum(map(len, rows)), total)
                if cancelled is not None and cancelled():
                    raise Cancelled(path.stem)
        partial = path.with_suffix(PART)
        try:
            with partial.open("wb") as file:
                np.save(file, np.concatenate(rows), allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    def _compute(self, split: Split, number: int | None) -> Generator[np.ndarray]:
        """Float16 features batch by batch; the crops of view `number` depend on the bank's seed and the number only."""
        images, size, layers = self.images.images(split), self.images.image_size, self._layers
        mean, std = self.normalisation

        def part(start: int) -> Tensor:
            images_of = torch.from_numpy(images[start : start + self.batch]).permute(0, 3, 1, 2)
            return images_of if number is None else torch.stack([augmented(image, size) for image in images_of])

        def convolved(crops: Future[Tensor]) -> np.ndarray:
            with torch.inference_mode():  # it holds for one thread
                ready = normalised(crops.result().to(self.device), mean, std)
                return np.asarray(layers(ready).half().cpu().numpy())

        # In order and each by as many threads as ever, so bit for bit as one after the other.
        lanes, threads = lanes_on(self.device), torch.get_num_threads()
        with torch.random.fork_rng(devices=[]), ThreadPoolExecutor(1) as ahead:
            if number is not None:
                torch.manual_seed(derive(self.seed, "view", number))
            with ThreadPoolExecutor(lanes, initializer=torch.set_num_threads, initargs=(threads,)) as beside:
                coming: deque[Future[np.ndarray]] = deque()
                for start in range(0, len(images), self.batch):
                    coming.append(beside.submit(convolved, ahead.submit(part, start)))
                    if len(coming) > lanes:
                        yield coming.popleft().result()
                while coming:
                    yield coming.popleft().result()


def lanes_on(device: torch.device) -> int:
    """How many batches go through the network at once: two where torch leaves half of the cores or more.

    One where somebody said how many cores this process may take: others of this machine then have the rest.
    """
    if device.type == "cuda" or os.environ.get("SGD_THREADS") or os.environ.get("OMP_NUM_THREADS"):
        return 1
    return max(1, min(MOST_LANES, (os.cpu_count() or 1) // torch.get_num_threads()))


class InOneCount:
    """Reports of single sets of features as one count over all of them, which never begins anew."""

    def __init__(self, total: int, report: Report) -> None:
        self._total, self._report, self._before = total, report, 0

    def __call__(self, done: int, of: int) -> None:
        self._report(min(self._before + done, self._total), self._total)
        if done == of:
            self._before += of


def channel_statistics(images: np.ndarray) -> tuple[list[float], list[float]]:
    """Mean and standard deviation per channel of (n, h, w, 3) uint8 images scaled to [0, 1], rounded to four digits."""
    counts = np.zeros((3, 256), dtype=np.int64)
    for image in images:  # one by one: bincount makes eight bytes of every one, 1.2 GB for all at once
        counts += [np.bincount(image[..., channel].ravel(), minlength=256) for channel in range(3)]
    levels = np.arange(256) / 255
    mean = counts @ levels / counts.sum(axis=1)
    std = np.sqrt(counts @ levels**2 / counts.sum(axis=1) - mean**2)
    return [round(float(m), 4) for m in mean], [round(float(s), 4) for s in std]
