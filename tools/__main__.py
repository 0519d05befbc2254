"""python -m tools: the maintainers' commands."""

from __future__ import annotations

import typer

from sgd_core.cli import run
from tools import bench, fuzz, mutations, screenshots

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(bench.app, name="bench")
app.command("screenshots")(screenshots.screenshots)
app.command("fuzz")(fuzz.fuzz)
app.command("mutations")(mutations.mutations)

if __name__ == "__main__":
    run(app)
