"""What runs in the worker process: one run, from settings to records. The only place here that reaches training.

A worker holds one device and trains one run at a time, keeps the feature bank between runs, and tells of every epoch
through Dask's events; the result that it returns holds them all again, so a lost event loses nothing. Whatever goes
wrong comes back as a sentence, never as an exception: the worker and the server stay up.
"""

from __future__ import annotations

import errno
import json
import logging
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.experiment.record import EpochRecord
from sgd_core.experiment.spec import RunSpec

if TYPE_CHECKING:
    import torch

    from sgd_core.training.features import FeatureBank

Say = Callable[..., None]
"""say(kind, **values): what the server should hear of."""
Result = dict[str, Any]
"""status, message, run_key, spec, images, provenance, records, measurements; plain values only."""

LOCK_SECONDS = 90
"""So long another process may still hold the run: a worker ends seconds after a server that was killed."""
FEATURES_EVERY = 0.3
"""Seconds between two events about the making of features."""
FULL = 32 * 2**20
"""With fewer bytes free than this, a file that could not be written is blamed on the disk (a view takes 55 MB)."""

_device = threading.Lock()
_banks: dict[str, FeatureBank] = {}


def train(token: str, settings_of_run: Mapping[str, Any], topic: str) -> Any:
    """Dask's task, with a Result: train the run and say under `topic` how it goes; stop_name(token) cancels it.

    It stops too where nobody wants its result any more: on a cluster elsewhere it would outlive a server that died.
    """
    from distributed import Event, get_worker

    worker, stop = get_worker(), Event(stop_name(token))
    task = worker.get_current_task()

    def say(kind: str, **values: Any) -> None:
        worker.log_event(topic, {"token": token, "kind": kind, **values})

    def cancelled() -> bool:
        known = worker.state.tasks.get(task)
        return known is None or known.state != "executing" or bool(stop.is_set())

    result = make(RunSpec.parse(settings_of_run), say, cancelled)
    return json.loads(json.dumps(result, allow_nan=False))  # torch's version is not a str, and would import torch there


def stop_name(token: str) -> str:
    """The Dask event that cancels one attempt at a run."""
    return f"sgd-stop-{token}"


def forget(run_key: str) -> None:
    """Remove the checkpoint of a run that is kept, or is not wanted any more."""
    from sgd_core.training import checkpoint

    checkpoint.remove(settings.cache_dir() / "checkpoints" / f"{run_key}.safetensors")


def make(spec: RunSpec, say: Say, cancelled: Callable[[], bool]) -> Result:
    """Train one run on the best device here; what keeps it from ending well is its status and message."""
    result: Result = {
        "status": "cancelled", "message": "", "run_key": "", "spec": spec.model_dump(), "images": {},
        "provenance": {}, "records": [], "measurements": [],
    }  # fmt: skip
    while not _device.acquire(timeout=1):
        if cancelled():
            return result
    try:
        _train(result, say, cancelled)
    except Exception as error:
        if not isinstance(error, UserError):
            logging.getLogger(__name__).exception("The run %s stopped.", spec.command())
        result |= {"status": "failed", "message": sentence(error)}
        _banks.clear()  # it may hold what could not be read, or the memory that was lacking
    finally:
        _device.release()
    return result


def _train(result: Result, say: Say, cancelled: Callable[[], bool]) -> None:
    from filelock import FileLock

    from sgd_core.training import environment
    from sgd_core.training.loop import Training

    device = environment.choose_device()
    environment.prepare(device)
    environment.leave_a_core()
    spec = _with_features_at_hand(RunSpec.parse(result["spec"]), result)
    bank = _bank(spec, device)
    key = spec.key(bank.fingerprints)
    checkpoints = settings.cache_dir() / "checkpoints"
    checkpoints.mkdir(parents=True, exist_ok=True)
    lock = FileLock(checkpoints / f"{key}.lock")
    if not _taken(lock, cancelled):
        return
    try:
        training = Training(
            spec, bank, device, checkpoints / f"{key}.safetensors", cancelled=cancelled, report=_throttled(say)
        )
        provenance = {**bank.fingerprints.columns(), **environment.provenance(device), "command": spec.command()}
        result |= {"run_key": key, "spec": spec.model_dump(), "images": training.image_counts()}
        result |= {"provenance": provenance, "measurements": training.measurements}
        say("started", device=provenance["device"], images=result["images"], message=result["message"])
        for record in training:
            _note(result, record, say)
        result |= {"status": training.status, "measurements": training.measurements}
    finally:
        lock.release()


def sentence(error: Exception) -> str:
    """What went wrong, and what the reader can do about it."""
    if isinstance(error, UserError):
        return str(error)
    if type(error).__name__ == "OutOfMemoryError":  # torch's; torch stays out of this package
        return (
            "The GPU ran out of memory. Close other programs that use it, or take a smaller batch; the run then goes "
            "on from its last checkpoint."
        )
    if isinstance(error, MemoryError):
        return "The memory of this machine is used up. Close other programs; the run then goes on where it was."
    if isinstance(error, OSError):
        return _about_files(error)
    return f"The run stopped on an error of the program itself, {type(error).__name__}: {error}."


def _about_files(error: OSError) -> str:
    place = error.filename or settings.cache_dir()
    try:
        free = shutil.disk_usage(settings.cache_dir()).free
    except OSError:
        free = FULL
    short = error.errno is None and ("requested and" in str(error) or free < FULL)  # NumPy reports no errno
    if short or error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return (
            f"The disk is full: a file in {settings.cache_dir()} could not be written ({free / 2**20:.0f} MB are "
            "free). Make room, or set SGD_CACHE_DIR to another disk; the run then goes on from its last checkpoint."
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"{place} may not be written ({error.strerror}). Set SGD_CACHE_DIR to a folder that may."
    return f"{place} could not be read or written: {error.strerror or error}."


def _note(result: Result, record: EpochRecord, say: Say) -> None:
    result["records"].append(record.as_dict())
    say("epoch", record=record.as_dict())


def _throttled(say: Say) -> Callable[[int, int], None]:
    last = 0.0

    def report(done: int, total: int) -> None:
        nonlocal last
        if done == total or time.monotonic() - last >= FEATURES_EVERY:
            last = time.monotonic()
            say("features", done=done, total=total)

    return report


def _taken(lock: Any, cancelled: Callable[[], bool]) -> bool:
    """Take the lock on a run; False where it was cancelled first. Raises UserError if another process keeps it."""
    from filelock import Timeout

    until = time.monotonic() + LOCK_SECONDS
    while time.monotonic() < until:
        try:
            lock.acquire(timeout=0.5)
        except Timeout:
            if cancelled():
                return False
        else:
            return True
    raise UserError("Another process of this machine is training this very run; it is left to it.")


def _with_features_at_hand(spec: RunSpec, result: Result) -> RunSpec:
    """The spec with random features where ImageNet's cannot be had; the result says so."""
    from sgd_core.training import weights

    if spec.features == "random" or weights.available() == "imagenet":
        return spec
    result["message"] = (
        "AlexNet's ImageNet weights cannot be had here, so this run stands on seeded random features instead."
    )
    return spec.model_copy(update={"features": "random"})


def _bank(spec: RunSpec, device: torch.device) -> FeatureBank:
    """The bank of this run, kept from the last run where data and weights are still the same."""
    from sgd_core.training import weights
    from sgd_core.training.data import open_set
    from sgd_core.training.features import FeatureBank

    images = open_set(spec.dataset)  # always anew: it sees a folder that was changed or unplugged since
    name = f"{images.fingerprint} {weights.fingerprint_of(weights.tensors(spec.features))}"
    if name not in _banks:
        _banks.clear()
        _banks[name] = FeatureBank(images, spec.features, settings.cache_dir() / "banks", device)
    return _banks[name]
