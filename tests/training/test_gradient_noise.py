"""The gradient noise probe against autograd, one example at a time, and against its own closed forms."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from sgd_core.experiment.heads import FEATURES, HEADS
from sgd_core.experiment.spec import RunSpec
from sgd_core.training import classifier, loop
from sgd_core.training.loop import Training
from sgd_core.training.probes import Moment, Probes, gradient_noise
from tests.training.banks import TinyBank


def small_head() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Dropout(0.5), nn.Linear(30, 12), nn.ReLU(), nn.Dropout(0.5), nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 10)
    )


def small_moment(head: nn.Sequential, images: int = 1500) -> Moment:
    torch.manual_seed(1)
    labels = torch.arange(images) % 10
    features = (torch.randn(10, 30)[labels] + torch.randn(images, 30)).clamp(min=0).half()
    return Moment(RunSpec(), 0, head, features, labels)


def example_gradient(head: nn.Sequential, features: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    head.zero_grad()
    cross_entropy(head(features[None].float()), label[None]).backward()
    return torch.cat([p.grad.reshape(-1) for p in head.parameters() if p.grad is not None])


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", HEADS)
def test_factors_are_the_gradients_of_autograd_for_every_head(
    name: str, training: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classifier, "FEATURES", 30)
    narrow = tuple(width // 64 for width in HEADS[name].hidden)
    monkeypatch.setitem(HEADS, name, replace(HEADS[name], hidden=narrow))
    head = classifier.initial_head(0, 10, name)
    moment = small_moment(head, 20)
    head.train(training)
    torch.manual_seed(3)
    factors = gradient_noise.backward(head, moment.features, moment.labels)
    torch.manual_seed(3)  # the same dropout masks: one forward pass over all examples
    losses = cross_entropy(head(moment.features.float()), moment.labels, reduction="none")
    gradients = [torch.autograd.grad(loss, list(head.parameters()), retain_graph=True) for loss in losses]
    rows = torch.stack([torch.cat([part.reshape(-1) for part in gradient]) for gradient in gradients])
    assert torch.allclose(factors.inner(factors), rows.square().sum(1).double(), rtol=1e-4)
    mean = torch.cat([part.reshape(-1) for part in factors.mean()])
    assert torch.allclose(mean, rows.mean(0), atol=1e-6)


def test_trace_is_the_covariance_of_all_examples() -> None:
    head = small_head().eval()
    moment = small_moment(head, 200)
    rows = torch.stack([example_gradient(head, f, y) for f, y in zip(moment.features, moment.labels, strict=True)])
    values = gradient_noise.measure(moment)
    assert values["trace"] == pytest.approx(float((rows - rows.mean(0)).square().sum(1).mean()), rel=1e-3)
    assert values["gradient_norm_squared"] == pytest.approx(float(rows.mean(0).square().sum()), rel=1e-3)
    assert values["noise_scale"] == pytest.approx(values["trace"] / values["gradient_norm_squared"])


def test_batch_variance_follows_one_over_b_and_the_finite_population() -> None:
    head = small_head()
    values = gradient_noise.measure(small_moment(head))
    for batch in (16, 128, 1024):
        expected = values["trace"] / batch
        assert abs(values[f"with_{batch}"] - expected) < 4 * values[f"with_{batch}_se"]
        expected *= (1500 - batch) / 1499
        assert abs(values[f"without_{batch}"] - expected) < 4 * values[f"without_{batch}_se"]
    assert values["without_1024"] < 0.5 * values["with_1024"]


def test_dropout_noise_is_named_apart_and_vanishes_without_dropout() -> None:
    head = small_head()
    with_masks = gradient_noise.measure(small_moment(head))
    assert with_masks["dropout_trace"] > 10 * with_masks["dropout_trace_se"] > 0
    assert with_masks["total_trace"] > with_masks["dropout_trace"]
    bare = nn.Sequential(*(layer for layer in small_head() if not isinstance(layer, nn.Dropout)))
    without = gradient_noise.measure(small_moment(bare))
    assert without["dropout_trace"] == pytest.approx(0, abs=1e-9)
    assert without["total_trace"] == pytest.approx(without["trace"], rel=1e-5)


def test_probing_leaves_the_run_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    def small(*_: object) -> nn.Sequential:
        torch.manual_seed(0)
        return nn.Sequential(nn.Dropout(0.5), nn.Linear(FEATURES, 16), nn.ReLU(), nn.Linear(16, 10))

    monkeypatch.setattr(loop, "initial_head", small)
    spec = RunSpec(epochs=3, learning_rate=1e-3, views=3)
    bare = Training(spec, TinyBank(), torch.device("cpu"))  # type: ignore[arg-type]
    probed = Training(
        spec,
        TinyBank(),  # type: ignore[arg-type]
        torch.device("cpu"),
        probes=Probes({"gradient_noise": gradient_noise.measure}, {"gradient_noise": frozenset({-1, 1})}),
    )
    plain = [{**record.as_dict(), "seconds": 0} for record in bare]
    assert [{**record.as_dict(), "seconds": 0} for record in probed] == plain
    assert {row["epoch"] for row in probed.measurements} == {-1, 1}
    assert {"trace", "with_16", "dropout_trace"} <= {row["name"] for row in probed.measurements}
