"""The trained head on the frozen features: the paper's three linear layers, 9,570,698 parameters."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sgd_core.experiment.seeds import derive
from sgd_core.training.features import FEATURES


def initial_head(seed: int, classes: int = 10) -> nn.Sequential:
    """The untrained head, (n, 9216) -> (n, classes) logits; PyTorch's initialisation, drawn on CPU from the seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "init"))
        return nn.Sequential(
            nn.Dropout(0.5),
            nn.Linear(FEATURES, 1024),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(1024, 128),
            nn.ReLU(),
            nn.Linear(128, classes),
        )


def flat(head: nn.Module) -> Tensor:
    """All trained parameters as one float32 vector."""
    return torch.cat([parameter.detach().reshape(-1) for parameter in head.parameters()])
