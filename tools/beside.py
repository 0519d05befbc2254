"""`bench beside`: how quickly a replay page answers ten visitors, while nothing runs and while a run trains beside it.

Visitors speak Streamlit's own protocol over websockets: each opens Figure 1 and keeps changing its x axis, with pauses
of half a second to a second and a half. No browsers: ten of those would be the load instead of the app. Counted is the
time from a visitor's message to the end of the server's script, drawing in the browser not included.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sgd_core import settings
from sgd_core.cli.options import choose
from sgd_core.errors import UserError
from sgd_core.runs import mode
from sgd_core.runs.kept.published import PublishedRuns
from sgd_core.runs.queue.jobs import JobFolder
from tools import server, synthetic
from tools.visitor import PATIENCE, Visitor

READ, CONTROL = "Figure_1_Batch_size", "Along"
"""The page that visitors read, and its control that they change."""
TRAIN = "Train"
RUN = "data=shapes&features=random&views=2&epochs=300&B=4"
"""The run that trains meanwhile: one that outlasts the measurement and keeps the worker as busy as any."""
PAUSE = (0.5, 1.5)
WARM_UP = 4
"""Answers of each visitor before those that count: every axis is drawn for the first time."""


@dataclass(frozen=True)
class Round:
    """The answers of one round, seconds each."""

    training: bool
    answers: list[float]

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.answers, n=20, method="inclusive")[-1]


def beside(
    count: Annotated[int, typer.Option(min=1, max=200, help="visitors at once")] = 10,
    answers: Annotated[int, typer.Option(min=2, help="changes of a control by each visitor in a round")] = 20,
    rounds: Annotated[int, typer.Option(min=1, help="rounds of each kind; their median counts")] = 5,
    format: Annotated[str, typer.Option(help="table or json")] = "table",
) -> None:
    """95th percentile of an answer with several visitors at once, idle and while a run trains, and their ratio."""
    choose("format", format, ("table", "json"))
    mode.require_lab("A measurement that trains")
    with TemporaryDirectory(prefix="sgd-beside-") as place, Console(stderr=True).status("starting"):
        measured = list(asyncio.run(_measure(Path(place), count, answers, rounds)))
    p95 = {training: statistics.median(r.p95 for r in measured if r.training is training) for training in (False, True)}
    if format == "json":
        print(json.dumps({"visitors": count, "idle": p95[False], "training": p95[True], "ratio": p95[True] / p95[False],
                          "rounds": [{**asdict(r), "p95": r.p95} for r in measured]}, indent=1))  # fmt: skip
        return
    shown = Table("", "p95, median of the rounds, ms", "range, ms", caption=f"{count} visitors, {answers} answers each")
    for training, name in ((False, "idle"), (True, "while a run trains")):
        each = [1000 * r.p95 for r in measured if r.training is training]
        shown.add_row(name, f"{1000 * p95[training]:.0f}", f"{min(each):.0f} to {max(each):.0f}")
    shown.add_row("ratio", f"{p95[True] / p95[False]:.2f}", "")
    Console().print(shown)


async def _measure(place: Path, count: int, answers: int, rounds: int) -> Iterator[Round]:
    published = settings.published_dir()
    if PublishedRuns(published).frame("runs").empty:
        published = place / "invented"
        synthetic.write(published, seeds=1)
    cache = place / "cache"
    measured = []
    with (
        server.running({"SGD_CACHE_DIR": str(cache), "SGD_PUBLISHED_DIR": str(published)}) as url,
        ExitStack() as opened,
    ):
        readers = [Visitor(url, READ) for _ in range(count)]
        for reader in readers:
            await reader.open()
            opened.callback(reader.close)
        await _round(readers, WARM_UP, False)
        measured += [await _round(readers, answers, False) for _ in range(rounds)]
        teacher = Visitor(url, TRAIN, RUN)
        await teacher.open()
        opened.callback(teacher.close)
        await teacher.press("Start")
        opened.callback(asyncio.create_task(teacher.watch()).cancel)
        until = time.monotonic() + PATIENCE
        while not _trains(cache):
            if time.monotonic() > until:
                raise UserError(f"The run did not start within {PATIENCE} s.")
            await asyncio.sleep(0.1)
        measured += [await _round(readers, answers, True) for _ in range(rounds)]
        if not _trains(cache):
            raise UserError("The run ended before the measurement did; take fewer rounds or answers.")
    return iter(measured)


def _trains(cache: Path) -> bool:
    return any(job.state == "running" for job in JobFolder(cache / "jobs").read())


async def _round(readers: list[Visitor], answers: int, training: bool) -> Round:
    taken = await asyncio.gather(*(_read(reader, answers) for reader in readers))
    return Round(training, [seconds for each in taken for seconds in each])


async def _read(reader: Visitor, answers: int) -> list[float]:
    """Change the control so many times; seconds that each answer took."""
    taken = []
    for number in range(answers):
        await asyncio.sleep(random.uniform(*PAUSE))
        taken.append(await reader.choose(CONTROL, number))
    return taken
