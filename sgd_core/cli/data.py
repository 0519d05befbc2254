"""`data fetch`, `data check` and `data manifest`: get the paper's images, and make sure that they are the paper's."""

from __future__ import annotations

from pathlib import Path
from textwrap import shorten
from typing import Annotated

import typer
from rich.console import Console

from sgd_core import settings
from sgd_core.errors import UserError

KAGGLE = "misrakahmed/vegetable-image-dataset"
PAGE = f"https://www.kaggle.com/datasets/{KAGGLE}"

app = typer.Typer(no_args_is_help=True, help="Get and check the paper's vegetables.")

Folder = Annotated[Path | None, typer.Option(help="default: SGD_DATA_DIR, else data/vegetables")]


@app.command()
def fetch(
    to: Folder = None,
    tree: Annotated[
        Path | None, typer.Option("--from", help="an unpacked download of the Kaggle set, instead of downloading it")
    ] = None,
) -> None:
    """Download the Kaggle set and copy the paper's subset out of it, every image verified."""
    from sgd_core.training import manifest

    console, target, wanted = Console(highlight=False), (to or settings.data_dir()).resolve(), manifest.read()
    if target.exists() and any(target.iterdir()):
        if differences := manifest.differences(manifest.found(target), wanted):
            raise UserError(
                f"{target} is there already and is not exactly the paper's subset: {manifest.listed(differences)}. "
                "Move it away, or choose another folder with --to."
            )
        console.print(f"{target} holds the paper's subset already: {len(wanted)} images, verified.", soft_wrap=True)
        return
    source = tree or _download()
    with console.status(f"looking for {len(wanted)} images in {source}"):
        manifest.rebuild(source, wanted, target)
    console.print(
        f"{target}: {len(wanted)} images, every SHA-256 verified. They are a subset of {PAGE} "
        "by M. I. Ahmed, S. Mamun and A. Asif, CC BY-SA 4.0.",
        soft_wrap=True,
    )
    if target != settings.data_dir():
        console.print(f"To use them: export SGD_DATA_DIR={target}", soft_wrap=True)


@app.command()
def check(folder: Annotated[Path | None, typer.Argument(help="default: the folder in use")] = None) -> None:
    """Decode every image of the folder in use, and say whether it is exactly the paper's subset."""
    from sgd_core.training import manifest
    from sgd_core.training.data import DataError, Vegetables

    images = Vegetables(folder or settings.data_dir())
    counts = ", ".join(f"{split} {len(images.labels(split))}" for split in images.splits())
    console = Console(highlight=False)
    with console.status("reading every image"):
        broken, differences = images.broken(), manifest.differences(images.rows(), manifest.read())
    if broken:
        raise DataError("\n".join(broken))
    console.print(f"{images.folder}: {counts} images of ten classes; all can be decoded.", soft_wrap=True)
    if differences:
        raise DataError(f"It is not exactly the paper's subset: {manifest.listed(differences)}.")
    console.print(f"It is exactly the paper's subset (fingerprint {images.fingerprint}).", soft_wrap=True)


@app.command("manifest")
def print_manifest(folder: Annotated[Path | None, typer.Argument(help="default: the folder in use")] = None) -> None:
    """Print the manifest of a folder: split, class, name and SHA-256 of every image, as CSV."""
    from sgd_core.training import manifest
    from sgd_core.training.data import Vegetables

    print(manifest.as_text(Vegetables(folder or settings.data_dir()).rows()), end="")


def _download() -> Path:
    try:
        import kagglehub

        return Path(kagglehub.dataset_download(KAGGLE))
    except Exception as error:  # kagglehub lets through whatever its HTTP, archive and credential libraries raise
        reason = shorten(str(error) or type(error).__name__, 200, placeholder=" ...")
        raise UserError(
            f"The Kaggle set could not be downloaded ({reason}). Download it in a browser from {PAGE}, unpack it, and "
            "run this command again with --from FOLDER."
        ) from None
