"""`fuzz`: hostile links, opened without a browser; none may end a page, nor keep others waiting.

A link is a page and some of its settings, each at a value that a person or a program might put there: empty, absurd,
long, of another kind, or many at once. The same seed makes the same links.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from streamlit.testing.v1 import AppTest

from sgd_core import settings
from sgd_core.ui import path

SLOW = 2.0
"""Seconds of CPU that no answer may take."""
OFTEN = (
    "", " ", "&", "&&&&", "0", "-1", "1", "7", "1.5", "16", "inf", "-inf", "nan", "1e309", "-1e309", "5e-324", "1e300",
    "1e16", "9" * 16, "9" * 160, "0x10", "1_000", "٣", "true", "false", "None", "null", "[]", "{}", "<script>", "'\"",
    "$x$", "*a*", "\\", "%00", "\x00", "\u202e", "é" * 50, "\ud7ff", "../../etc/passwd", "a" * 299,
    "a" * 5000, "x" * 50000,
    "T", "Train loss", "Epoch", "step", "exponential", "shapes", "vegetables", "B=16", "s=0.5 " * 60, "word " * 2000,
    "123456789012", "full", "BCDF", "2026-01-01",
)  # fmt: skip
"""Values of any setting."""
UNSEEN = (
    "run", "job", "figure", "preset", "lesson", "step", "shown", "notes", "room", "phone", "steer", "guesses",
    "joining", "address", "screen", "hide", "mu2", "B2", "time", "walkers", "lock", "speed", "map", "at", "growth",
    "several", "count", "each", "stop", "values_batch_size", "values_learning_rate", "with", "case", "metric", "x",
    "sort", "embed", "embed_options", "", "a" * 400,
)  # fmt: skip
"""Names that no control shows at first, or that no page has."""
CONTROLS = (
    "button_group", "toggle", "checkbox", "slider", "select_slider", "selectbox", "radio", "multiselect",
    "number_input", "text_input",
)  # fmt: skip

Query = dict[str, list[str]]


@dataclass(frozen=True)
class Opened:
    """What came of a link."""

    page: str
    query: Query
    errors: list[str]
    """What ended the page, if anything did."""
    seconds: float
    """Of CPU."""


def links(count: int, seed: int = 0) -> Iterator[tuple[str, list[tuple[int, list[str]]]]]:
    """Pages, and for each setting that a link has a number that picks its name, and its values."""
    chance = random.Random(seed)
    pages = [page.file for page in path.in_order()]
    for _ in range(count):
        settings = [(chance.randrange(10**6), _values(chance)) for _ in range(chance.choice((1, 1, 2, 3, 6)))]
        yield chance.choice(pages), settings


def _values(chance: random.Random) -> list[str]:
    most = chance.choices((1, 3, 60, 1000), (85, 10, 4, 1))[0]
    return [chance.choice(OFTEN) for _ in range(most)]


def named(picked: Sequence[tuple[int, list[str]]], own: Sequence[str]) -> Query:
    """The link's settings; most are the page's `own`."""
    names = [*(list(own) * 4), *UNSEEN]
    return {names[number % len(names)]: values for number, values in picked}


class Pages:
    """Pages of this installation, opened one after the other."""

    def __init__(self) -> None:
        self._own: dict[str, list[str]] = {}

    def own(self, page: str) -> list[str]:
        """The settings that a page's link may have, as its controls say."""
        if page not in self._own:
            app = self._run(page, {})
            widgets = [widget for kind in CONTROLS for widget in getattr(app, kind)]
            self._own[page] = sorted({widget.proto.query_param_key for widget in widgets} - {""})
        return self._own[page]

    def open(self, page: str, query: Query) -> Opened:
        """Open a link."""
        begun = time.process_time()
        app = self._run(page, query)
        seconds = time.process_time() - begun
        return Opened(page, query, [str(each.message) for each in app.exception], seconds)

    def _run(self, page: str, query: Query) -> AppTest:
        app = AppTest.from_file(str(settings.ROOT / "app.py"), default_timeout=120)
        if page != "app.py":
            app.switch_page(page)
        for name, values in query.items():
            app.query_params[name] = values
        return app.run()


def fuzz(
    count: Annotated[int, typer.Option(min=1, help="links")] = 1500,
    seed: Annotated[int, typer.Option(help="of their choice")] = 0,
) -> None:
    """Open hostile links; the pages that one ended or slowed down are listed."""
    console, pages = Console(soft_wrap=True), Pages()
    wrong = 0
    for page, picked in links(count, seed):
        opened = pages.open(page, named(picked, pages.own(page)))
        if opened.errors or opened.seconds > SLOW:
            wrong += 1
            shown = {name[:20]: [value[:20] for value in values[:3]] for name, values in opened.query.items()}
            console.print(
                f"{page} {shown}: {opened.seconds:.1f} s {' '.join(opened.errors)}", highlight=False, markup=False
            )
    console.print(f"{count} links, {wrong} of them ended a page or took more than {SLOW:g} s of CPU.")
    if wrong:
        raise typer.Exit(1)
