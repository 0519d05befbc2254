"""One place trains a run, for the command line and for the worker: lock, features at hand, checkpoint, provenance.

A run is locked while it trains, so that any number of processes may be asked for the same one. It goes on from its
checkpoint, which stays until `forget`, and so until whoever asked has kept the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.experiment.run import Run
from sgd_core.experiment.spec import RunSpec
from sgd_core.experiment.takeover import key_before
from sgd_core.images import sets
from sgd_core.images.places import Split
from sgd_core.training import checkpoint, environment, weights
from sgd_core.training.data import Folder, open_set
from sgd_core.training.features import FeatureBank, InOneCount, Report
from sgd_core.training.locks import GivenUpError, locked
from sgd_core.training.loop import CHECKPOINT_SECONDS, Training
from sgd_core.training.probes import NO_PROBES, Probes

Say = Callable[..., None]
"""say(kind, **values): 'started' (run_key, spec, device, images, provenance, message), 'features' (done, total),
'epoch' (record), 'glimpse' (glimpse), 'note' (message)."""

RANDOM_INSTEAD = (
    "AlexNet's ImageNet weights cannot be had here, so this run stands on seeded random features instead (features="
    "random). Set SGD_ALEXNET_WEIGHTS to a file of the weights to change that."
)

_banks: dict[str, FeatureBank] = {}
_lacking = 0.0
"""Until then (time.monotonic) the ImageNet weights need not be asked for again: they could not be had just now."""
ASK_AGAIN = 300.0
"""Seconds. A sweep without a network would otherwise wait for the download before every run."""


class BusyError(UserError):
    """Another process of this machine is training the very run."""


class Kept(Exception):  # noqa: N818 (not an error)
    """Another process has finished the run since it was asked for."""


def train(
    spec: RunSpec,
    device: torch.device,
    say: Say = lambda kind, **values: None,
    cancelled: Callable[[], bool] = lambda: False,
    is_kept: Callable[[str], bool] = lambda key: False,
    keep: Callable[[Run], None] | None = None,
    probes: Probes = NO_PROBES,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
    patience: float = 0.0,
    live: bool = False,
) -> Run:
    """Train a run to its end, or until `cancelled`; `keep` is called while the run is still locked.

    Where the ImageNet weights cannot be had it is trained on random features, and the message of 'started' says so.
    With `keep` the checkpoint is forgotten once that returned; without, it is the caller's to `forget`. `patience` is
    how many seconds another process may still hold the run. Raises BusyError, Kept, DataError, WeightsError, OSError.
    """
    sets.require(spec.dataset)  # before weights are downloaded
    used, message = at_hand(spec)
    bank = bank_of(used, device)
    key = used.key(bank.fingerprints)
    file = checkpoint_file(key)
    file.parent.mkdir(parents=True, exist_ok=True)
    with _alone(file.with_suffix(".lock"), patience, cancelled):
        if is_kept(key):
            raise Kept(key)
        _adopt(used, bank, file)
        training = Training(
            used, bank, device, file, checkpoint_seconds, probes, cancelled,
            lambda done, total: say("features", done=done, total=total),
            (lambda glimpse: say("glimpse", glimpse=glimpse)) if live else None,
        )  # fmt: skip
        provenance = {**bank.fingerprints.columns(), **environment.provenance(device), "command": used.command()}
        images = training.image_counts()
        if isinstance(bank.images, Folder):
            sets.remember(used.dataset, bank.images.known())
        say("started", run_key=key, spec=used, images=images, provenance=provenance, message=message)
        noted = ""
        for record in training:
            if training.note != noted:
                say("note", message=training.note.removeprefix(noted).strip())
                noted = training.note
            say("epoch", record=record)
        assert training.status is not None
        provenance |= {"repeatable": training.repeatable}
        run = Run(key, used, training.status, images, provenance, training.records, training.measurements)
        if keep is not None:
            keep(run)
            forget(key)
        return run


def prepare(
    spec: RunSpec, device: torch.device, report: Report, waits: Callable[[], bool], cancelled: Callable[[], bool]
) -> None:
    """Make the features on which this run's first epoch stands: what it trains on, val, what it is scored on.

    Ends after one of them where a run `waits`, within one where it is `cancelled`, and at once where weights would have
    to be downloaded. `report` hears of images done and in all. Raises DataError, WeightsError, OSError, Cancelled.
    """
    if not weights.at_hand(spec.features):
        return
    bank = bank_of(spec, device)
    sets_of: list[tuple[Split, int | None]] = [("train", 0), ("val", None), ("train", 1)]
    if not spec.augment:
        sets_of = [("train", None), ("val", None)]
    lacking = [
        (split, view)
        for split, view in sets_of
        if not (bank.has_clean(split) if view is None else bank.has(view % spec.views))
    ]
    count = InOneCount(sum(len(bank.images.labels(split)) for split, _ in lacking), report)
    for split, view in lacking:
        if waits():
            return
        if view is None:
            bank.clean(split, count, cancelled)
        else:
            bank.view(view % spec.views, count, cancelled)


def at_hand(spec: RunSpec) -> tuple[RunSpec, str]:
    """The spec with random features where ImageNet's are asked for and cannot be had, and the sentence that says so."""
    global _lacking
    if spec.features == "random" or (time.monotonic() >= _lacking and weights.available() == "imagenet"):
        return spec, ""
    _lacking = max(_lacking, time.monotonic() + ASK_AGAIN)
    return spec.model_copy(update={"features": "random"}), RANDOM_INSTEAD


def bank_of(spec: RunSpec, device: torch.device) -> FeatureBank:
    """The bank of this run; that of the last run where data, weights, device and place are still the same."""
    images = open_set(spec.dataset)  # always anew: it sees a folder that was changed or unplugged since
    name = f"{images.fingerprint} {weights.fingerprint(spec.features)} {device} {_banks_folder()}"
    if name not in _banks:
        _banks.clear()
        _banks[name] = FeatureBank(images, spec.features, _banks_folder(), device)
    return _banks[name]


def _banks_folder() -> Path:
    return settings.cache_dir() / "banks"


def forget_banks() -> None:
    """Let go of the bank kept between runs: it may hold what could not be read, or the memory that is lacking."""
    _banks.clear()


def forget(key: str) -> None:
    """Remove the checkpoint of a run that is kept, or is not wanted any more."""
    checkpoint.remove(checkpoint_file(key))


def checkpoint_file(key: str) -> Path:
    """Where the checkpoint of a run lies, whether there is one or not."""
    return settings.cache_dir() / "checkpoints" / f"{key}.safetensors"


def _adopt(spec: RunSpec, bank: FeatureBank, file: Path) -> None:
    """Take over the checkpoint that an older version of this program kept under the run's former key."""
    before = key_before(spec, bank.fingerprints)
    if before is not None and not file.is_file() and checkpoint_file(before).is_file():
        checkpoint_file(before).replace(file)


@contextmanager
def _alone(file: Path, patience: float, cancelled: Callable[[], bool]) -> Iterator[None]:
    """The lock on a run for as long as the block lasts; raises BusyError where another process keeps it."""
    try:
        with locked(file, cancelled, patience):
            yield
    except GivenUpError:
        raise BusyError("Another process of this machine is training this very run; it is left to it.") from None
