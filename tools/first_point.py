"""`bench first-point`: how long after Start a curve begins, on a server that has just started and on one that is warm.

In a real browser: from the pointer going down on Start to the frame in which the chart shows the first point of the new
run, and the first after an update. The shapes, with an empty cache.
"""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from sgd_core.cli.options import choose
from tools import server
from tools.browser import chromium, visit

if TYPE_CHECKING:
    from playwright.sync_api import Page

ADDRESS = "Train?data=shapes&seed={seed}&epochs=30&B=16&x=Epoch"
PATIENCE = 300_000
"""Milliseconds for a first point, on a machine that is busy."""
READY = 60_000
"""Milliseconds that a class reads the page before it presses Start, where the server is warm."""

WATCH = """() => {
    const watch = window.firstPoint = {};
    const look = () => {
        const lines = [...document.querySelectorAll('.st-key-picture svg.marks .mark-line path')];
        const dots = document.querySelectorAll('.st-key-picture svg.marks .mark-symbol path[fill]:not([fill=none])');
        if (watch.began && dots.length && !watch.point) watch.point = performance.now() - watch.began;
        if (watch.began && lines.some(line => (line.getAttribute('d') ?? '').includes('L')) && !watch.curve) {
            watch.curve = performance.now() - watch.began;
        }
        requestAnimationFrame(look);
    };
    addEventListener('pointerdown', event => { watch.began ??= event.timeStamp; }, true);
    look();
}"""


@dataclass(frozen=True)
class Found:
    """Seconds from Start to the point of the untrained head, and to that after the first updates."""

    state: str
    point: float
    curve: float


def first_point(
    repeats: Annotated[int, typer.Option(min=1, max=20, help="runs started on the warm server")] = 3,
    format: Annotated[str, typer.Option(help="table or json")] = "table",
) -> None:
    """Seconds from Start to the first points of a curve: cold, prepared by the page being read, and warm."""
    choose("format", format, ("table", "json"))
    with Console(stderr=True).status("starting"), TemporaryDirectory() as scratch:
        found = list(_measured(Path(scratch), repeats))
    stood_on = {"cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1), "repeats": repeats}
    if format == "json":
        print(json.dumps({**stood_on, "found": [asdict(each) for each in found]}, indent=1))
        return
    table = Table(
        "server", "first point, s", "first point after an update, s",
        caption=f"{stood_on['cores']} cores, load {stood_on['load']}; shapes, B=16; warm: median of {repeats}",
    )  # fmt: skip
    for state in dict.fromkeys(each.state for each in found):
        of = [each for each in found if each.state == state]
        table.add_row(state, *(f"{statistics.median(getattr(e, name) for e in of):.1f}" for name in ("point", "curve")))
    Console().print(table)


def _measured(scratch: Path, repeats: int) -> Iterator[Found]:
    for state, wait in (("cold: Start at once", 0), ("prepared: a minute later", READY)):
        environment = {"SGD_CACHE_DIR": str(scratch / state[:4]), "SGD_DATA_DIR": str(scratch), "SGD_PREPARE": "yes"}
        published = scratch / "none published"
        with server.running({**environment, "SGD_PUBLISHED_DIR": str(published)}) as url, chromium() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.add_init_script(f"({WATCH})()")
            yield _start(page, url, 0, state, wait)
            for seed in range(1, repeats + 1) if wait else ():
                yield _start(page, url, seed, "warm: another run", 0)


def _start(page: Page, url: str, seed: int, state: str, wait: int) -> Found:
    visit(page, f"{url}/{ADDRESS.format(seed=seed)}")
    page.wait_for_timeout(wait)
    page.locator(".st-key-start button").click()
    page.wait_for_function("() => firstPoint.curve", timeout=PATIENCE, polling=200)
    told = page.evaluate("() => firstPoint")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("was cancelled").wait_for(timeout=PATIENCE)
    return Found(state, told["point"] / 1000, told["curve"] / 1000)
