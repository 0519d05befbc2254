"""The core without the app: python -m sgd_core COMMAND; --help lists the commands."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from sgd_core.cli import data, evidence, export, measure, noise, runs, schedule, serve, train
from sgd_core.errors import UserError
from sgd_core.runs.queue import worker

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command("serve")(serve.serve)
app.command("schedule")(schedule.schedule)
app.command("train")(train.train)
app.command("sweep")(train.sweep)
app.command("runs")(runs.runs)
app.command("publish")(runs.publish)
app.command("evidence")(evidence.evidence)
app.command("noise")(noise.noise)
app.command("measure")(measure.measure)
app.add_typer(data.app, name="data")
app.add_typer(export.app, name="export")


def main() -> None:
    """Run a command of the core."""
    run(app)


def run(commands: typer.Typer) -> None:
    """Run a command; what the user can mend is said in one sentence, without a traceback."""
    try:
        commands()
    except (UserError, OSError) as error:
        Console(stderr=True).print(worker.sentence(error), style="red", highlight=False, soft_wrap=True, markup=False)
        sys.exit(1)
