"""`runs` and `publish`: list what there is, and write the published runs."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from sgd_core.cli.options import choose, writing
from sgd_core.experiment.names import name_of
from sgd_core.runs.kept import publication, table
from sgd_core.runs.kept.store import Store

LISTED = ["figures", "run", *table.SPEC_COLUMNS, "status", "source", *table.FINALS, "paper_reported", "key"]
SHOWN = {
    "figures": "Fig.", "run": "run", "seed": "seed", "views": "V", "status": "status", "source": "source",
    **dict(zip(table.FINALS, ("reported", "val", "test"))), "paper_reported": "authors", "key": "key",
}  # fmt: skip
"""Columns of the table, and their headings."""
WIDTH = 120
"""Characters of a table that goes to a file or a pipe."""


def runs(format: Annotated[str, typer.Option(help="table, csv or json")] = "table") -> None:
    """List every run: settings, source, final accuracies (mean of the last ten epochs), the authors' number."""
    choose("format", format, ("table", "csv", "json"))
    store = Store()
    listed = table.in_order(table.with_paper(store.runs()))[LISTED]
    tell_troubles(store)
    if format == "csv":
        print(listed.to_csv(index=False), end="")
    elif format == "json":
        print(json.dumps(table.rows(listed), indent=1))
    else:
        _console().print(_table(listed))


def tell_troubles(store: Store) -> None:
    """Say which runs of this machine cannot be read, beside what is printed."""
    for trouble in store.troubles():
        Console(stderr=True).print(trouble, style="red", highlight=False, soft_wrap=True, markup=False)


def publish(
    folder: Annotated[
        Path | None, typer.Option("--from", help="merge the published runs of this folder instead of this machine's")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be written, and write nothing")] = False,
    allow_changes: Annotated[
        bool, typer.Option("--allow-changes", help="also runs made from a core with uncommitted changes")
    ] = False,
) -> None:
    """Write the published runs: runs of the paper and of the claims that have ended here, beside those from before."""
    if folder is None:
        _publish(Store(), dry_run, allow_changes)
        return
    with tempfile.TemporaryDirectory(prefix="sgd-publish-") as place:
        store = Store(local=Path(place) / "runs")
        publication.taken(folder, store.local)
        _publish(store, dry_run, allow_changes)


def _publish(store: Store, dry_run: bool, allow_changes: bool) -> None:
    console, prepared = _console(), publication.prepare(store, allow_changes)
    if not prepared.new.empty:
        console.print(_table(prepared.new))
    if prepared.with_changes:
        console.print(f"{prepared.with_changes} runs stay out: made from a core with uncommitted changes.")
    if prepared.of_others:
        console.print(publication.other_images(prepared.of_others), highlight=False, soft_wrap=True)
    if not dry_run:
        with writing(store.published.folder):
            prepared.write()
    new, kept = len(prepared.new), len(prepared.runs) - len(prepared.new)
    done = f"{'Would write' if dry_run else 'Wrote'} {new} new or newer runs beside {kept} published before"
    console.print(f"{done} to {prepared.store.published.folder}.", highlight=False, soft_wrap=True)


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


def _table(runs: pd.DataFrame) -> Table:
    shown = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column, heading in SHOWN.items():
        number = pd.api.types.is_numeric_dtype(runs[column])
        shown.add_column(heading, no_wrap=column != "run", justify="right" if number else "left")
    for row in table.rows(runs):
        cells = {**row, "run": name_of(table.spec_of(row)), "key": row["key"][:8]}
        shown.add_row(*(_cell(cells[column]) for column in SHOWN))
    return shown


def _cell(value: object) -> str:
    return "" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
