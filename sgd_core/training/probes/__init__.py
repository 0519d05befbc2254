"""Probes: extra measurements of the head at chosen epochs. One gauge is one file here, with a function `measure`.

Adding a file adds a probe: its name is the file's, the first line of its docstring says what it measures. Listing them
imports no torch.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sgd_core.errors import UserError
from sgd_core.experiment.claims import LAST as LAST
from sgd_core.experiment.spec import RunSpec

if TYPE_CHECKING:
    from torch import Tensor, nn

    from sgd_core.images.places import Split
    from sgd_core.training.data import ImageSet


class Surroundings(Protocol):
    """What there is beside the view that a moment is scored on; read when it is asked for, and not before."""

    @property
    def images(self) -> ImageSet:
        """The whole image set of the run."""

    def clean(self, split: Split) -> tuple[Tensor, Tensor]:
        """(n, 9216) float16 features of a whole split without augmentation, and its (n,) true labels."""

    def later(self, views: int) -> Tensor:
        """(n, 9216) float16: the training images as the epoch that many after the next one trains on them.

        0 is the moment's own view. After the bank's last view comes its first; without augmentation all are the same.
        """


@dataclass(frozen=True)
class Moment:
    """What a probe sees at the end of an epoch. It must leave the head as it finds it."""

    spec: RunSpec
    epoch: int
    head: nn.Module
    features: Tensor
    """(n, 9216) float16: the view this epoch is scored on."""
    labels: Tensor
    """(n,) the labels given for training."""
    key: str = ""
    """Of the run."""
    around: Surroundings | None = None
    """None where a moment was made by hand, for a probe that needs no more than the above."""


Probe = Callable[[Moment], Mapping[str, float]]


@dataclass(frozen=True)
class Probes:
    """Probes by name, and the epochs at which each measures (-1: before training; LAST: the last one, whichever)."""

    functions: Mapping[str, Probe] = field(default_factory=dict)
    epochs: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def due(self, epoch: int, last: int) -> dict[str, Probe]:
        """Those that measure at the end of this epoch of a run whose last one is `last`."""
        return {
            name: function for name, function in self.functions.items()
            if epoch in self.epochs[name] or (epoch == last and LAST in self.epochs[name])
        }  # fmt: skip


NO_PROBES = Probes()


def names() -> list[str]:
    """Of every probe there is."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def named(wanted: Iterable[str]) -> dict[str, Probe]:
    """The probes of these names; raises UserError naming one that does not exist."""
    wanted = list(wanted)
    for name in wanted:
        if name not in names():
            raise UserError(f"--probe is {name!r}, but must be one of {', '.join(names())}.")
    return {name: importlib.import_module(f"{__name__}.{name}").measure for name in wanted}
