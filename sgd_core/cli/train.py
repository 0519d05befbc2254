"""`train` and `sweep`: make runs and keep them on this machine. Both go on where a kill or Ctrl-C stopped them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from sgd_core import settings
from sgd_core.cli.options import with_spec
from sgd_core.cli.runs import name_of
from sgd_core.errors import UserError
from sgd_core.experiment import paper
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.store import Store
from sgd_core.runs.table import Run

if TYPE_CHECKING:
    from sgd_core.training.features import FeatureBank

Device = Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N")]

EPOCH_COST = 100
"""An epoch costs about as much as its updates and this many more (evaluation), at B=16 on two cores. ETA only."""


@with_spec
def train(spec: RunSpec, device: Device = "auto") -> None:
    """Train one run, unless it is already there, and keep it on this machine."""
    make([spec], device)


def sweep(
    what: Annotated[str, typer.Argument(help="paper: the 27 runs behind Figures 1 to 4")],
    figure: Annotated[int | None, typer.Option(help="only this figure, 1 to 4")] = None,
    seeds: Annotated[str, typer.Option(help="seeds, separated by commas")] = "0",
    device: Device = "auto",
    views: Annotated[int, typer.Option(help="augmented feature views; more than 150: a fresh one every epoch")] = 151,
) -> None:
    """Train every run of the paper that is not done yet, seed by seed and figure by figure."""
    if what != "paper":
        raise UserError(f"sweep makes the runs of the paper only: 'sweep paper', not 'sweep {what}'.")
    runs = list(paper.RUNS) if figure is None else paper.runs_of(figure)
    make(
        [
            RunSpec.parse({**run.spec.model_dump(), "seed": seed, "views": views})
            for seed in _whole_numbers("seeds", seeds)
            for run in sorted(runs, key=lambda run: run.figures)
        ],
        device,
    )


def make(specs: Sequence[RunSpec], device_name: str, again: bool = False, **training: Any) -> None:
    """Train those of the runs that are not in the store, one after the other, and keep each as it finishes.

    `again` makes also those that are in the store; `training` goes to every Training as it is (checkpoint_seconds,
    probes). Any number of processes may make the same runs.
    """
    if settings.explore_only():
        raise UserError("SGD_MODE is explore: training is switched off here.")
    try:
        from sgd_core.training import environment, features
        from sgd_core.training.data import open_set
    except ModuleNotFoundError as error:
        raise UserError(f"Training needs {error.name}: pip install -r requirements.txt.") from None

    console, store = Console(), Store()
    device = environment.choose_device(device_name)
    environment.prepare(device)
    specs = _with_features_at_hand(specs, console)
    banks = {
        (spec.dataset, spec.features): features.FeatureBank(
            open_set(spec.dataset), spec.features, settings.cache_dir() / "banks", device
        )
        for spec in {(spec.dataset, spec.features): spec for spec in specs}.values()
    }
    left = [spec for spec in specs if again or not store.has(spec.key(banks[spec.dataset, spec.features].fingerprints))]
    there = f"{len(specs) - len(left)} of {len(specs)} runs are there"
    console.print(f"{there}; {len(left)} to train on {device}.", highlight=False, soft_wrap=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(),
        TextColumn("left"), TimeRemainingColumn(), console=console,
    ) as progress:  # fmt: skip
        task = progress.add_task("all runs", total=sum(map(_cost, left)))
        for spec in left:
            _make_one(spec, banks[spec.dataset, spec.features], store, progress, task, again, training)


def _make_one(
    spec: RunSpec,
    bank: FeatureBank,
    store: Store,
    progress: Progress,
    task: TaskID,
    again: bool,
    options: Mapping[str, Any],
) -> None:
    from filelock import FileLock, Timeout

    from sgd_core.training import environment
    from sgd_core.training.loop import Training

    folder = settings.cache_dir() / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    views = progress.add_task("features", total=None, visible=False)

    def report(done: int, total: int) -> None:
        progress.update(views, completed=done, total=total, visible=done < total)

    say = partial(progress.console.print, highlight=False, soft_wrap=True)
    key, name = spec.key(bank.fingerprints), f"{name_of(spec)}, seed {spec.seed}"
    try:
        with FileLock(folder / f"{key}.lock", timeout=0):
            if not again and store.has(key):  # since the list of what is left was made
                say(f"{name}: another process has finished this run.")
                return
            training = Training(spec, bank, bank.device, folder / f"{key}.safetensors", report=report, **options)
            each = _cost(spec) / spec.epochs
            for record in training:
                progress.update(task, advance=each if record.epoch >= 0 else 0, description=f"{name}: {record.epoch}")
            assert training.status is not None
            provenance = bank.fingerprints.columns() | environment.provenance(bank.device)
            run = Run(
                key, spec, training.status, training.image_counts(), provenance, training.records, training.measurements
            )
            store.save(run)
            training.forget_checkpoint()
            say(f"{name}: {_result(run)}")
    except Timeout:
        say(f"{name}: another process is training this run; left to it.")
    finally:
        progress.remove_task(views)


def _with_features_at_hand(specs: Sequence[RunSpec], console: Console) -> list[RunSpec]:
    """The specs with random features where ImageNet's are asked for and cannot be had, said plainly, once."""
    from sgd_core.training import weights

    if all(spec.features == "random" for spec in specs) or weights.available() == "imagenet":
        return list(specs)
    console.print(
        "AlexNet's ImageNet weights cannot be had here: training on seeded RANDOM features instead, kept as "
        "features=random. Set SGD_ALEXNET_WEIGHTS to a file of the weights to change that.",
        style="yellow",
    )
    return [spec.model_copy(update={"features": "random"}) for spec in specs]


def _result(run: Run) -> str:
    last, images = run.records[-1], run.images
    minutes = sum(record.seconds for record in run.records) / 60
    return (
        f"{run.status} after epoch {last.epoch}, {minutes:.1f} min; correct in the last epoch: "
        f"reported {last.reported_correct}/{images['train_images']}, val {last.val_correct}/{images['val_images']}, "
        f"test {last.test_correct}/{images['test_images']}"
    )


def _cost(spec: RunSpec) -> int:
    from sgd_core.experiment.schedules import plan

    return plan(spec, paper.TRAIN_IMAGES)[-1].updates + EPOCH_COST * spec.epochs


def _whole_numbers(option: str, text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise UserError(f"--{option} is {text!r}, but must be whole numbers separated by commas.") from None
