"""A checkpoint that an older version wrote (tests/old): the run goes on from it as that version would have gone on.

Bit for bit on the machine model and torch that made it; elsewhere rounding differs, and only the records that lie in
the checkpoint are compared so.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from sgd_core import settings
from sgd_core.experiment import schedules, takeover
from sgd_core.experiment.heads import FEATURES
from sgd_core.experiment.record import EpochRecord
from sgd_core.experiment.run import Run
from sgd_core.experiment.seeds import derive
from sgd_core.experiment.spec import RunSpec
from sgd_core.training import checkpoint, environment, loop, one_run
from sgd_core.training.loop import Training
from tests.grown import MEASURED, NAMES, process
from tests.training.banks import TRAIN, TinyBank, finished

CPU = torch.device("cpu")
FILE = settings.ROOT / "tests" / "old" / "checkpoint.safetensors"
WHOLE: dict[str, Any] = json.loads((FILE.parent / "checkpoint.records.json").read_text())
"""The same run as the older version trained it to its end."""
SPEC = RunSpec.parse(WHOLE["spec"])
KEPT = 3
"""Records in the checkpoint: epochs -1, 0 and 1."""
TOLERANCE = 1e-3
"""Relative, of what another machine gives; the epochs of this run differ by more."""


def small_head(seed: int, classes: int = 10, head: str = "paper", dropout: float = 0.5) -> nn.Sequential:
    """The head of the old checkpoint: 2 hidden units."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "init"))
        return nn.Sequential(nn.Dropout(dropout), nn.Linear(FEATURES, 2), nn.ReLU(), nn.Linear(2, classes))


@pytest.fixture(autouse=True)
def same(monkeypatch: pytest.MonkeyPatch) -> Iterator[bool]:
    """One thread, the small head, and a machine that passes for the one of the checkpoint; whether it is the same."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr(loop, "initial_head", small_head)
    there, here = kept(FILE)["environment"], environment.equality(CPU)
    monkeypatch.setattr(environment, "equality", lambda device: there)
    yield there == here
    torch.set_num_threads(before)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Path(shutil.copy(FILE, tmp_path / "checkpoint.safetensors"))


def training(file: Path | None = None) -> Training:
    return Training(SPEC, TinyBank(), CPU, file, 0.0)  # type: ignore[arg-type]


def kept(file: Path) -> dict[str, Any]:
    read = checkpoint.read(file)
    assert read is not None
    return read[1]


def assert_goes_on(records: list[dict[str, Any]], same: bool) -> None:
    """These are the records of the older version, `seconds` aside, and the plan's effective time."""
    plan = schedules.plan(SPEC, TRAIN)
    assert [record.pop("effective_time") for record in records] == [0.0, *(epoch.effective_time for epoch in plan)]
    assert records[:KEPT] == kept(FILE)["records"]  # seconds too: they were not made again
    assert len(records) == len(WHOLE["records"])
    for record, whole in zip(records, WHOLE["records"], strict=True):
        assert record.keys() == whole.keys()
        for name in whole.keys() - {"seconds"}:
            if same or record["epoch"] < KEPT - 1:
                assert record[name] == whole[name], name
            else:  # a count may differ by an image
                assert record[name] == pytest.approx(whole[name], rel=TOLERANCE, abs=1 if "correct" in name else 0)


def test_the_old_checkpoint_has_the_key_and_the_columns_of_its_time() -> None:
    state = kept(FILE)
    assert state["key"] == WHOLE["key"] == takeover.key_before(SPEC, TinyBank.fingerprints)
    assert state["key"] != SPEC.key(TinyBank.fingerprints)
    assert set(state["records"][0]) == takeover.FIRST_RECORDED


def test_a_run_goes_on_from_an_old_checkpoint_and_gives_the_records_of_the_older_version(
    file: Path, same: bool
) -> None:
    run = training(file)
    assert_goes_on([record.as_dict() for record in run], same)
    assert run.bank.asked == [2, 0, 1]  # type: ignore[attr-defined]  # views of epochs 2 and 3, and the one to be scored on after them
    assert (run.repeatable, run.note) == (True, "")
    assert run.measurements == WHOLE["measurements"] != []


def test_the_run_gives_what_it_gives_without_a_checkpoint(file: Path, same: bool) -> None:
    if not same:
        pytest.skip("the checkpoint is of another machine or torch: equal up to rounding only")
    resumed, anew = finished(training(file)), finished(training())
    assert [timeless(record) for record in resumed] == [timeless(record) for record in anew]


def timeless(record: EpochRecord) -> dict[str, Any]:
    return {**record.as_dict(), "seconds": None}


def test_whoever_trains_a_run_finds_its_old_checkpoint_under_its_former_key(
    own_settings: Path, monkeypatch: pytest.MonkeyPatch, same: bool
) -> None:
    monkeypatch.setattr("sgd_core.images.sets.require", lambda name: None)
    monkeypatch.setattr(one_run, "at_hand", lambda spec: (spec, ""))
    monkeypatch.setattr(one_run, "bank_of", lambda spec, device: TinyBank())
    old = one_run.checkpoint_file(WHOLE["key"])
    old.parent.mkdir(parents=True)
    shutil.copy(FILE, old)
    saved: list[Run] = []
    run = one_run.train(SPEC, CPU, keep=saved.append)
    assert saved == [run]
    assert run.key == SPEC.key(TinyBank.fingerprints)
    assert_goes_on([record.as_dict() for record in run.records], same)
    assert list(own_settings.rglob("*.safetensors")) == []  # moved, and forgotten once the run was kept


LATER = """
import json, sys
from pathlib import Path
from tests.grown import grow, measure
grow(*sys.argv[2:])
import torch
from sgd_core.training import environment, loop
from tests.training import test_old_checkpoint as old
from tests.training.banks import finished, TinyBank

measure(loop)
torch.set_num_threads(1)
loop.initial_head = old.small_head
there = old.kept(old.FILE)["environment"]
environment.equality = lambda device: there
training = old.training(Path(sys.argv[1]))
print(json.dumps([record.as_dict() for record in training]))
assert training.key == old.SPEC.key(TinyBank.fingerprints)
"""
"""A version with one more setting and column trains the run, from the checkpoint where there is one, and keeps one."""


def test_a_later_version_goes_on_from_the_old_checkpoint_too(file: Path, same: bool) -> None:
    records = json.loads(process(LATER, file, *NAMES))
    measured = [record.pop(NAMES["column"]) for record in records]
    assert measured == [None] * KEPT + [MEASURED] * (len(records) - KEPT)
    assert_goes_on(records, same)


def test_a_checkpoint_of_a_later_version_is_refused_by_the_name_of_its_column(tmp_path: Path) -> None:
    file = tmp_path / "later.safetensors"
    process(LATER, file, "column")
    before = file.read_bytes()
    with pytest.raises(takeover.NewerVersionError, match=r"The checkpoint was written by a newer.* has grown_column,"):
        finished(training(file))
    assert file.read_bytes() == before
