"""`measure`: the gradient noise along the paper's B=16 and B=512 runs, by a probe of the training loop.

The runs are trained again, since a probe needs the weights. Where a run is published, its curve is compared with the
one that comes out of the probed training: on an equal machine they are the same to the last count.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from sgd_core.cli.train import Device, make
from sgd_core.errors import UserError
from sgd_core.experiment import paper
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.store import Store
from sgd_core.runs.table import spec_of

BATCH_SIZES = (16, 512)
EPOCHS = (-1, 0, 1, 4, 14, 49, 99, 149)
"""Where the noise is measured: the untrained head, then about evenly in the logarithm of training."""


def measure(
    device: Device = "auto",
    seed: Annotated[int, typer.Option(help="the runs' seed")] = 0,
    views: Annotated[int, typer.Option(help="augmented feature views")] = 151,
) -> None:
    """Measure the gradient noise at eight epochs of the paper's B=16 and B=512 runs at mu=1e-4."""
    try:
        from sgd_core.training.gradient_noise import gradient_noise
        from sgd_core.training.loop import Probes
    except ModuleNotFoundError as error:
        raise UserError(f"Measuring needs {error.name}: pip install -r requirements.txt.") from None
    wanted = [run.spec for run in paper.runs_of(1) if run.spec.batch_size in BATCH_SIZES]
    specs = [RunSpec.parse({**spec.model_dump(), "seed": seed, "views": views}) for spec in wanted]
    make(specs, device, again=True, probes=Probes({"gradient_noise": gradient_noise}, frozenset(EPOCHS)))
    for spec in specs:
        Console().print(_against_published(spec), highlight=False, soft_wrap=True)


def _against_published(spec: RunSpec) -> str:
    """How far the probed run's curve lies from the published one of the same key."""
    store, name = Store(), f"B={spec.batch_size}, seed {spec.seed}"
    published, local = store.by_source()
    keys = [row["key"] for row in local.to_dict("records") if spec_of(row) == spec]
    if not keys or keys[0] not in set(published["key"]):
        return f"{name}: not published, so there is nothing to compare it with."
    epochs = store.published.frame("epochs")
    before = epochs.loc[epochs["key"] == keys[0], "reported_correct"]
    most = max(abs(one - two) for one, two in zip(before, store.local.epochs(keys)["reported_correct"], strict=True))
    return f"{name}: at most {most} of {paper.TRAIN_IMAGES} images counted differently than in the published run."
