"""`train` and `sweep`: make runs and keep them on this machine. Both go on where a kill or Ctrl-C stopped them.

What is kept already is answered without torch, images or weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from sgd_core import settings
from sgd_core.cli.options import whole_numbers, with_spec, with_values
from sgd_core.errors import UserError
from sgd_core.experiment import claims, grid, paper
from sgd_core.experiment.names import name_of
from sgd_core.experiment.run import Run, merged
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs import pace
from sgd_core.runs.kept.store import Store
from sgd_core.runs.queue.sweep import Wanted as Wanted
from sgd_core.training import identity, probes

if TYPE_CHECKING:
    import torch

Device = Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N")]
ProbeNames = Annotated[
    list[str] | None, typer.Option("--probe", help=f"one of {', '.join(probes.names())}; repeatable")
]
ProbeEpochs = Annotated[str, typer.Option(help="epochs to measure at, separated by commas; -1: untrained; or 'last'")]


@with_spec
def train(
    spec: RunSpec, device: Device = "auto", probe: ProbeNames = None, probe_epochs: ProbeEpochs = "-1,last"
) -> None:
    """Train one run, unless it is already there, and keep it on this machine."""
    make([Wanted(spec, _probes(probe, probe_epochs))], device)


@with_values
def sweep(
    values: dict[str, list[str]],
    what: Annotated[
        str,
        typer.Argument(
            help="paper: the 27 runs behind Figures 1 to 4; evidence: the claims' arms; grid: every combination of "
            "some values of one setting or two"
        ),
    ],
    figure: Annotated[int | None, typer.Option(help="only this figure of the paper, 1 to 4")] = None,
    claim: Annotated[list[str] | None, typer.Option(help=f"one of {', '.join(claims.CLAIMS)}; repeatable")] = None,
    seeds: Annotated[str | None, typer.Option(help="seeds, separated by commas; default 0, or a claim's own")] = None,
    device: Device = "auto",
    views: Annotated[int, typer.Option(help="augmented feature views; more than 150: a fresh one every epoch")] = 151,
    probe: ProbeNames = None,
    probe_epochs: ProbeEpochs = "-1,last",
    training_time: Annotated[
        float | None, typer.Option(min=0.0, help="for grid: stop every run at this T, the sum of μ over updates")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(help="tcp://host:port of a Dask scheduler whose workers train; default SGD_SCHEDULER")
    ] = None,
) -> None:
    """Train every run of the paper, of the evidence for its claims, or of a grid, that is not there yet."""
    if what != "grid" and (given := [*values, *(["training_time"] if training_time is not None else [])]):
        raise UserError(f"--{given[0].replace('_', '-')} is for 'sweep grid'; the runs of {what!r} are given.")
    numbers = whole_numbers("seeds", seeds) if seeds is not None else None
    gauges = _probes(probe, probe_epochs)
    if what == "paper":
        if claim:
            raise UserError("--claim is for 'sweep evidence'; a figure of the paper is chosen by --figure.")
        wanted = [Wanted(spec, gauges) for spec in _of_paper(figure, numbers or [0], views)]
    elif what == "evidence":
        if figure is not None or gauges:
            raise UserError("--figure and --probe are for 'sweep paper'; a claim has its own runs and probes.")
        wanted = of_claims(claim, numbers, views)
    elif what == "grid":
        if figure is not None or claim:
            raise UserError("--figure and --claim are for 'sweep paper' and 'sweep evidence'.")
        named = {**values, "views": [str(views)]}
        wanted = [Wanted(spec, gauges) for spec in grid.runs(named, numbers or [0], training_time)]
    else:
        raise UserError(f"sweep makes the runs of 'paper', of 'evidence' or of a 'grid', not of {what!r}.")
    address = settings.scheduler() if cluster is None else cluster
    if not address:
        make(wanted, device)
        return
    if device != "auto":
        raise UserError("--device is for training in this process; each worker of a cluster takes the best one it has.")
    from sgd_core.cli import cluster as over_cluster  # it stands on this module

    over_cluster.make(wanted, address)


def of_claims(names: Sequence[str] | None, seeds: Sequence[int] | None, views: int) -> list[Wanted]:
    """The arms of these claims, or of all, each run once; `map` is claim 3's map.

    In the order in which verdicts come cheapest: what the claims are decided by, cheapest claim first, then what their
    controls need, then the rest. A run is measured by every probe that any claim asks of it, chosen or not: measuring
    it later would mean to train it again. `seeds`: those that each claim plans, unless given.
    """
    asked: list[tuple[tuple[int, float, int, int], RunSpec]] = []
    for name in names or claims.CLAIMS:
        stages, planned = _stages(name)
        for stage, arms in enumerate(stages):
            cost = sum(pace.units(arm.spec) for arm in arms)
            for turn, seed in enumerate(seeds if seeds is not None else range(planned)):
                for place, arm in enumerate(arms):
                    spec = arm.spec.model_copy(update={"seed": seed, "views": views})
                    asked.append(((stage, cost, turn, place), spec))
    specs = {spec.question(): spec for _, spec in sorted(asked, key=lambda each: each[0])}
    return [Wanted(spec, _measured_by(spec, set(names or claims.CLAIMS), seeds)) for spec in specs.values()]


def _stages(name: str) -> tuple[list[list[claims.Arm]], int]:
    if name == claims.MAP_NAME:
        return [list(claims.MAP.values())], claims.MAP_SEEDS
    claim = claims.named(name)
    return claims.stages(claim), claim.seeds


def _measured_by(spec: RunSpec, chosen: set[str], seeds: Sequence[int] | None) -> dict[str, frozenset[int]]:
    """The probes, and their epochs, of every claim of which this run is an arm at a seed that it plans or was given."""
    question = spec.model_copy(update={"seed": 0}).question()
    found: dict[str, frozenset[int]] = {}
    for name, claim in claims.CLAIMS.items():
        given = seeds is not None and name in chosen and spec.seed in seeds
        if given or spec.seed < claim.seeds:
            for arm in claim.arms.values():
                if arm.spec.question() == question:
                    found |= {probe: found.get(probe, frozenset()) | arm.probe_epochs for probe in arm.probes}
    return found


def make(wanted: Sequence[Wanted], device_name: str, again: bool = False, **training: Any) -> None:
    """Train those of the runs that are not in the store, one after the other, and keep each as it finishes.

    `again` makes also those that are in the store; `training` goes to one_run.train as it is (checkpoint_seconds).
    Any number of processes may make the same runs.
    """
    console, store = Console(), Store()
    say = partial(console.print, highlight=False, soft_wrap=True)
    left = list(wanted) if again else [each for each in wanted if lacks(each, store)]
    if left and settings.explore_only():
        raise UserError("SGD_MODE is explore: training is switched off here.")
    say(f"{len(wanted) - len(left)} of {len(wanted)} runs are there; {len(left)} to train.")
    if not left:
        return
    try:
        from sgd_core.training import environment
    except ModuleNotFoundError as error:
        raise UserError(f"Training needs {error.name}: pip install -r requirements.txt.") from None
    store.local.check()
    device = environment.choose_device(device_name)
    environment.prepare(device)
    timed = partial(environment.seconds_of_an_update, device)
    say(f"Training on {device}. {pace.forecast([each.spec for each in left], store, timed)}")
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(),
        TextColumn("left"), TimeRemainingColumn(), console=console,
    ) as progress:  # fmt: skip
        bar = _Bar(progress, sum(pace.units(each.spec) for each in left))
        for each in left:
            _make_one(each, device, store, bar, say, again, training)


def _make_one(
    wanted: Wanted, device: torch.device, store: Store, bar: _Bar, say: Callable[[str], None], again: bool,
    options: Mapping[str, Any],
) -> None:  # fmt: skip
    from sgd_core.training import one_run
    from sgd_core.training.probes import Probes, named

    spec = wanted.spec
    name = f"{name_of(spec)}, seed {spec.seed}"
    gauges = Probes(named(wanted.probes), wanted.probes)
    if not again and _measured_at_kept_heads(wanted, device, store):
        say(f"{name}: measured at the weights that are kept here, without training it again.")
        bar.ended(spec)
        return

    def hear(kind: str, **told: Any) -> None:
        bar.hear(name, spec, kind, told)
        if kind in ("started", "note") and told["message"] and told["message"] not in bar.said:
            bar.said.add(told["message"])
            say(told["message"])

    def keep(run: Run) -> None:
        store.save(replace(run, measurements=merged(store.local.measurements_of(run.key), run.measurements)))

    def is_kept(key: str) -> bool:
        return not again and not wanted.lacks(store, key)

    try:
        run = one_run.train(spec, device, hear, is_kept=is_kept, keep=keep, probes=gauges, **options)
        say(f"{name}: {result_of(run)}")
    except one_run.BusyError:
        say(f"{name}: another process is training this run; left to it.")
    except one_run.Kept:
        say(f"{name}: it is there already.")
    finally:
        bar.ended(spec)


def _measured_at_kept_heads(wanted: Wanted, device: torch.device, store: Store) -> bool:
    """Keep what a kept run still lacks, where the weights that it takes are kept; whether that was so."""
    from sgd_core.training import kept_heads

    key = identity.key(wanted.spec)
    if key is None or not store.has(key) or store.local.row(key) is None:
        return False
    lacking, (_, ended) = wanted.unmeasured(store, key), store.measured(key)
    rows = kept_heads.measure(wanted.spec, key, device, lacking, ended, pace.epochs_of(wanted.spec) - 1)
    if not rows:
        return False
    store.local.add_measurements(key, rows)
    return True


class _Bar:
    """One bar for all runs, and one for the features that are being made."""

    def __init__(self, progress: Progress, total: float) -> None:
        self._progress, self._all = progress, progress.add_task("all runs", total=total)
        self._views = progress.add_task("features", total=None, visible=False)
        self._before, self._units = 0.0, 0.0
        self.said: set[str] = set()
        """What has been said once for all runs."""

    def hear(self, name: str, spec: RunSpec, kind: str, told: Mapping[str, Any]) -> None:
        if kind == "features":
            done, total = told["done"], told["total"]
            self._progress.update(self._views, completed=done, total=total, visible=done < total)
        elif kind == "epoch" and told["record"].epoch >= 0:
            self._units += pace.units(spec) / pace.epochs_of(spec)
            description = f"{name}: {told['record'].epoch}"
            self._progress.update(self._all, completed=self._before + self._units, description=description)

    def ended(self, spec: RunSpec) -> None:
        self._before, self._units = self._before + pace.units(spec), 0.0
        self._progress.update(self._all, completed=self._before)


def lacks(wanted: Wanted, store: Store) -> bool:
    """Whether the run, or something that is to be measured along it, is not kept under the key it would have here."""
    key = identity.key(wanted.spec)
    return key is None or wanted.lacks(store, key)


def _probes(names: Sequence[str] | None, epochs: str) -> dict[str, frozenset[int]]:
    for name in names or ():
        if name not in probes.names():
            raise UserError(f"--probe is {name!r}, but must be one of {', '.join(probes.names())}.")
    parts = [part.strip() for part in epochs.split(",")]
    numbers = whole_numbers("probe-epochs", ",".join(part for part in parts if part != "last") or "0")
    if min(numbers) < -1:
        raise UserError(f"--probe-epochs has {min(numbers)}, but epochs are -1 (untrained), 0, 1, ... and 'last'.")
    at = frozenset({probes.LAST if part == "last" else int(part) for part in parts})
    return dict.fromkeys(names or (), at)


def _of_paper(figure: int | None, seeds: Sequence[int], views: int) -> list[RunSpec]:
    runs = list(paper.RUNS) if figure is None else paper.runs_of(figure)
    return [
        RunSpec.parse({**run.spec.model_dump(), "seed": seed, "views": views})
        for seed in seeds
        for run in sorted(runs, key=lambda run: run.figures)
    ]


def result_of(run: Run) -> str:
    """How a run ended, in a sentence."""
    last, images = run.records[-1], run.images
    minutes = sum(record.seconds for record in run.records) / 60
    val = f"val {last.val_correct}/{images['val_images']}"
    test = f", test {last.test_correct}/{images['test_images']}" if images["test_images"] else ""
    return (
        f"{run.status} after epoch {last.epoch}, {minutes:.1f} min; correct in the last epoch: "
        f"reported {last.reported_correct}/{images['train_images']}, {val}{test}"
    )
