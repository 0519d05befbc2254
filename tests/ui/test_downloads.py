"""What a reader takes along is what is on screen, and what it takes to make the runs again."""

from __future__ import annotations

import io
import json
import shlex
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from sgd_core import cli
from sgd_core.charts import curves
from sgd_core.cli import train
from sgd_core.experiment import fingerprints, paper
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.queue.sweep import Wanted
from sgd_core.ui.figures import downloads
from sgd_core.ui.shell import library, replay
from tests.ui.charts import drawn

pytestmark = pytest.mark.usefixtures("published")


def made_by(command: str, monkeypatch: pytest.MonkeyPatch) -> RunSpec:
    """The spec that the command line would train, parsed by the real command line."""
    asked: list[Wanted] = []
    monkeypatch.setattr(train, "make", lambda specs, *_, **__: asked.extend(specs))
    program, *arguments = shlex.split(command)[2:]
    assert program == "sgd_core"
    result = CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return asked[0].spec


@pytest.mark.parametrize("figure", [1, 2, 3, 4])
def test_the_settings_say_how_to_make_every_run_again(figure: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = library.figure_rows(figure)
    told = json.loads(downloads.settings_json(rows))
    assert [(run["run"], run["settings"]["seed"]) for run in told] == list(zip(rows["run"], rows["seed"]))
    for run in told:
        spec = RunSpec.parse(run["settings"])
        assert spec.key(fingerprints.expected(spec)) == run["key"]
        again = made_by(run["command"], monkeypatch)
        assert again.key(fingerprints.expected(again)) == run["key"], run["command"]


def test_the_settings_are_those_of_the_paper() -> None:
    told = json.loads(downloads.settings_json(library.figure_rows(3)))
    specs = [RunSpec.parse({**run["settings"], "seed": 0}) for run in told[::2]]
    assert specs == [run.spec for run in paper.runs_of(3)]


def read_back(table: pd.DataFrame) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(table.to_csv(index=False)))


@pytest.mark.parametrize(
    "controls",
    [
        {"figure": 1},
        {"figure": 1, "beside": True, "metric": "Train loss", "axis": "time"},
        {"figure": 2, "metric": "Test accuracy", "axis": "updates"},
        {"figure": 4, "each_seed": True},
        {"figure": 1, "each_seed": True, "metric": "Validation accuracy", "axis": "images"},
    ],
)
def test_the_csv_holds_exactly_what_is_drawn(controls: dict[str, Any]) -> None:
    chart = drawn(**controls)
    table = read_back(replay.numbers(chart.mean, chart.epochs, chart.view))
    data = chart.data
    assert chart.every == 1
    assert len(table) == len(data)
    assert list(table["run"]) == list(data["run"].astype(str))
    assert list(table["seed"].astype(str)) == ["mean" if seed == -1 else str(seed) for seed in data["seed"]]
    assert list(table["epoch"]) == list(data["epoch"])
    assert table[chart.view.column].to_numpy() == pytest.approx(data["y"].to_numpy(), abs=1e-6)
    for column in ("learning_rate", "batch_size", "updates", "training_time"):
        assert table[column].to_numpy() == pytest.approx(data[column].to_numpy(dtype=float), rel=1e-6), column
    for column in ("low", "high"):
        means = table["seed"] == "mean"
        shown = data[column].to_numpy(dtype=float)[means]
        assert table.loc[means, column].to_numpy() == pytest.approx(shown, abs=1e-6, nan_ok=True)
        assert table.loc[~means, column].isna().all()
    if chart.view.beside:
        assert table["mean_val_accuracy"].to_numpy() == pytest.approx(data["beside"].to_numpy(), abs=1e-6)


def test_the_csv_of_a_thinned_chart_is_not_thinned() -> None:
    chart = drawn(2, each_seed=True)
    everything = replay.numbers(chart.mean, chart.epochs, chart.view)
    assert len(everything) == 12 * 150 * 3
    assert chart.every > 1
    assert len(chart.data) < len(everything)


def test_the_svg_is_a_picture_with_the_runs_in_it() -> None:
    chart = drawn(1)
    svg = downloads.svg(curves.standalone(chart.spec, chart.data))
    assert svg.startswith("<svg")
    assert all(run.label(1) in svg for run in paper.runs_of(1))
