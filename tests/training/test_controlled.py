"""Settings for controlled experiments: what dropout, augment, updates, weight_noise and head claim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from sgd_core.experiment.heads import FEATURES, HEADS
from sgd_core.experiment.record import EpochRecord, learned
from sgd_core.experiment.seeds import derive
from sgd_core.experiment.spec import RunSpec
from sgd_core.training import loop
from sgd_core.training.classifier import flat, initial_head
from sgd_core.training.loop import Training
from sgd_core.training.probes.gradient_noise import Backward, backward
from tests.training.banks import TRAIN, TinyBank, finished

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def on_one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def small_head(monkeypatch: pytest.MonkeyPatch) -> None:
    def small(seed: int, classes: int = 10, head: str = "paper", dropout: float = 0.5) -> nn.Sequential:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return nn.Sequential(nn.Dropout(dropout), nn.Linear(FEATURES, 16), nn.ReLU(), nn.Linear(16, classes))

    monkeypatch.setattr(loop, "initial_head", small)


def training(bank: TinyBank | None = None, file: Path | None = None, **settings: Any) -> Training:
    spec = RunSpec.parse({"epochs": 4, "batch_size": 16, "learning_rate": 0.01, "views": 5, **settings})
    return Training(spec, bank or TinyBank(), CPU, file, checkpoint_seconds=0)  # type: ignore[arg-type]


def timeless(records: list[EpochRecord]) -> list[dict[str, Any]]:
    return [{**asdict(record), "seconds": None} for record in records]


# weight_noise


def gram(head: nn.Sequential, features: Tensor, labels: Tensor) -> Tensor:
    """(n, n) inner products of the examples' gradients on the real head, from the factors of its linear layers."""
    one = backward(head, features, labels)
    rows = []
    for shift in range(len(labels)):
        other = Backward([x.roll(-shift, 0) for x in one.inputs], [d.roll(-shift, 0) for d in one.deltas])
        rows.append(one.inner(other))
    n = len(labels)
    return torch.stack([torch.stack([rows[(j - i) % n][i] for j in range(n)]) for i in range(n)])


def test_the_gradient_of_a_weighted_batch_has_the_covariance_of_its_formula() -> None:
    """Cov = ((1 + v) Sigma + v G G')/B for batches with replacement, on the real head: its trace, and along G."""
    v, batch, draws = 3.0, 8, 6000
    bank = TinyBank()
    labels = torch.from_numpy(bank.images.labels("train")) % 2  # two classes: a mean gradient that is not small
    products = gram(initial_head(0).eval(), bank.clean("train"), labels)
    n, along = len(labels), products.mean(1)  # g_i . G
    norm = float(along.mean())
    trace = float(products.diagonal().mean()) - norm
    run, random = training(weight_noise=v), torch.Generator().manual_seed(0)
    away, projected = [], []
    for k in range(draws):
        weights = run._example_weights(k, batch)
        assert weights is not None
        share = torch.zeros(n, dtype=torch.float64)
        share.index_add_(0, torch.randint(n, (batch,), generator=random), weights.double() / batch)
        away.append(share @ products @ share - 2 * share @ along + norm)
        projected.append(share @ along)
    assert float(torch.stack(away).mean()) == pytest.approx(((1 + v) * trace + v * norm) / batch, rel=0.05)
    sigma = float(along.square().mean()) - norm**2
    expected = ((1 + v) * sigma + v * norm**2) / batch
    assert float(torch.stack(projected).var()) == pytest.approx(expected, rel=0.08)
    assert v * norm**2 > 0.3 * expected
    assert float(torch.stack(projected).mean()) == pytest.approx(norm, rel=0.05)  # and no bias


@pytest.mark.usefixtures("small_head")
def test_an_update_is_that_of_the_weighted_losses_and_the_train_loss_that_of_the_plain_ones() -> None:
    plain, noisy = (training(weight_noise=v, dropout=0, momentum=0, updates=1, augment=False) for v in (0.0, 5.0))
    losses = [finished(run)[1].train_loss for run in (plain, noisy)]
    assert losses[0] == losses[1]
    start = loop.initial_head(0, 10, "paper", 0.0)  # type: ignore[attr-defined]  # the small one
    features = TinyBank().clean("train").float()
    order = torch.randperm(TRAIN, generator=torch.Generator().manual_seed(derive(0, 0, "order")))[:16]
    weights = noisy._example_weights(0, TRAIN)
    assert weights is not None
    given = noisy._given[order]
    (weights[order] * cross_entropy(start(features[order]), given, reduction="none")).mean().backward()
    moved = torch.cat([(p - 0.01 * p.grad).detach().reshape(-1) for p in start.parameters() if p.grad is not None])
    assert torch.allclose(flat(noisy._head), moved, atol=1e-7)


def test_weights_are_drawn_from_seed_and_epoch_and_are_none_without_noise() -> None:
    run = training(weight_noise=4.0)
    one, again, next_epoch = (run._example_weights(k, 100_000) for k in (3, 3, 4))
    other_seed = training(weight_noise=4.0, seed=1)._example_weights(3, 100_000)
    assert one is not None
    assert again is not None
    assert next_epoch is not None
    assert other_seed is not None
    assert torch.equal(one, again)
    assert not torch.equal(one, next_epoch)
    assert not torch.equal(one, other_seed)
    assert float(one.mean()) == pytest.approx(1, abs=0.03)
    assert float(one.var()) == pytest.approx(4, rel=0.03)
    assert training()._example_weights(3, 10) is None


# updates


@pytest.mark.usefixtures("small_head")
@pytest.mark.parametrize("updates", [1, 3, 4, 8])
def test_a_run_stops_after_exactly_so_many_updates(updates: int) -> None:
    whole, cut = training(epochs=4), training(updates=updates)
    records = finished(cut)
    assert records[-1].updates == updates
    assert cut.status in ("done", "failed to learn")
    whole_epochs = updates // 3
    assert timeless(records)[: whole_epochs + 1] == [
        {**record, "test_loss": cut_record["test_loss"], "test_correct": cut_record["test_correct"]}
        for record, cut_record in zip(timeless(finished(whole))[: whole_epochs + 1], timeless(records), strict=False)
    ]  # the same run until then; near its end the test images are scored more often


@pytest.mark.usefixtures("small_head")
@pytest.mark.parametrize("settings", [{"updates": 11}, {"weight_noise": 2.0}, {"augment": False}, {"dropout": 0.0}])
def test_such_a_run_goes_on_from_its_checkpoint_bit_for_bit(tmp_path: Path, settings: dict[str, Any]) -> None:
    expected, file = timeless(finished(training(**settings))), tmp_path / "run.safetensors"
    for record in training(file=file, **settings):
        if record.epoch == 1:
            break
    resumed = training(file=file, **settings)
    assert timeless(finished(resumed)) == expected
    assert resumed.repeatable


@pytest.mark.usefixtures("small_head")
def test_long_runs_are_scored_about_150_times_and_at_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    long = training(updates=603, batch_size=45)
    scored = [k for k in range(-1, 603) if long._scores(k)]
    assert 120 < len(scored) <= 165
    assert scored[:2] == [-1, 0]
    assert scored[-10:] == list(range(593, 603))
    short = training(updates=200, batch_size=45)
    assert all(short._scores(k) for k in range(-1, 200))
    run = training(epochs=4)
    monkeypatch.setattr(run, "_scores", lambda k: k != 1)
    records = finished(run)
    assert [record.reported_loss is None for record in records] == [False, False, True, False, False]
    assert [record.val_loss is None for record in records] == [False, False, True, False, False]
    assert all(record.train_loss is not None for record in records[1:])
    assert run.status in ("done", "failed to learn")


# augment


@pytest.mark.usefixtures("small_head")
def test_without_augmentation_no_view_is_made_and_training_is_scored_on_what_it_saw() -> None:
    bank = TinyBank()
    run = training(bank, augment=False, dropout=0.0)
    records = finished(run)
    assert bank.asked == []
    with torch.no_grad():
        logits = run._head.eval()(bank.clean("train").float())
    assert records[-1].reported_loss == pytest.approx(float(cross_entropy(logits, run._given)), rel=1e-5)


# dropout and head


@pytest.mark.parametrize("name", HEADS)
def test_a_head_is_built_as_its_entry_says(name: str) -> None:
    head = initial_head(0, 10, name, 0.25)
    assert sum(parameter.numel() for parameter in head.parameters()) == HEADS[name].parameters(10)
    assert [layer.out_features for layer in head if isinstance(layer, nn.Linear)] == [*HEADS[name].hidden, 10]
    assert {layer.p for layer in head if isinstance(layer, nn.Dropout)} == {0.25}
    assert head(torch.zeros(3, FEATURES)).shape == (3, 10)


def test_the_papers_head_is_the_papers() -> None:
    assert HEADS["paper"].parameters(10) == 9_570_698
    assert [type(layer).__name__ for layer in initial_head(0)] == [
        "Dropout", "Linear", "ReLU", "Dropout", "Linear", "ReLU", "Linear",
    ]  # fmt: skip


@pytest.mark.usefixtures("small_head")
def test_without_dropout_the_train_loss_of_one_batch_is_that_of_the_head() -> None:
    run = training(dropout=0.0, updates=1, batch_size=45, augment=False)
    start = next(iter(run))
    assert finished(training(dropout=0.0, updates=1, batch_size=45, augment=False))[1].train_loss == pytest.approx(
        start.reported_loss, rel=1e-6
    )


# failed to learn


@pytest.mark.usefixtures("small_head")
@pytest.mark.parametrize(
    ("settings", "status"),
    [({"epochs": 15}, "done"), ({"learning_rate": 1e-9, "epochs": 1}, "failed to learn"),
     ({"learning_rate": 10.0, "momentum": 0.0, "epochs": 2}, "failed to learn")],
)  # fmt: skip
def test_a_run_that_ends_at_chance_or_explodes_failed_to_learn(settings: dict[str, Any], status: str) -> None:
    run = training(**settings)
    finished(run)
    assert run.status == status


@pytest.mark.parametrize(
    ("correct", "loss", "is_learned"),
    [(2900, 0.1, True), (297, 2.3, False), (345, 2.29, False), (346, 2.29, True), (2900, 6e18, False),
     (2900, 4.7, False), (2900, 4.5, True), (2900, None, False)],
)  # fmt: skip
def test_what_counts_as_learned(correct: int, loss: float | None, is_learned: bool) -> None:
    """Chance is 296.7 of 2967, three binomial standard errors are 49.0; twice log(10) is 4.605."""
    assert learned(correct, loss, 2967, 10) is is_learned
