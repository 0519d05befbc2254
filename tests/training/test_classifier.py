"""The trained head: the paper's layers, and a start that the seed alone decides."""

from __future__ import annotations

import torch

from sgd_core.training.classifier import flat, initial_head


def test_the_head_has_the_papers_parameters() -> None:
    head = initial_head(0)
    shapes = [tuple(parameter.shape) for parameter in head.parameters()]
    assert shapes == [(1024, 9216), (1024,), (128, 1024), (128,), (10, 128), (10,)]
    assert flat(head).shape == (9_570_698,)
    assert [layer.p for layer in head if isinstance(layer, torch.nn.Dropout)] == [0.5, 0.5]


def test_the_start_comes_from_the_seed_alone() -> None:
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = flat(initial_head(0))
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert torch.equal(flat(initial_head(0)), first)
    assert not torch.equal(flat(initial_head(1)), first)
