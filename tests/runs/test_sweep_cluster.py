"""Sweeps over a real Dask scheduler and three worker processes: one is killed while it trains; Ctrl-C in the middle.

The workers share a cache folder, as on one machine or with a file server, and are started without nannies: what is
killed stays away, and another worker has to take its run over.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sgd_core import settings
from sgd_core.experiment import fingerprints
from sgd_core.experiment.record import ANSWERS
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept.store import Store
from sgd_core.runs.queue import sweep, tasks
from sgd_core.runs.queue.sweep import Wanted
from tests.conftest import with_features
from tests.waiting import PATIENCE, hears_ctrl_c, wait

pytest.importorskip("torch")

COMMON = {
    "dataset": "shapes", "features": "random", "images_per_class": 2, "views": 2, "batch_size": 20, "epochs": 15,
    "head": "linear",
}  # fmt: skip

WORKER = """
import os
from functools import cache
os.nice(5)

def dask_setup(worker):
    from sgd_core.training import one_run
    one_run.open_set = cache(one_run.open_set)
    one_run.train.__defaults__ = tuple(0.0 if each == 20.0 else each for each in one_run.train.__defaults__)
"""
"""Checkpoints at every epoch: no test can wait for the 20 s between two. Shapes are drawn once, which takes seconds."""

COMMAND = f"""
import sys
from sgd_core import cli
from sgd_core.cli import train
from sgd_core.experiment.spec import RunSpec
train._of_paper = lambda *_: [RunSpec.parse({{**{COMMON}, "seed": seed}}) for seed in range(10, 16)]
sys.argv[:1] = ["sgd_core", "sweep", "paper", "--cluster"]
try:
    cli.main()
finally:
    assert "torch" not in sys.modules
"""
"""The command, for six tiny runs in place of the paper's."""


def key_of(spec: RunSpec) -> str:
    return spec.key(fingerprints.expected(spec))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, shapes_features: Path) -> Iterator[Store]:
    folder = with_features(tmp_path_factory.mktemp("cache"), shapes_features)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SGD_CACHE_DIR", str(folder))
        patch.setenv("SGD_PUBLISHED_DIR", str(folder / "published"))
        patch.setenv("SGD_DATA_DIR", str(folder / "unplugged"))
        patch.setenv("SGD_MODE", "lab")
        patch.delenv("SGD_SCHEDULER", raising=False)
        yield Store()


@pytest.fixture(scope="module")
def address(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler with three workers, all of them there."""
    folder = tmp_path_factory.mktemp("cluster")
    file, preload = folder / "scheduler.json", folder / "preload.py"
    preload.write_text(WORKER)
    env = {**os.environ, "PYTHONPATH": str(settings.ROOT), "DASK_LOGGING__DISTRIBUTED": "critical"}
    dask, where = [sys.executable, "-m", "dask"], ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = [*dask, "scheduler", *where, "--port", "0", "--scheduler-file", str(file)]
    worker = [*dask, "worker", *where, "--nthreads", "1", "--memory-limit", "0", "--no-nanny"]
    worker += ["--preload", str(preload), "--scheduler-file", str(file)]
    processes = [
        subprocess.Popen(each, cwd=folder, env=env, stderr=subprocess.DEVNULL) for each in (scheduler, *[worker] * 3)
    ]
    try:
        found = wait(lambda: json.loads(file.read_text())["address"] if file.is_file() and file.stat().st_size else "")
        with sweep.connect(found) as client:
            client.wait_for_workers(3, timeout=PATIENCE)
        yield found
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait(20)


def test_a_run_whose_worker_is_killed_is_taken_over_and_every_run_is_made_once(
    address: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [Wanted(RunSpec.parse({**COMMON, "seed": seed}), {}) for seed in range(6)]
    sent: dict[str, int] = {}
    starts: list[int] = []
    ends: list[tuple[str, int]] = []
    records: dict[int, list[dict[str, Any]]] = {}
    before: list[dict[str, Any]] = []
    """What was heard of the run whose worker was killed, until then."""

    def submit(client: Any, token: str, spec: RunSpec, *more: Any) -> Any:
        sent[f"train-{token}"] = spec.seed
        return original(client, token, spec, *more)

    def tell(kind: str, wanted: Wanted, **told: Any) -> None:
        seed = wanted.spec.seed
        if kind == "started":
            starts.append(seed)
            records[seed] = []
        elif kind == "epoch":
            records[seed].append(told["record"])
            if len(records[seed]) == 6 and not before:
                before.extend(records[seed])
                (there,) = [w for w, keys in client.processing().items() if seed in {sent[key] for key in keys}]
                os.kill(pids[there], signal.SIGKILL)
        else:
            ends.append((kind, seed))

    original = tasks.submit
    monkeypatch.setattr(tasks, "submit", submit)
    with sweep.connect(address) as client:
        pids = client.run(os.getpid)
        sweep.run_all(wanted, client, store, tell, key_of)
        assert sorted(ends) == [("kept", seed) for seed in range(6)]
        assert len(client.nthreads()) == 2
        (killed,) = {seed for seed in starts if starts.count(seed) == 2}
        assert len(starts) == 7
        rows = store.local.rows()
        assert sorted(row["seed"] for row in rows) == list(range(6))
        assert all(row["status"] in ANSWERS for row in rows)
        # It went on: even the seconds of the first epochs are those of the process that was killed.
        kept = store.local.epochs([key_of(wanted[killed].spec)])
        assert kept["epoch"] == list(range(-1, 15))
        assert kept["seconds"][:5] == [record["seconds"] for record in before[:5]]
        assert list((settings.cache_dir() / "checkpoints").glob("*.safetensors")) == []

        sweep.run_all(wanted, client, store, tell, key_of)
        assert len(sent) == 6
        assert sorted(ends[6:]) == [("there", seed) for seed in range(6)]


def start(address: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(settings.ROOT)}
    command = [sys.executable, "-c", COMMAND, address]
    return subprocess.Popen(
        command, cwd=settings.ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=hears_ctrl_c,
    )  # fmt: skip


def made(store: Store) -> dict[str, list[float]]:
    """Key -> the seconds that its epochs took, which no second training repeats; of the command's runs."""
    keys = [row["key"] for row in store.local.rows() if row["seed"] >= 10 and row["status"] in ANSWERS]
    return {key: store.local.epochs([key])["seconds"] for key in keys}


def test_ctrl_c_keeps_what_has_ended_and_the_same_command_goes_on(address: str, store: Store) -> None:
    first = start(address)
    wait(lambda: first.poll() is not None or len(made(store)) >= 2)
    first.send_signal(signal.SIGINT)
    said, wrong = first.communicate(timeout=PATIENCE)
    assert first.returncode not in (0, None), said
    assert "Traceback" not in said + wrong
    assert "0 of 6 runs are there; 6 to train." in said
    assert f"of {address}. That takes about" in said
    kept = made(store)
    assert 2 <= len(kept) < 6
    assert "Stopped. The runs that have ended are kept; the same command goes on." in said

    second = start(address)
    said, wrong = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0, wrong
    assert f"{len(kept)} of 6 runs are there; {6 - len(kept)} to train." in said
    after = made(store)
    assert len(after) == 6
    assert kept.items() <= after.items()
    assert said.count("after epoch") == 6 - len(kept)

    said, _ = start(address).communicate(timeout=PATIENCE)
    assert said.strip() == "6 of 6 runs are there; 0 to train."
