"""Sweeps, and the app's queue, over a real Dask scheduler and three worker processes: two are killed while they train,
one comes late; Ctrl-C in the middle.

The workers share a cache folder, as on one machine or with a file server, and are started without nannies: what is
killed stays away, and another worker has to take its run over. All speak TLS, as docs/cluster.md sets it up.
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

import dask.config
import distributed  # noqa: F401 (its defaults come with it)
import pytest

from sgd_core import settings
from sgd_core.experiment import fingerprints
from sgd_core.experiment.record import ANSWERS
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept.store import Store
from sgd_core.runs.queue import sweep, tasks
from sgd_core.runs.queue.engine import Engine
from sgd_core.runs.queue.jobs import Job, Place
from sgd_core.runs.queue.sweep import Wanted
from tests.conftest import with_features
from tests.waiting import PATIENCE, hears_ctrl_c, wait

pytest.importorskip("torch")

pytestmark = pytest.mark.long

COMMON = {
    "dataset": "shapes", "features": "random", "images_per_class": 2, "views": 3, "batch_size": 20, "epochs": 15,
    "head": "linear",
}  # fmt: skip
"""Two of the three views are there: the workers have to make the third."""

WORKER = """
def dask_setup(worker):
    from sgd_core import settings
    from sgd_core.training import features, one_run
    one_run.train.__defaults__ = tuple(0.0 if each == 20.0 else each for each in one_run.train.__defaults__)
    write = features.FeatureBank._write
    def noted(bank, path, *more):
        with (settings.cache_dir() / "written").open("a") as file:
            print(path.stem, file=file)
        write(bank, path, *more)
    features.FeatureBank._write = noted
"""
"""Checkpoints at every epoch: no test can wait for the 20 s between two. What is made of features is noted."""

COMMAND = f"""
import sys
from sgd_core import cli
from sgd_core.cli import train
from sgd_core.experiment.spec import RunSpec
train._of_paper = lambda *_: [RunSpec.parse({{**{COMMON}, "seed": seed}}) for seed in range(20, 26)]
sys.argv[:1] = ["sgd_core", "sweep", "paper", "--cluster"]
try:
    cli.main()
finally:
    assert "torch" not in sys.modules
"""
"""The command, for six tiny runs in place of the paper's."""


def key_of(spec: RunSpec) -> str:
    return spec.key(fingerprints.expected(spec))


class Machine:
    """A scheduler and its workers."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._processes, self._workers = folder, dict[str, subprocess.Popen[bytes]](), 0
        self._preload = folder / "preload.py"
        self._preload.write_text(WORKER)
        file = folder / "scheduler.json"
        self._start("scheduler", "--port", "0", "--protocol", "tls", "--scheduler-file", str(file))
        self.address: str = wait(
            lambda: json.loads(file.read_text())["address"] if file.is_file() and file.stat().st_size else ""
        )

    def start_worker(self) -> str:
        """The name of a worker that is there soon."""
        name = f"w{self._workers}"
        self._workers += 1
        options = ["--nthreads", "1", "--memory-limit", "0", "--no-nanny", "--name", name]
        # As dask-cuda does: it sees all, its own first. There is none of that name, so it trains on the CPU.
        self._start(name, self.address, *options, "--preload", str(self._preload))
        return name

    def kill(self, worker: str) -> None:
        process = self._processes.pop(worker)
        process.kill()
        process.wait()

    def workers(self) -> set[str]:
        """The names of those that are there and were not killed."""
        return self._processes.keys() - {"scheduler"}

    def close(self) -> None:
        for process in reversed(self._processes.values()):
            process.terminate()
        for process in reversed(self._processes.values()):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:  # a busy machine
                process.kill()
                process.wait()

    def _start(self, name: str, *options: str) -> None:
        command = [sys.executable, "-m", "dask", "scheduler" if name == "scheduler" else "worker"]
        command += ["--host", "127.0.0.1", "--no-dashboard", *options]
        env = {**os.environ, "PYTHONPATH": str(settings.ROOT), "DASK_LOGGING__DISTRIBUTED": "critical"}
        env["CUDA_VISIBLE_DEVICES"] = f"7{name},0"
        self._processes[name] = subprocess.Popen(command, cwd=self._folder, env=env, stderr=subprocess.DEVNULL)


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
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Those that docs/cluster.md makes, for this process and all that it starts."""
    home, told = tmp_path_factory.mktemp("home"), (settings.ROOT / "docs" / "cluster.md").read_text()
    script = told.split("<!-- tested: certificates -->\n```bash\n")[1].split("```")[0]
    env = {**os.environ, "HOME": str(home)}
    made = subprocess.run(["bash", "-ec", script + "echo $DASK_CONFIG"], env=env, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DASK_CONFIG", made.stdout.strip())
        ours = dask.config.collect(paths=[made.stdout.strip()], env={})
        # Merged, because setting `distributed` whole would lose the defaults that another test's import of it brought.
        with dask.config.set(dask.config.merge(dask.config.config, ours)):
            yield


@pytest.fixture(scope="module")
def machine(store: Store, certificates: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    made = Machine(tmp_path_factory.mktemp("cluster"))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def three(machine: Machine) -> Machine:
    """The machine with three workers, all of them there."""
    for _ in range(3 - len(machine.workers())):
        machine.start_worker()
    with sweep.connect(machine.address) as client:
        wait(lambda: len(client.nthreads()) == 3)
    return machine


def test_of_three_workers_two_are_killed_and_one_comes_late_and_every_run_is_made_once(
    three: Machine, store: Store
) -> None:
    wanted = [Wanted(RunSpec.parse({**COMMON, "seed": seed}), {}) for seed in range(12)]
    starts: list[int] = []
    ends: list[tuple[str, int]] = []
    records: dict[int, list[dict[str, Any]]] = {}
    places: dict[int, list[str]] = {seed: [] for seed in range(12)}
    killed: dict[int, list[dict[str, Any]]] = {}
    """What was heard of a run until its worker was killed."""
    late = ""

    def tell(kind: str, wanted: Wanted, **told: Any) -> None:
        nonlocal late
        seed = wanted.spec.seed
        if kind == "taken":
            places[seed].append(told["place"].worker)
            assert told["place"].gpu == f"7{told['place'].worker}"
        elif kind == "started":
            starts.append(seed)
            records[seed] = []
        elif kind == "epoch":
            records[seed].append(told["record"])
            if not late:
                late = three.start_worker()
                wait(lambda: len(client.nthreads()) == 4)
            at, busy = places[seed][-1], {key for keys in client.processing().values() for key in keys}
            young = len(records[seed]) == 6 and sent[seed] in busy and at in three.workers() - {late}
            if young and seed not in killed and len(killed) < 2:
                killed[seed] = list(records[seed])
                three.kill(at)
        else:
            ends.append((kind, seed))

    sent: dict[int, str] = {}
    original = tasks.submit

    def submit(client: Any, token: str, spec: RunSpec, *more: Any) -> Any:
        sent[spec.seed] = f"train-{token}"
        return original(client, token, spec, *more)

    with sweep.connect(three.address) as client, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "submit", submit)
        assert three.address.startswith("tls://")
        sweep.run_all(wanted, client, store, tell, key_of)
        assert sorted(ends) == [("kept", seed) for seed in range(12)]
        assert len(client.nthreads()) == 2
        assert sorted(starts) == sorted([*range(12), *killed])
        assert len(killed) == 2
        assert late in {each for at in places.values() for each in at}
        assert {seed for seed, at in places.items() if len(at) == 2} == killed.keys()
        rows = store.local.rows()
        assert sorted(row["seed"] for row in rows) == list(range(12))
        assert all(row["status"] in ANSWERS for row in rows)
        for seed, before in killed.items():
            # It went on: even the seconds of the first epochs are those of the process that was killed.
            kept = store.local.epochs([key_of(wanted[seed].spec)])
            assert kept["epoch"] == list(range(-1, 15))
            assert kept["seconds"][:5] == [record["seconds"] for record in before[:5]]
        assert list((settings.cache_dir() / "checkpoints").glob("*.safetensors")) == []
        assert (settings.cache_dir() / "written").read_text() == "view-0002\n"  # though all of them needed it at once

        sent.clear()
        sweep.run_all(wanted, client, store, tell, key_of)
        assert not sent
        assert sorted(ends[12:]) == [("there", seed) for seed in range(12)]


def start(address: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(settings.ROOT)}
    command = [sys.executable, "-c", COMMAND, address]
    return subprocess.Popen(
        command, cwd=settings.ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=hears_ctrl_c,
    )  # fmt: skip


def made(store: Store) -> dict[str, list[float]]:
    """Key -> the seconds that its epochs took, which no second training repeats; of the command's runs."""
    keys = [row["key"] for row in store.local.rows() if row["seed"] >= 20 and row["status"] in ANSWERS]
    return {key: store.local.epochs([key])["seconds"] for key in keys}


def test_ctrl_c_keeps_what_has_ended_and_the_same_command_goes_on(machine: Machine, store: Store) -> None:
    first = start(machine.address)
    wait(lambda: first.poll() is not None or len(made(store)) >= 2)
    first.send_signal(signal.SIGINT)
    said, wrong = first.communicate(timeout=PATIENCE)
    assert first.returncode not in (0, None), said
    assert "Traceback" not in said + wrong
    assert "0 of 6 runs are there; 6 to train." in said
    assert f"of {machine.address}. " in said
    assert "That takes about" in said or "It starts as workers come." in said
    kept = made(store)
    assert 2 <= len(kept) < 6
    assert "Stopped. The runs that have ended are kept; the same command goes on." in said

    second = start(machine.address)
    said, wrong = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0, wrong
    assert f"{len(kept)} of 6 runs are there; {6 - len(kept)} to train." in said
    after = made(store)
    assert len(after) == 6
    assert kept.items() <= after.items()
    assert said.count("after epoch") == 6 - len(kept)

    said, _ = start(machine.address).communicate(timeout=PATIENCE)
    assert said.strip() == "6 of 6 runs are there; 0 to train."


def test_the_apps_queue_keeps_three_workers_busy_though_two_are_killed_and_one_comes_late(
    three: Machine, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SGD_SCHEDULER", three.address)
    specs = [RunSpec.parse({**COMMON, "epochs": 30, "seed": seed}) for seed in range(40, 52)]
    seen: dict[str, list[Place]] = {}
    at_once = 0

    def jobs() -> list[Job]:
        nonlocal at_once
        found = engine.jobs()
        for job in found:
            if job.place is not None and job.place not in (places := seen.setdefault(job.key, [])):
                places.append(job.place)
        at_once = max(at_once, sum(job.state == "running" for job in found))
        return found

    def young() -> Place | None:
        """The worker, none that came late, of a run that is under way and was not disturbed yet."""
        for job in jobs():
            fresh = job.state == "running" and 2 <= len(job.records) <= 20 and len(seen[job.key]) == 1
            if fresh and job.place is not None and job.place.worker in first & three.workers():
                return job.place
        return None

    engine = Engine(store)
    try:
        engine.start(specs[:6], "ann")
        first = three.workers()
        three.kill(wait(young).worker)
        late = three.start_worker()
        three.kill(wait(young).worker)
        wait(lambda: jobs() and engine.workers == 2)
        engine.start(specs[6:], "ann")
        wait(lambda: not any(job.active for job in jobs()))
        ended = jobs()
        assert {job.state for job in ended} <= set(ANSWERS), [job.message for job in ended]
        assert sorted(job.spec.seed for job in ended) == list(range(40, 52))
        assert all(store.has(job.key) for job in ended)
        assert at_once == 3
        assert late in {place.worker for places in seen.values() for place in places}
        gone = {place.worker for places in seen.values() for place in places if place.gone}
        assert gone <= first - three.workers()
    finally:
        engine.close()
