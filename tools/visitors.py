"""`bench visitors`: how quickly a replay page answers a class of visitors, while nothing runs and while a run trains.

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
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from sgd_core import settings
from sgd_core.cli.options import choose
from sgd_core.errors import UserError
from sgd_core.runs import mode
from sgd_core.runs.kept.published import PublishedRuns
from sgd_core.runs.queue.jobs import JobFolder
from sgd_core.ui.shell import streamlit_private
from tools import server, synthetic

READ, CONTROL = "Figure_1_Batch_size", "Along"
"""The page that visitors read, and its control that they change."""
TRAIN = "Train"
RUN = "data=shapes&features=random&views=2&epochs=300&B=4"
"""The run that trains meanwhile: one that outlasts the measurement and keeps the worker as busy as any."""
PAUSE = (0.5, 1.5)
WARM_UP = 4
"""Answers of each visitor before those that count: every axis is drawn for the first time."""
PATIENCE = 300
"""Seconds for one answer, and for the run to start, on a machine that is busy with more than this."""


@dataclass(frozen=True)
class Round:
    """The answers of one round, seconds each."""

    training: bool
    answers: list[float]

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.answers, n=20, method="inclusive")[-1]


def visitors(
    count: Annotated[int, typer.Option(min=1, max=200, help="visitors at once")] = 10,
    answers: Annotated[int, typer.Option(min=2, help="changes of a control by each visitor in a round")] = 20,
    rounds: Annotated[int, typer.Option(min=1, help="rounds of each kind; their median counts")] = 5,
    format: Annotated[str, typer.Option(help="table or json")] = "table",
) -> None:
    """95th percentile of an answer with several visitors at once, idle and while a run trains, and their ratio."""
    choose("format", format, ("table", "json"))
    mode.require_lab("A measurement that trains")
    with TemporaryDirectory(prefix="sgd-visitors-") as place, Console(stderr=True).status("starting"):
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
    taken = await asyncio.gather(*(reader.read(answers) for reader in readers))
    return Round(training, [seconds for each in taken for seconds in each])


class Visitor:
    """One session of the app, as a browser would have it."""

    def __init__(self, url: str, page: str, query: str = "") -> None:
        self._address = url.replace("http://", "ws://") + "/_stcore/stream"
        self._page, self._query, self._script = page, query, ""
        self._socket: Any = None
        self._widgets: dict[str, Any] = {}
        """Label of a control or button -> its message."""
        self._states: dict[str, Any] = {}
        self._drawn: set[str] = set()
        """Which controls the latest answer drew."""
        self._polls: dict[str, float] = {}
        """Fragment that is to be run again by itself -> seconds between."""
        self.said: list[str] = []
        """Headings and texts of the latest answer."""

    async def open(self) -> None:
        """Connect and load the page."""
        from tornado.websocket import websocket_connect

        self._socket = await websocket_connect(self._address, subprotocols=["streamlit"], max_message_size=2**28)
        await self._run()

    async def read(self, answers: int) -> list[float]:
        """Change the control so many times; seconds that each answer took."""
        taken = []
        for number in range(answers):
            await asyncio.sleep(random.uniform(*PAUSE))
            taken.append(await self.choose(CONTROL, number))
        return taken

    async def choose(self, label: str, number: int) -> float:
        """Take an option of a control, counted on from the first; seconds until the answer."""
        control = self._widgets[label]
        option = control.options[number % len(control.options)].content
        self._states[control.id] = streamlit_private.chosen(control.id, option)
        started = time.perf_counter()
        await self._run()
        return time.perf_counter() - started

    async def press(self, label: str) -> None:
        """Press a button."""
        await self._run(pressed=self._widgets[label].id)

    async def watch(self) -> None:
        """Run the page's live part again and again, as a browser does that has it open."""
        while True:
            for fragment, seconds in list(self._polls.items()) or [("", 1.0)]:
                await asyncio.sleep(seconds)
                if fragment:
                    await self._run(fragment)

    def close(self) -> None:
        self._socket.close()

    async def _run(self, fragment: str = "", pressed: str = "") -> None:
        """Have the script run, with the button of this id pressed in this run alone, and take in what comes."""
        self.said, self._drawn = [], set()
        states = [*self._states.values(), *([streamlit_private.pressed(pressed)] if pressed else [])]
        asked = streamlit_private.asked(self._page, self._query, states, fragment, self._script)
        await self._socket.write_message(asked, binary=True)
        while True:
            content = await asyncio.wait_for(self._socket.read_message(), PATIENCE)
            if content is None:
                raise ConnectionError("The app has closed the connection.")
            told = streamlit_private.told(content)
            kind = told.WhichOneof("type")
            if kind == "delta" and told.delta.WhichOneof("type") == "new_element":
                self._note(told.delta.new_element)
            elif kind == "page_info_changed":
                self._query = told.page_info_changed.query_string
            elif kind == "new_session" and not told.metadata.run.fragment_ids:
                self._polls.clear()
            elif kind == "navigation":
                self._script = told.navigation.page_script_hash
            elif kind == "auto_rerun":
                self._polls[told.auto_rerun.fragment_id] = told.auto_rerun.interval
            elif kind == "script_finished" and told.script_finished in streamlit_private.ENDED:
                if not told.metadata.run.fragment_ids:  # as a browser forgets what is no longer on the page
                    self._states = {widget: state for widget, state in self._states.items() if widget in self._drawn}
                return

    def _note(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind in ("button_group", "button"):
            widget = getattr(element, kind)
            self._widgets[widget.label] = widget
            self._drawn.add(widget.id)
        elif kind in ("markdown", "heading"):
            self.said.append(getattr(element, kind).body)
