"""`runs` and `publish`: list what there is, and write the published runs."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from sgd_core.cli.options import choose
from sgd_core.experiment import paper
from sgd_core.runs.store import Store
from sgd_core.runs.table import SPEC_COLUMNS, spec_of

FINALS = ["final_reported_accuracy", "final_val_accuracy", "final_test_accuracy"]
LISTED = ["figures", *SPEC_COLUMNS, "status", "source", *FINALS, "paper_reported", "key"]


def runs(format: Annotated[str, typer.Option(help="table, csv or json")] = "table") -> None:
    """List every run: settings, source, final accuracies (mean of the last ten epochs), the authors' number."""
    choose("format", format, ("table", "csv", "json"))
    listed = with_paper(Store().runs())[LISTED]
    if format == "csv":
        print(listed.to_csv(index=False), end="")
    elif format == "json":
        print(listed.to_json(orient="records", indent=1))
    else:
        Console().print(_table(listed))


def with_paper(runs: pd.DataFrame) -> pd.DataFrame:
    """`runs` with figures ('1, 3') and paper_reported (the authors' final accuracy), empty for runs not in the paper."""
    found = [paper.find(spec_of(row)) for row in runs.to_dict("records")]
    return runs.assign(
        figures=pd.array([", ".join(map(str, run.figures)) if run else None for run in found], dtype="string"),
        paper_reported=pd.array([run.reported if run else None for run in found], dtype="Float64"),
    )


def _table(listed: pd.DataFrame) -> Table:
    columns = ["figures", "run", "seed", "views", "status", "source", *FINALS, "paper_reported", "key"]
    shown = Table(*(column.removeprefix("final_").replace("_", " ") for column in columns))
    for row in listed.to_dict("records"):
        spec = spec_of(row)
        run = paper.find(spec)
        name = run.name if run else f"{spec.dataset} {spec.schedule} B={spec.batch_size} mu={spec.learning_rate:g}"
        cells = {**row, "run": name, "key": row["key"][:8]}
        shown.add_row(*(_cell(cells[column]) for column in columns))
    return shown


def _cell(value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def publish() -> None:
    """Write cached_runs/ from the done and diverged runs of the paper, those published before included."""
