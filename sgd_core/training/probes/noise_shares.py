"""What the noise of training is made of: which images are drawn, how they are cropped, and which units dropout leaves.

The gradient g(i, c, m) of one image i depends on its crop c and on the dropout mask m. By the law of total variance

    E|g - E g|^2  =  images + crops + masks
    images = Var over i of E[g | i],   crops = E over i of Var over c of E[g | i, c],   masks = E Var of g over m,

where Var is the trace of a covariance. An inner product of two gradients that share only what is held fixed estimates
the squared norm of their common mean without bias, so two crops of every image with two masks each are enough:
E|g|^2, <same crop, other mask>, <other crop, other mask>, and the mean gradients of the two crops for |E g|^2.

Crops are two views of the bank, this epoch's and the next one's. Images are all training images, and their variance is
that of the population (divided by N), as in gradient_noise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from sgd_core.experiment.seeds import derive
from sgd_core.training.probes import Moment
from sgd_core.training.probes.gradient_noise import Backward, backward

ROUNDS = 2
"""Draws of two masks for each of the two crops; a draw is four passes over all images, about four seconds on a CPU."""


def measure(moment: Moment) -> Mapping[str, float]:
    """images, crops, masks: their parts of total, the trace of the gradient's covariance in a batch of one.

    Each with its standard error over images, `_se`, and but for total as a share of it, `_share`, `_share_se`.
    gradient_norm_squared is |E g|^2, unbiased, so where it is tiny it can come out below zero; noise_scale is total
    over it (B_simple of McCandlish et al. 1812.06162, with crops and dropout). Without augmentation crops is zero up to
    the noise of the masks, without dropout masks is zero.
    """
    head = moment.head
    assert isinstance(head, nn.Sequential)
    assert moment.around is not None
    other = moment.around.later(1)
    was_training, devices = head.training, [moment.features.device] if moment.features.is_cuda else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(derive(moment.spec.seed, moment.epoch, "noise shares"))
        head.train()
        rounds = [_parts(head, moment.features, other, moment.labels) for _ in range(ROUNDS)]
    head.train(was_training)
    return _told({name: torch.stack([each[name] for each in rounds]).mean(0) for name in rounds[0]})


def _parts(head: nn.Sequential, features: Tensor, other: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """(n,) values of the images whose means are the parts, and whose spread over images is that of the estimates.

    |mean of g_i|^2 is no mean over images. In its place stands what image i adds to it to first order,
    2 <g_i, mean> - |mean|^2 (its influence), of which it is the mean.
    """
    one = backward(head, features, labels), backward(head, features, labels)
    two = backward(head, other, labels), backward(head, other, labels)
    squares = _mean([each.inner(each) for each in (*one, *two)])
    same_crop = _mean([one[0].inner(one[1]), two[0].inner(two[1])])
    same_image = _mean([first.inner(second) for first in one for second in two])
    first, second = _mean_gradient(one), _mean_gradient(two)
    norm = torch.stack([(a.double() * b.double()).sum() for a, b in zip(first, second, strict=True)]).sum()
    along = _mean([each.along(second) for each in one]) + _mean([each.along(first) for each in two])
    return {
        "images": same_image - (along - norm),
        "crops": same_crop - same_image,
        "masks": squares - same_crop,
        "total": squares - (along - norm),
        "norm": along - norm,
    }


def _mean(values: list[Tensor]) -> Tensor:
    return torch.stack(values).mean(0)


def _mean_gradient(of: tuple[Backward, Backward]) -> list[Tensor]:
    return [(a + b) / 2 for a, b in zip(of[0].mean(), of[1].mean(), strict=True)]


def _told(parts: dict[str, Tensor]) -> dict[str, float]:
    total, norm = (float(parts[name].mean()) for name in ("total", "norm"))
    told = {"gradient_norm_squared": norm, "gradient_norm_squared_se": _error(parts["norm"])}
    for name in ("images", "crops", "masks", "total"):
        told |= {name: float(parts[name].mean()), f"{name}_se": _error(parts[name])}
        if name != "total":
            share = told[name] / total
            told |= {f"{name}_share": share, f"{name}_share_se": _error((parts[name] - share * parts["total"]) / total)}
    scale = total / norm
    return {**told, "noise_scale": scale, "noise_scale_se": _error((parts["total"] - scale * parts["norm"]) / norm)}


def _error(values: Tensor) -> float:
    return float(values.std()) / math.sqrt(len(values))
