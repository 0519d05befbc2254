"""Crops and colours are torchvision's own, bit for bit, from the same random stream."""

from __future__ import annotations

import pytest
import torch

from sgd_core.training import crops

SHAPES = [(224, 224), (128, 128), (60, 224), (224, 61), (20, 400), (400, 20), (1, 9), (33, 47)]
"""Of images; the longest and the flattest have no crop that fits, and are cut in the middle."""


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [128, 224])
def test_a_crop_is_torchvisions(shape: tuple[int, int], size: int) -> None:
    from torchvision.transforms import v2

    theirs = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomResizedCrop(size, antialias=True)])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        images = torch.randint(0, 256, (12, *shape, 3), dtype=torch.uint8).permute(0, 3, 1, 2)
        state = torch.random.get_rng_state()
        expected = [theirs(image) for image in images]
        after = torch.random.get_rng_state()
        torch.random.set_rng_state(state)
        for image, other in zip(images, expected, strict=True):
            assert torch.equal(crops.augmented(image, size), other)
        assert torch.equal(torch.random.get_rng_state(), after)


def test_colours_are_torchvisions() -> None:
    from torchvision.transforms import v2

    mean, std = [0.4686, 0.4644, 0.3419], [0.2396, 0.2321, 0.2389]
    images = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).expand(2, 3, 16, 16)
    theirs = v2.Compose([v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std)])
    assert torch.equal(crops.normalised(images, mean, std), theirs(images))
