"""`measure`: what experiment.measurements has, along runs, and what lies between the ends of two of them.

Probes of the training loop measure, so a run is trained again where something is not measured along it yet, once for
all that is asked for; where it is published, its curve is compared with the one that comes out of the probed training:
on an equal machine they are the same to the last count.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from sgd_core.cli.between import BETWEEN, between
from sgd_core.cli.train import Device, Wanted, make
from sgd_core.errors import UserError
from sgd_core.experiment import paper
from sgd_core.experiment.measurements import MEASUREMENTS, along
from sgd_core.experiment.names import name_of
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept.store import Store
from sgd_core.runs.kept.table import spec_of

ALL = "all"


def measure(
    what: Annotated[
        list[str] | None,
        typer.Argument(
            help=f"{', '.join(MEASUREMENTS)}, any number of them, each run trained once for all; {ALL}: all of these; "
            "or line, plane or rescale: between and around the ends of B=16 and B=512 at mu=1e-4"
        ),
    ] = None,
    device: Device = "auto",
    seed: Annotated[int, typer.Option(help="the runs' seed")] = 0,
    views: Annotated[int, typer.Option(help="augmented feature views")] = 151,
) -> None:
    """Measure along runs what is not measured yet (without a name: the gradient noise), or what lies between two ends.

    Like sweep it survives Ctrl-C and kill, goes on where it was, and may run beside any number of other processes.
    """
    names = what or ["noise"]
    if set(names) & set(BETWEEN):
        if len(names) > 1:
            raise UserError(f"measure makes {' or '.join(BETWEEN)} alone, not together with others.")
        between(names[0], device, seed, views)
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
