"""Without torch everything but training works, and training says what is missing. Each command in its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sgd_core import settings
from sgd_core.runs.kept.store import Store
from tests.runs.made import made

BLOCK = """
import sys
from importlib.machinery import PathFinder

class Hiding:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] in ("torch", "torchvision", "safetensors", "filelock", "distributed", "dask"):
            return None
        return PathFinder.find_spec(name, path, target)

sys.meta_path = [Hiding if finder is PathFinder else finder for finder in sys.meta_path]
"""
"""A sitecustomize module: Python imports it at start. It hides what requirements-explore.txt does not install."""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (folder / "sitecustomize.py").write_text(BLOCK)
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "SGD_CACHE_DIR": str(folder / "cache"),
        "SGD_PUBLISHED_DIR": str(folder / "published"),
    }
    return subprocess.run(
        [sys.executable, *words], cwd=settings.ROOT, env=environment, capture_output=True, text=True, timeout=240
    )


def test_torch_is_hidden_in_these_tests(tmp_path: Path) -> None:
    hidden = run(tmp_path, "-c", "import torch")
    assert hidden.returncode == 1
    assert "No module named 'torch'" in hidden.stderr


@pytest.mark.long
def test_schedule_runs_and_publish_work(tmp_path: Path) -> None:
    store = Store(tmp_path / "published", tmp_path / "cache" / "runs")
    store.save(made())
    schedule = run(tmp_path, "-m", "sgd_core", "schedule", "--epochs", "3", "--format", "json")
    assert [epoch["updates"] for epoch in json.loads(schedule.stdout)] == [186, 372, 558]
    publish = run(tmp_path, "-m", "sgd_core", "publish")
    assert "Wrote 1 new or newer runs" in publish.stdout
    listed = run(tmp_path, "-m", "sgd_core", "runs", "--format", "json")
    assert [row["source"] for row in json.loads(listed.stdout)] == ["published"]


@pytest.mark.long
@pytest.mark.parametrize("words", [["train", "--dataset", "shapes"], ["sweep", "paper"]])
def test_training_says_what_is_missing(tmp_path: Path, words: list[str]) -> None:
    said = run(tmp_path, "-m", "sgd_core", *words)
    assert said.returncode == 1
    assert said.stderr.strip() == "Training needs torch: pip install -r requirements.txt."
