"""The trained head on the frozen features, as experiment.heads has it; the paper's has 9,570,698 parameters."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from sgd_core.experiment.heads import FEATURES, HEADS
from sgd_core.experiment.seeds import derive


def initial_head(seed: int, classes: int = 10, head: str = "paper", dropout: float = 0.5) -> nn.Sequential:
    """The untrained head, (n, 9216) -> (n, classes) logits; PyTorch's initialisation, drawn on CPU from the seed."""
    widths = (FEATURES, *HEADS[head].hidden, classes)
    layers: list[nn.Module] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, "init"))
        for i, (before, after) in enumerate(pairwise(widths)):
            last = i == len(widths) - 2
            if i == 0 or not last:
                layers.append(nn.Dropout(dropout))
            layers.append(nn.Linear(before, after))
            if not last:
                layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def flat(head: nn.Module) -> Tensor:
    """All trained parameters as one float32 vector."""
    return torch.cat([parameter.detach().reshape(-1) for parameter in head.parameters()])
