"""One run: repeatable, resumable, cancellable, and measured as the records say.

The head is a small one here, 300,000 parameters instead of 9,570,698, which takes a run from a second to milliseconds.
"""

from __future__ import annotations

import json
import math
import resource
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from sgd_core.experiment import schedules
from sgd_core.experiment.glimpse import Glimpse, due
from sgd_core.experiment.heads import FEATURES
from sgd_core.experiment.record import EpochRecord
from sgd_core.experiment.run import Run
from sgd_core.experiment.seeds import derive
from sgd_core.experiment.spec import RunSpec
from sgd_core.images.places import DataError
from sgd_core.runs.kept import publication, table
from sgd_core.runs.kept.store import Store
from sgd_core.training import classifier, environment, loop
from sgd_core.training.classifier import flat
from sgd_core.training.data import with_noise
from sgd_core.training.features import Cancelled
from sgd_core.training.loop import Training
from sgd_core.training.probes import Moment, Probes
from tests.runs.made import made
from tests.training.banks import TRAIN, VAL, TinyBank, finished

CPU = torch.device("cpu")
FEW_STEPS = {"batch_size": 64, "learning_rate": 0.01, "views": 3}
"""One step an epoch."""


def initial_head(seed: int, classes: int = 10, head: str = "paper", dropout: float = 0.5) -> nn.Sequential:
    """A small head with what the real one has: dropout, a hidden layer, and a start drawn from the seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "init"))
        return nn.Sequential(nn.Dropout(dropout), nn.Linear(FEATURES, 32), nn.ReLU(), nn.Linear(32, classes))


@pytest.fixture(autouse=True)
def small_and_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(loop, "initial_head", initial_head)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def training(bank: TinyBank | None = None, *, keywords: Mapping[str, Any] | None = None, **settings: Any) -> Training:
    spec = RunSpec.parse({"epochs": 4, **FEW_STEPS, **settings})
    return Training(spec, bank or TinyBank(), CPU, **(keywords or {}))  # type: ignore[arg-type]


def timeless(records: list[EpochRecord]) -> list[dict[str, Any]]:
    return [{name: value for name, value in record.as_dict().items() if name != "seconds"} for record in records]


def as_run(ended: Training) -> Run:
    """The run as it would be kept, with the provenance of a made-up one."""
    assert ended.status is not None
    provenance = made(epochs=1).provenance
    return Run(ended.key, ended.spec, ended.status, ended.image_counts(), provenance, ended.records, ended.measurements)


class Seen:
    """A probe that keeps what it is shown."""

    def __init__(self) -> None:
        self.epochs: list[int] = []
        self.parameters: list[Tensor] = []
        self.features: list[Tensor] = []
        self.logits: list[Tensor] = []
        self.labels: list[Tensor] = []

    def __call__(self, moment: Moment) -> Mapping[str, float]:
        self.epochs.append(moment.epoch)
        self.parameters.append(flat(moment.head).clone())
        self.features.append(moment.features)
        self.labels.append(moment.labels)
        with torch.inference_mode():
            self.logits.append(moment.head(moment.features.float()))
        return {"twice": 2.0 * moment.epoch, "nothing": float("nan")}


def watching(epochs: set[int]) -> tuple[Seen, dict[str, Probes]]:
    seen = Seen()
    return seen, {"probes": Probes({"seen": seen}, {"seen": frozenset(epochs)})}


# Glimpses


def looked_at(**settings: Any) -> tuple[Training, list[Glimpse]]:
    seen: list[Glimpse] = []
    run = training(batch_size=4, epochs=5, keywords={"glimpsed": seen.append}, **settings)
    finished(run)
    return run, seen


@pytest.mark.parametrize("settings", [{}, {"label_noise": 0.3}, {"augment": False}, {"weight_noise": 1.0}])
def test_a_run_that_is_looked_at_is_bit_for_bit_the_same(settings: dict[str, Any]) -> None:
    watched, seen = looked_at(**settings)
    alone = training(batch_size=4, epochs=5, **settings)
    finished(alone)
    assert seen
    assert timeless(watched.records) == timeless(alone.records)
    assert torch.equal(flat(watched._head), flat(alone._head))
    assert watched.key == alone.key
    assert as_run(watched).measurements == as_run(alone).measurements


def test_a_glimpse_lies_between_the_records() -> None:
    run, seen = looked_at(momentum=0.5)
    plan = run.plan
    assert sorted({math.floor(each.epoch) + 1 for each in seen}) == [0, 1, 2]  # the first epochs only
    assert [each.updates for each in seen] == sorted({each.updates for each in seen})
    for each in seen:
        k, steps = math.floor(each.epoch) + 1, 12  # of 45 images, 4 at a time
        step = each.updates - k * steps
        assert each.epoch == pytest.approx(k - 1 + step / steps)
        assert each.training_time == pytest.approx(each.updates * plan[0].learning_rate)
        by_hand = sum(plan[0].learning_rate * (1 - 0.5 ** (t + 1)) for t in range(each.updates))
        assert each.effective_time == pytest.approx(by_hand)
        assert (each.reported_images, each.val_images) == (TRAIN // 4, VAL)
        assert step * 4 <= TRAIN - each.reported_images  # none of the sample has been trained on in this epoch


def test_a_glimpse_scores_the_head_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[Tensor] = []
    seen: list[Glimpse] = []
    run = training(batch_size=4, epochs=1)

    def look(glimpse: Glimpse) -> None:
        assert run._head.training
        heads.append(flat(run._head).clone())
        seen.append(glimpse)

    run.glimpsed = look
    finished(run)
    head, bank = initial_head(0).eval(), TinyBank()
    order = torch.randperm(TRAIN, generator=torch.Generator().manual_seed(derive(0, 0, "order")))
    rows = order[-(TRAIN // 4) :]
    torch.nn.utils.vector_to_parameters(heads[-1], head.parameters())
    labels = torch.from_numpy(bank.images.labels("train"))
    correct = int((head(bank.view(0)[rows].float()).argmax(1) == labels[rows]).sum())
    assert seen[-1].reported_correct == correct
    val = torch.from_numpy(bank.images.labels("val"))
    assert seen[-1].val_correct == int((head(bank.clean("val").float()).argmax(1) == val).sum())


def test_the_losses_of_glimpses_are_of_the_batches_between_them() -> None:
    run, seen = looked_at()
    first = [each for each in seen if each.epoch < 0]
    steps = [now.updates - before for now, before in zip(first, [0, *(each.updates for each in first)], strict=False)]
    said = sum(each.train_loss * step for each, step in zip(first, steps, strict=True))
    whole = run.records[1].train_loss
    assert whole is not None
    assert 0 < said < whole * 12  # the batches after the last look are missing
    assert said / sum(steps) == pytest.approx(whole, rel=0.2)


def test_where_an_epoch_is_looked_at() -> None:
    assert due(38, 16, 600) == {5: 100, 10: 100, 14: 100, 19: 100, 24: 100, 28: 100}
    assert due(3, 256, 600) == {1: 100}
    assert due(1, 600, 600) == {}
    assert due(2, 1, 2) == {}


# What a record says


def test_a_run_is_planned_by_its_schedule() -> None:
    run = training(schedule="step", decay_every=2, batch_growth=2, batch_size=16, epochs=5)
    records = finished(run)
    assert [record.epoch for record in records] == [-1, 0, 1, 2, 3, 4]
    for record, planned in zip(records[1:], schedules.plan(run.spec, TRAIN), strict=True):
        assert (record.updates, record.training_time, record.learning_rate, record.batch_size) == (
            planned.updates, planned.training_time, planned.learning_rate, planned.batch_size,
        )  # fmt: skip
    assert run.status == "done"


def test_the_first_record_is_of_the_untrained_head() -> None:
    first = next(iter(training()))
    assert (first.epoch, first.updates, first.training_time, first.distance_from_init) == (-1, 0, 0.0, 0.0)
    assert (first.train_loss, first.learning_rate, first.batch_size) == (None, None, None)
    assert first.weight_norm == pytest.approx(float(flat(initial_head(0)).norm()))


def test_two_steps_are_those_of_momentum_sgd_by_hand() -> None:
    seen, keywords = watching({1})
    run = training(epochs=2, momentum=0.7, schedule="exponential", decay_rate=0.5, keywords=keywords)
    finished(run)

    bank, head = TinyBank(), initial_head(0)
    velocities = [torch.zeros_like(parameter) for parameter in head.parameters()]
    for k, rate in enumerate(schedules.learning_rates(run.spec)):
        loss = dropped_out_loss(head, bank, k, list(range(TRAIN)))
        gradients = torch.autograd.grad(loss, list(head.parameters()))
        with torch.no_grad():
            for parameter, velocity, gradient in zip(head.parameters(), velocities, gradients, strict=True):
                velocity.mul_(0.7).add_(gradient)
                parameter.sub_(rate * velocity)
    moved = float((flat(head) - flat(initial_head(0))).norm())
    assert moved > 0.1
    assert float((flat(head) - seen.parameters[0]).norm()) < 1e-5 * moved


def dropped_out_loss(head: nn.Module, bank: TinyBank, epoch: int, rows: list[int]) -> Tensor:
    """The loss of one batch in the order and with the dropout of seed 0; only for the first batch of an epoch."""
    order = torch.randperm(TRAIN, generator=torch.Generator().manual_seed(derive(0, epoch, "order")))[rows]
    head.train()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(0, epoch, "dropout"))
        labels = torch.from_numpy(bank.images.labels("train"))
        return cross_entropy(head(bank.view(epoch)[order].float()), labels[order])


def test_train_loss_is_the_mean_of_batch_means_the_last_partial_batch_as_one() -> None:
    run = training(epochs=1, batch_size=32, learning_rate=1e-12)  # too little to change a weight
    loss = finished(run)[-1].train_loss
    head, bank = initial_head(0).train(), TinyBank()
    order = torch.randperm(TRAIN, generator=torch.Generator().manual_seed(derive(0, 0, "order")))
    labels = torch.from_numpy(bank.images.labels("train"))
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(derive(0, 0, "dropout"))
        losses = [float(cross_entropy(head(bank.view(0)[b].float()), labels[b])) for b in (order[:32], order[32:])]
    assert len(order[32:]) == 13
    assert loss == pytest.approx(sum(losses) / 2, rel=1e-6)
    assert loss != pytest.approx((32 * losses[0] + 13 * losses[1]) / 45, rel=1e-4)


def test_a_record_counts_what_the_head_gets_right_on_the_view_it_is_scored_on() -> None:
    seen, keywords = watching(set(range(-1, 4)))
    records = finished(training(keywords=keywords))
    assert seen.epochs == [-1, 0, 1, 2, 3]
    labels = torch.from_numpy(TinyBank().images.labels("train"))
    for record, logits, parameters in zip(records, seen.logits, seen.parameters, strict=True):
        assert record.reported_correct == record.reported_correct_true == int((logits.argmax(1) == labels).sum())
        assert record.reported_loss == pytest.approx(float(cross_entropy(logits, labels)), rel=1e-5)
        assert record.weight_norm == pytest.approx(float(parameters.norm()), rel=1e-6)
        moved = float((parameters - flat(initial_head(0))).norm())
        assert record.distance_from_init == pytest.approx(moved, rel=1e-5)


@pytest.mark.parametrize("views", [2, 3, 7])
def test_an_epoch_is_never_scored_on_the_view_it_was_trained_on(views: int) -> None:
    seen, keywords = watching(set(range(-1, 6)))
    bank = TinyBank()
    finished(training(bank, epochs=6, views=views, keywords=keywords))
    assert bank.asked == [0, *((k + 1) % views for k in range(6))]  # each is scored on, then trained on
    for k, features in zip(seen.epochs, seen.features, strict=True):
        assert torch.equal(features, TinyBank().view((k + 1) % views if k >= 0 else 0))
        if k >= 0:
            assert not torch.equal(features, TinyBank().view(k % views))


def test_validation_and_test_images_are_scored_without_augmentation() -> None:
    seen, keywords = watching({3})
    last = finished(training(keywords=keywords))[-1]
    head = initial_head(0).eval()
    nn.utils.vector_to_parameters(seen.parameters[0], head.parameters())
    for split, correct, loss in (
        ("val", last.val_correct, last.val_loss),
        ("test", last.test_correct, last.test_loss),
    ):
        labels = torch.from_numpy(TinyBank().images.labels(split))
        with torch.inference_mode():
            logits = head(TinyBank().clean(split).float())
        assert correct == int((logits.argmax(1) == labels).sum())
        assert loss == pytest.approx(float(cross_entropy(logits, labels)), rel=1e-5)


def test_the_test_images_are_scored_in_the_last_ten_epochs_at_least() -> None:
    run = training(epochs=18)
    heard = list(run)
    scored = [record.epoch for record in run.records if record.test_correct is not None]
    assert scored == [-1, 4, *range(8, 18)]
    assert all((record.test_correct is None) == (record.test_loss is None) for record in run.records)
    assert heard[0].test_loss is None
    assert heard[1:] == run.records[1:]


def test_the_features_of_the_test_images_are_made_last() -> None:
    bank, asked = TinyBank(), []
    original = bank.clean
    bank.clean = lambda split, *rest: asked.append(split) or original(split, *rest)  # type: ignore[method-assign,func-returns-value]
    run = training(bank, epochs=18)
    for record in run:
        assert ("test" in asked) == (record.epoch >= 4)
    assert asked == ["val", "test"]
    untrained = initial_head(0).eval()
    with torch.inference_mode():
        logits = untrained(TinyBank().clean("test").float())
    labels = torch.from_numpy(TinyBank().images.labels("test"))
    assert run.records[0].test_correct == int((logits.argmax(1) == labels).sum())
    assert run.records[0].test_loss == pytest.approx(float(cross_entropy(logits, labels)), rel=1e-5)


class MakingBank(TinyBank):
    """Makes every set of features once, in ten seconds of its own clock, and reports it in two parts."""

    def __init__(self) -> None:
        super().__init__()
        self.made: set[int | str] = set()
        self.clock = 0.0

    def has(self, number: int) -> bool:
        return number in self.made

    def has_clean(self, split: str) -> bool:
        return split in self.made

    def view(self, number: int, report: Any = None, cancelled: object = None) -> torch.Tensor:
        self._make(number, TRAIN, report)
        return super().view(number)

    def clean(self, split: str, report: Any = None, cancelled: object = None) -> torch.Tensor:
        self._make(split, len(self.images.labels(split)), report)
        return super().clean(split)

    def _make(self, name: int | str, images: int, report: Any) -> None:
        if name not in self.made:
            self.clock += 10
            report(images // 2, images)
            report(images, images)
            self.made.add(name)


def test_the_making_of_features_is_one_count_and_no_time_of_an_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    bank = MakingBank()
    monkeypatch.setattr("sgd_core.training.loop.time.perf_counter", lambda: bank.clock)
    heard: list[tuple[int, int]] = []
    run = training(bank, epochs=6, views=4, keywords={"report": lambda *told: heard.append(told)})
    finished(run)
    counts = [done for done, _ in heard]
    assert {total for _, total in heard} == {4 * TRAIN + 20 + 30}
    assert counts == sorted(counts)
    assert counts[-1] == 4 * TRAIN + 20 + 30
    assert bank.clock == 60
    assert [record.seconds for record in run.records] == [0.0] * 7


def test_what_a_resumed_run_still_lacks_is_counted(tmp_path: Path) -> None:
    bank, keywords = MakingBank(), {"checkpoint_file": tmp_path / "run.safetensors", "checkpoint_seconds": 0}
    first = training(bank, epochs=6, views=10, keywords={**keywords, "report": lambda *_: None})
    for record in first:
        if record.epoch == 1:
            break
    heard: list[tuple[int, int]] = []
    finished(training(bank, epochs=6, views=10, keywords={**keywords, "report": lambda *told: heard.append(told)}))
    assert bank.made == {*range(7), "val", "test"}
    assert heard[0][1] == heard[-1][0] == 4 * TRAIN


def test_a_set_without_test_images_has_no_test_counts() -> None:
    bank = TinyBank()
    bank.images.splits = lambda: ["train", "val"]  # type: ignore[method-assign]
    run = training(bank, epochs=2)
    assert {record.test_correct for record in run} == {None}
    assert run.image_counts() == {"train_images": 45, "val_images": 20, "test_images": None}


def test_label_noise_changes_what_is_trained_on_and_both_labels_are_counted() -> None:
    seen, keywords = watching({11})
    run = training(epochs=12, learning_rate=0.03, label_noise=0.4, keywords=keywords)
    last = finished(run)[-1]
    true = torch.from_numpy(TinyBank().images.labels("train"))
    given = seen.labels[0]
    assert int((given != true).sum()) == round(0.4 * TRAIN) == 18
    assert torch.equal(given, torch.from_numpy(with_noise(true.numpy(), 0.4, 10)))
    predicted = seen.logits[0].argmax(1)
    assert last.reported_correct == int((predicted == given).sum())
    assert last.reported_correct_true == int((predicted == true).sum())
    assert last.reported_correct != last.reported_correct_true
    assert last.reported_loss == pytest.approx(float(cross_entropy(seen.logits[0], given)), rel=1e-5)


def test_label_noise_is_the_same_for_every_seed() -> None:
    labels = []
    for seed in (0, 1):
        seen, keywords = watching({-1})
        next(iter(training(label_noise=0.4, seed=seed, keywords=keywords)))
        labels.append(seen.labels[0])
    assert torch.equal(*labels)


def test_fewer_images_per_class_are_trained_on_and_counted_out_of() -> None:
    run = training(images_per_class=3, epochs=1)
    assert run.image_counts() == {"train_images": 30, "val_images": 20, "test_images": 30}
    assert finished(run)[-1].batch_size == 30


# Repeating, stopping and going on


def test_the_same_spec_gives_identical_records() -> None:
    assert timeless(finished(training())) == timeless(finished(training()))


@pytest.mark.parametrize("change", [{"seed": 1}, {"batch_size": 32}, {"momentum": 0.8}, {"label_noise": 0.2}])
def test_another_setting_gives_other_records(change: dict[str, Any]) -> None:
    assert timeless(finished(training(**change)))[-1] != timeless(finished(training()))[-1]


def test_random_numbers_drawn_elsewhere_change_nothing() -> None:
    expected = timeless(finished(training()))
    torch.manual_seed(99)
    records = []
    for record in training():
        torch.rand(7)
        records.append(record)
    assert timeless(records)[1:] == expected[1:]


def interrupted(file: Path, after: int, **settings: Any) -> Training:
    """A run that was left after epoch `after`, with a checkpoint of every epoch."""
    run = training(keywords={"checkpoint_file": file, "checkpoint_seconds": 0}, **settings)
    for record in run:
        if record.epoch == after:
            break
    return run


@pytest.mark.parametrize("after", [0, 2, 4])
def test_a_run_goes_on_from_its_checkpoint_as_if_it_had_never_stopped(tmp_path: Path, after: int) -> None:
    settings: dict[str, Any] = {"epochs": 6, "batch_size": 16, "schedule": "time"}
    expected, file = timeless(finished(training(**settings))), tmp_path / "run.safetensors"
    left = interrupted(file, after, **settings)
    bank = TinyBank()
    resumed = training(bank, keywords={"checkpoint_file": file}, **settings)
    records = finished(resumed)
    assert timeless(records) == expected
    assert records[: after + 2] == left.records  # their seconds too: these were not made again
    assert len(bank.asked) == 6 - after  # the next epoch's view, and one for each epoch that was left
    assert resumed.status == "done"


def test_a_run_without_momentum_resumes_too(tmp_path: Path) -> None:
    file = tmp_path / "run.safetensors"
    interrupted(file, 1, momentum=0.0)
    assert timeless(finished(training(momentum=0.0, keywords={"checkpoint_file": file}))) == timeless(
        finished(training(momentum=0.0))
    )


def test_measurements_are_kept_across_a_resume_and_made_once(tmp_path: Path) -> None:
    file, chosen = tmp_path / "run.safetensors", {-1, 1, 3}
    keywords = {**watching(chosen)[1], "checkpoint_file": file, "checkpoint_seconds": 0}
    first = training(keywords=keywords)
    for record in first:
        if record.epoch == 2:
            break
    assert [row["epoch"] for row in first.measurements if row["name"] == "twice"] == [-1, 1]
    seen, probes = watching(chosen)
    resumed = training(keywords={**probes, "checkpoint_file": file})
    finished(resumed)
    assert seen.epochs == [3]
    assert resumed.measurements == [
        {"probe": "seen", "epoch": epoch, "name": name, "value": value}
        for epoch in (-1, 1, 3)
        for name, value in (("twice", 2.0 * epoch), ("nothing", None))
    ]


def test_a_probe_changes_nothing() -> None:
    assert timeless(finished(training(keywords=watching({-1, 0, 1, 2, 3})[1]))) == timeless(finished(training()))


@pytest.mark.parametrize("other", [{"seed": 1}, {"learning_rate": 0.02}])
def test_a_checkpoint_of_another_run_is_ignored(tmp_path: Path, other: dict[str, Any]) -> None:
    file = tmp_path / "run.safetensors"
    interrupted(file, 2, **other)
    resumed = training(keywords={"checkpoint_file": file})
    records = finished(resumed)
    assert [record.epoch for record in records] == [-1, 0, 1, 2, 3]
    assert timeless(records) == timeless(finished(training()))


@pytest.mark.parametrize("changed", [{"device": "cpu: another"}, {"torch": "1.0", "threads": 64}])
def test_a_checkpoint_of_another_machine_is_set_aside_and_the_run_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any]
) -> None:
    file = tmp_path / "run.safetensors"
    left = interrupted(file, 2)
    equality = environment.equality
    monkeypatch.setattr(environment, "equality", lambda device: {**equality(device), **changed})
    resumed = training(keywords={"checkpoint_file": file})
    records = finished(resumed)
    assert timeless(records) == timeless(finished(training()))
    assert records[0].seconds != left.records[0].seconds
    assert "starts anew" in resumed.note
    assert all(str(value) in resumed.note for value in changed.values())
    assert (tmp_path / "run.other.safetensors").is_file()
    assert resumed.repeatable


def test_a_run_goes_on_with_another_number_of_threads_and_is_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "run.safetensors"
    left = interrupted(file, 1)
    equality = environment.equality
    with monkeypatch.context() as patch:
        patch.setattr(environment, "equality", lambda device: {**equality(device), "threads": 64})
        resumed = training(keywords={"checkpoint_file": file, "checkpoint_seconds": 0})
        records = iter(resumed)
        early = [next(records) for _ in range(4)]
        assert early[0].seconds == left.records[0].seconds
        assert resumed.note == (
            "This run goes on from its checkpoint, but is not exactly repeatable: threads was 1, is 64."
        )
        assert not resumed.repeatable
        assert isinstance(records, Generator)
        records.close()
    again = training(keywords={"checkpoint_file": file})  # and stays marked when it is stopped once more
    assert timeless(finished(again)) == timeless(finished(training()))
    assert not again.repeatable


def test_a_checkpoint_that_is_past_what_is_to_be_measured_is_not_gone_on_with(tmp_path: Path) -> None:
    file = tmp_path / "run.safetensors"
    interrupted(file, 2)
    _, keywords = watching({0, 3})
    resumed = training(keywords={"checkpoint_file": file, **keywords})
    assert timeless(finished(resumed)) == timeless(finished(training()))
    assert {row["epoch"] for row in resumed.measurements} == {0, 3}
    assert resumed.note == "This run starts anew: its checkpoint is past epochs at which seen was to be measured."
    _, keywords = watching({3})
    interrupted(file, 2)
    later = training(keywords={"checkpoint_file": file, **keywords})
    finished(later)
    assert (later.note, {row["epoch"] for row in later.measurements}) == ("", {3})


def test_a_corrupt_checkpoint_is_ignored(tmp_path: Path) -> None:
    file = tmp_path / "run.safetensors"
    interrupted(file, 2)
    file.write_bytes(file.read_bytes()[:1000])
    assert timeless(finished(training(keywords={"checkpoint_file": file}))) == timeless(finished(training()))


def test_checkpoints_are_spaced_by_wall_time_and_forgotten_on_request(tmp_path: Path) -> None:
    file = tmp_path / "run.safetensors"
    finished(training(keywords={"checkpoint_file": file, "checkpoint_seconds": 3600}))
    assert not file.exists()
    run = interrupted(file, 2)
    assert file.exists()
    run.forget_checkpoint()
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_run_stops_within_an_epoch_and_keeps_its_records() -> None:
    stop = False
    run = training(keywords={"cancelled": lambda: stop})
    for record in run:
        stop = record.epoch == 1
    assert run.status == "cancelled"
    assert timeless(run.records)[1:] == timeless(finished(training()))[1:3]


def test_a_run_cancelled_while_a_view_is_made_keeps_its_records() -> None:
    class Slow(TinyBank):
        def view(self, number: int, report: object = None, cancelled: Any = None) -> Tensor:
            if number == 2 and cancelled():
                raise Cancelled("view-0002")
            return super().view(number)

    stop = False
    run = training(Slow(), keywords={"cancelled": lambda: stop})
    for record in run:
        stop = record.epoch == 0
    assert run.status == "cancelled"
    assert [record.epoch for record in run.records] == [-1, 0]


def test_a_diverging_run_ends_as_diverged_and_its_curve_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "initial_head", classifier.initial_head)  # the small one stands even this
    run = training(epochs=50, learning_rate=10, batch_size=16)
    records = finished(run)
    assert run.status == "diverged"
    assert 2 <= len(records) < 20
    last = records[-1]
    assert last.train_loss is None or last.reported_loss is None
    assert all(record.reported_loss is not None for record in records[:-1])
    assert json.loads(json.dumps([record.as_dict() for record in records], allow_nan=False))

    kept, store = as_run(run), Store(tmp_path / "published", tmp_path / "runs")
    store.save(kept)
    assert store.has(run.key)
    listed = store.runs()
    assert listed["status"].tolist() == ["diverged"]
    rows = [{"key": run.key, **record.as_dict()} for record in records]
    assert table.rows(store.epochs(listed)[table.EPOCH_COLUMNS]) == rows

    paper_run = made(batch_size=512)
    store.save(Run(paper_run.key, paper_run.spec, "diverged", kept.images, kept.provenance, records))
    publication.prepare(store).write()
    published = table.rows(Store(tmp_path / "published", tmp_path / "none").published.frame("epochs"))
    assert published == [{**row, "key": paper_run.key} for row in rows]


def test_a_full_disk_costs_the_checkpoint_and_not_the_run(tmp_path: Path) -> None:
    file = tmp_path / "run.safetensors"
    whole = training()
    wanted = list(whole)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))  # files may not grow beyond this: as a full disk
    try:
        run = training(keywords={"checkpoint_file": file, "checkpoint_seconds": 0.0})
        records = list(run)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert run.status == whole.status
    assert [replace(record, seconds=0.0) for record in records] == [replace(each, seconds=0.0) for each in wanted]
    assert run.note.count(loop.UNSAVED) == 1
    assert str(file) in run.note
    assert list(tmp_path.iterdir()) == []


def test_a_broken_test_image_stops_a_run_after_its_first_point_and_not_halfway() -> None:
    bank = TinyBank()

    def images(split: str) -> np.ndarray:
        if split == "test":
            raise DataError("test/Bean/0001.jpg cannot be decoded")
        return np.zeros((1, 1, 1, 3), dtype=np.uint8)

    bank.images.images = images  # type: ignore[method-assign]
    bank.has_clean = lambda split: split != "test"  # type: ignore[method-assign]
    records = iter(training(bank, epochs=40))
    assert [next(records).epoch for _ in range(2)] == [-1, 0]
    with pytest.raises(DataError, match=r"0001\.jpg"):
        next(records)
