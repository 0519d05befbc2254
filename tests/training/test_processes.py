"""Real trainings in real processes: killed at a random epoch, stopped by Ctrl-C, made by two at once.

All train on the built-in shapes with random features. The feature bank is there already.
"""

from __future__ import annotations

import os
import random
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sgd_core import settings
from sgd_core.experiment import fingerprints
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept.local import LocalRuns
from sgd_core.training import checkpoint
from tests.conftest import with_features
from tests.waiting import hears_ctrl_c

EPOCHS = 40
SPEC = RunSpec(
    dataset="shapes", features="random", views=2, epochs=EPOCHS, batch_size=32, learning_rate=1e-3, images_per_class=8,
    head="linear",
)  # fmt: skip
OTHER = SPEC.model_copy(update={"seed": 1})
PATIENCE = 400
"""Seconds after which a process that does not do what is waited for fails the test; minutes on a busy machine."""

MAKE = """
import sys
from sgd_core.cli.train import Wanted, make
from sgd_core.experiment.spec import RunSpec
make([Wanted(RunSpec.model_validate_json(text), {}) for text in sys.argv[1:]], "cpu", checkpoint_seconds=0)
"""
"""`train` and `sweep` from within, with a checkpoint after every epoch instead of one every 20 seconds."""


@dataclass(frozen=True)
class Machine:
    """A cache of its own in which runs are made."""

    cache: Path

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "SGD_CACHE_DIR": str(self.cache),
            "SGD_PUBLISHED_DIR": str(self.cache / "published"),
            "SGD_MODE": "lab",
            "OMP_WAIT_POLICY": "PASSIVE",  # two processes whose threads spin while they wait starve each other
        }
        return subprocess.Popen(
            [sys.executable, "-u", *arguments], cwd=settings.ROOT, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            preexec_fn=hears_ctrl_c,
        )  # fmt: skip

    def make(self, *specs: RunSpec) -> subprocess.Popen[str]:
        return self.start("-c", MAKE, *(spec.model_dump_json() for spec in specs))

    def train(self, spec: RunSpec) -> str:
        """What `python -m sgd_core train` says, once it has ended well."""
        options = shlex.split(spec.command())[4:]
        return ended_well(self.start("-m", "sgd_core", "train", *options, "--device", "cpu"))

    def records(self, spec: RunSpec) -> list[dict[str, Any]]:
        columns = LocalRuns(self.cache / "runs").epochs([key_of(spec)])
        return [dict(zip(columns, values)) for values in zip(*columns.values(), strict=True)]

    def checkpoint(self, spec: RunSpec) -> Path:
        return self.cache / "checkpoints" / f"{key_of(spec)}.safetensors"

    def checkpointed(self, spec: RunSpec) -> list[dict[str, Any]]:
        """The records in the checkpoint of a run; none where there is none."""
        kept = checkpoint.read(self.checkpoint(spec))
        return kept[1]["records"] if kept is not None else []


def key_of(spec: RunSpec) -> str:
    return spec.key(fingerprints.expected(spec))


def ended_well(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, output
    return output


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Ask until the condition holds; fails if the process ends before, or takes too long."""
    give_up = time.monotonic() + PATIENCE
    while not condition():
        if process.poll() is not None or time.monotonic() > give_up:
            process.kill()
            pytest.fail(f"the process did not get there: {process.communicate()[0]}")
        time.sleep(0.02)


def timeless(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in record.items() if name not in ("seconds", "key")} for record in records]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, shapes_features: Path) -> Machine:
    """A machine that has made SPEC without interruption, by `python -m sgd_core train`."""
    machine = Machine(with_features(tmp_path_factory.mktemp("first"), shapes_features))
    assert "done after epoch" in machine.train(SPEC)
    return machine


@pytest.fixture
def machine(tmp_path: Path, first: Machine) -> Machine:
    """Another machine, which has the feature bank already and no runs."""
    (tmp_path / "banks").symlink_to(first.cache / "banks")
    return Machine(tmp_path)


def test_the_same_command_again_trains_nothing(first: Machine) -> None:
    before = first.records(SPEC)
    assert len(before) == EPOCHS + 1
    assert "1 of 1 runs are there; 0 to train" in first.train(SPEC)
    assert first.records(SPEC) == before  # their seconds too


def test_a_run_killed_at_a_random_epoch_resumes_and_ends_as_if_it_had_not_been(
    first: Machine, machine: Machine
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    epochs = random.Random(seed).sample(range(EPOCHS // 2), 2)
    print(f"killed after epochs {sorted(epochs)} (seed {seed})")
    for epoch in sorted(epochs):
        process = machine.make(SPEC)
        wait_until(lambda epoch=epoch: len(machine.checkpointed(SPEC)) >= epoch + 2, process)  # type: ignore[misc]
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert machine.records(SPEC) == []

    kept = machine.checkpointed(SPEC)
    assert "done after epoch" in machine.train(SPEC)
    records = machine.records(SPEC)
    assert timeless(records) == timeless(first.records(SPEC))
    seconds = [record["seconds"] for record in records]
    assert seconds[: len(kept)] == [record["seconds"] for record in kept]  # these epochs were not trained again
    assert not machine.checkpoint(SPEC).exists()
    assert {path.suffix for path in (machine.cache / "checkpoints").iterdir()} == {".lock"}


def test_ctrl_c_loses_no_finished_run_and_the_next_one_goes_on(first: Machine, machine: Machine) -> None:
    process = machine.make(SPEC, OTHER)
    wait_until(lambda: len(machine.checkpointed(OTHER)) >= 3, process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    done, kept = machine.records(SPEC), machine.checkpointed(OTHER)
    assert timeless(done) == timeless(first.records(SPEC))
    assert machine.records(OTHER) == []

    output = ended_well(machine.make(SPEC, OTHER))
    assert "1 of 2 runs are there; 1 to train" in output
    assert machine.records(SPEC) == done
    assert [record["seconds"] for record in machine.records(OTHER)[: len(kept)]] == [r["seconds"] for r in kept]
    assert len(machine.records(OTHER)) == EPOCHS + 1


@pytest.mark.long
def test_two_processes_that_make_the_same_runs_share_them(machine: Machine) -> None:
    specs = [SPEC.model_copy(update={"epochs": 3, "seed": seed}) for seed in range(3)]
    outputs = [ended_well(process) for process in [machine.make(*specs), machine.make(*reversed(specs))]]
    assert sum(output.count(" after epoch 2, ") for output in outputs) == 3  # none of them was trained twice
    assert all(len(machine.records(spec)) == 4 for spec in specs)
