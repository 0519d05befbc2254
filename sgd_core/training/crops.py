"""What happens to an image before the network: a random flip and crop, and colours in standard units.

Bit for bit torchvision's RandomHorizontalFlip, RandomResizedCrop and Normalize (transforms v2, with its defaults), as
tests/training/test_crops.py holds: importing those imports torch's compiler, 2 to 4 s before a first point.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import interpolate

AREA, LOWEST_RATIO, HIGHEST_RATIO = (0.08, 1.0), 3 / 4, 4 / 3
"""A crop's part of the image, and width over height."""
TRIES = 10
_LOG_RATIO = torch.log(torch.tensor((LOWEST_RATIO, HIGHEST_RATIO))).tolist()


def augmented(image: Tensor, size: int) -> Tensor:
    """(3, size, size) uint8: a crop of a (3, h, w) uint8 image, flipped or not, drawn from torch's global stream."""
    if torch.rand(1) < 0.5:
        image = image.flip(-1)
    top, left, height, width = _crop(*image.shape[-2:])
    crop = image[..., top : top + height, left : left + width]
    return interpolate(crop[None], (size, size), mode="bilinear", align_corners=False, antialias=True)[0]


def normalised(images: Tensor, mean: list[float], std: list[float]) -> Tensor:
    """(n, 3, h, w) float32 of uint8 images: less the mean of each channel in [0, 1], over its standard deviation."""
    levels = images.to(torch.float32).mul_(1 / 255)
    return levels.sub(_of_channels(mean, images)).div_(_of_channels(std, images))


def _crop(height: int, width: int) -> tuple[int, int, int, int]:
    """Top, left, height and width: the first of some draws that fits, else the largest in the middle."""
    for _ in range(TRIES):
        area = height * width * torch.empty(1).uniform_(*AREA).item()
        ratio = torch.exp(torch.empty(1).uniform_(*_LOG_RATIO)).item()
        w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < w <= width and 0 < h <= height:
            top = int(torch.randint(0, height - h + 1, (1,)))
            return top, int(torch.randint(0, width - w + 1, (1,))), h, w
    w = min(width, round(height * HIGHEST_RATIO))
    h = min(height, round(width / LOWEST_RATIO))
    return (height - h) // 2, (width - w) // 2, h, w


def _of_channels(values: list[float], images: Tensor) -> Tensor:
    return torch.tensor(values, dtype=torch.float32, device=images.device).view(-1, 1, 1)
