"""What runs in the worker process: one run, from settings to records. The only place here that reaches training.

A worker holds one device and trains one run at a time, keeps the feature bank between runs, and tells of every epoch
through Dask's events; the result that it returns holds them all again, so a lost event loses nothing. Whatever goes
wrong comes back as a sentence, never as an exception: the worker and the server stay up.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.experiment.spec import RunSpec

Say = Callable[..., None]
"""say(kind, **values): what the server should hear of."""
Result = dict[str, Any]
"""status, message, run_key, spec, images, provenance, records, measurements, and busy: whether it failed only because
another process is training the very run. Plain values only. `spec` is that of the run as it was trained; empty before
it has started."""

LOCK_SECONDS = 90
"""So long another process may still hold the run: a worker ends seconds after a server that was killed."""
FEATURES_EVERY = 0.3
"""Seconds between two events about the making of features."""
FULL = 32 * 2**20
"""With fewer bytes free than this, a file that could not be written is blamed on the disk (a view takes 55 MB)."""

_device = threading.Lock()


def train(
    token: str,
    settings_of_run: Mapping[str, Any],
    topic: str,
    probes: Mapping[str, list[int]] | None = None,
    live: bool = False,
) -> Any:
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

    gpu = os.environ.get("CUDA_VISIBLE_DEVICES", "").partition(",")[0]
    place = {"worker": str(worker.name), "address": worker.address, "machine": socket.gethostname(), "gpu": gpu}
    say("taken", place=place)
    result = make(RunSpec.parse(settings_of_run), say, cancelled, probes, live)
    return json.loads(json.dumps(result, allow_nan=False))  # torch's version is not a str, and would import torch there


def prepare(token: str, settings_of_run: Mapping[str, Any], topic: str) -> None:
    """Dask's task that makes the features of a run's first epoch, before anybody has asked for one.

    wait_name(token) says that a run waits: it then ends after the set of features under way; stop_name(token) ends it
    within that. What goes wrong is told to nobody: a run that needs it will say so.
    """
    from distributed import Event, get_worker

    worker, wait, stop = get_worker(), Event(wait_name(token)), Event(stop_name(token))

    def say(kind: str, **values: Any) -> None:
        worker.log_event(topic, {"token": token, "kind": kind, **values})

    with _device:
        try:
            from sgd_core.training import environment, one_run

            device = environment.choose_device()
            environment.prepare(device)
            environment.leave_a_core()
            spec = RunSpec.parse(settings_of_run)
            one_run.prepare(spec, device, _Throttle(say), lambda: bool(wait.is_set()), lambda: bool(stop.is_set()))
        except Exception as error:
            logging.getLogger(__name__).info("Nothing was made ready: %s", error)


def wait_name(token: str) -> str:
    """The Dask event that says that a run waits."""
    return f"sgd-wait-{token}"


def stop_name(token: str) -> str:
    """The Dask event that cancels one attempt at a run."""
    return f"sgd-stop-{token}"


def forget(run_key: str) -> None:
    """Remove the checkpoint of a run that is kept, or is not wanted any more."""
    from sgd_core.training import one_run

    one_run.forget(run_key)


def seconds_of_an_update() -> float:
    """How long an update takes on the device of this worker; a task, for a forecast."""
    from sgd_core.training import environment

    device = environment.choose_device()
    environment.prepare(device)
    environment.leave_a_core()
    return environment.seconds_of_an_update(device)


def make(
    spec: RunSpec,
    say: Say,
    cancelled: Callable[[], bool],
    probes: Mapping[str, list[int]] | None = None,
    live: bool = False,
) -> Result:
    """Train one run on the best device here; what keeps it from ending well is its status and message.

    `probes`: name of a probe -> the epochs at which it measures. `live`: somebody watches, and hears of glimpses too.
    """
    result: Result = {
        "status": "cancelled", "message": "", "run_key": "", "spec": {}, "images": {},
        "provenance": {}, "records": [], "measurements": [], "busy": False,
    }  # fmt: skip
    while not _device.acquire(timeout=1):
        if cancelled():
            return result
    try:
        _train(spec, result, say, cancelled, probes or {}, live)
    except Exception as error:
        from sgd_core.training import one_run

        busy = isinstance(error, one_run.BusyError)
        if busy and cancelled():
            return result
        if not isinstance(error, UserError):
            logging.getLogger(__name__).exception("The run %s stopped.", spec.command())
        result |= {"status": "failed", "message": sentence(error), "busy": busy}
        one_run.forget_banks()
    finally:
        _device.release()
    return result


def _train(
    spec: RunSpec,
    result: Result,
    say: Say,
    cancelled: Callable[[], bool],
    probes: Mapping[str, list[int]],
    live: bool,
) -> None:
    from sgd_core.training import environment, one_run
    from sgd_core.training.probes import Probes, named

    device = environment.choose_device()
    environment.prepare(device)
    environment.leave_a_core()
    features = _Throttle(say)

    def hear(kind: str, **told: Any) -> None:
        if kind == "epoch":
            result["records"].append(told["record"].as_dict())
            say("epoch", record=told["record"].as_dict())
        elif kind == "features":
            features(told["done"], told["total"])
        elif kind == "glimpse":
            say("glimpse", glimpse=asdict(told["glimpse"]))
        elif kind == "note":
            result["message"] = f"{result['message']} {told['message']}".strip()
        else:
            result.update({name: told[name] for name in ("run_key", "images", "provenance", "message")})
            result["spec"] = told["spec"].model_dump()
            device, key = told["provenance"]["device"], told["run_key"]
            say("started", device=device, run_key=key, images=told["images"], message=told["message"])

    gauges = Probes(named(probes), {name: frozenset(epochs) for name, epochs in probes.items()})
    run = one_run.train(spec, device, hear, cancelled, probes=gauges, patience=LOCK_SECONDS, live=live)
    result |= {"status": run.status, "measurements": run.measurements, "provenance": dict(run.provenance)}
    result["records"] = [record.as_dict() for record in run.records]  # the first one is completed later


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
    cache = settings.cache_dir()
    place = Path(error.filename) if isinstance(error.filename, str) else cache
    ours = place.absolute().is_relative_to(cache)
    free = _free(cache if ours else place)
    short = error.errno is None and ("requested and" in str(error) or free < FULL)  # NumPy reports no errno
    if short or error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        if not ours:
            return f"The disk is full: {place} could not be written. Make room, or name another place."
        return (
            f"The disk is full: a file in {cache} could not be written ({free / 2**20:.0f} MB are "
            "free). Make room, or set SGD_CACHE_DIR to another disk; the run then goes on from its last checkpoint."
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        instead = "Set SGD_CACHE_DIR to a folder that may." if ours else "Name another place."
        return f"{place} may not be written ({error.strerror}). {instead}"
    return f"{place} could not be read or written: {error.strerror or error}."


def _free(place: Path) -> int:
    try:
        return shutil.disk_usage(place).free
    except OSError:
        return FULL


class _Throttle:
    """Tells of the making of features, but not of every batch of images."""

    def __init__(self, say: Say) -> None:
        self._say, self._last = say, 0.0

    def __call__(self, done: int, total: int) -> None:
        if done == total or time.monotonic() - self._last >= FEATURES_EVERY:
            self._last = time.monotonic()
            self._say("features", done=done, total=total)
