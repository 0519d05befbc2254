"""The engine's queue, joins, limits, refusals and bookkeeping, on a cluster that does only what a test says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept.local import StoreError
from sgd_core.runs.mode import ExploreOnlyError
from sgd_core.runs.queue import engine as engines
from sgd_core.runs.queue import worker
from sgd_core.runs.queue.engine import IN_ALL, PER_VISITOR, Engine
from sgd_core.runs.queue.jobs import Job, Place
from tests.runs.fake_cluster import FakeCluster, FakeFuture
from tests.waiting import wait

PROVENANCE = {
    "data_fingerprint": "d", "weights_fingerprint": "w", "bank_seed": 0, "protocol": 1, "device": "cpu: test",
    "threads": 1, "torch": "2", "torchvision": "0", "numpy": "2", "python": "3", "system": "test", "commit": "c",
    "command": "x", "date": "2026-01-01T00:00:00+00:00",
}  # fmt: skip
IMAGES = {"train_images": 600, "val_images": 200, "test_images": 400}


GLIMPSE = {
    "epoch": -0.5, "updates": 19, "training_time": 0.05, "effective_time": 0.03, "learning_rate": 1e-4,
    "batch_size": 16, "train_loss": 2.2, "reported_correct": 25, "reported_images": 100, "val_correct": 20,
    "val_images": 100,
}  # fmt: skip


def spec(seed: int = 0, **settings: Any) -> RunSpec:
    return RunSpec.parse({"dataset": "shapes", "features": "random", "epochs": 2, "seed": seed, **settings})


def record(epoch: int) -> dict[str, Any]:
    absent = ("learning_rate", "batch_size", "train_loss") if epoch < 0 else ()
    nothing = dict.fromkeys(("test_loss", "test_correct", "weight_norm", "distance_from_init", *absent))
    return {
        "epoch": epoch, "updates": 38 * (epoch + 1), "training_time": 0.1, "effective_time": 0.05,
        "learning_rate": 1e-4, "batch_size": 16, "train_loss": 1.0, "reported_loss": 1.0, "reported_correct": 60,
        "reported_correct_true": 60, "val_loss": 1.0, "val_correct": 20, "seconds": 0.5, **nothing,
    }  # fmt: skip


def result(task: FakeFuture, status: str = "done", epochs: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "status": status, "message": "", "run_key": "a" * 64, "spec": task.settings, "images": IMAGES,
        "provenance": PROVENANCE, "records": [record(k) for k in range(-1, epochs)], "measurements": [], **more,
    }  # fmt: skip


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("SGD_PUBLISHED_DIR", str(tmp_path / "published"))
    monkeypatch.setenv("SGD_MODE", "lab")


@pytest.fixture
def engine(cluster: FakeCluster) -> Iterator[Engine]:
    made = Engine(connect=lambda: cluster)
    yield made
    made.close()


def handed_over(cluster: FakeCluster, number: int) -> list[FakeFuture]:
    wait(lambda: len(cluster.client.tasks) >= number)
    tasks: list[FakeFuture] = cluster.client.tasks
    return tasks


def state(engine: Engine, job: Job) -> str:
    return engine.jobs()[[each.key for each in engine.jobs()].index(job.key)].state


def test_runs_wait_in_the_order_in_which_they_were_asked_for(engine: Engine, cluster: FakeCluster) -> None:
    jobs = engine.start([spec(0), spec(1), spec(2)], "ann")
    assert [job.state for job in jobs] == ["queued"] * 3
    assert [engine.position(job.key) for job in jobs] == [0, 1, 2]
    for number in range(3):
        tasks = handed_over(cluster, number + 1)
        assert [task.settings["seed"] for task in tasks] == list(range(number + 1))  # one for the one worker
        tasks[number].end(result(tasks[number], run_key=jobs[number].key))


def place(worker: str) -> dict[str, Any]:
    return {"worker": worker, "address": f"tcp://worker:{worker}", "machine": "node07", "gpu": "5"}


def test_every_worker_is_given_a_run_and_one_that_comes_late_too(
    engine: Engine, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "LOOK_SECONDS", 0.02)
    cluster.client.workers = 2
    jobs = engine.start([spec(seed) for seed in range(5)], "ann")
    tasks = handed_over(cluster, 2)
    time.sleep(0.2)  # ten looks
    assert len(tasks) == 2
    cluster.client.workers = 3
    handed_over(cluster, 3)
    tasks[1].end(result(tasks[1], run_key=jobs[1].key))
    handed_over(cluster, 4)
    time.sleep(0.2)
    assert [task.settings["seed"] for task in tasks] == [0, 1, 2, 3]


def test_one_run_is_handed_over_before_any_worker_is_there(engine: Engine, cluster: FakeCluster) -> None:
    cluster.client.workers = 0
    engine.start([spec(0), spec(1)], "ann")
    (task,) = handed_over(cluster, 1)
    assert task.settings["seed"] == 0


def test_it_is_told_which_worker_of_a_cluster_has_a_run_and_when_it_is_gone(
    engine: Engine, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "LOOK_SECONDS", 0.02)
    monkeypatch.setenv("SGD_SCHEDULER", "tcp://somewhere:8786")
    cluster.client.workers = 2

    def seen() -> Job:
        found = engine.job(job.key)
        assert found is not None
        return found

    (job,) = engine.start([spec()], "ann")
    (task,) = handed_over(cluster, 1)
    cluster.client.say(task, "taken", place=place("1"))
    assert (seen().state, seen().place) == ("queued", Place(**place("1")))  # until there is something to see of it
    cluster.client.say(task, "started", device="cuda: a GPU", run_key="", images=IMAGES, message="")
    wait(lambda: engine.workers == 2)
    assert seen().place == Place(**place("1"))
    cluster.client.workers = 1
    wait(lambda: seen().place == Place(**place("1"), gone=True), 30)
    assert (seen().state, engine.workers) == ("running", 1)
    cluster.client.say(task, "taken", place=place("0"))
    assert seen().place == Place(**place("0"))


def test_nothing_is_said_of_the_one_worker_that_the_app_started(engine: Engine, cluster: FakeCluster) -> None:
    (job,) = engine.start([spec()], "ann")
    (task,) = handed_over(cluster, 1)
    cluster.client.say(task, "taken", place=place("0"))
    seen = engine.job(job.key)
    assert seen is not None
    assert seen.place is None
    assert engine.workers is None


def test_a_lost_cluster_interrupts_only_what_it_was_given(tmp_path: Path) -> None:
    clusters: list[FakeCluster] = []

    def connect() -> FakeCluster:
        clusters.append(FakeCluster())
        return clusters[-1]

    engine = Engine(connect=connect)
    first, second = engine.start([spec(0), spec(1)], "ann")
    wait(lambda: clusters and clusters[0].client.tasks)
    clusters[0].there = False
    assert state(engine, first) == "interrupted"
    wait(lambda: len(clusters) == 2 and clusters[1].client.tasks)
    assert clusters[1].client.tasks[0].settings["seed"] == 1
    assert state(engine, second) == "queued"
    engine.close()


def test_what_the_worker_says_is_seen(engine: Engine, cluster: FakeCluster) -> None:
    (job,) = engine.start([spec()], "ann")
    (task,) = handed_over(cluster, 1)
    cluster.client.say(task, "features", done=64, total=600)
    seen = engine.job(job.key)
    assert seen is not None
    assert (seen.state, seen.features) == ("running", (64, 600))
    cluster.client.say(task, "started", device="cpu: test", run_key="", images=IMAGES, message="")
    cluster.client.say(task, "glimpse", glimpse=GLIMPSE)
    for k in (-1, 0):
        cluster.client.say(task, "epoch", record=record(k))
    seen = engine.job(job.key)
    assert seen is not None
    assert [asdict(each) for each in seen.glimpses] == [GLIMPSE]
    assert (seen.features, seen.device, [r.epoch for r in seen.records]) == (None, "cpu: test", [-1, 0])


@pytest.mark.parametrize("file", ["whole", "broken", "none"])
def test_after_a_restart_an_interrupted_run_has_the_curve_of_its_checkpoint(
    engine: Engine, cluster: FakeCluster, file: str
) -> None:
    checkpoint = pytest.importorskip("sgd_core.training.checkpoint")
    (job,) = engine.start([spec()], "ann")
    (task,) = handed_over(cluster, 1)
    key = "b" * 64  # not the job's: that of the images as the worker found them
    cluster.client.say(task, "started", device="cpu", run_key=key, images=IMAGES, message="")
    path = settings.cache_dir() / "checkpoints" / f"{key}.safetensors"
    if file != "none":
        checkpoint.write(path, {}, {"records": [record(k) for k in (-1, 0)]})
    if file == "broken":
        path.write_bytes(path.read_bytes()[:40])
    engine.close()
    again = Engine(connect=FakeCluster)
    (found,) = again.jobs()
    assert (found.state, found.images) == ("interrupted", IMAGES)
    assert [each.epoch for each in found.records] == ([-1, 0] if file == "whole" else [])
    again.dismiss(job.key)
    assert not path.exists()
    again.close()


def test_a_run_taken_over_by_another_worker_starts_its_curve_anew(engine: Engine, cluster: FakeCluster) -> None:
    (job,) = engine.start([spec()], "ann")
    (task,) = handed_over(cluster, 1)
    for _ in range(2):
        cluster.client.say(task, "started", device="cpu", run_key="", images=IMAGES, message="")
        for k in (-1, 0):
            cluster.client.say(task, "epoch", record=record(k))
    seen = engine.job(job.key)
    assert seen is not None
    assert [r.epoch for r in seen.records] == [-1, 0]


def test_a_finished_run_is_in_the_store_and_is_not_trained_again(engine: Engine, cluster: FakeCluster) -> None:
    (job,) = engine.start([spec()], "ann")
    (task,) = handed_over(cluster, 1)
    task.end(result(task, run_key=job.key))
    assert state(engine, job) == "done"
    assert engine._store.has(job.key)
    assert ("forget", job.key) in cluster.client.ran  # its checkpoint is not needed any more
    (again,) = engine.start([spec()], "bob")
    assert again.state == "done"
    assert len(cluster.client.tasks) == 1


def test_a_run_on_other_images_is_not_trained_again_either(engine: Engine, cluster: FakeCluster) -> None:
    (job,) = engine.start([spec()], "ann")
    (task,) = handed_over(cluster, 1)
    task.end(result(task, run_key="b" * 64))
    assert not engine._store.has(job.key)
    (again,) = engine.start([spec()], "bob")
    assert (again.state, again.run_key) == ("done", "b" * 64)
    assert len(cluster.client.tasks) == 1


def test_two_visitors_share_one_job(engine: Engine, cluster: FakeCluster) -> None:
    (first,) = engine.start([spec()], "ann")
    (second,) = engine.start([spec()], "bob")
    assert first.key == second.key
    handed_over(cluster, 1)
    assert len(engine.jobs()) == 1


def test_one_visitor_may_not_fill_the_queue(engine: Engine) -> None:
    engine.start([spec(seed) for seed in range(PER_VISITOR)], "ann")
    with pytest.raises(UserError, match=str(PER_VISITOR)):
        engine.start([spec(100)], "ann")
    engine.start([spec(100)], "bob")
    engine.start([spec(0)], "ann")  # joining costs nothing


def test_more_than_is_left_is_refused_as_a_whole(engine: Engine) -> None:
    with pytest.raises(UserError):
        engine.start([spec(seed) for seed in range(PER_VISITOR + 1)], "ann")
    assert engine.jobs() == []


def test_all_visitors_together_are_limited(engine: Engine) -> None:
    for visitor in range(IN_ALL // PER_VISITOR):
        engine.start([spec(visitor * 100 + i) for i in range(PER_VISITOR)], f"visitor {visitor}")
    with pytest.raises(UserError, match=str(IN_ALL)):
        engine.start([spec(9999)], "one more")


def test_a_waiting_run_is_cancelled_at_once(engine: Engine, cluster: FakeCluster, monkeypatch: Any) -> None:
    stopped: list[str] = []
    monkeypatch.setattr("distributed.Event", lambda name, client: SimpleNamespace(set=lambda: stopped.append(name)))
    running, waiting = engine.start([spec(0), spec(1)], "ann")
    (task,) = handed_over(cluster, 1)
    cluster.client.say(task, "started", device="cpu", run_key="", images=IMAGES, message="")
    engine.cancel(waiting.key)
    assert state(engine, waiting) == "cancelled"
    engine.cancel(running.key)
    assert state(engine, running) == "running"  # until the worker has stopped
    assert worker.stop_name(task.token) in stopped
    task.end(result(task, "cancelled", run_key=running.key))
    (later,) = engine.start([spec(2)], "ann")
    handed_over(cluster, 2)  # and not what was cancelled while it waited
    engine.cancel(later.key)  # handed over, and not begun
    assert cluster.client.tasks[1].was_cancelled
    assert stopped[-1] == worker.stop_name(cluster.client.tasks[1].token)
    assert [each.settings["seed"] for each in cluster.client.tasks] == [0, 2]


def test_a_cancelled_run_keeps_its_curve_and_answers_nothing(engine: Engine, cluster: FakeCluster) -> None:
    (job,) = engine.start([spec()], "ann")
    (task,) = handed_over(cluster, 1)
    task.end(result(task, "cancelled", epochs=1, run_key=job.key))
    assert not engine._store.has(job.key)
    kept = engine._store.local.row(job.key)
    assert kept is not None
    assert kept["status"] == "cancelled"
    (again,) = engine.start([spec()], "ann")
    assert again.state == "queued"


def test_a_run_that_cannot_be_kept_says_so_and_keeps_its_checkpoint(
    engine: Engine, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(run: object) -> None:
        raise StoreError("The run could not be kept in /cache: the disk is full.")

    monkeypatch.setattr(engine._store, "save", full)
    (job,) = engine.start([spec()], "ann")
    (task,) = handed_over(cluster, 1)
    task.end(result(task, run_key=job.key))
    seen = engine.job(job.key)
    assert seen is not None
    assert seen.state == "failed"
    assert "disk is full" in seen.message
    assert len(seen.records) == 3
    assert cluster.client.ran == []


def test_a_worker_that_is_killed_again_and_again_is_a_sentence(engine: Engine, cluster: FakeCluster) -> None:
    from distributed.scheduler import KilledWorker

    (job,) = engine.start([spec()], "ann")
    (task,) = handed_over(cluster, 1)
    task.end(error=KilledWorker("train", None, 4))
    seen = engine.job(job.key)
    assert seen is not None
    assert seen.state == "failed"
    assert "memory" in seen.message


def test_a_lost_cluster_interrupts_and_the_next_start_makes_another(tmp_path: Path) -> None:
    clusters: list[FakeCluster] = []

    def connect() -> FakeCluster:
        clusters.append(FakeCluster())
        return clusters[-1]

    engine = Engine(connect=connect)
    (job,) = engine.start([spec()], "ann")
    wait(lambda: clusters and clusters[0].client.tasks)
    clusters[0].there = False
    assert state(engine, job) == "interrupted"
    assert engine.resume(job.key, "ann").state == "queued"
    wait(lambda: len(clusters) == 2 and clusters[1].client.tasks)
    engine.close()


def test_a_run_that_waits_for_a_new_cluster_is_not_interrupted_by_the_old_one(tmp_path: Path) -> None:
    clusters: list[FakeCluster] = []
    connecting, go_on = threading.Event(), threading.Event()

    def connect() -> FakeCluster:
        if clusters:
            connecting.set()
            assert go_on.wait(60)
        clusters.append(FakeCluster())
        return clusters[-1]

    engine = Engine(connect=connect)
    (job,) = engine.start([spec()], "ann")
    wait(lambda: clusters and clusters[0].client.tasks)
    clusters[0].there = False
    clusters[0].client.tasks[0].end(lost=True)  # told by Dask's client before anyone looked at the cluster
    assert state(engine, job) == "interrupted"
    engine.resume(job.key, "ann")
    assert connecting.wait(60)
    assert state(engine, job) == "queued"
    go_on.set()
    wait(lambda: len(clusters) == 2 and clusters[1].client.tasks)
    assert state(engine, job) == "queued"
    engine.close()


def test_a_cluster_that_does_not_start_is_a_sentence(tmp_path: Path) -> None:
    def connect() -> FakeCluster:
        raise UserError("SGD_SCHEDULER=tcp://nowhere:1 cannot be reached.")

    engine = Engine(connect=connect)
    (job,) = engine.start([spec()], "ann")
    wait(lambda: state(engine, job) == "failed")
    assert "SGD_SCHEDULER" in engine.jobs()[0].message
    engine.close()


def test_what_a_dead_server_left_is_interrupted_and_can_be_resumed(tmp_path: Path, cluster: FakeCluster) -> None:
    before = Engine(connect=lambda: cluster)
    before.start([spec(0), spec(1)], "ann")
    before._owner.release()  # as its death would; nothing else of it is heard

    after = Engine(connect=FakeCluster)
    assert [job.state for job in after.jobs()] == ["interrupted"] * 2
    assert all("stopped" in job.message for job in after.jobs())
    resumed = after.resume(after.jobs()[0].key, "bob")
    assert resumed.state == "queued"
    after.dismiss(next(job.key for job in after.jobs() if job.state == "interrupted"))
    assert len(after.jobs()) == 1
    after.close()


def test_a_second_app_on_the_same_folder_may_not_train(engine: Engine) -> None:
    second = Engine(connect=FakeCluster)
    with pytest.raises(UserError, match="Another app"):
        second.start([spec()], "ann")
    second.close()


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"spec": 3}', json.dumps({"key": "../x", "spec": {}}), "[" * 100_000], ids=range(6)
)
def test_a_job_file_that_makes_no_sense_is_left_alone(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "cache" / "jobs"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text(content)
    engine = Engine(connect=FakeCluster)
    assert engine.jobs() == []
    assert (folder / "x.json").read_text() == content
    engine.close()


def test_a_planted_job_file_deletes_nothing_outside_the_cache(tmp_path: Path, engine: Engine) -> None:
    (job,) = engine.start([spec()], "ann")
    engine.close()
    (file,) = (tmp_path / "cache" / "jobs").glob("*.json")
    outside = tmp_path / "dear.safetensors"
    outside.touch()
    file.write_text(json.dumps({**json.loads(file.read_text()), "run_key": "../../dear", "state": "cancelled"}))
    (tmp_path / "cache" / "checkpoints").mkdir()
    after = Engine(connect=FakeCluster)
    try:
        assert after.jobs() == []
        with pytest.raises(UserError, match="There is no job"):
            after.dismiss(job.key)
        after.forget(["../../dear"])
    finally:
        after.close()
    assert outside.exists()
    assert file.exists()


@pytest.mark.parametrize("reason", ["mode", "torch"])
def test_explore_refuses_in_the_core(engine: Engine, monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    (job,) = engine.start([spec()], "ann")
    if reason == "mode":
        monkeypatch.setenv("SGD_MODE", "explore")
    else:
        monkeypatch.setattr("sgd_core.runs.mode.find_spec", lambda name: None)
    for refused in (
        lambda: engine.start([spec(1)], "ann"),
        lambda: engine.cancel(job.key),
        lambda: engine.resume(job.key, "ann"),
        lambda: engine.dismiss(job.key),
        engines.engine,
    ):
        with pytest.raises(ExploreOnlyError, match="refused"):
            refused()
