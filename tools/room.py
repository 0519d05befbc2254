"""`bench room`: how quickly a room answers a class's phones and its teacher, and whether a guess is lost.

In a round every phone answers once, at some moment of its own share of 20 seconds, and the teacher steps to and fro
between two questions every five; then guesses and truth are shown. A phone follows the teacher by looking at the room
as often as it was told. Phones and teacher speak Streamlit's own protocol, as in `bench visitors`. A guess that came
when the teacher had just stepped on is refused in a sentence, and sent again for the question that has come instead;
lost is what a phone was told had been sent and the teacher's screen does not count.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import statistics
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.table import Table

from sgd_core import settings
from sgd_core.cli.options import choose
from sgd_core.errors import UserError
from sgd_core.runs.kept.published import PublishedRuns
from tools import server, synthetic
from tools.visitor import Visitor

PAGE, LESSON = "Lesson", "bench"
SPAN, STEP = 20.0, 5.0
"""Seconds in which every phone answers, and between the teacher's steps."""
COUNTED = re.compile(r"(\d+) of \d+ ha\w+ answered|all (\d+) have answered")
GUESS = "Your guess"


@dataclass
class Round:
    """Seconds of each answer and of each step of the teacher; guesses that came too late, and those that were lost."""

    answers: list[float] = field(default_factory=list)
    steps: list[float] = field(default_factory=list)
    late: int = 0
    lost: int = 0

    @property
    def p95(self) -> tuple[float, float]:
        """Of the answers, of the steps."""
        one, other = (statistics.quantiles(x, n=20, method="inclusive")[-1] for x in (self.answers, self.steps))
        return one, other


class Screen(Visitor):
    """A phone or the teacher's screen: what it asks and what its live part asks come one after the other."""

    def __init__(self, url: str, query: str) -> None:
        super().__init__(url, PAGE, query)
        self._turn = asyncio.Lock()
        self.shown: list[str] = []
        """Headings and texts of the screen as it was last drawn whole."""

    @property
    def query(self) -> str:
        return self._query

    async def _run(self, fragment: str = "", pressed: Any = None, by_itself: bool = True) -> None:
        async with self._turn:
            if fragment and fragment not in self._polls:  # gone while its turn came; the server would not answer
                return
            await super()._run(fragment, pressed, by_itself)
            if not fragment or len(self.said) > 1:
                self.shown = self.said

    async def timed(self, label: str) -> float:
        """Seconds from a press of this button to the end of its answer."""
        started = time.perf_counter()
        await self.press(label)
        return time.perf_counter() - started

    def paces(self) -> float:
        """Seconds between its looks at the room."""
        return min(self._polls.values(), default=1.0)

    def asks(self, label: str) -> bool:
        """Whether its screen has had this control or button."""
        return label in self._widgets

    def counted(self) -> int:
        """How many have answered, as the teacher's screen says."""
        found = [match for text in self.said if (match := COUNTED.search(text))]
        if not found:
            raise UserError(f"The teacher's screen does not count answers, but says {self.said}.")
        return int(found[0][1] or found[0][2])


def room(
    phones: Annotated[int, typer.Option(min=1, max=300, help="phones in the room")] = 100,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="rounds; their median counts")] = 5,
    processes: Annotated[int, typer.Option(min=1, max=64, help="processes that share the room")] = 1,
    format: Annotated[str, typer.Option(help="table or json")] = "table",
) -> None:
    """95th percentile of a phone's answer and of the teacher's step in a room, and the guesses that were lost."""
    choose("format", format, ("table", "json"))
    with TemporaryDirectory(prefix="sgd-room-") as place, Console(stderr=True).status("starting"):
        measured = asyncio.run(_measure(Path(place), phones, rounds, processes))
    answers, steps = (statistics.median(each.p95[which] for each in measured) for which in (0, 1))
    lost, late = (sum(getattr(each, name) for each in measured) for name in ("lost", "late"))
    if format == "json":
        print(json.dumps({"phones": phones, "processes": processes, "answer": answers, "step": steps,
                          "lost": lost, "late": late,
                          "rounds": [asdict(each) for each in measured]}, indent=1))  # fmt: skip
        return
    shown = Table("", "p95, median of the rounds, ms", "range, ms",
                  caption=f"{phones} phones, processes: {processes}; {lost} guesses lost, "
                          f"{late} too late and sent again")  # fmt: skip
    for which, (name, median) in enumerate((("a phone's answer", answers), ("the teacher's step", steps))):
        each = [1000 * each.p95[which] for each in measured]
        shown.add_row(name, f"{1000 * median:.0f}", f"{min(each):.0f} to {max(each):.0f}")
    Console().print(shown)


async def _measure(place: Path, phones: int, rounds: int, processes: int) -> list[Round]:
    published = settings.published_dir()
    if PublishedRuns(published).frame("runs").empty:
        published = place / "invented"
        synthetic.write(published, seeds=1)
    (place / f"{LESSON}.yaml").write_text(_lesson(rounds), encoding="utf-8")
    environment = {"SGD_CACHE_DIR": str(place / "cache"), "SGD_PUBLISHED_DIR": str(published),
                   "SGD_LESSONS": str(place), "SGD_MODE": "explore"}  # fmt: skip
    with ExitStack() as opened:
        urls = (
            [opened.enter_context(server.running(environment))]
            if processes == 1
            else (opened.enter_context(server.together(processes, environment))[0])
        )
        teacher = Screen(urls[0], f"lesson={LESSON}&step=1")
        await teacher.open()
        opened.callback(teacher.close)
        await teacher.press("Open a room")
        letters = re.search(r"room=(\w+)", teacher.query)
        if letters is None:
            raise UserError(f"No room was opened; the teacher's screen says {teacher.said}.")
        group = [Screen(urls[number % processes], f"room={letters[1]}") for number in range(1, phones + 1)]
        for phone in group:
            await phone.open()
            opened.callback(phone.close)
        await teacher.press("Begin")
        for screen in (teacher, *group):
            opened.callback(asyncio.create_task(screen.watch()).cancel)
        return [await _round(teacher, group, number == rounds) for number in range(1, rounds + 1)]


def _lesson(rounds: int) -> str:
    """Two questions for each round, on the figures' pictures."""
    note = {"ask": "Vote.", "expect": "They differ.", "minutes": 1}
    steps = [
        {
            "id": f"question-{number}", "question": f"Question {number}", "picture": "curves", "note": note,
            "settings": {"figure": (number - 1) % 4 + 1, "along": ["epoch", "effective"]},
            "guess": {"kind": "choice", "options": ["Lower", "Level", "Higher"]},
        }
        for number in range(1, 2 * rounds + 1)
    ]  # fmt: skip
    return str(yaml.safe_dump({"title": "Measured", "about": "Votes.", "steps": steps}))


async def _round(teacher: Screen, group: list[Screen], last: bool) -> Round:
    found = Round()
    each = SPAN / len(group)
    answering = [
        asyncio.create_task(_answer(phone, found, random.uniform(number * each, (number + 1) * each)))
        for number, phone in enumerate(group)
    ]
    there = 0
    for _ in range(int(SPAN / STEP) - 1):
        await asyncio.sleep(STEP)
        found.steps.append(await teacher.timed(("Next", "Back")[there]))
        there = 1 - there
    await asyncio.gather(*answering)
    if there:
        found.steps.append(await teacher.timed("Back"))
    counted = teacher.counted()
    if teacher.asks("Show guesses"):  # not where all answers have been sent to the other question
        found.steps.append(await teacher.timed("Show guesses"))
    found.steps += [await teacher.timed("Show"), await teacher.timed("Next")]
    counted += teacher.counted()
    found.lost = len(group) - counted
    if not last:
        found.steps.append(await teacher.timed("Next"))
    return found


async def _answer(phone: Screen, found: Round, after: float) -> None:
    """Answer once after so many seconds, and again where the teacher had stepped on."""
    await asyncio.sleep(after)
    while True:
        while not phone.asks(GUESS):
            await asyncio.sleep(0.1)
        found.answers.append(await phone.choose(GUESS, random.randrange(3)))
        if any(text.startswith("Sent.") for text in phone.shown):
            return
        found.late += 1
        await asyncio.sleep(2 * min(phone.paces(), STEP))  # until the question that has come instead is there
