"""`sweep --cluster`: the runs go to the workers of a Dask cluster, and come back to be kept here. Without torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from sgd_core import settings
from sgd_core.cli.train import lacks, result_of
from sgd_core.errors import UserError
from sgd_core.experiment.names import name_of
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs import pace
from sgd_core.runs.kept.store import Store
from sgd_core.runs.queue import sweep, worker
from sgd_core.runs.queue.jobs import Place
from sgd_core.runs.queue.sweep import Wanted
from sgd_core.training import identity

MEASURE_SECONDS = 60
"""So long a worker may take to say how fast it is: one that has just started has torch to import."""


def make(wanted: Sequence[Wanted], address: str) -> None:
    """Have those of the runs that are not in the store trained by the workers of the cluster, and keep them here.

    Raises ClusterError where it cannot be reached or is lost, and UserError in the end where runs have failed.
    """
    console, store = Console(), Store()
    say = partial(console.print, highlight=False, soft_wrap=True, markup=False)
    left = [each for each in wanted if lacks(each, store)]
    if left and settings.explore_only():
        raise UserError("SGD_MODE is explore: training is switched off here.")
    say(f"{len(wanted) - len(left)} of {len(wanted)} runs are there; {len(left)} to train.")
    if not left:
        return
    with sweep.connect(address) as client:
        there = sweep.workers(client)
        on = f"{there or 'no'} worker{'s' * (there != 1)} of {address}"
        say(f"Training on {on}. {_forecast(left, store, client, there)}")
        with Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(),
            TextColumn("left"), TimeRemainingColumn(), console=console,
        ) as progress:  # fmt: skip
            hear = _Listener(progress, say, left)
            try:
                sweep.run_all(left, client, store, hear, identity.key)
            except KeyboardInterrupt:
                say("Stopped. The runs that have ended are kept; the same command goes on.")
                raise
    if hear.failed:
        raise UserError(f"{hear.failed} of {len(left)} runs failed, as said above. The same command tries them again.")


class _Listener:
    """Says how every run ended, and moves one bar for all of them."""

    def __init__(self, progress: Progress, say: Callable[[str], None], wanted: Sequence[Wanted]) -> None:
        self._progress, self._say, self._runs = progress, say, len(wanted)
        self._bar = progress.add_task("all runs", total=sum(pace.units(each.spec) for each in wanted))
        self._under_way: dict[RunSpec, float] = {}
        """Units done of each."""
        self._places: dict[RunSpec, Place] = {}
        self._units = 0.0
        self._said: set[str] = set()
        self.ended = self.failed = 0

    def __call__(self, kind: str, wanted: Wanted, **told: Any) -> None:
        spec = wanted.spec
        if kind == "taken":
            self._places[spec] = told["place"]
        elif kind == "started":
            self._under_way[spec] = 0.0
            self._say_once(told["message"])
        elif kind == "epoch":
            if told["record"]["epoch"] >= 0:
                self._under_way[spec] = self._under_way.get(spec, 0.0) + pace.units(spec) / pace.epochs_of(spec)
        else:
            self._under_way.pop(spec, None)
            self._units += pace.units(spec)
            self.ended += 1
            self.failed += kind == "failed"
            self._say_once(told.get("message", "") if kind == "kept" else "")
            self._say(f"{name_of(spec)}, seed {spec.seed}{_by(self._places.pop(spec, None))}: {_how(kind, told)}")
        self._progress.update(
            self._bar,
            completed=self._units + sum(self._under_way.values()),
            description=f"{self.ended} of {self._runs} runs, {len(self._under_way)} under way",
        )

    def _say_once(self, message: str) -> None:
        if message and message not in self._said:
            self._said.add(message)
            self._say(message)


def _by(place: Place | None) -> str:
    return f", worker {place.worker} of {place.machine}" if place is not None else ""


def _how(kind: str, told: dict[str, Any]) -> str:
    if kind == "kept":
        return result_of(told["run"])
    if kind == "left":
        return "another process is training this run; left to it."
    return "it is there already." if kind == "there" else f"failed. {told['message']}"


def _forecast(left: Sequence[Wanted], store: Store, client: Any, there: int) -> str:
    if not there:
        return "It starts as workers come."
    measure = partial(_seconds_of_an_update, client)
    try:
        return pace.forecast([each.spec for each in left], store, measure, min(there, len(left)))
    except TimeoutError:
        return "How long that takes is not known: the workers are busy."


def _seconds_of_an_update(client: Any) -> float:
    """By one of the workers; raises TimeoutError where all of them are busy."""
    return float(client.submit(worker.seconds_of_an_update, pure=False, priority=1).result(timeout=MEASURE_SECONDS))
