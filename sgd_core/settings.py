"""Where this installation keeps and finds things. Everything comes from environment variables; nothing else reads them.

SGD_DATA_DIR         folders of images (train/, val/, optional test/), separated by colons, each perhaps as name=folder;
                     one that holds the ten vegetables is "vegetables"; default data/vegetables beside app.py
SGD_ALEXNET_WEIGHTS  a .npz or .safetensors file with AlexNet's features.* tensors; default: torchvision's download
SGD_CACHE_DIR        feature banks, checkpoints and this machine's runs; default .cache beside app.py
SGD_PUBLISHED_DIR    the published runs; default cached_runs beside app.py
SGD_LESSONS          a folder of a teacher's own lessons (*.yaml); default: only those of the app
SGD_MODE             lab (training on, the default) or explore (replay only)
SGD_PREPARE          no: the training process starts with the first run, not when the Train page is first opened
SGD_NICE             0 to 19, how far training gives way to all else on this machine; default 10
SGD_THREADS          cores that a training process of the app or of a cluster uses; default all but one of this machine
SGD_SCHEDULER        a Dask scheduler (tls://...) whose workers train; default: one worker of this machine. It and they
                     need this project on their PYTHONPATH; each worker goes by its own SGD_CACHE_DIR, images, weights
                     (docs/cluster.md)
SGD_ROOMS            the socket of the process that keeps the rooms of several, set by `serve --processes`; default: a
                     process keeps its own
SGD_COMMIT           the commit of a copy that is no git checkout (sent to another machine), for its runs' provenance
"""

from __future__ import annotations

import os
from pathlib import Path

from sgd_core.errors import UserError

ROOT = Path(__file__).resolve().parent.parent


def data_folders() -> list[tuple[str, Path]]:
    """The folders of images, each with the name it was given, or ''; they need not exist."""
    parts = [part for part in os.environ.get("SGD_DATA_DIR", "").split(os.pathsep) if part]
    return [_named(part) for part in parts] or [("", ROOT / "data" / "vegetables")]


def weights_file() -> Path | None:
    """A file of AlexNet's feature tensors, or None to let torchvision download them."""
    value = os.environ.get("SGD_ALEXNET_WEIGHTS")
    return Path(value).expanduser().resolve() if value else None


def cache_dir() -> Path:
    """The folder for everything this machine computes; made by whoever writes first."""
    return _path("SGD_CACHE_DIR", ROOT / ".cache")


def published_dir() -> Path:
    """The folder of the published runs."""
    return _path("SGD_PUBLISHED_DIR", ROOT / "cached_runs")


def lessons_dir() -> Path | None:
    """The folder of a teacher's own lessons, or None."""
    value = os.environ.get("SGD_LESSONS")
    return Path(value).expanduser().resolve() if value else None


def rooms() -> Path | None:
    """The socket of the process that keeps this one's rooms, or None where it keeps them itself."""
    value = os.environ.get("SGD_ROOMS")
    return Path(value).resolve() if value else None


def commit() -> str | None:
    """The commit of a copy of this project that is no git checkout, or None."""
    return os.environ.get("SGD_COMMIT") or None


def scheduler() -> str | None:
    """The address of the Dask scheduler to train with, or None for one of this machine's own."""
    return os.environ.get("SGD_SCHEDULER") or None


def prepares() -> bool:
    """Whether training is made ready before anybody presses Start; any other value than yes or no is an error."""
    value = os.environ.get("SGD_PREPARE", "yes")
    if value not in ("yes", "no"):
        raise UserError(f"SGD_PREPARE is {value!r}, but must be yes or no.")
    return value == "yes"


def niceness() -> int:
    """How far the training processes of this machine give way, 0 (not at all) to 19; raises UserError."""
    text = os.environ.get("SGD_NICE", "10")
    if text not in map(str, range(20)):
        raise UserError(f"SGD_NICE is {text!r}, but must be a whole number from 0 to 19.")
    return int(text)


def threads() -> int:
    """How many cores a training process uses, one at least; raises UserError."""
    cores = os.cpu_count() or 1
    text = os.environ.get("SGD_THREADS") or str(max(1, cores - 1))
    if text not in map(str, range(1, cores + 1)):
        raise UserError(f"SGD_THREADS is {text!r}, but must be a whole number from 1 to {cores}, the cores there are.")
    return int(text)


def explore_only() -> bool:
    """True where training is switched off by SGD_MODE=explore; any other value than lab or explore is an error."""
    mode = os.environ.get("SGD_MODE", "lab")
    if mode not in ("lab", "explore"):
        raise UserError(f"SGD_MODE is {mode!r}, but must be lab or explore.")
    return mode == "explore"


def _named(text: str) -> tuple[str, Path]:
    name, equals, folder = text.partition("=")
    if not equals or os.sep in name or Path(text).expanduser().exists():
        name, folder = "", text
    return name, Path(folder).expanduser().resolve()


def _path(variable: str, default: Path) -> Path:
    value = os.environ.get(variable)
    # Not resolved: an answer asks for these folders 20 times, and every part of a path is one more look at the disk.
    return Path(value).expanduser().absolute() if value else default
