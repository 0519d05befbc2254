"""`sweep --cluster`: what it says, and how it ends. Real clusters are in tests/runs/test_sweep_cluster.py."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from sgd_core.cli import cluster
from sgd_core.runs.kept.store import Store
from sgd_core.runs.queue import sweep
from sgd_core.runs.queue.jobs import Place
from sgd_core.runs.queue.sweep import Wanted
from tests.cli.conftest import Command
from tests.runs.made import made


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, store: Store) -> list[Any]:
    """The addresses and runs that reach a cluster of two workers, on which the second run fails."""
    seen: list[Any] = []

    def connect(address: str) -> Any:
        seen.append(address)
        return nullcontext()

    def run_all(wanted: list[Wanted], client: Any, store: Store, tell: sweep.Tell, key_of: Any) -> None:
        seen.extend(each.spec for each in wanted)
        tell("taken", wanted[1], place=Place("w0", "tls://10.0.0.7:4000", "node06"))
        tell("taken", wanted[1], place=Place("w1", "tls://10.0.0.8:4000", "node07"))
        tell("started", wanted[0], message="Something [about] features.")
        tell("started", wanted[1], message="Something [about] features.")
        tell("kept", wanted[0], run=made(), message="Something [about] features.")
        tell("failed", wanted[1], message="The disk is full.")
        tell("left", wanted[2])
        tell("there", wanted[3])

    monkeypatch.setattr(sweep, "connect", connect)
    monkeypatch.setattr(sweep, "workers", lambda client: 2)
    monkeypatch.setattr(sweep, "run_all", run_all)
    monkeypatch.setattr(cluster, "_seconds_of_an_update", lambda client: 0.01)
    monkeypatch.delenv("SGD_SCHEDULER", raising=False)
    return seen


def test_it_says_what_there_is_how_runs_ended_and_how_many_failed(command: Command, asked: list[Any]) -> None:
    said = command("sweep", "paper", "--figure", "1", "--cluster", "tcp://there:1")
    runs = len(asked) - 1
    lines = said.out.splitlines()
    assert lines[0] == f"0 of {runs} runs are there; {runs} to train."
    assert lines[1].startswith("Training on 2 workers of tcp://there:1. That takes about")
    assert "on 2 workers, by" in lines[1]
    assert said.out.count("Something [about] features.") == 1
    assert said.out.count("seed 0, worker w1 of node07: failed. The disk is full.") == 1
    assert said.out.count("another process is training this run; left to it.") == 1
    assert said.code == 1
    assert said.err.strip() == f"1 of {runs} runs failed, as said above. The same command tries them again."


def test_the_address_comes_from_the_environment_too_and_nothing_goes_to_it_in_explore_mode(
    command: Command, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SGD_SCHEDULER", "tcp://there:2")
    command("sweep", "paper", "--figure", "1")
    assert asked[0] == "tcp://there:2"
    asked.clear()
    monkeypatch.setenv("SGD_MODE", "explore")
    said = command("sweep", "paper", "--figure", "1")
    assert (said.code, said.err.strip()) == (1, "SGD_MODE is explore: training is switched off here.")
    assert asked == []


def test_a_device_is_for_training_in_this_process(command: Command, asked: list[Any]) -> None:
    said = command("sweep", "paper", "--device", "cpu", "--cluster", "tcp://there:1")
    assert said.code == 1
    assert said.err.startswith("--device is for training in this process;")
    assert asked == []
