"""`measure`: gradient noise or curvature along runs of the paper, by a probe of the training loop.

The runs are trained again, since a probe needs the weights. Where a run is published, its curve is compared with the
one that comes out of the probed training: on an equal machine they are the same to the last count.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from sgd_core.cli.train import Device, Wanted, make
from sgd_core.errors import UserError
from sgd_core.experiment import paper
from sgd_core.experiment.names import name_of
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.store import Store
from sgd_core.runs.table import spec_of

RUNS = {
    "noise": [run.spec for run in paper.runs_of(1) if run.spec.batch_size in (16, 512)],
    "curvature": [max((run.spec for run in paper.runs_of(2)), key=lambda spec: (spec.learning_rate, spec.batch_size))],
}
"""What can be measured, and along which runs: the noise at both ends of Figure 1, the curvature at an end of Figure 2.

Curvature matters where the learning rate is large.
"""
EPOCHS = (-1, 0, 1, 4, 14, 49, 99, 149)
"""Where it is measured: the untrained head, then about evenly in the logarithm of training."""


def measure(
    what: Annotated[str, typer.Argument(help="noise: B=16, B=512 at mu=1e-4; curvature: B=512 at mu=32e-4")] = "noise",
    device: Device = "auto",
    seed: Annotated[int, typer.Option(help="the runs' seed")] = 0,
    views: Annotated[int, typer.Option(help="augmented feature views")] = 151,
) -> None:
    """Measure the gradient noise, or the largest curvature, at eight epochs of runs of the paper."""
    if what not in RUNS:
        raise UserError(f"measure is asked for {what!r}, but measures noise or curvature.")
    specs = [RunSpec.parse({**spec.model_dump(), "seed": seed, "views": views}) for spec in RUNS[what]]
    probe = {"noise": "gradient_noise", "curvature": "curvature"}[what]
    make([Wanted(spec, {probe: frozenset(EPOCHS)}) for spec in specs], device, again=True)
    for spec in specs:
        Console().print(_against_published(spec), highlight=False, soft_wrap=True)


def _against_published(spec: RunSpec) -> str:
    """How far the probed run's curve lies from the published one of the same key."""
    store, name = Store(), f"{name_of(spec)}, seed {spec.seed}"
    published, local = store.by_source()
    keys = [row["key"] for row in local.to_dict("records") if spec_of(row) == spec]
    if not keys or keys[0] not in set(published["key"]):
        return f"{name}: not published, so there is nothing to compare it with."
    epochs = store.published.frame("epochs")
    before = epochs.loc[epochs["key"] == keys[0], "reported_correct"]
    most = max(abs(one - two) for one, two in zip(before, store.local.epochs(keys)["reported_correct"], strict=True))
    return f"{name}: at most {most} of {paper.TRAIN_IMAGES} images counted differently than in the published run."
