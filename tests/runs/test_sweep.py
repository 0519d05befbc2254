"""A sweep's order, its bookkeeping and how it ends, on a cluster that does only what a test says."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sgd_core.errors import UserError
from sgd_core.experiment import fingerprints
from sgd_core.experiment.claims import LAST
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept.local import StoreError
from sgd_core.runs.kept.store import Store
from sgd_core.runs.queue import sweep
from sgd_core.runs.queue.cluster import ClusterError
from sgd_core.runs.queue.sweep import Wanted
from tests.runs.fake_cluster import FakeClient, FakeFuture
from tests.runs.made import made
from tests.runs.test_engine import IMAGES, record, result, spec
from tests.waiting import wait


def key_of(spec: RunSpec) -> str:
    return spec.key(fingerprints.expected(spec))


def whole(task: FakeFuture, status: str = "done", **more: Any) -> dict[str, Any]:
    """What a worker returns of this run."""
    given = {"run_key": key_of(RunSpec.parse(task.settings)), "busy": False, **more}
    return result(task, status, **given)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("SGD_PUBLISHED_DIR", str(tmp_path / "published"))
    monkeypatch.setattr(sweep, "LOOK_SECONDS", 0.02)
    return Store()


class Swept:
    """A sweep in a thread, and what it tells."""

    def __init__(self, seeds: int, client: FakeClient, store: Store, probes: Any = None) -> None:
        self.client = client
        self.told: list[Any] = []
        self.error: BaseException | None = None
        self._wanted = [Wanted(spec(seed), probes or {}) for seed in range(seeds)]
        self._thread = threading.Thread(target=self._run, args=(store,), daemon=True)
        self._thread.start()

    def _run(self, store: Store) -> None:
        try:
            sweep.run_all(self._wanted, self.client, store, self._tell, key_of)
        except BaseException as error:
            self.error = error

    def _tell(self, kind: str, wanted: Wanted, **values: Any) -> None:
        self.told.append((kind, wanted.spec.seed))
        if "run" in values:
            assert values["run"].spec == wanted.spec
        if kind == "epoch" and values["record"]["epoch"] == 99:
            raise KeyboardInterrupt

    def task(self, number: int) -> FakeFuture:
        wait(lambda: len(self.client.tasks) > number)
        return self.client.tasks[number]

    def ended(self) -> BaseException | None:
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.error


def test_each_worker_has_one_run_and_the_next_goes_to_whoever_is_free(store: Store) -> None:
    swept = Swept(5, FakeClient(workers=2), store)
    swept.task(1)
    time.sleep(0.1)
    assert len(swept.client.tasks) == 2
    swept.client.workers = 3  # one more has come
    swept.task(2)
    for number in (1, 0, 2, 3, 4):
        task = swept.task(number)
        task.end(whole(task))
    assert swept.ended() is None
    assert [task.settings["seed"] for task in swept.client.tasks] == list(range(5))
    assert sorted(swept.told) == [("kept", seed) for seed in range(5)]
    assert all(store.has(key_of(spec(seed))) for seed in range(5))
    assert sorted(swept.client.ran) == sorted(("forget", key_of(spec(seed))) for seed in range(5))


def test_without_a_worker_it_waits(store: Store) -> None:
    swept = Swept(1, FakeClient(workers=0), store)
    time.sleep(0.1)
    assert swept.client.tasks == []
    swept.client.workers = 1
    swept.task(0).end(whole(swept.task(0)))
    assert swept.ended() is None


def test_failed_runs_and_those_of_another_process_are_told_and_the_rest_goes_on(store: Store) -> None:
    from distributed.scheduler import KilledWorker

    swept = Swept(4, FakeClient(), store)
    swept.task(0).end(whole(swept.task(0), "failed", epochs=-1, message="The disk is full.", run_key=""))
    swept.task(1).end(error=KilledWorker("train", None, 4))
    swept.task(2).end(whole(swept.task(2), "failed", epochs=-1, message="Another process.", run_key="", busy=True))
    swept.task(3).end(whole(swept.task(3)))
    assert swept.ended() is None
    assert swept.told == [("failed", 0), ("failed", 1), ("left", 2), ("kept", 3)]


def test_what_another_sweep_has_kept_is_not_sent_and_not_trained_on(store: Store) -> None:
    swept = Swept(3, FakeClient(), store)
    first = swept.task(0)
    other = Swept(2, FakeClient(workers=2), Store())
    for number in (1, 0):
        other.task(number).end(whole(other.task(number)))
    assert other.ended() is None
    last = swept.task(1)
    assert first.was_cancelled
    assert last.settings["seed"] == 2
    last.end(whole(last))
    assert swept.ended() is None
    assert swept.told == [("there", 0), ("there", 1), ("kept", 2)]


def test_a_run_that_turns_out_to_be_kept_under_another_key_is_not_made_again(store: Store) -> None:
    """As on other images than the paper's: only the worker knows on what it trains."""
    key = "b" * 64
    for _ in range(2):
        swept = Swept(1, FakeClient(), store)
        task = swept.task(0)
        swept.client.say(task, "started", device="cpu", run_key=key, images=IMAGES, message="")
        if not store.has(key):
            task.end(whole(task, run_key=key))
        assert swept.ended() is None
    assert swept.told == [("started", 0), ("there", 0)]
    assert task.was_cancelled


def test_probes_go_along_and_what_was_measured_before_stays(store: Store) -> None:
    def measured(probe: str) -> dict[str, Any]:
        return {"probe": probe, "epoch": 1, "name": "x", "value": 1.0}

    for probe in ("trace", "weights"):
        swept = Swept(1, FakeClient(), store, {probe: frozenset({1})})
        task = swept.task(0)
        assert task.probes == {probe: [1]}
        task.end(whole(task, measurements=[measured(probe)]))
        assert swept.ended() is None
    assert [row["probe"] for row in store.local.measurements_of(key_of(spec()))] == ["trace", "weights"]


def test_ctrl_c_keeps_what_has_come_back_and_cancels_the_rest(store: Store) -> None:
    swept = Swept(3, FakeClient(workers=2), store)
    first, second = swept.task(0), swept.task(1)
    second._result = whole(second)  # has ended, and its callback is on its way
    swept.client.say(first, "epoch", record=record(99))
    assert isinstance(swept.ended(), KeyboardInterrupt)
    assert [store.has(key_of(spec(seed))) for seed in range(3)] == [False, True, False]
    assert (first.was_cancelled, second.was_cancelled) == (True, False)


@pytest.mark.parametrize("how", ["gone", "dropped"])
def test_a_lost_cluster_is_a_sentence(store: Store, how: str) -> None:
    swept = Swept(2, FakeClient(), store)
    task = swept.task(0)
    if how == "gone":
        swept.client.status = "closed"
    else:
        task.end(lost=True)
    error = swept.ended()
    assert isinstance(error, ClusterError)
    assert "the same command goes on" in str(error)


def test_a_store_that_cannot_be_written_ends_the_sweep_and_keeps_the_checkpoint(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(run: object) -> None:
        raise StoreError("The run could not be kept in /cache: the disk is full.")

    monkeypatch.setattr(store, "save", full)
    swept = Swept(3, FakeClient(workers=2), store)
    swept.task(0).end(whole(swept.task(0)))
    error = swept.ended()
    assert isinstance(error, UserError)
    assert "disk is full" in str(error)
    assert swept.client.ran == []
    assert swept.task(1).was_cancelled


def test_an_unreachable_scheduler_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "CONNECT_SECONDS", 1)
    with pytest.raises(ClusterError, match=r"The Dask scheduler tcp://127\.0\.0\.1:9 cannot be reached"):
        sweep.connect("tcp://127.0.0.1:9")


@pytest.mark.parametrize(
    ("address", "settings", "words"),
    [
        ("tls://127.0.0.1:9", {}, "name no certificates that can be read"),
        ("tls://127.0.0.1:9", {"distributed.comm.tls.ca-file": "/nowhere/ca.pem"}, "name no certificates"),
        (
            "tls://127.0.0.1:9",
            {f"distributed.comm.tls.{name}": __file__ for name in ("ca-file", "client.cert", "client.key")},
            "certificate",
        ),
        ("tcp://127.0.0.1:9", {"distributed.comm.require-encryption": True}, "use its tls:// address"),
        ("127.0.0.1", {}, "missing port number"),
    ],
)
def test_tls_that_is_not_as_the_address_needs_it_is_a_sentence(
    address: str, settings: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import dask.config

    from sgd_core.runs.queue import cluster

    monkeypatch.setattr(sweep, "CONNECT_SECONDS", 1)
    monkeypatch.setattr(cluster, "START_SECONDS", 1)
    monkeypatch.setenv("SGD_SCHEDULER", address)
    with dask.config.set(settings):
        with pytest.raises(ClusterError, match=f"The Dask scheduler {address} cannot be reached: .*{words}"):
            sweep.connect(address)
        with pytest.raises(ClusterError, match=f"SGD_SCHEDULER={address} cannot be reached: .*{words}"):
            cluster.Cluster(tmp_path)


def test_an_epoch_that_a_run_never_came_to_is_not_missing(store: Store) -> None:
    def measured_at(status: Any, epochs: set[int], *there: int) -> bool:
        run = made(status, epochs=20)
        rows = [{"probe": "trace", "epoch": epoch, "name": "trace", "value": 1.0} for epoch in there]
        store.save(replace(run, measurements=rows))
        return not Wanted(run.spec, {"trace": frozenset(epochs)}).lacks(store, run.key)

    assert measured_at("done", {4, LAST}, 4, 19)
    assert not measured_at("done", {4, LAST}, 4)
    assert measured_at("done", {4, 149}, 4)  # a run of 20 epochs
    assert measured_at("diverged", {4, LAST}, 4)  # after half of them
    assert not measured_at("diverged", {4, LAST})
