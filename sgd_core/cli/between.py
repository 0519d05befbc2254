"""`measure line`, `plane` and `rescale`: what lies between and around the ends of B=16 and B=512 at mu=1e-4.

They stand on weights that `measure ways` left on this machine, and are kept as measurements after the last epoch: line
and plane with B=512, rescale with either run. evidence.between reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from sgd_core.errors import UserError
from sgd_core.experiment import claims
from sgd_core.experiment.measurements import ALONG
from sgd_core.experiment.names import name_of
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept.store import Store

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

    from sgd_core.training.features import FeatureBank

    Sets = dict[str, tuple[Tensor, Tensor]]

BETWEEN = ("line", "plane", "rescale")
SPECS = (claims.NOMINAL, claims.LARGE)
SIDE = 13
"""Points of the plane along each of its axes."""


def between(what: str, device_name: str, seed: int, views: int) -> None:
    """Measure one of these between the two runs at this seed, and keep it with them."""
    try:
        from sgd_core.training import environment
    except ModuleNotFoundError as error:
        raise UserError(f"Measuring needs {error.name}: pip install -r requirements.txt.") from None
    device = environment.choose_device(device_name)
    environment.prepare(device)
    measure(what, [spec.model_copy(update={"seed": seed, "views": views}) for spec in SPECS], device)


def measure(what: str, specs: Sequence[RunSpec], device: torch.device) -> None:
    """Measure one of these between the ends of two runs of one head and one data set, whose weights are kept here."""
    from sgd_core.training import one_run
    from sgd_core.training.classifier import initial_head
    from sgd_core.training.probes import weights

    bank, store = one_run.bank_of(specs[0], device), Store()
    keys = [spec.key(bank.fingerprints) for spec in specs]
    ends = [weights.kept(key, _last(spec)) for key, spec in zip(keys, specs, strict=True)]
    first, second = ends
    if first is None or second is None:
        raise UserError(
            f"The weights at the ends of seed {specs[0].seed} are not kept here. Make them: "
            + " and ".join(f"'{spec.command()} --probe weights --probe-epochs last'" for spec in specs)
            + ", or all on the way too: 'python -m sgd_core measure ways'."
        )
    head = initial_head(specs[0].seed, len(bank.images.classes), specs[0].head, specs[0].dropout).to(device)
    sets = _sets(bank, device)
    if what == "rescale":
        for spec, key, end in zip(specs, keys, (first, second), strict=True):
            _rescale(spec, key, head, end, bank, _all_images(sets), store)
        return
    ways = [_kept(key, spec) for key, spec in zip(keys, specs, strict=True)]
    scored = _line(head, first, second, sets) if what == "line" else _plane(head, (first, second), ways, sets)
    _keep(store, what, specs[1], keys[1], scored)


def _keep(store: Store, what: str, spec: RunSpec, key: str, found: Mapping[str, float]) -> None:
    rows = [{"probe": what, "epoch": _last(spec), "name": name, "value": value} for name, value in found.items()]
    store.local.add_measurements(key, rows)
    told = f"{what}: {len(found)} values kept with {name_of(spec)}, seed {spec.seed}."
    Console().print(told, highlight=False, soft_wrap=True)


def _last(spec: RunSpec) -> int:
    return spec.epochs - 1


def _sets(bank: FeatureBank, device: torch.device) -> Sets:
    import torch

    return {
        split: (bank.clean(split).to(device), torch.from_numpy(bank.images.labels(split)).to(device))
        for split in bank.images.splits() if split != "val"
    }  # fmt: skip


def _all_images(sets: Sets) -> Tensor:
    """The features of all splits, one below the other."""
    import torch

    return torch.cat([features for features, _ in sets.values()])


def _kept(key: str, spec: RunSpec) -> dict[int, Tensor]:
    """Epoch -> the weights kept on the way and at the end, of those that are."""
    from sgd_core.training.probes import weights

    epochs = sorted({_last(spec) if epoch == claims.LAST else epoch for epoch in ALONG})
    found = {epoch: weights.kept(key, epoch) for epoch in epochs}
    return {epoch: there for epoch, there in found.items() if there is not None}


def _line(head: nn.Module, first: Tensor, second: Tensor, sets: Sets) -> dict[str, float]:
    """'train_loss at -0.5' and so on: losses and accuracies along the line from the first end to the second."""
    from sgd_core.training import between

    told = {}
    for split, (features, labels) in sets.items():
        for alpha, scored in zip(between.ALPHAS, between.line(head, first, second, features, labels), strict=True):
            told[f"{split}_loss at {alpha:g}"] = scored.loss
            told[f"{split}_accuracy at {alpha:g}"] = scored.accuracy
    return told


def _plane(
    head: nn.Module, ends: tuple[Tensor, Tensor], ways: Sequence[Mapping[int, Tensor]], sets: Sets
) -> dict[str, float]:
    """'first x', 'first y' and so on, the places of the ends (the start, the head as it is, is 0, 0).

    'first x at 4', 'first y at 4', 'first away at 4': where the first run was after epoch 4, and its distance from the
    plane. 'train_loss at x y' on a grid around all of them.
    """
    from sgd_core.training import between
    from sgd_core.training.classifier import flat

    plane = between.Plane.through(flat(head).cpu(), *(end.cpu() for end in ends))
    told: dict[str, float] = {}
    places = [(0.0, 0.0)]
    for name, end, way in zip(("first", "second"), ends, ways, strict=True):
        x, y, _ = plane.coordinates(end)
        told |= {f"{name} x": x, f"{name} y": y}
        places.append((x, y))
        for epoch, weights in way.items():
            x, y, away = plane.coordinates(weights)
            told |= {f"{name} x at {epoch}": x, f"{name} y at {epoch}": y, f"{name} away at {epoch}": away}
            places.append((x, y))
    for x in _spread([x for x, _ in places]):
        for y in _spread([y for _, y in places]):
            for split, (features, labels) in sets.items():
                scored = between.score(head, plane.point(x, y).to(features.device), features, labels)
                told[f"{split}_loss at {x:.4f} {y:.4f}"] = scored.loss
    return told


def _spread(places: Sequence[float]) -> list[float]:
    """SIDE places, from a fifth of their range before the lowest of these to a fifth beyond the highest."""
    low, high = min(places), max(places)
    margin = 0.2 * (high - low)
    return [low - margin + (high - low + 2 * margin) * i / (SIDE - 1) for i in range(SIDE)]


def _rescale(
    spec: RunSpec, key: str, head: nn.Module, end: Tensor, bank: FeatureBank, images: Tensor, store: Store
) -> None:
    """Keep what curvature, trace and scale-free sharpness of one end become, alpha by alpha; what is kept is not
    measured again."""
    import torch

    from sgd_core.training import rescaled
    from sgd_core.training.between import moved_to
    from sgd_core.training.probes import Moment

    there = {row["name"] for row in store.local.measurements_of(key) if row["probe"] == "rescale"}
    last, device = _last(spec), images.device
    # The view on which the probes along the run measure its end, so that alpha = 1 is what they found.
    view = bank.view((last + 1) % spec.views) if spec.augment else bank.clean("train")
    labels = torch.from_numpy(bank.images.labels("train")).to(device)
    with moved_to(head, end.to(device)):
        moment = Moment(spec, last, head, view.to(device), labels, key)
        for alpha in rescaled.ALPHAS:
            if not set(rescaled.named({"changed": 0.0}, alpha)) <= there:
                found = rescaled.measure(moment, alpha, images)
                _keep(store, "rescale", spec, key, rescaled.named(found, alpha))
