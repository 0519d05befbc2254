"""The step: the closed form, the numbers of torch's own optimizer to the last bit, and no compiler for it.

torch's compiler takes a second and 150 MB; torch.optim and torchvision import it.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from sgd_core import settings
from sgd_core.training.sgd import SGD

RATES = (0.1, 0.03, 0.5, 0.0, 0.2)


def parameters() -> list[torch.nn.Parameter]:
    return [torch.nn.Parameter(torch.randn(shape, generator=torch.manual_seed(0))) for shape in ((300, 70), (70,))]


def gradients(step: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(step + 1)
    return [torch.randn(each.shape, generator=generator) for each in parameters()]


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_it_is_the_closed_form_and_torch_s_own_to_the_last_bit(momentum: float) -> None:
    ours, theirs = parameters(), parameters()
    sgd = SGD(ours, 0.0, momentum)
    reference = torch.optim.SGD(theirs, lr=1.0, momentum=momentum, fused=True)
    weights = [each.detach().double() for each in parameters()]
    velocity = [torch.zeros_like(each) for each in weights]
    for step, rate in enumerate(RATES):
        sgd.rate = reference.param_groups[0]["lr"] = rate
        sgd.forget_gradients()
        assert all(each.grad is None for each in ours)
        for i, gradient in enumerate(gradients(step)):
            ours[i].grad, theirs[i].grad = gradient.clone(), gradient.clone()
            velocity[i] = momentum * velocity[i] + gradient.double()
            weights[i] = weights[i] - rate * velocity[i]
        sgd.step()
        reference.step()
        assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))
    for i in range(2):
        torch.testing.assert_close(ours[i].detach().double(), weights[i], rtol=1e-5, atol=1e-5)
    assert len(sgd.momenta) == (2 if momentum else 0)
    for kept, true in zip(sgd.momenta, velocity if momentum else [], strict=True):
        torch.testing.assert_close(kept.double(), true, rtol=1e-5, atol=1e-5)


def test_no_training_process_imports_the_compiler() -> None:
    script = """
import sys, torch
from sgd_core.training import environment, one_run, weights
from sgd_core.training.classifier import initial_head
from sgd_core.training.updates import updates_of
cpu = torch.device("cpu")
weights.feature_layers("random")
environment.prepare(cpu)
environment.seconds_of_an_update(cpu, updates=3)
made = updates_of(initial_head(0), cpu, 0.9, torch.zeros(8, dtype=torch.long))
made.begin(torch.rand(8, 9216), torch.arange(8), None, 1e-4)
made(8)
assert float(made.total) > 0
assert "torch._dynamo" not in sys.modules
"""
    told = subprocess.run([sys.executable, "-c", script], cwd=settings.ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
