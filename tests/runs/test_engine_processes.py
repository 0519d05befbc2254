"""The engine with real processes on the built-in shapes: train, repeat, cancel, kill the worker, kill the server.

One cluster serves most tests, and one feature bank all of them (a view of the 600 shapes takes a second or two).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import psutil
import pytest

from sgd_core import settings
from sgd_core.experiment.record import EpochRecord
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.queue import worker
from sgd_core.runs.queue.cluster import Cluster, ClusterError
from sgd_core.runs.queue.engine import Engine
from sgd_core.runs.queue.jobs import Job
from tests.conftest import with_features
from tests.waiting import PATIENCE, wait

pytest.importorskip("torch")

ENDED = ("done", "failed to learn")
"""Runs as short as these may end at chance."""


def spec(epochs: int = 4, **more: Any) -> RunSpec:
    common = {
        "dataset": "shapes", "features": "random", "images_per_class": 4, "views": 2, "batch_size": 40,
        "head": "linear",
    }  # fmt: skip
    return RunSpec.parse({**common, "epochs": epochs, **more})


def slow(seed: int) -> RunSpec:
    """A run that takes minutes: it does not end before it is stopped."""
    return spec(epochs=1000, seed=seed, head="paper")


def ended(engine: Engine, key: str) -> Job:
    def over() -> Job | None:
        job = engine.job(key)
        assert job is not None
        return None if job.active else job

    return wait(over)


def training(engine: Engine, key: str, records: int) -> Job:
    def under_way() -> Job | None:
        job = engine.job(key)
        assert job is not None
        assert job.active, job.message
        return job if len(job.records) >= records else None

    return wait(under_way)


def numbers(records: list[EpochRecord]) -> list[dict[str, Any]]:
    """Records without the wall time that they took."""
    return [{name: value for name, value in record.as_dict().items() if name != "seconds"} for record in records]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory, shapes_features: Path) -> Iterator[Path]:
    folder = with_features(tmp_path_factory.mktemp("cache"), shapes_features)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SGD_CACHE_DIR", str(folder))
        patch.setenv("SGD_PUBLISHED_DIR", str(folder / "published"))
        patch.setenv("SGD_DATA_DIR", str(folder / "unplugged"))
        patch.delenv("SGD_SCHEDULER", raising=False)
        patch.setenv("SGD_MODE", "lab")
        patch.setenv("SGD_NICE", "0")  # the other tests of the machine would let it wait
        yield folder


@pytest.fixture(scope="module")
def engine(cache: Path) -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


@pytest.fixture
def trained(engine: Engine) -> Engine:
    """The same engine once its training processes are there and have made a run, and the features with it."""
    (job,) = engine.start([spec()], "ann")
    assert ended(engine, job.key).state in ENDED
    return engine


def worker_process(engine: Engine) -> int:
    """The process that trains."""
    assert engine._cluster is not None
    (found,) = engine._cluster.client.run(os.getpid).values()
    return int(found)


def checkpoint_at_every_epoch() -> None:
    """Runs in the worker: no test can wait for the 20 s between two checkpoints."""
    from sgd_core.training import one_run

    assert one_run.train.__defaults__ is not None
    one_run.train.__defaults__ = tuple(0.0 if each == 20.0 else each for each in one_run.train.__defaults__)


def test_a_run_is_trained_and_kept_without_torch_in_this_process(engine: Engine) -> None:
    started = time.monotonic()
    (job,) = engine.start([spec()], "ann")
    assert time.monotonic() - started < 2  # returns at once, before there are any training processes
    assert job.state == "queued"
    job = ended(engine, job.key)
    assert job.state in ENDED, job.message
    assert [record.epoch for record in job.records] == [-1, 0, 1, 2, 3]
    assert engine._store.has(job.key)


def test_training_gives_way_as_a_process_and_as_a_session() -> None:
    script = (
        "import os; from pathlib import Path; from sgd_core.runs.queue import watch; watch.give_way(10)\n"
        "print(os.nice(0)); group = Path('/proc/self/autogroup'); print(group.read_text() if group.exists() else '')"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, start_new_session=True
    )
    niceness, group = told.stdout.split("\n")[:2]
    assert int(niceness) >= 10
    assert not group or group.split()[-2:] == ["nice", "10"]


def test_training_leaves_a_core(trained: Engine) -> None:
    (row,) = [row for row in trained._store.local.rows() if row["epochs"] == 4]
    assert row["threads"] == max(1, (os.cpu_count() or 1) - 1)


def test_a_killed_worker_goes_on_from_its_checkpoint_with_identical_records(trained: Engine, attempt: int) -> None:
    assert trained._cluster is not None
    settled = spec(epochs=100, seed=100 + attempt)
    trained._cluster.client.run(checkpoint_at_every_epoch)
    (job,) = trained.start([settled], "ann")
    before = training(trained, job.key, 7).records
    os.kill(worker_process(trained), signal.SIGKILL)
    resumed = ended(trained, job.key)
    assert resumed.state in ENDED, resumed.message
    # It went on: even the seconds of the first epochs are those of the process that was killed.
    assert [record.seconds for record in resumed.records[:5]] == [record.seconds for record in before[:5]]

    trained._store.local.delete([job.key])
    trained._cluster.client.run(worker.forget, job.key)
    (again,) = trained.start([settled], "ann")
    assert numbers(ended(trained, again.key).records) == numbers(resumed.records)


def test_cancel_stops_within_two_epochs_and_keeps_the_curve(engine: Engine) -> None:
    running, waiting = engine.start([slow(seed=2), slow(seed=3)], "ann")
    training(engine, running.key, 4)
    assert engine.position(waiting.key) == 1
    (joined,) = engine.start([slow(seed=2)], "bob")
    assert joined.key == running.key
    at = engine.job(running.key)
    engine.cancel(waiting.key)
    engine.cancel(running.key)
    assert at is not None
    job = ended(engine, running.key)
    assert job.state == "cancelled"
    assert len(at.records) <= len(job.records) <= len(at.records) + 3  # one may have been on its way
    kept = engine._store.local.row(job.key)
    assert kept is not None
    assert kept["status"] == "cancelled"
    assert ended(engine, waiting.key).records == []


def test_cancel_works_while_features_are_made(trained: Engine, cache: Path, attempt: int) -> None:
    bank = next((cache / "banks").iterdir())
    before = {path.name for path in bank.glob("view-*.npy")}
    (job,) = trained.start([spec(epochs=30, views=30, seed=attempt)], "ann")

    def making() -> bool:
        seen = trained.job(job.key)
        assert seen is not None
        assert seen.active, seen.message
        return seen.features is not None

    wait(making)
    trained.cancel(job.key)
    assert ended(trained, job.key).state == "cancelled"
    assert len({path.name for path in bank.glob("view-*.npy")} - before) <= 2


def test_an_unplugged_data_folder_is_a_sentence_and_the_worker_stays(trained: Engine, cache: Path) -> None:
    pid = worker_process(trained)
    (job,) = trained.start([RunSpec(views=2, epochs=1)], "ann")
    job = ended(trained, job.key)
    assert job.state == "failed"
    assert str(cache / "unplugged") in job.message
    assert worker_process(trained) == pid
    (next_one,) = trained.start([spec(epochs=1)], "ann")
    assert ended(trained, next_one.key).state in ENDED


def test_nobody_else_of_this_machine_gets_at_the_training_processes(trained: Engine) -> None:
    """Who may speak to a Dask scheduler may run code as its user."""
    from distributed import Client
    from distributed.security import Security

    assert trained._cluster is not None
    scheduler = str(trained._cluster.client.scheduler.address)
    (worker_address,) = trained._cluster.client.scheduler_info()["workers"]
    assert scheduler.startswith("tls://127.0.0.1:")
    assert worker_address.startswith("tls://127.0.0.1:")
    for security in (None, Security.temporary()):
        address = scheduler if security else scheduler.replace("tls://", "tcp://")
        with pytest.raises(OSError, match=r"(?i)timed out|tls|certificate|connect"):
            Client(address, security=security, timeout=1, set_as_default=False)


def test_after_a_killed_scheduler_the_first_resume_works(trained: Engine) -> None:
    assert trained._cluster is not None
    (job,) = trained.start([slow(seed=5)], "ann")
    training(trained, job.key, 3)
    lost = cast(Cluster, trained._cluster)
    lost._processes["scheduler"].kill()
    assert ended(trained, job.key).state == "interrupted"
    trained.resume(job.key, "ann")
    training(trained, job.key, 5)
    assert trained._cluster is not lost
    trained.cancel(job.key)
    assert ended(trained, job.key).state == "cancelled"


SERVER = """
import sys, time
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.queue.engine import Engine
engine = Engine()
specs = [RunSpec.parse({"dataset": "shapes", "features": "random", "images_per_class": 4, "views": 2, "batch_size": 40,
                        "epochs": epochs, "seed": 9}) for epochs in (1000, 3)]
jobs = engine.start(specs, "ann")
while len(engine.job(jobs[0].key).records) < 3:
    time.sleep(0.02)
assert "torch" not in sys.modules
print("training", flush=True)
time.sleep(600)
"""


def test_a_killed_server_leaves_no_orphan_and_its_jobs_can_be_resumed(
    trained: Engine, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_features(tmp_path, cache / "banks")
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path))
    server = subprocess.Popen([sys.executable, "-c", SERVER], cwd=settings.ROOT, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert server.stdout.readline() == "training\n"
    children = psutil.Process(server.pid).children(recursive=True)
    assert len(children) >= 2  # scheduler and worker
    server.kill()
    server.communicate()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []

    after = Engine()
    try:
        first, second = after.jobs()
        assert [first.state, second.state] == ["interrupted", "interrupted"]
        after.resume(second.key, "ann")
        assert ended(after, second.key).state in ENDED
    finally:
        after.close()


def with_mount(mount: str, script: str, cache: Path) -> list[str]:
    """The lines that `script` prints where `mount`, for this one process and its children, was done to `cache`."""
    own = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    try:
        subprocess.run([*own, f"{mount} {cache}"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"mounting is not permitted here: {getattr(error, 'stderr', '') or error}")
    command = [*own, f'{mount} {cache} && exec "$0" -c "$1"', sys.executable, script]
    env = {**os.environ, "SGD_CACHE_DIR": str(cache)}
    told = subprocess.run(command, cwd=settings.ROOT, env=env, stdout=subprocess.PIPE, text=True, timeout=PATIENCE)
    assert told.returncode == 0
    return told.stdout.splitlines()


FULL_DISK = """
import shutil, sys, time
from sgd_core import settings
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.queue.engine import Engine

def ended(job):
    while (seen := engine.job(job.key)).active:
        time.sleep(0.02)
    return seen

def fill():
    with open(filler, "wb", buffering=0) as file:
        try:
            while file.write(bytes(2**16)):
                pass
        except OSError:
            pass

specs = [RunSpec(dataset="shapes", features="random", views=2, epochs=1, head="linear", seed=seed) for seed in (0, 1)]
filler = settings.cache_dir() / "filler"
shutil.copytree({there!r}, settings.cache_dir() / "banks")
next(settings.cache_dir().glob("banks/*/view-0001.npy")).unlink()
engine = Engine()
(job,) = engine.start(specs[:1], "ann")
fill()
job = ended(job)
print(job.state, job.message)
print([path.name for path in settings.cache_dir().glob("banks/*/view-*.npy")])
filler.unlink()
job = ended(engine.resume(job.key, "ann"))
print(job.state, job.message)
(job,) = engine.start(specs[1:], "ann")
fill()
job = ended(job)
print(job.state, job.message)
print(len(job.records), len(engine._store.local.rows()), len(engine.jobs()))
filler.unlink()
job = ended(engine.resume(job.key, "ann"))
print(job.state, job.message)
assert "torch" not in sys.modules
engine.close()
"""


def test_a_full_disk_is_a_sentence_and_with_room_again_the_run_goes_on(tmp_path: Path, shapes_features: Path) -> None:
    """First a feature view cannot be written, then, in another run, its result."""
    script = FULL_DISK.replace("{there!r}", repr(str(shapes_features)))
    made, banks, resumed, kept, left, again = with_mount("mount -t tmpfs -o size=64m full", script, tmp_path)
    assert made.startswith(f"failed The disk is full: a file in {tmp_path} could not be written")
    assert banks == "['view-0000.npy']"
    assert resumed.startswith(ENDED)
    assert kept.startswith("failed The run ended (")
    assert "full" in kept
    assert left == "2 1 2"
    assert again.startswith(ENDED)


READ_ONLY = """
from sgd_core.errors import UserError
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.queue.engine import Engine
engine = Engine()
try:
    engine.start([RunSpec(dataset="shapes")], "ann")
except UserError as error:
    print(error)
print(engine.jobs(), len(engine._store.runs()))
engine.close()
"""


def test_a_read_only_cache_folder_is_a_sentence(tmp_path: Path) -> None:
    refused, rest = with_mount("mount -t tmpfs -o ro frozen", READ_ONLY, tmp_path)
    assert str(tmp_path) in refused
    assert "cannot be written" in refused
    assert rest.startswith("[] ")


def test_an_unreachable_scheduler_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sgd_core.runs.queue import cluster

    monkeypatch.setenv("SGD_SCHEDULER", "tcp://127.0.0.1:9")
    monkeypatch.setattr(cluster, "START_SECONDS", 2)
    with pytest.raises(ClusterError, match=r"SGD_SCHEDULER=tcp://127\.0\.0\.1:9"):
        cluster.Cluster(tmp_path)


@pytest.fixture
def elsewhere(trained: Engine, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cluster that somebody else started, in another folder and with a cache of its own: that cache.

    This process has another cache still, and SGD_SCHEDULER names the cluster.
    """
    theirs, file = tmp_path / "theirs", tmp_path / "scheduler.json"
    with_features(theirs, cache / "banks")
    env = {name: value for name, value in os.environ.items() if not name.startswith("SGD_")}
    env |= {"PYTHONPATH": str(settings.ROOT), "SGD_CACHE_DIR": str(theirs), "DASK_LOGGING__DISTRIBUTED": "critical"}
    dask = [sys.executable, "-m", "dask"]
    where = ["--host", "127.0.0.1", "--no-dashboard"]
    commands = (
        [*dask, "scheduler", *where, "--port", "0", "--scheduler-file", str(file)],
        [*dask, "worker", *where, "--nthreads", "1", "--memory-limit", "0", "--scheduler-file", str(file)],
    )
    processes = [subprocess.Popen(each, cwd=theirs, env=env, stderr=subprocess.DEVNULL) for each in commands]
    try:
        address = wait(
            lambda: json.loads(file.read_text())["address"] if file.is_file() and file.stat().st_size else ""
        )
        monkeypatch.setenv("SGD_SCHEDULER", address)
        monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path / "ours"))
        yield theirs
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait(20)


def trains() -> bool:
    """Runs in a worker: whether a run holds its device."""
    return worker._device.locked()


def test_a_cluster_elsewhere_shares_no_disk_and_is_left_idle_by_a_server_that_died(elsewhere: Path) -> None:
    from distributed import Client

    server = subprocess.Popen([sys.executable, "-c", SERVER], cwd=settings.ROOT, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert server.stdout.readline() == "training\n"
    assert psutil.Process(server.pid).children() == []
    server.kill()
    server.communicate()
    with Client(settings.scheduler(), set_as_default=False) as client:
        wait(lambda: not any(client.run(trains).values()), 30)  # the whole run takes minutes

    after = Engine()
    try:
        long, short = after.jobs()
        assert [long.state, short.state] == ["interrupted", "interrupted"]
        after.resume(short.key, "ann")
        assert ended(after, short.key).state in ENDED
        assert after._store.has(short.key)
        after.resume(long.key, "ann")
        training(after, long.key, 3)
        after.cancel(long.key)
        assert ended(after, long.key).state == "cancelled"
        ours = {path.name for path in settings.cache_dir().iterdir()}
        assert ours == {"jobs", "runs"}
        assert {path.name for path in elsewhere.iterdir()} >= {"banks", "checkpoints"}
        assert not {"jobs", "runs"} & {path.name for path in elsewhere.iterdir()}
        assert list((elsewhere / "checkpoints").glob("*.safetensors")) == []
    finally:
        after.close()
