"""The table made beforehand: what it covers, that one cell can be made again, and the command that writes it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from sgd_core import settings
from sgd_core.cli import app
from sgd_core.noise import precomputed, theory
from sgd_core.noise.agreement import Agreement
from sgd_core.noise.precomputed import Cell

SHORT = [Cell("variance", 0.1768, 4), Cell("variance", 2.04, 16), Cell("escape", 0.05, 1)]


def test_the_map_reaches_beyond_the_edge_and_escapes_share_their_ratios() -> None:
    cells = precomputed.cells()
    assert len(set(cells)) == len(cells)
    for momentum in precomputed.MAP_MOMENTA:
        rates = {cell.learning_rate for cell in cells if cell.kind == "variance" and cell.momentum == momentum}
        limit = theory.stability_limit(precomputed.CURVATURE, momentum)
        assert min(rates) < 0.02 * limit
        assert sum(rate > limit for rate in rates) == 1
    at_120 = {
        cell.learning_rate for cell in cells if cell.kind == "escape" and cell.batch_size / cell.learning_rate == 120
    }
    assert at_120 == {0.025, 0.05, 0.1}
    assert {(0.05, batch) for batch in (4, 5, 6)} <= {(cell.learning_rate, cell.batch_size) for cell in cells}


@pytest.mark.parametrize("cell", SHORT)
def test_a_cell_is_the_same_each_time_and_agrees_with_its_formula(cell: Cell) -> None:
    row = precomputed.measure(cell, seed=0)
    assert set(row) == set(precomputed.COLUMNS)
    assert row == pytest.approx(precomputed.measure(cell, seed=0), nan_ok=True)
    assert row["diverged"] == math.isinf(row["exact"])
    assert Agreement(row["measured"], row["standard_error"], row["exact"]).within_error
    if not row["diverged"]:
        assert row["measured"] != precomputed.measure(cell, seed=1)["measured"]


def test_the_command_writes_table_and_provenance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SGD_PUBLISHED_DIR", str(tmp_path))
    monkeypatch.setattr(precomputed, "cells", lambda: SHORT)
    result = CliRunner().invoke(app, ["noise", "--seed", "3"])
    assert result.exit_code == 0, result.output
    table = pd.read_parquet(tmp_path / "noise.parquet")
    assert list(table.columns) == list(precomputed.COLUMNS)
    assert table["measured"][0] == pytest.approx(precomputed.measure(SHORT[0], seed=3)["measured"])
    provenance = json.loads((tmp_path / "noise.json").read_text())
    assert provenance["seed"] == 3
    assert provenance["measurements"] == 3
    assert provenance["diverged"] == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["noise.json", "noise.parquet"]


def test_the_published_table_is_the_one_this_code_makes() -> None:
    table = pd.read_parquet(settings.ROOT / "cached_runs" / "noise.parquet")
    seed = json.loads((settings.ROOT / "cached_runs" / "noise.json").read_text())["seed"]
    published = [
        Cell(*row) for row in table[["kind", "learning_rate", "batch_size", "momentum"]].itertuples(index=False)
    ]
    assert published == precomputed.cells()
    for index in (0, 100, 250, published.index(Cell("escape", 0.05, 1))):
        assert precomputed.measure(published[index], seed) == pytest.approx(table.loc[index].to_dict(), nan_ok=True)


def test_the_published_measurements_agree_with_the_formulas() -> None:
    table = pd.read_parquet(settings.ROOT / "cached_runs" / "noise.parquet")
    stable = table[~table["diverged"]]
    z = (stable["measured"] - stable["exact"]) / stable["standard_error"]
    assert abs(z.mean()) < 4 / math.sqrt(len(z))
    assert 0.8 < z.std() < 1.2
    assert z.abs().max() < 4.5
    assert table.loc[table["diverged"], "exact"].apply(math.isinf).all()
