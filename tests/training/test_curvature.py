"""The curvature probe against the full Hessian of a small head."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from sgd_core.experiment.spec import RunSpec
from sgd_core.training import hessian as hessians
from sgd_core.training.classifier import flat
from sgd_core.training.hessian import hessian_product
from sgd_core.training.probes import Moment
from sgd_core.training.probes import curvature as curvatures
from sgd_core.training.probes.curvature import measure as curvature
from tests.training.test_gradient_noise import small_head, small_moment


def full_hessian(moment: Moment) -> torch.Tensor:
    """(p, p): of the mean loss over every parameter of the head, by autograd."""
    names = [name for name, _ in moment.head.named_parameters()]
    sizes = [parameter.numel() for parameter in moment.head.parameters()]
    shapes = [parameter.shape for parameter in moment.head.parameters()]

    def loss(point: torch.Tensor) -> torch.Tensor:
        parts = [part.view(shape) for part, shape in zip(point.split(sizes), shapes, strict=True)]
        values = dict(zip(names, parts, strict=True))
        logits = torch.func.functional_call(moment.head, values, (moment.features.float(),))
        return cross_entropy(logits, moment.labels)

    full: torch.Tensor = torch.autograd.functional.hessian(loss, flat(moment.head))
    return full


def test_it_is_the_largest_eigenvalue_of_the_full_hessian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hessians, "CHUNK", 64)  # several chunks, the last one smaller
    moment = small_moment(small_head().eval(), 150)
    hessian = full_hessian(moment)
    direction = torch.randn(len(hessian), generator=torch.Generator().manual_seed(0))
    product = hessian_product(moment.head, moment.features, moment.labels, direction)
    assert torch.allclose(product, hessian @ direction, atol=1e-4)
    measured = curvature(moment)
    assert measured["largest_eigenvalue"] == pytest.approx(float(torch.linalg.eigvalsh(hessian)[-1]), rel=0.02)
    assert measured["steps"] < curvatures.STEPS


def test_dropout_is_off_and_the_head_is_left_as_it_was() -> None:
    head = small_head().train()
    before, moment = flat(head).clone(), small_moment(head, 60)
    assert curvature(moment) == curvature(moment)
    assert head.training
    assert torch.equal(flat(head), before)
    assert all(parameter.grad is None for parameter in head.parameters())
    other = Moment(RunSpec(seed=1), 0, head, moment.features, moment.labels)
    assert curvature(other)["largest_eigenvalue"] == pytest.approx(curvature(moment)["largest_eigenvalue"], rel=0.03)


def test_a_run_that_has_diverged_has_no_curvature() -> None:
    head = small_head()
    torch.nn.init.constant_(next(head.parameters()), math.nan)
    assert math.isnan(curvature(small_moment(head, 60))["largest_eigenvalue"])
