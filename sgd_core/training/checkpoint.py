"""Checkpoints of a run under way: weights, momentum and everything recorded so far, in one safetensors file.

Order and dropout of an epoch come from (seed, epoch), so nothing else is needed to go on exactly as if the run had
never stopped. The file is written beside its place and moved there, so a kill leaves the last whole one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor


def write(path: Path, tensors: dict[str, Tensor], state: dict[str, Any]) -> None:
    """Keep `tensors` and the JSON-able `state` at `path`, whole or not at all; raises OSError where it cannot.

    Only one process at a time may write to a path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = _partial(path)
    try:
        save_file({name: value.cpu() for name, value in tensors.items()}, partial, {"state": json.dumps(state)})
        partial.replace(path)
    except SafetensorError as error:
        raise OSError(f"The checkpoint {path} cannot be written: {error}.") from error
    finally:
        partial.unlink(missing_ok=True)


def remove(path: Path) -> None:
    """Remove the checkpoint at `path`, and what a kill in the middle of `write` left."""
    path.unlink(missing_ok=True)
    _partial(path).unlink(missing_ok=True)


def set_aside(path: Path) -> Path:
    """Move the checkpoint at `path` out of the way, in place of one that was moved before; returns where it is now."""
    aside = path.with_suffix(".other.safetensors")
    path.replace(aside)
    return aside


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """What `write` kept at `path`, or None where there is no readable checkpoint."""
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            state = json.loads(file.metadata()["state"])
            return {name: file.get_tensor(name) for name in file.keys()}, state  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError, KeyError, TypeError, json.JSONDecodeError):
        return None


def _partial(path: Path) -> Path:
    return path.with_suffix(".part")
