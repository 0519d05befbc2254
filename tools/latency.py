"""`bench pages`: how long a control takes to answer, in a real browser on a real server of the app.

The browser itself keeps the time: from the pointer or key going down to the frame in which the new picture is painted.
What went over the websocket for that answer is counted in the same page.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from sgd_core import settings
from sgd_core.cli.options import choose
from sgd_core.errors import UserError
from sgd_core.runs.kept.published import PublishedRuns
from tools import server, synthetic
from tools.browser import DRAWN, PATIENCE, chromium, visit

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SEEDS = 10
"""Of the invented runs: as many as the issue's target is for."""

STOPWATCH = """() => {
    const watch = window.stopwatch = {began: 0, drawn: null, wire: [], heard: 0, changed: 0};
    const Native = window.WebSocket;
    const size = data => data.byteLength ?? data.size ?? data.length;
    const note = what => { watch.heard = performance.now(); watch.wire.push({at: watch.heard, ...what}); };
    window.WebSocket = class extends Native {
        constructor(...given) {
            super(...given);
            this.addEventListener('message', event => note({got: size(event.data)}));
        }
        send(data) { note({sent: size(data)}); super.send(data); }
    };
    const pictures = () => [...document.querySelectorAll('.stVegaLiteChart :is(svg.marks, canvas.marks)')];
    let before = [], moving = false;
    watch.start = () => {
        before = pictures();
        moving = performance.now() - watch.changed < 200;
        watch.began = 0; watch.drawn = null; watch.wire.length = 0;
    };
    const begin = event => { if (!watch.began) watch.began = event.timeStamp; };
    addEventListener('pointerdown', begin, true);
    addEventListener('keydown', begin, true);
    const filled = picture => picture.matches('canvas')
        || ['mark-line', 'mark-area', 'mark-rect', 'mark-symbol'].some(kind =>
            picture.getElementsByClassName(kind)[0]?.firstElementChild);
    const element = node => node.nodeType === 1 ? node : node.parentElement;
    const inPicture = change => element(change.target)?.closest('svg.marks, .stVegaLiteChart');
    new MutationObserver(changes => {
        watch.changed = performance.now();
        if (!watch.began || watch.drawn || !changes.some(inPicture)) return;
        const anew = pictures().some(one => filled(one) && !(moving && before.includes(one)));
        if (anew) requestAnimationFrame(() => { watch.drawn ??= performance.now(); });
    }).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
}"""
"""In the page: notes when a control is touched, when a chart is drawn anew, and what the wire carried. On a chart that
moves by itself only a new element counts as a new picture."""

REST, MOVING = 300, 1500
"""Milliseconds without any change on the page after which it counts as still; and, for a page that moves by itself,
without a word on the wire."""
STILL = f"""() => {{
    const now = performance.now(), watch = window.stopwatch;
    return ({DRAWN})() && now - watch.heard > {REST} && (now - watch.changed > {REST} || now - watch.heard > {MOVING});
}}"""

HEADER = ["page", "control", "n", "answer, median ms", "drawn, median ms", "p95 ms", "largest message, kB", "all, kB"]


@dataclass(frozen=True)
class Answer:
    """One change of a control; times in milliseconds, sizes in bytes. `picture` is None where no chart changed."""

    page: str
    control: str
    picture: float | None
    answer: float
    """From the pointer or key going down to the arrival of the largest message, which is the chart."""
    largest: int
    """Its bytes."""
    total: int


def pages(
    runs: Annotated[
        str, typer.Option(help=f"invented (27 runs, {SEEDS} seeds, made for this) or published")
    ] = "invented",
    repeats: Annotated[int, typer.Option(min=2, max=200, help="changes of each control")] = 20,
    page: Annotated[list[str] | None, typer.Option(help="only pages whose file name holds this")] = None,
    format: Annotated[str, typer.Option(help="table, markdown or json")] = "table",
) -> None:
    """Milliseconds from a control's change to the new picture, on every page, and the bytes that one chart takes."""
    choose("runs", runs, ("invented", "published"))
    choose("format", format, ("table", "markdown", "json"))
    chosen = {f: slug for f, slug in server.pages().items() if not page or any(part in f for part in page)}
    if not chosen:
        raise UserError(f"--page is {page}, but the pages are {', '.join(server.pages())}.")
    with TemporaryDirectory() as scratch, Console(stderr=True).status("starting") as status:
        folder = settings.published_dir()
        if runs == "invented":
            folder = Path(scratch) / "published"
            synthetic.write(folder, SEEDS)
        answers = []
        environment = {"SGD_PUBLISHED_DIR": str(folder), "SGD_CACHE_DIR": scratch}
        with server.running(environment) as url, chromium() as browser:
            for file, slug in chosen.items():
                status.update(file)
                context = browser.new_context(viewport={"width": 1280, "height": 1400})
                opened = context.new_page()
                opened.add_init_script(f"({STOPWATCH})()")
                visit(opened, f"{url}/{slug}")
                answers += list(_answers(opened, file, repeats))
                context.close()
        stood_on = f"{_named(runs, folder)}; {repeats} changes of each control, one visitor"
    _print(answers, stood_on, format)


def _named(runs: str, folder: Path) -> str:
    kept = PublishedRuns(folder).frame("runs")
    return f"{runs} runs: {len(kept)} at {kept['seed'].nunique()} seeds"


def _answers(page: Page, file: str, repeats: int) -> Iterator[Answer]:
    controls = page.locator("[class*='st-key-controls']")
    for label in controls.locator("[role=radiogroup]").evaluate_all("all => all.map(one => one.ariaLabel)"):
        group = controls.get_by_role("radiogroup", name=label, exact=True)
        choices = group.get_by_role("radio").all()
        for i in range(repeats):
            yield _answer(page, file, label, choices[(i + 1) % len(choices)])
        choices[0].click()  # the next control is measured on the page as it was
    page.wait_for_function(STILL, timeout=PATIENCE)
    for slider in [each for each in controls.get_by_role("slider").all() if each.is_enabled()]:
        name = slider.get_attribute("aria-label") or "slider"
        at_the_end = slider.evaluate("slider => slider.value === slider.max")
        there, back = ("ArrowLeft", "ArrowRight") if at_the_end else ("ArrowRight", "ArrowLeft")
        for i in range(repeats):
            yield _answer(page, file, name, slider, key=back if i % 2 else there)


def _answer(page: Page, file: str, label: str, target: Locator, key: str | None = None) -> Answer:
    page.wait_for_function(STILL, timeout=PATIENCE)
    page.evaluate("() => window.stopwatch.start()")
    target.press(key) if key else target.click()
    page.wait_for_function("() => window.stopwatch.wire.some(one => one.got)", timeout=PATIENCE)
    page.wait_for_function(STILL, timeout=PATIENCE)
    watch = page.evaluate("() => ({...window.stopwatch})")
    wire: list[dict[str, float]] = watch["wire"]
    got = [one for one in wire if "got" in one]
    largest = max(got, key=lambda one: one["got"])
    return Answer(
        page=file,
        control=label,
        picture=watch["drawn"] - watch["began"] if watch["drawn"] else None,
        answer=largest["at"] - watch["began"],
        largest=int(largest["got"]),
        total=int(sum(one["got"] for one in got)),
    )


def _print(answers: Sequence[Answer], stood_on: str, format: str) -> None:
    if format == "json":
        print(json.dumps({"measured_on": stood_on, "answers": [asdict(one) for one in answers]}, indent=1))
        return
    groups: dict[tuple[str, str], list[Answer]] = {}
    for one in answers:
        groups.setdefault((one.page, one.control), []).append(one)
    rows = [[*name, *_cells(group)] for name, group in groups.items()]
    if format == "markdown":
        for line in [HEADER, ["---", "---", *["---:"] * (len(HEADER) - 2)], *rows]:
            print("| " + " | ".join(line) + " |")
        print(f"\n{stood_on}")
        return
    table = Table(*HEADER, caption=stood_on)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _cells(group: Sequence[Answer]) -> list[str]:
    pictures = [one.picture for one in group if one.picture is not None]
    shown = [f"{statistics.median(pictures):.0f}", f"{_p95(pictures):.0f}"] if pictures else ["no chart", ""]
    most = max(one.largest for one in group)
    sent = [one.answer for one in group if one.largest > most / 2]  # a chart that the browser has is not sent again
    return [
        str(len(group)),
        f"{statistics.median(sent):.0f}",
        *shown,
        f"{most / 1000:.1f}",
        f"{max(one.total for one in group) / 1000:.1f}",
    ]


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]
