"""`data`: get the paper's images, make sure that they are the paper's, and find near-twins among them."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from sgd_core import settings
from sgd_core.cli import features
from sgd_core.errors import UserError
from sgd_core.evidence.sentences import images as sentences
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import sets
from sgd_core.images.places import VEGETABLES, DataError, same_class, shown

if TYPE_CHECKING:
    from sgd_core.training.data import Folder
    from sgd_core.training.twins import Pair

SIZES, THRESHOLDS = (224, 112, 64, 32, 16), (0.9, 0.95, 0.98)
"""At which twins are counted to see how much the count depends on them; pixels a side, and correlations."""
KAGGLE = "misrakahmed/vegetable-image-dataset"
PAGE = f"https://www.kaggle.com/datasets/{KAGGLE}"

app = typer.Typer(no_args_is_help=True, help="Get the paper's vegetables, check folders of images, make features.")
app.command("features")(features.features)

Place = Annotated[Path | None, typer.Option(help="default: SGD_DATA_DIR, else data/vegetables")]


@app.command()
def fetch(
    to: Place = None,
    tree: Annotated[
        Path | None, typer.Option("--from", help="an unpacked download of the Kaggle set, instead of downloading it")
    ] = None,
) -> None:
    """Download the Kaggle set and copy the paper's subset out of it, every image verified."""
    from sgd_core.training import manifest

    console, target, wanted = Console(highlight=False), (to or sets.vegetables()).resolve(), manifest.read()
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
    if target != sets.vegetables():
        console.print(f"To use them: export SGD_DATA_DIR={target}", soft_wrap=True)


@app.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="default: every folder in use")] = None,
    keep: Annotated[
        bool, typer.Option(help="write twins.json beside the published runs, with 1-nearest-neighbour accuracies")
    ] = False,
) -> None:
    """Decode every image of the folders in use, say what is skipped, count near-twins, and compare with the paper's."""
    troubles = []
    for each in [folder] if folder is not None else [folder for _, folder in settings.data_folders()]:
        try:
            _check(each, keep)
        except DataError as error:
            troubles.append(str(error))
    if folder is None:
        troubles += [told for told in sets.troubles() if not any(told in each for each in troubles)]
    if troubles:
        raise DataError("\n".join(troubles))


def _check(folder: Path, keep: bool) -> None:
    from sgd_core.training import manifest
    from sgd_core.training.data import Folder, open_folder
    from sgd_core.training.decoding import checked

    console = Console(highlight=False)
    name, found = sets.of_folder(folder)
    with console.status("reading every image"):
        broken, done = checked(found, Folder.image_size)
    skipped = sentences.skipped(found)
    if troubles := [*found.faults, *broken]:
        raise DataError("\n".join([*troubles, *([skipped] if skipped else [])]))
    images = open_folder(folder)
    counts = ", ".join(f"{split} {len(images.labels(split))}" for split in images.splits())
    if name == sets.PAPERS:
        console.print(f"{images.folder}: {counts} images of ten classes; all can be decoded.", soft_wrap=True)
    else:
        holds, treated = sentences.holds(found), sentences.treated(done)
        console.print(f"{shown(folder)}: {holds} All can be decoded. {treated}", soft_wrap=True, markup=False)
    if skipped:
        console.print(skipped, soft_wrap=True, markup=False)
    twins_found = _count_twins(images, console)
    if name != sets.PAPERS:
        console.print(f"Fingerprint {images.fingerprint}. {_to_train(folder)}", soft_wrap=True, markup=False)
        if {same_class(label) for label in VEGETABLES} < {same_class(label) for label in found.classes}:
            tip = f"The ten vegetables are among its classes: 'data fetch --from {shown(folder)}' picks the paper's."
            console.print(tip, soft_wrap=True, markup=False)
        return
    if differences := manifest.differences(images.rows(), manifest.read()):
        raise DataError(f"It is not exactly the paper's subset: {manifest.listed(differences)}.")
    console.print(f"It is exactly the paper's subset (fingerprint {images.fingerprint}).", soft_wrap=True)
    if keep:
        _keep(images, twins_found, console)


def _to_train(folder: Path) -> str:
    name = sets.name_of(folder)
    return f"To train on it: --dataset {name}." if name else f"To use it: export SGD_DATA_DIR={shown(folder.resolve())}"


def _count_twins(images: Folder, console: Console) -> list[Pair]:
    from sgd_core.training import twins

    with console.status("comparing every image with every training image"):
        found = twins.pairs(images)
    close = twins.counts(found, twins.TWIN)
    told = " and ".join(f"{close[split]} of {len(images.labels(split))} {split} images" for split in close)
    console.print(
        f"{told} have a near-twin among the training images (grey {twins.SIZE} x {twins.SIZE} pixels, correlation "
        f"above {twins.TWIN:g}).",
        soft_wrap=True,
    )
    return found


@app.command("twins")
def print_twins(folder: Annotated[Path | None, typer.Argument(help="default: the vegetables in use")] = None) -> None:
    """Print the val and test images that are most like a training image, with it and their correlation, as CSV."""
    from sgd_core.training import twins
    from sgd_core.training.data import open_folder

    print(twins.as_text(twins.alike(twins.pairs(open_folder(folder or sets.vegetables())))), end="")


@app.command("manifest")
def print_manifest(
    folder: Annotated[Path | None, typer.Argument(help="default: the vegetables in use")] = None,
) -> None:
    """Print the manifest of a folder: split, class, name and SHA-256 of every image, as CSV."""
    from sgd_core.training import manifest
    from sgd_core.training.data import open_folder

    print(manifest.as_text(open_folder(folder or sets.vegetables()).rows()), end="")


def _keep(images: Folder, found: list[Pair], console: Console) -> None:
    """Measure how the count depends on size and threshold and what a nearest neighbour gets; write twins.json."""
    try:
        import torch

        from sgd_core.training import environment, neighbours, one_run, twins
    except ModuleNotFoundError as error:
        raise UserError(f"Measuring needs {error.name}: pip install -r requirements.txt.") from None
    bank = one_run.bank_of(RunSpec(), torch.device("cpu"))
    if bank.images.fingerprint != images.fingerprint:
        raise UserError(f"{images.folder} is not the folder in use; set SGD_DATA_DIR to it to keep what is measured.")
    train, labels = bank.clean("train"), images.labels("train")
    splits, ways = {}, {"angle": neighbours.by_angle, "distance": neighbours.by_distance}
    for split in [split for split in images.splits() if split != "train"]:
        with console.status(f"finding the neighbours of {split}"):
            nearest = {way: find(bank.clean(split), train).numpy() for way, find in ways.items()}
        right = {way: labels[rows] == images.labels(split) for way, rows in nearest.items()}
        apart, far = (twins.apart(images, split, threshold) for threshold in (twins.TWIN, twins.ALIKE))
        splits[split] = {
            part: {"images": int(rows.sum()), **{f"{way}_correct": int(of[rows].sum()) for way, of in right.items()}}
            for part, rows in {"all": apart | True, "apart": apart, "far": far}.items()
        }
    sensitivity = []
    for size in SIZES:
        with console.status(f"comparing at {size} x {size} pixels"):
            at_size = found if size == twins.SIZE else twins.pairs(images, size=size)
        sensitivity += [
            {"size": size, "threshold": threshold, **twins.counts(at_size, threshold)} for threshold in THRESHOLDS
        ]
    told = {
        "size": twins.SIZE,
        "threshold": twins.TWIN,
        "far_threshold": twins.ALIKE,
        "splits": splits,
        "sensitivity": sensitivity,
        "correct": "of the class of the training image whose frozen features, without augmentation, are nearest by the "
        "angle between them, or by their Euclidean distance",
        **bank.fingerprints.columns(),
        **environment.provenance(torch.device("cpu")),
    }
    file = settings.published_dir() / "twins.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(told, indent=2) + "\n")
    for split, parts_of in splits.items():
        each = ", ".join(
            f"{part} {of['angle_correct']} ({of['distance_correct']}) of {of['images']}"
            for part, of in parts_of.items()
        )
        console.print(f"1-nearest neighbour on the features by angle (distance), {split}: {each}.", soft_wrap=True)
    console.print(f"Written to {file}.", soft_wrap=True)


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
