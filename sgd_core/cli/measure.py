"""`measure`: what experiment.measurements has, along runs, and the loss between the ends of two of them.

Probes of the training loop measure, so a run is trained again where something is not measured along it yet, once for
all that is asked for; where it is published, its curve is compared with the one that comes out of the probed training:
on an equal machine they are the same to the last count. The line and the plane stand on weights that
`train --probe weights` keeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from sgd_core.cli.train import Device, Wanted, make
from sgd_core.errors import UserError
from sgd_core.experiment import claims, paper
from sgd_core.experiment.measurements import MEASUREMENTS, along
from sgd_core.experiment.names import name_of
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept.store import Store
from sgd_core.runs.kept.table import spec_of

if TYPE_CHECKING:
    from torch import Tensor, nn

    Sets = dict[str, tuple[Tensor, Tensor]]

BETWEEN = ("line", "plane")
ALL = "all"
SIDE = 11
"""Points of the plane along each of its axes."""


def measure(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            help=f"{', '.join(MEASUREMENTS)}, any number of them, each run trained once for all; {ALL}: all of these; "
            "or line or plane: between the ends of B=16 and B=512 at mu=1e-4"
        ),
    ] = None,
    device: Device = "auto",
    seed: Annotated[int, typer.Option(help="the runs' seed")] = 0,
    views: Annotated[int, typer.Option(help="augmented feature views")] = 151,
) -> None:
    """Measure along runs what is not measured yet (without a name: the gradient noise), or the loss between two ends.

    Like sweep it survives Ctrl-C and kill, goes on where it was, and may run beside any number of other processes.
    """
    names = what or ["noise"]
    if set(names) & set(BETWEEN):
        if len(names) > 1:
            raise UserError(f"measure makes {' or '.join(BETWEEN)} alone, not together with others.")
        _between(names[0], device, seed, views)
        return
    if names == [ALL]:
        names = list(MEASUREMENTS)
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        every = ", ".join((*MEASUREMENTS, ALL, *BETWEEN))
        raise UserError(f"measure is asked for {unknown[0]!r}, but measures {every}.")
    wanted = [
        Wanted(RunSpec.parse({**spec.model_dump(), "seed": seed, "views": views}), probes)
        for spec, probes in along(names)
    ]
    make(wanted, device)
    for each in wanted:
        Console().print(_against_published(each.spec), highlight=False, soft_wrap=True)


def _between(what: str, device_name: str, seed: int, views: int) -> None:
    """Measure the line or the plane, and keep it with the run of the second end."""
    try:
        import torch

        from sgd_core.training import environment, one_run
        from sgd_core.training.classifier import flat, initial_head
        from sgd_core.training.probes import weights
    except ModuleNotFoundError as error:
        raise UserError(f"Measuring needs {error.name}: pip install -r requirements.txt.") from None
    device, store = environment.choose_device(device_name), Store()
    environment.prepare(device)
    arms = [claims.CLAIMS["4"].arms[name].spec for name in ("B=16", "B=512")]
    specs = [spec.model_copy(update={"seed": seed, "views": views}) for spec in arms]
    bank = one_run.bank_of(specs[0], device)
    keys = [spec.key(bank.fingerprints) for spec in specs]
    ends = [weights.kept(key, spec.epochs - 1) for key, spec in zip(keys, specs, strict=True)]
    if ends[0] is None or ends[1] is None:
        raise UserError(
            f"The weights at the ends of seed {seed} are not kept here. Make them: "
            + " and ".join(f"'{spec.command()} --probe weights --probe-epochs last'" for spec in specs)
            + "."
        )
    head = initial_head(seed).to(device)
    sets: Sets = {
        split: (bank.clean(split).to(device), torch.from_numpy(bank.images.labels(split)).to(device))
        for split in bank.images.splits() if split != "val"
    }  # fmt: skip
    start = flat(head).cpu()
    scored = _line(head, ends[0], ends[1], sets) if what == "line" else _plane(head, start, ends[0], ends[1], sets)
    last = specs[1].epochs - 1
    store.local.add_measurements(
        keys[1], [{"probe": what, "epoch": last, "name": name, "value": value} for name, value in scored.items()]
    )
    Console().print(f"{what}: {len(scored)} values kept with {name_of(specs[1])}, seed {seed}.", highlight=False)


def _line(head: nn.Module, first: Tensor, second: Tensor, sets: Sets) -> dict[str, float]:
    """'train_loss at -0.5' and so on: losses and accuracies along the line from the first end to the second."""
    from sgd_core.training import between

    told = {}
    for split, (features, labels) in sets.items():
        for alpha, scored in zip(between.ALPHAS, between.line(head, first, second, features, labels), strict=True):
            told[f"{split}_loss at {alpha:g}"] = scored.loss
            told[f"{split}_accuracy at {alpha:g}"] = scored.accuracy
    return told


def _plane(head: nn.Module, start: Tensor, first: Tensor, second: Tensor, sets: Sets) -> dict[str, float]:
    """'first x' and so on, the places of the ends (the start is 0, 0); 'train_loss at x y' on a grid around them."""
    from sgd_core.training import between

    plane = between.Plane.through(start, first, second)
    (x_1, y_1, _), (x_2, y_2, _) = (plane.coordinates(end) for end in (first, second))
    told = {"first x": x_1, "first y": y_1, "second x": x_2, "second y": y_2}
    for x in _spread(0.0, x_1, x_2):
        for y in _spread(0.0, y_1, y_2):
            for split, (features, labels) in sets.items():
                scored = between.score(head, plane.point(x, y), features, labels)
                told[f"{split}_loss at {x:.4f} {y:.4f}"] = scored.loss
    return told


def _spread(*places: float) -> list[float]:
    """SIDE places, from a fifth of their range before the lowest of these to a fifth beyond the highest."""
    low, high = min(places), max(places)
    margin = 0.2 * (high - low)
    return [low - margin + (high - low + 2 * margin) * i / (SIDE - 1) for i in range(SIDE)]


def _against_published(spec: RunSpec) -> str:
    """How far the probed run's curve lies from the published one of the same key."""
    store, name = Store(), f"{name_of(spec)}, seed {spec.seed}"
    published, local = store.by_source()
    keys = [row["key"] for row in local.to_dict("records") if spec_of(row) == spec]
    if keys and keys[0] not in set(published["key"]):
        return f"{name}: not published, so there is nothing to compare it with."
    if not keys:
        return f"{name}: not trained here, so there is nothing to compare."
    epochs = store.published.frame("epochs")
    before = epochs.loc[epochs["key"] == keys[0], "reported_correct"]
    most = max(abs(one - two) for one, two in zip(before, store.local.epochs(keys)["reported_correct"], strict=True))
    return f"{name}: at most {most} of {paper.TRAIN_IMAGES} images counted differently than in the published run."
