"""Jobs: runs that were asked for, and where each stands. Their states lie on disk, one JSON file a job.

A file is written when a job's state changes, not with every epoch (curves under way are in memory, finished ones in
the store). So a server that is started again finds what the last one left: whatever was queued or running is then
interrupted, and can be resumed from its checkpoint.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.experiment import fingerprints, takeover
from sgd_core.experiment.glimpse import Glimpse
from sgd_core.experiment.record import EpochRecord, Status
from sgd_core.experiment.spec import RunSpec

State = Literal["queued", "running", "interrupted", Status]
ACTIVE: tuple[State, ...] = ("queued", "running")
RESUMABLE: tuple[State, ...] = ("interrupted", "failed", "cancelled")
REMEMBERED = 100
"""So many ended jobs are listed; their runs are in the store, which forgets none."""

_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Place:
    """Which worker of a cluster has a run."""

    worker: str
    """Its name in the cluster: what it was started with, or its address."""
    address: str
    machine: str
    gpu: str = ""
    """The first of the GPUs that it may see (CUDA_VISIBLE_DEVICES), which is the one that it uses; '' for any."""
    gone: bool = False
    """Whether the cluster has lost it since: the run then waits for another."""


@dataclass
class Job:
    """A run that was asked for. `key` is the run's as the server expects it, before the data have been looked at."""

    key: str
    spec: RunSpec
    visitor: str
    submitted: str
    """ISO date and time, UTC."""
    state: State = "queued"
    message: str = ""
    """Why it failed or was interrupted, or what differs from what was asked for; a sentence."""
    run_key: str = ""
    """Under which the run is kept in the store, once it is."""
    checkpoint: str = ""
    """The key by which its checkpoint goes, once it has started: that of its data as they were found."""

    device: str = field(default="", compare=False)
    place: Place | None = field(default=None, compare=False)
    """Where it is, once a worker has taken it; None too where the app has one worker, of this machine."""
    images: dict[str, int | None] = field(default_factory=dict, compare=False)
    records: list[EpochRecord] = field(default_factory=list, compare=False)
    glimpses: list[Glimpse] = field(default_factory=list, compare=False)
    """Of its first epochs, for as long as this server lives."""
    features: tuple[int, int] | None = field(default=None, compare=False)
    """Images done, of how many, while a feature view is made."""
    follows: bool = field(default=False, compare=False)
    """Whether it goes on with what was being made ready when it was asked for."""
    cancelling: bool = field(default=False, compare=False)

    @property
    def active(self) -> bool:
        """Whether it waits or trains."""
        return self.state in ACTIVE

    @property
    def epochs_done(self) -> int:
        return max(0, len(self.records) - 1)

    def snapshot(self) -> Job:
        """A copy that stays as it is while the job goes on."""
        return replace(self, records=list(self.records), glimpses=list(self.glimpses), images=dict(self.images))


_KEPT = ("key", "visitor", "submitted", "state", "message", "run_key")
_LATER = ("checkpoint", "images")
"""What files of older versions lack."""


class JobFolder:
    """The job files of one server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self) -> list[Job]:
        """Every job whose file can be understood, oldest first; others are left alone."""
        jobs = []
        for path in self.folder.glob("*.json"):
            if (job := _read(path)) is not None:
                jobs.append(job)
                if path.stem != job.key:
                    self._rename(path, job)
        return sorted(jobs, key=lambda job: job.submitted)

    def _rename(self, path: Path, job: Job) -> None:
        """Keep the job of an older version under today's key; where that cannot be written it stays as it is."""
        with contextlib.suppress(UserError, OSError):
            if not self._path(job.key).exists():
                self.write(job)
            path.unlink(missing_ok=True)

    def write(self, job: Job) -> None:
        """Keep the job's state; raises UserError where the folder cannot be written."""
        kept = {name: value for name, value in asdict(job).items() if name in (*_KEPT, *_LATER)}
        path = self._path(job.key)
        partial = path.with_suffix(".part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps({**kept, "spec": job.spec.model_dump()}))
            partial.replace(path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise UserError(f"The job cannot be kept in {self.folder}: {reason}. Nothing was started.") from error

    def remove(self, key: str) -> None:
        """Forget a job; raises UserError where the folder cannot be written."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise UserError(f"The job cannot be removed from {self.folder}: {error.strerror}.") from error

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def _read(path: Path) -> Job | None:
    try:
        kept: dict[str, Any] = json.loads(path.read_text())
        given = kept.pop("spec")
        takeover.refuse_unknown(given, RunSpec.model_fields, str(path))
        job = Job(spec=takeover.spec_of(given), **{name: str(kept[name]) for name in _KEPT})  # type: ignore[arg-type]
        job.checkpoint, job.images = str(kept.get("checkpoint", "")), dict(kept.get("images", {}))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, UserError):
        return None
    known = (*ACTIVE, *RESUMABLE, *get_args(Status))
    if job.state not in known or not _KEY.fullmatch(job.key) or path.stem != job.key:
        return None
    if any(each and not _KEY.fullmatch(each) for each in (job.run_key, job.checkpoint)):  # they name files
        return None
    return replace(job, key=_todays(job.key, job.spec), run_key=_todays(job.run_key, job.spec))


def unfinished(job: Job) -> list[EpochRecord]:
    """What the checkpoint of a job that has not ended holds of its curve; nothing where there is none.

    The header of a safetensors file: its length as eight bytes, then JSON.
    """
    if not _KEY.fullmatch(job.checkpoint):
        return []
    try:
        with (settings.cache_dir() / "checkpoints" / f"{job.checkpoint}.safetensors").open("rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        rows = json.loads(header["__metadata__"]["state"])["records"]
        return takeover.records_of(rows, job.spec, job.images.get("train_images") or 1, "The checkpoint")
    except (OSError, ValueError, KeyError, TypeError, OverflowError, MemoryError, UserError):
        return []


def _todays(key: str, spec: RunSpec) -> str:
    """Today's key in place of a former one of this run, or of the same on random features, on which it may stand."""
    for each in (spec, spec.model_copy(update={"features": "random"})):
        today = takeover.todays_key(key, each, fingerprints.expected(each))
        if today != key:
            return today
    return key


def remembered(jobs: list[Job]) -> tuple[list[Job], list[Job]]:
    """Jobs to keep and jobs to forget, oldest ended ones first among the latter."""
    ended = [job for job in jobs if job.state not in (*ACTIVE, "interrupted")]
    old = ended[: max(0, len(ended) - REMEMBERED)]
    return [job for job in jobs if job not in old], old
