"""`bench visitors`: what a class costs that opens every page and moves every control, and what stays when it has left.

Visitors speak Streamlit's own protocol over websockets, as browsers would, each on a page of its own; every few seconds
one changes any control of its page, or now and then turns to another page. No browsers: a hundred of those would be the
load instead of the app, so drawing in the browser is not in these times. Counted is from a visitor's message to the end
of the server's script. Other programs on the machine lengthen an answer, but hardly change what it costs the server's
process in CPU time: on a busy machine that is the number to compare.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from sgd_core import settings
from sgd_core.cli.options import choose
from sgd_core.errors import UserError
from sgd_core.experiment.seeds import derive
from sgd_core.runs.kept.published import PublishedRuns
from tools import server, synthetic
from tools.visitor import Control, Visitor

if TYPE_CHECKING:
    from psutil import Process

Move = tuple[Control, Any]
"""A control and the state that it is given."""
PAUSES = {"quick": (2.0, 6.0), "calm": (6.0, 14.0)}
"""Seconds between an answer and the visitor's next change."""
ONWARD = 0.05
"""Share of the moves that go to another page."""
LEFT_ALONE = {"Open a room"}
"""Buttons that nobody presses: `bench room` measures rooms."""
ARRIVING = 0.15
"""Seconds between two visitors' arrivals."""
SAMPLE = 5.0
"""Seconds between two looks at the server's memory."""
LOOKS = 6
"""Moments of the visit at which the table says what memory was."""
CHANGES = 20
"""Changes on each page by the one visitor who comes when all others have left."""
MB = 2**20
SAME_CHANGES = 0
"""Seed of that visitor, whatever that of the others."""


@dataclass(frozen=True)
class Answer:
    """One answer of the app."""

    page: str
    seconds: float
    opened: bool
    """Whether the whole page was asked for, and not the change of a control."""
    kilobytes: float
    failed: str = ""
    """What ended it, if anything did."""


@dataclass(frozen=True)
class Memory:
    """The server's resident memory at a moment, seconds from the first arrival."""

    at: float
    megabytes: float


@dataclass
class Crowd:
    """What the visitors found, after all had arrived, and what they cost the server's process."""

    answers: list[Answer] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0
    memory: list[Memory] = field(default_factory=list)
    before: float = 0.0
    """Megabytes before anybody came."""
    after: float = 0.0
    """Megabytes so many minutes after the last had left."""


@dataclass(frozen=True)
class Cost:
    """What a change on one page costs the server, and how much it sends."""

    page: str
    milliseconds: float
    opening: float
    kilobytes: float


def summed(crowd: Crowd) -> dict[str, float]:
    """The numbers of the table; raises UserError where nobody was answered."""
    good = [1000 * each.seconds for each in crowd.answers if not each.opened and not each.failed]
    if len(good) < 2:
        raise UserError("Too few answers to say anything: take more minutes.")
    return {
        "answers": len(good),
        "opened": sum(each.opened for each in crowd.answers),
        "failed": sum(bool(each.failed) for each in crowd.answers),
        "p50": statistics.median(good),
        "p95": statistics.quantiles(good, n=20, method="inclusive")[-1],
        "a_second": len(crowd.answers) / crowd.seconds,
        "cpu_an_answer": 1000 * crowd.cpu / len(crowd.answers),
        "cores": crowd.cpu / crowd.seconds,
        "memory_before": crowd.before,
        "memory_peak": max(each.megabytes for each in crowd.memory),
        "memory_end": crowd.memory[-1].megabytes,
        "memory_after": crowd.after,
    }


def looks(crowd: Crowd) -> list[Memory]:
    """LOOKS evenly spaced looks at the server's memory, or as many as there were."""
    places = {round(part * (len(crowd.memory) - 1) / LOOKS) for part in range(1, LOOKS + 1)}
    return [crowd.memory[place] for place in sorted(places)]


def visitors(
    count: Annotated[int, typer.Option(min=1, max=500, help="visitors at once")] = 100,
    minutes: Annotated[float, typer.Option(min=0.05, help="from the last arrival to the first departure")] = 5,
    pause: Annotated[str, typer.Option(help="quick (2 to 6 s between changes) or calm (6 to 14 s)")] = "quick",
    processes: Annotated[int, typer.Option(min=1, max=16, help="of the server, which visitors take in turn")] = 1,
    after: Annotated[float, typer.Option(min=0, help="minutes from the last departure to the last look")] = 10,
    costs: Annotated[bool, typer.Option(help="then what a change costs on each page, one visitor alone")] = True,
    seed: Annotated[int, typer.Option(help="of who does what")] = 0,
    format: Annotated[str, typer.Option(help="table or json")] = "table",
) -> None:
    """Answers, CPU time and memory of a class on all pages, in explore mode, and what stays when it has left."""
    choose("format", format, ("table", "json"))
    choose("pause", pause, tuple(PAUSES))
    with TemporaryDirectory(prefix="sgd-visitors-") as place, Console(stderr=True).status("starting"):
        crowd, each = asyncio.run(
            _measure(Path(place), processes, count, 60 * minutes, PAUSES[pause], 60 * after, costs, seed)
        )
    told = summed(crowd)
    if format == "json":
        failed = [asdict(answer) for answer in crowd.answers if answer.failed]
        print(json.dumps({"visitors": count, "minutes": minutes, "pause": pause, "processes": processes, "seed": seed,
                          **told, "failures": failed, "memory": [asdict(one) for one in crowd.memory],
                          "pages": [asdict(one) for one in each]}, indent=1))  # fmt: skip
        return
    _show(told, crowd, each, f"{count} visitors, {processes} processes, {minutes:g} minutes, seed {seed}", after)


def _show(told: dict[str, float], crowd: Crowd, costs: Sequence[Cost], title: str, after: float) -> None:
    console = Console()
    shown = Table("", "", title=title)
    for name, text in (
        ("answers to a change", f"{told['answers']:.0f}, and {told['opened']:.0f} pages opened"),
        ("failed", f"{told['failed']:.0f}"),
        ("p50, p95", f"{told['p50']:.0f} ms, {told['p95']:.0f} ms"),
        ("answers a second", f"{told['a_second']:.1f}"),
        ("CPU an answer", f"{told['cpu_an_answer']:.1f} ms; {told['cores']:.2f} of a core"),
        ("memory before, peak, at the end", f"{told['memory_before']:.0f}, {told['memory_peak']:.0f}, "
                                            f"{told['memory_end']:.0f} MB"),
        ("memory on the way", ", ".join(f"{each.megabytes:.0f} MB at {each.at / 60:.1f} min" for each in looks(crowd))),
        (f"memory {after:g} minutes later", f"{told['memory_after']:.0f} MB"),
    ):  # fmt: skip
        shown.add_row(name, text)
    console.print(shown)
    for page, reason in sorted({(each.page, each.failed) for each in crowd.answers if each.failed}):
        console.print(f"failed on {page or 'Start'}: {reason}", markup=False)
    if costs:
        pages = Table("page", "CPU of a change, ms", "CPU of opening, ms", "sent for a change, kB")
        for cost in costs:
            pages.add_row(cost.page, f"{cost.milliseconds:.1f}", f"{cost.opening:.0f}", f"{cost.kilobytes:.0f}")
        console.print(pages)


async def _measure(
    place: Path,
    processes: int,
    count: int,
    seconds: float,
    pause: tuple[float, float],
    after: float,
    costs: bool,
    seed: int,
) -> tuple[Crowd, list[Cost]]:
    from psutil import Process

    published = settings.published_dir()
    if PublishedRuns(published).frame("runs").empty:
        published = place / "invented"
        synthetic.write(published, seeds=5)
    environment = {
        "SGD_CACHE_DIR": str(place / "cache"), "SGD_PUBLISHED_DIR": str(published), "SGD_MODE": "explore",
        "STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": "full",  # so that what failed is said
    }  # fmt: skip
    with _served(processes, environment) as (urls, pid):
        process = Process(pid)
        crowd = await _crowd(urls, process, count, seconds, pause, seed)
        await asyncio.sleep(after)
        crowd.after = _resident(process)
        return crowd, [await _cost(urls[0], process, page) for page in server.pages().values()] if costs else []


@contextmanager
def _served(processes: int, environment: Mapping[str, str]) -> Iterator[tuple[list[str], int]]:
    """The server's addresses, one a process, and the process that is the server, or has started all of it."""
    if processes == 1:
        with server.process(environment) as (url, pid):
            yield [url], pid
    else:
        with server.together(processes, environment) as started:
            yield started


async def _crowd(
    urls: Sequence[str], process: Process, count: int, seconds: float, pause: tuple[float, float], seed: int
) -> Crowd:
    found, pages = Crowd(before=_resident(process)), list(server.pages().values())
    watching = asyncio.create_task(_watch(process, found.memory))
    guests = [
        asyncio.create_task(
            _visit(
                urls[number % len(urls)],
                found,
                pages,
                number,
                pause,
                random.Random(derive(seed, "visitor", str(number))),
            )
        )
        for number in range(count)
    ]
    await asyncio.sleep(count * ARRIVING + pause[1])
    found.answers.clear()  # of those who were there before the class was full
    cpu, started = _cpu(process), time.perf_counter()
    await asyncio.sleep(seconds)
    found.cpu, found.seconds = _cpu(process) - cpu, time.perf_counter() - started
    answers = list(found.answers)
    for task in (*guests, watching):
        task.cancel()
    await asyncio.wait([*guests, watching])
    found.answers = answers
    found.memory.append(Memory(found.memory[-1].at + SAMPLE, _resident(process)))
    return found


async def _visit(
    url: str, found: Crowd, pages: Sequence[str], number: int, pause: tuple[float, float], chance: random.Random
) -> None:
    """Come in one's turn, and go on until told to leave; who loses the connection comes again."""
    await asyncio.sleep(number * ARRIVING)
    page = pages[number % len(pages)]
    while True:
        visitor = Visitor(url, page)
        try:
            await _timed(found, page, visitor, None)
            while True:
                await asyncio.sleep(chance.uniform(*pause))
                move = _move(visitor, chance)
                page = page if move else chance.choice(pages)
                await _timed(found, page, visitor, move)
        except OSError:
            pass  # noted in its answer
        finally:
            visitor.close()


def _move(visitor: Visitor, chance: random.Random) -> Move | None:
    """A control of the page and its new state; None: on to another page."""
    controls = [each for each in visitor.controls.values() if not each.widget.disabled]
    controls = [each for each in controls if each.widget.label not in LEFT_ALONE and not each.widget.form_id]
    if not controls or chance.random() < ONWARD:
        return None
    control = chance.choice(controls)
    state = control.change(chance)
    return None if state is None else (control, state)


async def _timed(found: Crowd, page: str, visitor: Visitor, move: Move | None) -> None:
    """One answer, noted; raises OSError where the connection is lost."""
    started, failed = time.perf_counter(), ""
    try:
        if move:
            await visitor.change(*move)
        elif visitor.controls:
            await visitor.turn(page)
        else:
            await visitor.open()
    except OSError as error:
        failed = str(error) or type(error).__name__
        raise OSError(failed) from None
    finally:
        reason = failed or "; ".join(visitor.errors)
        found.answers.append(Answer(page, time.perf_counter() - started, move is None, visitor.received / 1000, reason))


async def _watch(process: Process, memory: list[Memory]) -> None:
    started = time.perf_counter()
    while True:
        memory.append(Memory(round(time.perf_counter() - started, 1), _resident(process)))
        await asyncio.sleep(SAMPLE)


async def _cost(url: str, process: Process, page: str) -> Cost:
    """What changes on a page cost when nobody else is there: the class before has filled the caches."""
    chance, sent = random.Random(SAME_CHANGES), 0
    visitor = Visitor(url, page)
    try:
        before = _cpu(process)
        await visitor.open()
        opened = _cpu(process)
        spent, made = 0.0, 0
        while made < CHANGES:
            move = _move(visitor, chance)
            if move is None:  # on to another page, as far as this page's visitor is concerned
                await visitor.turn(page)
                continue
            begun = _cpu(process)
            await visitor.change(*move)
            spent, sent, made = spent + _cpu(process) - begun, sent + visitor.received, made + 1
    finally:
        visitor.close()
    return Cost(page, 1000 * spent / made, 1000 * (opened - before), sent / made / 1000)


def _cpu(process: Process) -> float:
    """Seconds of CPU time that the server's processes have taken."""
    times = [each.cpu_times() for each in _all(process)]
    return float(sum(each.user + each.system for each in times))


def _resident(process: Process) -> float:
    """Megabytes of memory that they hold."""
    return float(sum(each.memory_info().rss for each in _all(process))) / MB


def _all(process: Process) -> list[Process]:
    return [process, *process.children(recursive=True)]
