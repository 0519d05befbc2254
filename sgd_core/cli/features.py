"""`data features`: make the views of a feature bank before they are asked for, in several processes at once."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from sgd_core.errors import UserError
from sgd_core.experiment.spec import RunSpec
from sgd_core.images.places import Split


def features(
    dataset: Annotated[
        str, typer.Option(help="vegetables, shapes, or images of your own by their name")
    ] = "vegetables",
    weights: Annotated[str, typer.Option("--features", help="imagenet or random")] = "imagenet",
    views: Annotated[int, typer.Option(min=1, max=10_000, help="augmented views of the training images")] = 151,
    processes: Annotated[int | None, typer.Option(min=1, max=256, help="default: one a core")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N")] = "auto",
) -> None:
    """Make the features of every split and view of a set that are not there yet; runs make them too, one by one."""
    spec = RunSpec.parse({"dataset": dataset, "features": weights, "views": views})
    try:
        from sgd_core.training import environment, one_run
    except ModuleNotFoundError as error:
        raise UserError(f"Making features needs {error.name}: pip install -r requirements.txt.") from None
    console = Console(highlight=False)
    spec, message = one_run.at_hand(spec)
    if message:
        console.print(message, soft_wrap=True)
    bank = one_run.bank_of(spec, environment.choose_device(device))
    lacking = [split for split in bank.images.splits() if not bank.has_clean(split)]
    wanted: list[Split | int] = [*lacking, *(view for view in range(views) if not bank.has(view))]
    made = _made(spec, device, wanted, processes or os.cpu_count() or 1)
    for _ in track(made, "features", len(wanted), console=console):
        pass
    console.print(f"{len(wanted)} made; all are in {bank.folder}.", soft_wrap=True)


def _made(spec: RunSpec, device: str, wanted: list[Split | int], processes: int) -> Iterator[None]:
    """Make each of these splits and views in a process of its own kind; crops are drawn on one core each."""
    if processes == 1 or len(wanted) < 2:
        for each in wanted:
            _make(spec, device, each)
            yield
        return
    spawned = multiprocessing.get_context("spawn")  # a forked process could not use a GPU
    with ProcessPoolExecutor(min(processes, len(wanted)), spawned, _on_one_thread) as pool:
        for made in [pool.submit(_make, spec, device, each) for each in wanted]:
            yield made.result()


def _on_one_thread() -> None:
    from sgd_core.training import environment

    os.environ["SGD_THREADS"] = "1"  # the other cores are the other processes'
    environment.leave_a_core()


def _make(spec: RunSpec, device: str, each: Split | int) -> None:
    from sgd_core.training import environment, one_run

    chosen = environment.choose_device(device)
    environment.prepare(chosen)
    bank = one_run.bank_of(spec, chosen)
    if isinstance(each, int):
        bank.view(each)
    else:
        bank.clean(each)
