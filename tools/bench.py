"""`bench training`: how long an epoch takes on this machine, the straightforward way and on the feature bank.

`bench pages` is in latency; the others are in the modules of their names.
"""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

from sgd_core.cli.options import choose
from sgd_core.errors import UserError
from sgd_core.images import sets
from tools import beside, first_point, gpu, latency, room, visitors

if TYPE_CHECKING:
    from tools.straightforward import Comparison

BATCH_SIZES = (16, 512)
"""The smallest and the largest of the paper."""

HEADER = [
    "batch size", "straightforward, s an epoch", "loader processes", "feature bank, s an epoch", "ratio",
    "making a view, s", "ratio of a first run that makes a view an epoch",
]  # fmt: skip


class TrainingByDefault(TyperGroup):
    """`bench` and `bench --repeats 5` mean `bench training` and `bench training --repeats 5`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args if args and args[0] in (*self.commands, "--help") else ["training", *args])


app = typer.Typer(cls=TrainingByDefault, help="Measure speed on this machine; without a subcommand: training.")


app.command("pages")(latency.pages)
app.command("beside")(beside.beside)
app.command("visitors")(visitors.visitors)
app.command("room")(room.room)
app.command("first-point")(first_point.first_point)
app.command("gpu")(gpu.gpu)


@app.command()
def training(
    dataset: Annotated[str | None, typer.Option(help="vegetables (default where they are) or shapes")] = None,
    features: Annotated[str, typer.Option(help="imagenet or random; the arithmetic is the same")] = "imagenet",
    repeats: Annotated[int, typer.Option(min=1, max=100, help="epochs that count; their median is shown")] = 3,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N")] = "auto",
    format: Annotated[str, typer.Option(help="table, markdown or json")] = "table",
) -> None:
    """Seconds per epoch, measured in one run: decode, crop and convolve every image twice, or read the feature bank.

    The straightforward way runs repeats + 2 epochs at each batch size; on a CPU and the paper's images that is minutes.
    """
    choose("format", format, ("table", "markdown", "json"))
    choose("features", features, ("imagenet", "random"))
    dataset = dataset or ("vegetables" if sets.at_hand("vegetables") else "shapes")
    choose("dataset", dataset, ("vegetables", "shapes"))
    try:
        from sgd_core.training import environment
        from sgd_core.training.data import open_set
        from tools.straightforward import compare
    except ModuleNotFoundError as error:
        raise UserError(f"This needs {error.name}, which is not installed: pip install -r requirements.txt.") from None

    chosen = environment.choose_device(device)
    environment.prepare(chosen)
    images = open_set(dataset)
    with Console(stderr=True).status("starting") as status:
        measured = list(compare(images, features, BATCH_SIZES, repeats, chosen, status.update))
    stood_on = {
        "dataset": dataset,
        "train_images": len(images.labels("train")),
        "features": features,
        "repeats": repeats,
        **environment.provenance(chosen),
    }
    if format == "json":
        rows = [{**asdict(row), "ratio": row.ratio, "first_run_ratio": row.first_run_ratio} for row in measured]
        print(json.dumps({**stood_on, "batch_sizes": rows}, indent=1))
    elif format == "markdown":
        for line in [HEADER, ["---:"] * len(HEADER), *map(_cells, measured)]:
            print("| " + " | ".join(line) + " |")
        print(f"\n{_caption(stood_on)}")
    else:
        table = Table(*HEADER, caption=_caption(stood_on))
        for row in measured:
            table.add_row(*_cells(row))
        Console().print(table)


def _cells(row: Comparison) -> list[str]:
    return [
        str(row.batch_size),
        _spread(row.straightforward),
        str(row.workers),
        _spread(row.bank),
        f"{row.ratio:.1f}",
        f"{row.view:.1f}",
        f"{row.first_run_ratio:.1f}",
    ]


def _spread(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} ({min(seconds):.2f} to {max(seconds):.2f})"


def _caption(stood_on: dict[str, Any]) -> str:
    return (
        "{device}, {threads} threads, torch {torch}; {train_images} training images of {dataset}, {features} features; "
        "median (range) of {repeats} epochs after warm-up, evaluation on one view included; {date:.10}"
    ).format(**stood_on)
