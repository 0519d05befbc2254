"""The frozen feature layers of AlexNet: where their weights come from, and what is used when there are none.

In this order: a file of only the `features.*` tensors (SGD_ALEXNET_WEIGHTS), torchvision's IMAGENET1K_V1 download,
else seeded random weights (He et al. 1502.01852), which every run records and every page says. Nothing is unpickled
freely: .npz is read with allow_pickle=False, torchvision's file with weights_only=True.
"""

from __future__ import annotations

import hashlib
import os
from http.client import HTTPException
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn

from sgd_core import settings
from sgd_core.errors import UserError
from sgd_core.experiment.seeds import derive
from sgd_core.images import remembered

WEIGHTS_SEED = 0
FIRST, LAST = "features.0.weight", "features.10.weight"
GAIN = 2.0
"""On the last random layer: its features of the shapes then vary by 1.6, like ImageNet's of the vegetables (1.56)."""


class WeightsError(UserError):
    """Feature weights that cannot be had or do not fit; the message names the file."""


def feature_layers(features: str) -> nn.Module:
    """AlexNet's convolutional layers in eval mode, (n, 3, size, size) -> (n, 9216), for 'imagenet' or 'random'."""
    layers = _layers()
    values = {name.removeprefix("features."): value for name, value in tensors(features).items()}
    layers.load_state_dict(values, assign=True)
    return nn.Sequential(layers, nn.AdaptiveAvgPool2d(6), nn.Flatten()).eval().requires_grad_(False)


def tensors(features: str) -> dict[str, Tensor]:
    """The ten features.* tensors, float32, under torchvision's names; raises WeightsError if they cannot be had."""
    return _random() if features == "random" else _read(*_found())


def available() -> str:
    """'imagenet' where the ImageNet weights can be had, else 'random'. A file that is there but wrong still raises."""
    try:
        file, named = _found()
    except WeightsError:
        return "random"
    _read(file, named)
    return "imagenet"


def at_hand(features: str) -> bool:
    """Whether these can be had without a download."""
    return features == "random" or (settings.weights_file() or _kept()).is_file()


def fingerprint(features: str) -> str:
    """Of the weights in use for 'imagenet' or 'random', remembered by the file they are in."""
    if features == "random":
        return fingerprint_of(_random())
    file, named = _found()
    if not file.is_file():
        _read(file, named)  # raises the sentence
    return remembered.of_files("weights", [file], lambda: fingerprint_of(_read(file, named)))


def fingerprint_of(weights: dict[str, Tensor]) -> str:
    """SHA-256 over names, shapes and float32 bytes in the order of names, whatever file they came in."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(f"{name}{tuple(weights[name].shape)}".encode())
        digest.update(weights[name].contiguous().numpy().tobytes())
    return digest.hexdigest()


def _found() -> tuple[Path, str]:
    """The file of the ImageNet weights, downloaded where it must be, and what to call it in an error."""
    file = settings.weights_file()
    if file is not None:
        return file, f"SGD_ALEXNET_WEIGHTS={file}"
    kept = _kept()
    if not kept.is_file():
        _download(kept)
    return kept, f"{kept} (made by this program; delete it to have it made anew)"


def _kept() -> Path:
    """Where they lie once they were downloaded."""
    return settings.cache_dir() / "alexnet_features.safetensors"


def _download(kept: Path) -> None:
    from torchvision.models import AlexNet_Weights  # here, for it takes a second

    try:
        state = AlexNet_Weights.IMAGENET1K_V1.get_state_dict(progress=True, check_hash=True, weights_only=True)
    except (OSError, HTTPException, RuntimeError, UnpicklingError) as error:
        raise WeightsError(
            f"AlexNet's ImageNet weights could not be downloaded ({error}). Set SGD_ALEXNET_WEIGHTS to a file of its "
            "features.* tensors (.npz or .safetensors), or use features=random."
        ) from None
    kept.parent.mkdir(parents=True, exist_ok=True)
    partial = kept.with_suffix(f".{os.getpid()}.part")
    try:
        partial.write_bytes(save({name: value for name, value in state.items() if name.startswith("features.")}))
        partial.replace(kept)
    finally:
        partial.unlink(missing_ok=True)


def _read(file: Path, named: str) -> dict[str, Tensor]:
    """The ten tensors in a file; raises WeightsError, which calls the file `named`."""
    if not file.is_file():
        raise WeightsError(f"{named}: there is no such file.")
    try:
        if file.suffix == ".safetensors":
            return _checked(load_file(file), named)
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            return _checked({name: torch.from_numpy(arrays[name]) for name in arrays.files}, named)
    except WeightsError:
        raise
    except Exception as error:  # a wrong file fails in as many ways as there are readers; all mean the same to the user
        raise WeightsError(f"{named} cannot be read as .npz or .safetensors: {error}.") from None


def _expected() -> dict[str, torch.Size]:
    return {f"features.{name}": value.shape for name, value in _layers().state_dict().items()}


def _layers() -> nn.Sequential:
    """AlexNet's convolutions (Krizhevsky 2014, arXiv 1404.5997) as torchvision has them, without values.

    Drawing values would move torch's global random state on.
    """

    def relu() -> nn.Module:
        return nn.ReLU(inplace=True)

    def pool() -> nn.Module:
        return nn.MaxPool2d(3, stride=2)

    with torch.device("meta"):
        return nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2), relu(), pool(),
            nn.Conv2d(64, 192, 5, padding=2), relu(), pool(),
            nn.Conv2d(192, 384, 3, padding=1), relu(),
            nn.Conv2d(384, 256, 3, padding=1), relu(),
            nn.Conv2d(256, 256, 3, padding=1), relu(), pool(),
        )  # fmt: skip


def _checked(weights: dict[str, Tensor], where: str) -> dict[str, Tensor]:
    shapes = _expected()
    for name, shape in shapes.items():
        if name not in weights or weights[name].shape != shape or weights[name].dtype != torch.float32:
            found = "missing" if name not in weights else f"{weights[name].dtype} of shape {tuple(weights[name].shape)}"
            raise WeightsError(f"{where}: tensor {name} is {found}, but must be float32 of shape {tuple(shape)}.")
    return {name: weights[name] for name in shapes}


def _random() -> dict[str, Tensor]:
    """He et al.'s; after the first layer each filter sums to zero, or what all images share would swamp the rest.

    Measured on the shapes, 12 epochs of B=16 at mu=1e-4: 0.65 of the augmented images right; all He's: 0.46.
    """
    random = np.random.Generator(np.random.PCG64(derive(WEIGHTS_SEED, "random features")))
    drawn = {}
    for name, shape in _expected().items():
        fan_in = int(np.prod(shape[1:]))
        values = random.standard_normal(shape) * np.sqrt(2 / fan_in) if name.endswith("weight") else np.zeros(shape)
        if name.endswith("weight") and name != FIRST:
            values -= values.mean(axis=(1, 2, 3), keepdims=True)
        if name == LAST:
            values *= GAIN
        drawn[name] = torch.from_numpy(values.astype(np.float32))
    return drawn
