"""A sweep over a Dask cluster: runs go to its workers as these become free, and what comes back is kept here.

Only so many runs are handed over as there are workers. So their order holds, the death of a worker counts against the
run that it trained alone, and a run that somebody else has kept meanwhile is not sent. Dask gives a run whose worker
died to another, where it goes on from its checkpoint if both see the same cache folder.
"""

from __future__ import annotations

import queue
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sgd_core.errors import UserError
from sgd_core.experiment.claims import LAST
from sgd_core.experiment.record import ANSWERS
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept.store import Store
from sgd_core.runs.pace import epochs_of
from sgd_core.runs.queue import tasks, worker
from sgd_core.runs.queue.cluster import ClusterError, connected
from sgd_core.runs.queue.jobs import Place

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_SECONDS = 20
LOOK_SECONDS = 1.0
"""So often it is looked which workers there are, and what others have kept."""


@dataclass(frozen=True)
class Wanted:
    """A run to make, and what is to be measured along it: name of a probe -> epochs (LAST: the last one)."""

    spec: RunSpec
    probes: Mapping[str, frozenset[int]]

    def lacks(self, store: Store, key: str) -> bool:
        """Whether the run itself, or something that is to be measured along it, is not kept."""
        return not store.has(key) or bool(self.unmeasured(store, key))

    def unmeasured(self, store: Store, key: str) -> dict[str, frozenset[int]]:
        """The probes of which an epoch is missing in what is kept, with all their epochs.

        An epoch that the run never came to, because it has fewer or diverged before, is not missing.
        """
        if not self.probes:
            return {}
        there, ended = store.measured(key)
        last = epochs_of(self.spec) - 1
        due = {name: {last if epoch == LAST else epoch for epoch in epochs} for name, epochs in self.probes.items()}
        return {
            name: self.probes[name] for name, epochs in due.items()
            if any(epoch <= ended and (name, epoch) not in there for epoch in epochs)
        }  # fmt: skip


class Tell(Protocol):
    """Hears of every run: 'taken' (place), 'started' (message), 'epoch' (record), and how it ended, which is one of
    'kept' (run, message), 'there', 'left' (to the process that is training it) and 'failed' (message)."""

    def __call__(self, kind: str, wanted: Wanted, **values: Any) -> None: ...


def connect(address: str) -> Client:
    """A connection to the scheduler; raises ClusterError where it cannot be reached, or Dask is not installed."""
    try:
        return connected(address, f"The Dask scheduler {address}", "sgd-sweep", CONNECT_SECONDS)
    except ModuleNotFoundError as error:
        raise ClusterError(f"A cluster needs {error.name}: pip install -r requirements.txt.") from None


def workers(client: Client) -> int:
    """How many workers there are; raises ClusterError where the scheduler is gone."""
    try:
        if client.status == "running":
            return len(client.nthreads())
    except (OSError, TimeoutError):
        pass
    raise ClusterError("The Dask scheduler is gone. What has ended is kept; the same command goes on with the rest.")


def run_all(
    wanted: Sequence[Wanted], client: Client, store: Store, tell: Tell, key_of: Callable[[RunSpec], str | None]
) -> None:
    """Have every run made by the workers, in this order, and keep each as it ends; returns once all have.

    `key_of`: under which key a run would be kept, where that is known here; its worker knows better. Ctrl-C stops what
    is training. Raises ClusterError where the cluster is lost, UserError or OSError where a run cannot be kept.
    """
    sweep = _Sweep(client, store, tell, key_of)
    try:
        sweep.run(wanted)
    except KeyboardInterrupt:
        sweep.take_ended()
        raise
    finally:
        sweep.stop()


@dataclass
class _Attempt:
    wanted: Wanted
    future: Future
    key: str | None


class _Sweep:
    def __init__(self, client: Client, store: Store, tell: Tell, key_of: Callable[[RunSpec], str | None]) -> None:
        self._client, self._store, self._tell, self._key_of = client, store, tell, key_of
        self._topic = f"sgd-sweep-{uuid.uuid4().hex}"
        self._heard: queue.SimpleQueue[tuple[str, str, dict[str, Any]]] = queue.SimpleQueue()
        """(token, kind, values), from the threads of Dask's client; everything else is done in the caller's."""
        self._attempts: dict[str, _Attempt] = {}
        self._sent = 0
        self._workers = 0
        self._look_again = 0.0

    def run(self, wanted: Sequence[Wanted]) -> None:
        waiting = deque(wanted)
        self._client.subscribe_topic(self._topic, self._hear)
        while waiting or self._attempts:
            if time.monotonic() >= self._look_again:
                self._look()
            while waiting and len(self._attempts) < self._workers:
                self._send(waiting.popleft())
            try:
                token, kind, told = self._heard.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            attempt = self._attempts.get(token)
            if attempt is None:
                continue
            if kind == "ended":
                self._take(token, attempt)
            elif kind == "taken":  # and again, where another worker takes the run over
                self._tell("taken", attempt.wanted, place=Place(**told["place"]))
            elif kind == "started":  # again, where another worker took the run over
                attempt.key = told["run_key"]
                self._tell("started", attempt.wanted, message=told["message"])
            elif kind == "epoch":
                self._tell("epoch", attempt.wanted, record=told["record"])

    def take_ended(self) -> None:
        """Keep what has come back and was not looked at yet."""
        for token, attempt in list(self._attempts.items()):
            if attempt.future.status == "finished":
                self._take(token, attempt)

    def stop(self) -> None:
        """Let go of what is under way: a worker stops within an epoch once nobody wants its result."""
        if self._attempts and self._client.status == "running":
            self._client.cancel([attempt.future for attempt in self._attempts.values()])
        self._attempts.clear()

    def _look(self) -> None:
        self._workers = workers(self._client)
        for token, attempt in list(self._attempts.items()):
            # Another sweep has kept it; or it is on other images or features than expected, and was kept so before.
            if attempt.key is not None and not attempt.wanted.lacks(self._store, attempt.key):
                self._client.cancel([attempt.future])
                del self._attempts[token]
                self._tell("there", attempt.wanted)
        self._look_again = time.monotonic() + LOOK_SECONDS

    def _send(self, wanted: Wanted) -> None:
        key = self._key_of(wanted.spec)
        if key is not None and not wanted.lacks(self._store, key):
            self._tell("there", wanted)
            return
        token = uuid.uuid4().hex
        self._sent += 1
        future = tasks.submit(self._client, token, wanted.spec, self._topic, self._sent, wanted.probes)
        self._attempts[token] = _Attempt(wanted, future, key)
        future.add_done_callback(lambda done: self._heard.put((token, "ended", {})))

    async def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        _, told = event
        self._heard.put((told["token"], told["kind"], told))

    def _take(self, token: str, attempt: _Attempt) -> None:
        """A task has ended, however it ended; raises ClusterError where that is the cluster's end."""
        wanted, future = attempt.wanted, attempt.future
        if future.cancelled():
            raise ClusterError(
                "The Dask scheduler has dropped the runs. What has ended is kept; the same command goes on."
            )
        error = future.exception()
        if error is not None:
            del self._attempts[token]
            self._tell("failed", wanted, message=tasks.lost(error))
            return
        result: worker.Result = future.result()
        try:
            run = tasks.keep(result, self._store)
        except UserError as refused:
            raise UserError(f"A run ended ({result['status']}), but: {refused}") from None
        del self._attempts[token]  # sooner, Ctrl-C could lose the run; later, it could be told twice
        if run is not None and run.status in ANSWERS:
            tasks.forget(run.key, self._client)
            self._tell("kept", wanted, run=run, message=result["message"])
        elif result["busy"]:
            self._tell("left", wanted)
        else:
            self._tell("failed", wanted, message=result["message"] or "It was cancelled.")
