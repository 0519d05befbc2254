"""`export`: a picture with all that moves it as one HTML file, which needs no server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sgd_core.charts.axes import AXES
from sgd_core.cli.options import choose, writing
from sgd_core.experiment import paper

Measure = Annotated[str, typer.Option(help="reported_accuracy, val_accuracy, test_accuracy or train_loss")]
app = typer.Typer(no_args_is_help=True, help=__doc__)


@app.command("figure")
def figure(
    number: Annotated[int, typer.Argument(help="a figure of the paper, 1 to 4")],
    file: Annotated[Path | None, typer.Option(help="where it goes; default figure-N.html")] = None,
    along: Annotated[str, typer.Option(help=f"one of {', '.join(AXES)}")] = "epoch",
    measure: Measure = "reported_accuracy",
) -> None:
    """Write a figure from the published runs, with its player, as one HTML file."""
    paper.runs_of(number)  # refuses a figure that is not there
    choose("along", along, tuple(AXES))
    metric = _metric(measure)
    from sgd_core.ui.figures import saved

    _write(saved.from_published(number, metric, AXES[along]), file or Path(f"figure-{number}.html"))


@app.command("collapse")
def collapse(
    file: Annotated[Path, typer.Option(help="where it goes")] = Path("collapse.html"),
    measure: Measure = "reported_accuracy",
) -> None:
    """Write the picture of all runs along training time with momentum as one HTML file."""
    metric = _metric(measure)
    from sgd_core.ui.answer import collapse as page

    _write(page.html(metric), file)


@app.command("site")
def site(folder: Annotated[Path, typer.Argument(help="where the files go")] = Path("site")) -> None:
    """Write the figures, the collapse and the evidence as a folder of pages that needs no server of this app's."""
    _metric("reported_accuracy")
    from sgd_core.charts import document
    from sgd_core.ui import site as pages

    files = pages.made()  # whole before anything is written
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {document.SCRIPT: document.library(), **files}.items():
        _write(text, folder / name)


@app.command("host")
def host(folder: Annotated[Path, typer.Argument(help="where it goes; empty, or not there yet")]) -> None:
    """Write what a public Space or Streamlit's cloud needs to show the app: no torch, nothing to be trained."""
    from sgd_core.cli import host as hosted

    hosted.prepare(folder)
    Console().print(str(folder), highlight=False, soft_wrap=True, markup=False)


def _metric(column: str) -> str:
    """The measure's name on pages. Streamlit comes with these, so its warnings of a missing page are switched off."""
    from sgd_core.ui.shell import streamlit_private
    from sgd_core.ui.shell.replay import METRICS

    streamlit_private.be_quiet_without_a_page()
    by_column = {column: title for title, column in METRICS.items()}
    choose("measure", column, tuple(by_column))
    return by_column[column]


def _write(text: str, target: Path) -> None:
    with writing(target):
        target.write_text(text, encoding="utf-8")
    Console().print(str(target), highlight=False, soft_wrap=True, markup=False)
