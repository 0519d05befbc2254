"""What is made ready before anybody asks for a run: once, and never in a run's way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from sgd_core.runs.queue import worker
from sgd_core.runs.queue.engine import Engine
from tests.runs.fake_cluster import FakeCluster
from tests.runs.test_engine import IMAGES, spec
from tests.waiting import wait


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The Dask events that were set."""
    found: list[str] = []
    monkeypatch.setattr("distributed.Event", lambda name, client: SimpleNamespace(set=lambda: found.append(name)))
    return found


@pytest.fixture
def engine(cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("SGD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("SGD_PUBLISHED_DIR", str(tmp_path / "published"))
    monkeypatch.setenv("SGD_MODE", "lab")
    monkeypatch.setenv("SGD_PREPARE", "yes")
    made = Engine(connect=lambda: cluster)
    yield made
    made.close()


def seen(engine: Engine) -> tuple[int, int] | None:
    return engine.preparing


def test_it_is_made_once_and_says_how_far_it_is(engine: Engine, cluster: FakeCluster) -> None:
    for _ in range(3):
        engine.prepare(spec())
    wait(lambda: cluster.client.prepared)
    assert engine.ready
    (task,) = cluster.client.prepared
    assert task.settings == spec().model_dump()
    cluster.client.say(task, "features", done=64, total=1400)
    assert seen(engine) == (64, 1400)
    task.end()
    assert seen(engine) is None
    engine.prepare(spec(batch_size=64))
    assert len(cluster.client.prepared) == 1


@pytest.mark.parametrize(("dataset", "same"), [("shapes", True), ("vegetables", False)])
def test_a_run_ends_it_and_counts_on(
    engine: Engine, cluster: FakeCluster, events: list[str], dataset: str, same: bool
) -> None:
    engine.prepare(spec())
    wait(lambda: cluster.client.prepared)
    (task,) = cluster.client.prepared
    cluster.client.say(task, "features", done=800, total=1400)
    (job,) = engine.start([spec(dataset=dataset)], "ann")
    wait(lambda: cluster.client.tasks)
    assert events == [(worker.wait_name if same else worker.stop_name)(task.token)]
    task.end()
    (run,) = cluster.client.tasks
    cluster.client.say(run, "started", device="cpu", run_key="", images=IMAGES, message="")
    cluster.client.say(run, "features", done=100, total=2000)
    found = engine.job(job.key)
    assert found is not None
    assert found.features == ((900, 2800) if same else (100, 2000))


def test_it_is_in_no_runs_way(engine: Engine, cluster: FakeCluster, events: list[str]) -> None:
    engine.start([spec()], "ann")
    engine.prepare(spec())
    wait(lambda: cluster.client.tasks)
    assert cluster.client.prepared == []
    assert events == []


def test_it_can_be_switched_off(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_PREPARE", "no")
    engine.prepare(spec())
    assert engine.preparing is None
    assert not engine.ready
