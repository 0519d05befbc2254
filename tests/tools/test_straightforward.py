from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from sgd_core.experiment.spec import RunSpec
from sgd_core.training.data import Shapes
from sgd_core.training.features import FeatureBank
from tools import bench
from tools.__main__ import app
from tools.straightforward import Comparison, Straightforward, compare

CPU = torch.device("cpu")


class FewShapes(Shapes):
    counts = {"train": 3, "val": 1, "test": 1}


@pytest.fixture
def without_loader_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine whose number of cores is unknown: starting loader processes takes seconds."""
    monkeypatch.setattr("os.cpu_count", lambda: None)


def test_the_straightforward_way_learns(tmp_path: Path) -> None:
    colours = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
    for name, colour in colours.items():
        (tmp_path / "train" / name).mkdir(parents=True)
        for number in range(4):
            Image.new("RGB", (64, 64), colour).save(tmp_path / "train" / name / f"{number}.png")
    bank = FeatureBank(FewShapes(), "random", tmp_path / "banks", CPU)
    spec = RunSpec.parse({"features": "random", "batch_size": 4, "learning_rate": 0.001})
    torch.manual_seed(0)
    way = Straightforward(tmp_path / "train", bank, spec, CPU, workers=1)
    losses, correct = zip(*(way.epoch() for _ in range(4)), strict=True)
    assert losses[-1] < losses[0]
    assert 4 < correct[-1] <= 12, "no better than one class for all"


@pytest.mark.long
@pytest.mark.usefixtures("without_loader_processes")
def test_both_ways_are_measured_epoch_by_epoch(tmp_path: Path) -> None:
    said: list[str] = []
    rows = list(compare(FewShapes(), "random", [16, 512], repeats=2, device=CPU, say=said.append))
    assert [row.batch_size for row in rows] == [16, 512]
    for row in rows:
        assert len(row.straightforward) == len(row.bank) == 2
        assert min([*row.straightforward, *row.bank, row.view]) > 0
        assert row.workers == 0
    assert [each for each in said if each.startswith("B=512")]


def test_the_ratio_is_of_medians_and_a_first_run_pays_for_its_views() -> None:
    row = Comparison(16, 0, straightforward=[30.0, 10.0, 20.0], bank=[2.0, 9.0, 1.0], view=8.0)
    assert row.ratio == 10
    assert row.first_run_ratio == 2
    assert replace(row, straightforward=[40.0]).ratio == 20


@pytest.mark.usefixtures("without_loader_processes", "own_settings")
def test_the_command_measures_a_folder_and_prints_every_number(
    small_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SGD_DATA_DIR", str(small_folder))
    monkeypatch.setattr(bench, "BATCH_SIZES", (64,))
    asked = ["bench", "--features", "random", "--repeats", "1", "--device", "cpu", "--format", "json"]
    printed = json.loads(CliRunner().invoke(app, asked, catch_exceptions=False).stdout)
    assert (printed["dataset"], printed["train_images"], printed["repeats"]) == ("vegetables", 20, 1)
    assert printed["device"].startswith("cpu: ")
    (row,) = printed["batch_sizes"]
    assert row["ratio"] == pytest.approx(row["straightforward"][0] / row["bank"][0])


@pytest.mark.parametrize("command", [["bench"], ["bench", "training"]])
@pytest.mark.parametrize("format", ["table", "markdown"])
def test_the_table_shows_median_and_range(monkeypatch: pytest.MonkeyPatch, command: list[str], format: str) -> None:
    """Measuring is replaced by given numbers: what is tested is what is printed of them."""
    row = Comparison(16, 2, straightforward=[30.0, 10.0, 20.0], bank=[2.0, 9.0, 1.0], view=8.0)
    monkeypatch.setattr("tools.straightforward.compare", lambda *_: iter([row]))
    monkeypatch.setenv("COLUMNS", "200")
    asked = [*command, "--dataset", "shapes", "--format", format]
    said = CliRunner().invoke(app, asked, catch_exceptions=False).stdout
    for cell in ("20.00 (10.00 to 30.00)", "2.00 (1.00 to 9.00)", "10.0", "8.0", "600 training images of shapes"):
        assert cell in said
    if format == "markdown":
        assert {line.count("|") for line in said.splitlines()[:3]} == {8}


@pytest.mark.parametrize("wrong", [["--format", "xml"], ["--dataset", "fruit"], ["--device", "tpu"]])
def test_an_impossible_option_is_named(wrong: list[str]) -> None:
    result = CliRunner().invoke(app, ["bench", *wrong])
    assert result.exit_code == 1
    assert repr(wrong[1]) in str(result.exception)
