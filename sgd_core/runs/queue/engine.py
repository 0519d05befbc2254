"""The engine: runs are asked for here, wait, train on Dask's workers, and end in the store.

One engine serves all visitors of a server. It talks to Dask through its client only: a task per run, an event to cancel
it, a topic on which the worker tells of every epoch. Asking returns at once; a thread starts the cluster (the first
time) and hands runs over. Whoever asks for a run that is under way joins it. One worker trains one run at a time.

Only so many runs are handed over as there are workers, and looked for again every second: Dask holds the death of a
worker against all that it was given, and gives up what it has held four deaths against; a lost cluster interrupts what
it was given, and the rest waits for the next one.
"""

from __future__ import annotations

import atexit
import logging
import queue
import threading
import uuid
from asyncio import CancelledError
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.experiment import fingerprints
from sgd_core.experiment.glimpse import Glimpse
from sgd_core.experiment.record import EpochRecord
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import sets
from sgd_core.runs import mode
from sgd_core.runs.kept.store import Store
from sgd_core.runs.queue import tasks, worker
from sgd_core.runs.queue.jobs import RESUMABLE, Job, JobFolder, Place, State, remembered, unfinished

if TYPE_CHECKING:
    from distributed import Client, Future

PER_VISITOR = 12
"""Runs that one visitor may have waiting and training: ten seeds and then some."""
IN_ALL = 48
"""Runs that may wait and train in all: at a minute each, as long as a lesson."""
ALREADY_KEPT = "This run was finished before."
LOOK_SECONDS = 1.0
"""So often it is looked how many workers there are, while runs wait or train."""

_LOG = logging.getLogger(__name__)


class Cluster(Protocol):
    """What the engine needs of a Dask cluster."""

    client: Client

    def mend(self) -> bool: ...

    def close(self) -> None: ...


class Engine:
    """Queue, progress and cancel of fresh runs; every method may be called from any thread."""

    def __init__(self, store: Store | None = None, connect: Callable[[], Cluster] | None = None) -> None:
        """Finds the jobs of an earlier server, which are interrupted; `connect` makes the cluster on first use."""
        self._store = store or Store()
        self._folder = JobFolder(settings.cache_dir() / "jobs")
        self._connect = connect or self._default_cluster
        self._cluster: Cluster | None = None
        self._mutex = threading.RLock()
        self._jobs: dict[str, Job] = {}
        self._attempts: dict[str, tuple[str, Future | None]] = {}
        self._topic = f"sgd-lab-{uuid.uuid4().hex}"
        self._submitted = 0
        self._workers: int | None = None
        self._closing = False
        self._freed = threading.Event()
        """Set where a job has ended, for the thread that waits to hand the next one over."""
        self._owner: Any = None
        self._preparing: tuple[str, RunSpec] | None = None
        """The token of what was made ready before any run, and for which."""
        self._prepared = (0, 0)
        """Images whose features that has made, of how many."""
        self._prepares = False
        self._waiting: queue.Queue[str | RunSpec | None] = queue.Queue()
        self._thread = threading.Thread(target=self._hand_over, name="engine", daemon=True)
        self._thread.start()
        self._refusal = self._take_folder()

    def start(self, specs: Sequence[RunSpec], visitor: str) -> list[Job]:
        """Ask for runs, all of them or none; those that are under way are joined, those that are kept are done.

        Raises UserError where this is no lab, the queue is full for this visitor or for all, or the cache folder
        cannot be written. Returns one job for each spec, in their order.
        """
        mode.require_lab("Starting a run")
        keys = [_expected_key(spec) for spec in specs]
        with self._mutex:
            self._own_folder()
            # On other images than the paper's a run is kept under another key than was expected; its job knows it.
            under = {key: (self._jobs[key].run_key if key in self._jobs else "") or key for key in keys}
            kept = {key for key in keys if self._store.has(under[key])}
            new = {
                key: spec for key, spec in zip(keys, specs, strict=True) if key not in kept and not self._is_active(key)
            }
            self._check_limits(len(new), visitor)
            for key, spec in new.items():
                self._enqueue(Job(key, spec, visitor, _now()))
            for key, spec in zip(keys, specs, strict=True):
                if key in kept and key not in self._jobs:
                    self._jobs[key] = Job(key, spec, visitor, _now(), "done", ALREADY_KEPT, key)
            return [self._jobs[key].snapshot() for key in keys]

    def prepare(self, spec: RunSpec) -> None:
        """Start the training processes and make the features of this run's first epoch, once, before any run.

        Nothing happens where runs have been asked for already, the cache folder is another app's, or SGD_PREPARE=no.
        """
        mode.require_lab("Training")
        with self._mutex:
            if self._preparing is None and self._refusal is None and not self._attempts and settings.prepares():
                self._preparing, self._prepares = (uuid.uuid4().hex, spec), True
                self._waiting.put(spec)

    @property
    def preparing(self) -> tuple[int, int] | None:
        """Images whose features are made before any run, done and in all; None where nothing is being made."""
        return self._prepared if self._prepares else None

    def resume(self, key: str, visitor: str) -> Job:
        """Queue an interrupted, failed or cancelled job again; it goes on from its checkpoint where there is one."""
        mode.require_lab("Resuming a run")
        with self._mutex:
            job = self._known(key)
            if job.state not in RESUMABLE:
                raise UserError(f"The run {key[:8]} is {job.state}; only an interrupted or failed one can be resumed.")
        return self.start([job.spec], visitor)[0]

    def cancel(self, key: str) -> None:
        """Stop a job: at once while it waits, within an epoch (or 64 images of features) while it trains."""
        mode.require_lab("Cancelling a run")
        with self._mutex:
            job = self._known(key)
            if not job.active:
                return
            job.cancelling = True
            token, future = self._attempts.get(key, ("", None))
            waiting = job.state == "queued"
            if waiting:
                self._end(job, "cancelled")
            client = self._cluster.client if self._cluster is not None else None
        if client is not None and token:
            from distributed import Event

            Event(worker.stop_name(token), client=client).set()
            if waiting and future is not None:
                future.cancel()

    def dismiss(self, key: str) -> None:
        """Take a job that has ended, or was interrupted, off the list, and its checkpoint with it."""
        mode.require_lab("Removing a job")
        with self._mutex:
            job = self._known(key)
            if job.active:
                raise UserError(f"The run {key[:8]} is {job.state}; cancel it first.")
            self._folder.remove(key)
            del self._jobs[key]
        if job.state != "done":
            self._forget_checkpoint(job.checkpoint or job.run_key or key)

    def forget(self, run_keys: Collection[str]) -> None:
        """Drop the ended jobs of runs that were deleted from the store, and the curves that they hold."""
        mode.require_lab("Deleting a run")
        with self._mutex:
            gone = [job for job in self._jobs.values() if not job.active and (job.run_key or job.key) in run_keys]
        for job in gone:
            self.dismiss(job.key)

    @property
    def workers(self) -> int | None:
        """How many workers the cluster that SGD_SCHEDULER names was last seen to have; None before, or without one."""
        return self._workers if settings.scheduler() is not None else None

    @property
    def ready(self) -> bool:
        """Whether the training processes have been started."""
        return self._cluster is not None

    def jobs(self) -> list[Job]:
        """Every job of this server and those it found, in the order in which they were asked for."""
        with self._mutex:
            self._mend()
            return [job.snapshot() for job in self._jobs.values()]

    def job(self, key: str) -> Job | None:
        """One job, or None."""
        with self._mutex:
            self._mend()
            job = self._jobs.get(key)
            return job.snapshot() if job is not None else None

    def position(self, key: str) -> int:
        """How many runs are before this one: 0 for the next one, or one that trains already."""
        with self._mutex:
            active = [job for job in self._jobs.values() if job.active]
            before = 0
            for job in active:
                if job.key == key:
                    break
                before += 1
            return before

    def close(self) -> None:
        """End the training processes; jobs under way are interrupted as by a server that stops."""
        self._closing = True
        self._waiting.put(None)
        self._freed.set()
        self._thread.join(5)
        with self._mutex:
            cluster, self._cluster = self._cluster, None
            self._attempts.clear()
        if cluster is not None:
            cluster.close()
        with self._mutex:
            for job in self._jobs.values():
                if job.active:
                    job.state, job.message = "interrupted", "The app stopped."
            if self._owner is not None:
                self._owner.release()

    # What follows runs in the engine's thread, or in those of Dask's client.

    def _hand_over(self) -> None:
        while (key := self._next()) is not None:
            if isinstance(key, RunSpec):
                self._submit_preparing(key)
                continue
            try:
                self._submit(key)
            except Exception as error:
                if not isinstance(error, UserError):
                    _LOG.exception("The run %s could not be handed over.", key)
                with self._mutex:
                    if self._is_active(key):
                        self._end(self._jobs[key], "failed", worker.sentence(error))

    def _next(self) -> str | RunSpec | None:
        """What is to be handed over next; meanwhile it is looked whether the cluster is well and has what workers."""
        while True:
            try:
                return self._waiting.get(timeout=LOOK_SECONDS if self._attempts else None)
            except queue.Empty:
                with self._mutex:
                    self._mend()
                    cluster = self._cluster
                if cluster is not None:
                    self._look(cluster)

    def _look(self, cluster: Cluster) -> int:
        """How many workers the cluster has; runs whose worker is gone are marked."""
        try:
            there = set(cluster.client.nthreads())
        except (Exception, CancelledError):  # it is lost or being closed, which is seen where it is needed next
            there = set()
        with self._mutex:
            self._workers = len(there)
            for job in self._jobs.values():
                if job.state == "running" and job.place is not None and job.place.address not in there:
                    job.place = replace(job.place, gone=True)
        return len(there)

    def _free_cluster(self, key: str) -> Cluster | None:
        """The cluster, once a worker of it has nothing to do for this server; None where the job waits no more.

        One run is handed over even where no worker is there yet.
        """
        while not self._closing:
            self._freed.clear()
            cluster = self._connected()
            workers = self._look(cluster)
            with self._mutex:
                if key not in self._jobs or self._jobs[key].state != "queued":
                    return None
                if sum(future is not None for _, future in self._attempts.values()) < max(1, workers):
                    return cluster
            self._freed.wait(LOOK_SECONDS)
        return None

    def _submit_preparing(self, spec: RunSpec) -> None:
        assert self._preparing is not None
        try:
            future = tasks.prepare(self._connected().client, self._preparing[0], spec, self._topic)
            future.add_done_callback(lambda done: self._ended_preparing())
        except UserError:  # the first run will say it
            self._ended_preparing()

    def _hurry(self, key: str, cluster: Cluster) -> None:
        """Have what is made ready end for the sake of a job; without the mutex, for which Dask's thread may wait."""
        if not self._prepares or self._preparing is None or key not in self._jobs:
            return
        token, spec = self._preparing
        job = self._jobs[key]
        job.follows = all(getattr(spec, name) == getattr(job.spec, name) for name in ("dataset", "features", "augment"))
        tasks.wait_for(cluster.client, token, job.follows)

    def _ended_preparing(self) -> None:
        self._prepares = False

    def _connected(self) -> Cluster:
        """The cluster, there and listened to."""
        with self._mutex:
            if self._cluster is not None and not self._cluster.mend():
                self._lose()
            cluster = self._cluster
        if cluster is None:
            cluster = self._connect()
            cluster.client.subscribe_topic(self._topic, self._hear)
        with self._mutex:
            self._cluster = cluster
        return cluster

    def _submit(self, key: str) -> None:
        cluster = self._free_cluster(key)
        if cluster is None:
            return
        self._hurry(key, cluster)
        with self._mutex:
            job = self._jobs.get(key)
            if job is None or job.state != "queued":
                return
            token = self._attempts[key][0]
            self._submitted += 1
            future = tasks.submit(cluster.client, token, job.spec, self._topic, self._submitted, live=True)
            self._attempts[key] = (token, future)
        future.add_done_callback(lambda done: self._ended(key, token, done))

    async def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        _, told = event
        with self._mutex:
            if self._preparing is not None and told["token"] == self._preparing[0]:
                self._prepared = (told["done"], told["total"])
                return
            key = next((key for key, (token, _) in self._attempts.items() if token == told["token"]), None)
            job = self._jobs.get(key) if key is not None else None
            if job is None or not job.active:
                return
            if told["kind"] == "taken":
                job.place = Place(**told["place"]) if settings.scheduler() is not None else None
                return
            job.state = "running"
            if told["kind"] == "started":  # again, where another worker took the run over
                job.records, job.glimpses, job.device, job.images = [], [], told["device"], told["images"]
                job.message, job.checkpoint = told["message"], told["run_key"]
                self._keep(job)
            elif told["kind"] == "features":
                made = self._prepared[0] if job.follows else 0  # in one count with what was made before it began
                features = (made + told["done"], made + told["total"])
                job.features = features if told["done"] < told["total"] else None
            elif told["kind"] == "glimpse":
                job.glimpses.append(Glimpse(**told["glimpse"]))
            else:
                job.features = None
                job.records.append(EpochRecord(**told["record"]))

    def _ended(self, key: str, token: str, future: Future) -> None:
        """Called by Dask's client when a task has ended, however it ended."""
        with self._mutex:
            if self._attempts.get(key, ("",))[0] != token:
                return  # cancelled while it waited, or the engine is closing
            job = self._jobs[key]
        if future.cancelled():
            with self._mutex:
                self._end(job, "interrupted", "The training processes are gone. The run can be resumed.")
            return
        error = future.exception()
        if error is not None:
            with self._mutex:
                self._end(job, "failed", tasks.lost(error))
            return
        self._take(job, future.result())

    def _take(self, job: Job, result: worker.Result) -> None:
        """Keep the run that a worker has returned; where that fails, its checkpoint stays."""
        run_key, message, status = result["run_key"], result["message"], result["status"]
        try:
            kept = tasks.keep(result, self._store) is not None
        except (UserError, OSError) as error:
            kept, status, message = False, "failed", f"The run ended ({status}), but {_lower(str(error))}"
        with self._mutex:
            job.records = [EpochRecord(**record) for record in result["records"]]
            job.images, job.run_key = result["images"], run_key if kept else ""
            self._end(job, status, message)
        if run_key and ((kept and status != "failed") or status == "cancelled"):
            self._forget_checkpoint(run_key)

    def _forget_checkpoint(self, run_key: str) -> None:
        tasks.forget(run_key, self._cluster.client if self._cluster is not None else None)

    # With the mutex held.

    def _enqueue(self, job: Job) -> None:
        self._folder.write(job)
        self._jobs.pop(job.key, None)  # a job that is asked for again goes to the end of the list
        self._jobs[job.key] = job
        self._attempts[job.key] = (uuid.uuid4().hex, None)
        self._waiting.put(job.key)

    def _end(self, job: Job, state: State, message: str = "") -> None:
        job.state, job.message, job.features = state, message or job.message, None
        self._attempts.pop(job.key, None)
        self._freed.set()
        self._keep(job)
        kept, forgotten = remembered(list(self._jobs.values()))
        for old in forgotten:
            self._folder.remove(old.key)
        self._jobs = {each.key: each for each in kept}

    def _keep(self, job: Job) -> None:
        try:
            self._folder.write(job)
        except UserError as error:  # what is in memory stands; a server that starts later sees an older state
            _LOG.warning("%s", error)

    def _mend(self) -> None:
        """See that the cluster is there while something waits for it."""
        if self._cluster is not None and self._attempts and not self._cluster.mend():
            self._lose()

    def _lose(self) -> None:
        """Let go of a lost cluster, and of what was handed to it; the rest waits for the one that is made next."""
        assert self._cluster is not None
        self._cluster.close()
        self._cluster = None
        for key in [key for key, (_, future) in self._attempts.items() if future is not None]:
            self._end(self._jobs[key], "interrupted", "The training processes are gone. The run can be resumed.")

    def _is_active(self, key: str) -> bool:
        return key in self._jobs and self._jobs[key].active

    def _known(self, key: str) -> Job:
        if key not in self._jobs:
            raise UserError(f"There is no job {key[:8]!r} here.")
        return self._jobs[key]

    def _check_limits(self, new: int, visitor: str) -> None:
        active = [job for job in self._jobs.values() if job.active]
        own = sum(job.visitor == visitor for job in active)
        if new and own + new > PER_VISITOR:
            raise UserError(
                f"You have {own} run{'s' * (own != 1)} waiting or training and ask for {new} more, but one visitor "
                f"may have {PER_VISITOR}. Wait for some to end, or cancel them."
            )
        if new and len(active) + new > IN_ALL:
            raise UserError(
                f"{len(active)} runs are waiting or training and you ask for {new} more, but the queue holds {IN_ALL}. "
                "Wait for some to end."
            )

    def _take_folder(self) -> str | None:
        """Own the job folder for as long as this process lives, and read it; else why that cannot be."""
        from filelock import FileLock, Timeout

        try:
            self._folder.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._folder.folder / "server.lock", timeout=0)
            lock.acquire()
        except Timeout:
            return (
                f"Another app of this machine trains with the cache folder {settings.cache_dir()}. Use that one, or "
                "set SGD_CACHE_DIR to another folder."
            )
        except OSError as error:
            return (
                f"The cache folder {settings.cache_dir()} cannot be written ({error.strerror}). Set SGD_CACHE_DIR to a "
                "folder that can; nothing was started."
            )
        self._owner = lock
        for job in self._folder.read():
            if job.active:
                job.message = f"The app stopped while this run was {job.state}."
                job.state = "interrupted"
                self._keep(job)
            if job.state in RESUMABLE and not job.run_key:
                job.records = unfinished(job)
            self._jobs.setdefault(job.key, job)
        return None

    def _own_folder(self) -> None:
        if self._refusal is not None:
            self._refusal = self._take_folder()
        if self._refusal is not None:
            raise UserError(self._refusal)

    def _default_cluster(self) -> Cluster:
        from sgd_core.runs.queue import cluster

        return cluster.Cluster(self._folder.folder)


_engine: Engine | None = None
_engine_mutex = threading.Lock()


def engine() -> Engine:
    """This server's engine, made on first use; raises UserError where this is no lab."""
    global _engine
    mode.require_lab("Training")
    with _engine_mutex:
        if _engine is None:
            _engine = Engine()
            atexit.register(_engine.close)
        return _engine


def _expected_key(spec: RunSpec) -> str:
    """The run's key before its data have been looked at; another one where a file of a reader's own images changed."""
    prints = fingerprints.expected(spec)
    return spec.key(prints if prints.data else replace(prints, data=sets.signature(spec.dataset)))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
