"""`schedule`: learning rate, batch size, updates and training time of every epoch of a run, before it is run."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sgd_core.cli.options import choose, with_spec
from sgd_core.experiment import schedules
from sgd_core.experiment.spec import RunSpec
from sgd_core.images.sets import images_of


@with_spec
def schedule(
    spec: RunSpec,
    images: Annotated[int | None, typer.Option(help="training images N; default: those of the data set")] = None,
    format: Annotated[str, typer.Option(help="table or json")] = "table",
) -> None:
    """Print one row per epoch; updates and training time T are totals after that epoch."""
    choose("format", format, ("table", "json"))
    epochs = [asdict(epoch) for epoch in schedules.plan(spec, images_of(spec) if images is None else images)]
    if format == "json":
        print(json.dumps(epochs, indent=1))
        return
    shown = Table(*epochs[0])
    for epoch in epochs:
        shown.add_row(*(f"{value:.6g}" if isinstance(value, float) else str(value) for value in epoch.values()))
    Console().print(shown)
