"""`bench gpu` on the CPU: every stage runs, says what it found, and goes on where one fails."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch

from sgd_core.errors import UserError
from sgd_core.experiment.spec import RunSpec
from sgd_core.training import loop
from sgd_core.training.updates import Updates
from tests.training.banks import TinyBank
from tests.waiting import hears_ctrl_c
from tools import gpu

CPU = torch.device("cpu")


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """The path is checked on a tiny bank instead of the shapes."""
    monkeypatch.setattr("sgd_core.training.features.FeatureBank", lambda *_: TinyBank())
    monkeypatch.setattr("sgd_core.training.data.open_set", lambda _: TinyBank().images)


def checked(tmp_path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    gpu.check(RunSpec.parse({"epochs": 3, "views": 3, "head": "linear"}), CPU, tmp_path, found)
    return found


def test_the_path_is_the_same_here_in_every_respect(tiny: None, tmp_path: Path) -> None:
    assert checked(tmp_path) == {
        "features_apart": 0.0,
        "losses_apart": 0.0,
        "counts_apart": 0.0,
        "close_to_cpu": True,
        "same_twice": True,
        "same_without_graphs": True,
        "same_after_a_stop": True,
    }


def test_a_path_that_is_not_repeatable_is_found(tiny: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Updates] = []

    class Unsteady(Updates):
        """Of one run after the other, each a little further off."""

        def __init__(self, *of: Any) -> None:
            super().__init__(*of)
            made.append(self)
            self.off = 1 + 0.5 * len(made)

        def __call__(self, size: int) -> None:
            super().__call__(size)
            with torch.no_grad():
                next(iter(self._head.parameters())).mul_(self.off)

    monkeypatch.setattr(loop, "updates_of", Unsteady)
    found = checked(tmp_path)
    assert not any(
        found[name] for name in ("close_to_cpu", "same_twice", "same_without_graphs", "same_after_a_stop")
    ), found


@pytest.mark.parametrize(
    ("a", "b", "far"),
    [(None, None, 0.0), (1.0, None, float("inf")), (None, 1.0, float("inf")), (1.1, 1.0, 0.1), (0.9, -1.0, 1.9)],
)
def test_how_far_apart(a: float | None, b: float | None, far: float) -> None:
    assert gpu._apart(a, b) == pytest.approx(far)


def test_updates_are_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "BATCH_SIZES", (4,))
    monkeypatch.setattr(gpu, "SIDE_BY_SIDE", (1, 2))
    monkeypatch.setattr(gpu, "STEPS", 1)
    found: dict[str, Any] = {}
    gpu.time_updates(CPU, found)
    assert list(found) == ["B=4"]
    assert set(found["B=4"]) == {"plain", "as_trained", "per_head_of_1", "per_head_of_2"}
    assert all(value > 0 for value in found["B=4"].values())


def test_seeds_go_to_the_fastest_number_of_processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[int, list[int]]] = []

    def by(_: gpu.Maker, processes: int, seeds: list[int]) -> float:
        asked.append((processes, list(seeds)))
        return {1: 30.0, 3: 12.0, 6: 20.0}[processes]

    monkeypatch.setattr(gpu.Maker, "_by", by)
    make = gpu.Maker(gpu.Report(tmp_path / "report.json", time.monotonic() + 60), tmp_path, [])
    found: dict[str, Any] = {}
    assert make.seeds([0, 1, 2, 3, 4], [1, 3, 6], found) == 3
    assert asked == [(1, [0]), (3, [1]), (6, [2]), (3, [3, 4])]
    assert found["fastest"] == 3
    asked.clear()
    assert make.seeds([7], [6, 1], {}) == 6
    assert asked == [(6, [7])]
    assert make.seeds([], [6, 1], {}) == 6


def test_a_stage_that_fails_is_told_and_the_next_begins(tmp_path: Path) -> None:
    report = gpu.Report(tmp_path / "report.json", time.monotonic())
    with report.stage("first") as found:
        found["a"] = 1
        raise RuntimeError("no memory")
    with report.stage("second") as found:  # type: ignore[unreachable]
        found["b"] = 2
    kept = json.loads((tmp_path / "report.json").read_text())
    assert kept["first"] | {"seconds": 0} == {"a": 1, "error": "RuntimeError: no memory", "seconds": 0}
    assert kept["second"]["b"] == 2


def test_commands_are_stopped_when_the_time_is_up(tmp_path: Path) -> None:
    report = gpu.Report(tmp_path / "report.json", time.monotonic() + 0.3)
    sleepers = [subprocess.Popen(["sleep", "60"], preexec_fn=hears_ctrl_c) for _ in range(2)]
    started = time.monotonic()
    assert gpu.Maker(report, tmp_path, []).wait(sleepers) == [-2, -2]
    assert time.monotonic() - started < 5


class Ended:
    def wait(self) -> int:
        return 0


def test_the_whole_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran: list[tuple[str, ...]] = []

    def started(make: gpu.Maker, *words: str) -> Ended:
        assert make.published == tmp_path / "out" / "published"
        ran.append((*words, *make.options))
        return Ended()

    monkeypatch.setattr(gpu.Maker, "started", started)
    monkeypatch.setattr(gpu.Maker, "wait", lambda self, started: [0] * len(started))
    monkeypatch.setattr(gpu, "check", lambda spec, device, place, found: found.update(same_twice=True))
    monkeypatch.setattr(gpu, "time_updates", lambda device, found: None)
    monkeypatch.setattr("sgd_core.training.one_run.at_hand", lambda spec: (spec, ""))
    gpu.gpu(tmp_path / "out", dataset="vegetables", seeds="0,1,2,3,4,5", processes="2", views=33, device="cpu")
    options = ("--views", "33", "--device", "cpu")

    def paper(seeds: str) -> list[tuple[str, ...]]:
        gauges = ("--probe", "errors", "--probe-epochs", "last") if seeds == "0" else ()
        return [("sweep", "paper", "--seeds", seeds, *gauges, *options)] * 2

    claims = ("sweep", "evidence", *options)
    on_map = ("sweep", "evidence", "--claim", "map", *options)
    features = ("data", "features", "--dataset", "vegetables", "--features", "imagenet", *options)
    assert ran == [
        features, *paper("0"), *paper("1,2,3,4"), claims, claims, on_map, on_map, *paper("5"), ("publish",),
    ]  # fmt: skip
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert list(report) == ["machine", "path", "updates", "features", "runs", "evidence", "more runs", "published"]
    assert not any("error" in stage for stage in report.values())


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"processes": "0"}, "--processes has 0"),
        ({"processes": "two"}, "--processes is 'two'"),
        ({"seeds": ""}, "--seeds is ''"),
        ({"device": "tpu"}, "device is 'tpu'"),
    ],
)
def test_what_cannot_be_is_told(settings: dict[str, Any], says: str, tmp_path: Path) -> None:
    asked = {"dataset": "shapes", "seeds": "0", "processes": "1", "device": "cpu", "views": 2, **settings}
    with pytest.raises(UserError, match=says):
        gpu.gpu(tmp_path, **asked)
