"""Checkpoints: exact, whole or not at all, and None where there is nothing to read."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
import torch

from sgd_core.training import checkpoint

TENSORS = {"weight.0": torch.arange(6.0).reshape(2, 3) / 7, "momentum.0": torch.tensor([1e-30, -0.0, 3.5])}
STATE = {"key": "k", "records": [{"epoch": 0, "loss": 0.1 + 0.2, "val": None}], "text": "mu = 1e-4, ±"}


def test_what_is_written_is_read_back_exactly(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "run.safetensors"
    checkpoint.write(path, TENSORS, STATE)
    kept = checkpoint.read(path)
    assert kept is not None
    assert kept[1] == STATE
    assert all(torch.equal(kept[0][name], value) for name, value in TENSORS.items())
    assert [file.name for file in path.parent.iterdir()] == ["run.safetensors"]


def test_there_may_be_no_checkpoint(tmp_path: Path) -> None:
    assert checkpoint.read(tmp_path / "none") is None
    assert checkpoint.read(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"\x00" * 1000, b'{"state": 1}', b"\xff" * 16])
def test_another_file_is_no_checkpoint(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.safetensors"
    path.write_bytes(content)
    assert checkpoint.read(path) is None


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_cut_file_is_no_checkpoint(tmp_path: Path, share: float) -> None:
    path = tmp_path / "run.safetensors"
    checkpoint.write(path, TENSORS, STATE)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert checkpoint.read(path) is None


def test_tensors_without_a_state_are_no_checkpoint(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file(TENSORS, tmp_path / "other.safetensors")
    assert checkpoint.read(tmp_path / "other.safetensors") is None


def test_a_full_disk_is_an_error_that_names_the_file_and_leaves_the_old_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    checkpoint.write(path, TENSORS, STATE)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))  # files may not grow beyond this: as a full disk
    try:
        with pytest.raises(OSError, match=f"{path} cannot be written"):
            checkpoint.write(path, {"weight.0": torch.zeros(1_000_000)}, STATE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    kept = checkpoint.read(path)
    assert kept is not None
    assert kept[1] == STATE
    assert [file.name for file in tmp_path.iterdir()] == ["run.safetensors"]


def test_removing_takes_what_a_kill_left_too(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    checkpoint.write(path, TENSORS, STATE)
    path.with_suffix(".part").write_bytes(b"half")
    (tmp_path / "run.lock").touch()
    checkpoint.remove(path)
    checkpoint.remove(path)
    assert [file.name for file in tmp_path.iterdir()] == ["run.lock"]
