"""Claim 3's map: its cells, the best rate of every batch size, and the picture of both."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from sgd_core.charts.look import Look
from sgd_core.charts.tiles import Tile, chart
from sgd_core.evidence import equal_time
from sgd_core.evidence.equal_time import Cell
from sgd_core.experiment.claims import CLAIMS, MAP
from tests.evidence.simulated import joined, tables

ON_THE_MAP = replace(CLAIMS["3"], arms=MAP)
LOOK = Look("#23211d", "#fcfbf8", "#ddd8cd", ("#9c1f4a",))
RAMP = ("#f2efe8", "#3d6fb0")


def cell(rate: float, *losses: float, batch: int = 16) -> Cell:
    return Cell(batch, rate, 33, dict(enumerate(losses)), dict.fromkeys(range(len(losses)), 0.98))


def test_every_cell_is_there_with_the_runs_it_has() -> None:
    found = equal_time.cells(tables(ON_THE_MAP, {"B=16, mu=8e-4": 0.05, "B=64, mu=128e-4": 0.2}, seeds=3))
    assert len(found) == len(MAP)
    some = {(one.batch_size, one.learning_rate): one for one in found if one.n}
    assert set(some) == {(16, 8e-4), (64, 128e-4)}
    values = some[16, 8e-4].losses.values()
    assert some[16, 8e-4].loss == pytest.approx(math.exp(sum(map(math.log, values)) / 3))
    assert 0.9 < some[16, 8e-4].accuracy < 1


def test_the_papers_own_run_is_a_cell_of_the_map_under_another_name() -> None:
    found = equal_time.cells(tables(CLAIMS["3"], {"B=512, equal T": 0.03, "B=64, equal T": 0.04}, seeds=2))
    assert {(one.batch_size, one.learning_rate): one.n for one in found if one.n} == {(64, 32e-4): 2, (512, 32e-4): 2}


def test_all_cells_are_at_one_number_of_views() -> None:
    few = {name: replace(arm, spec=arm.spec.model_copy(update={"views": 33})) for name, arm in MAP.items()}
    there = joined(
        tables(ON_THE_MAP, {"B=16, mu=8e-4": 0.05}, seeds=3),
        tables(replace(ON_THE_MAP, arms=few), dict.fromkeys(("B=16, mu=8e-4", "B=64, mu=128e-4"), 0.2), seeds=2),
    )
    found = {(one.batch_size, one.learning_rate): (one.n, one.views) for one in equal_time.cells(there) if one.n}
    assert found == {(16, 8e-4): (2, 33), (64, 128e-4): (2, 33)}


def test_a_cell_without_runs_has_no_numbers() -> None:
    assert math.isnan(cell(1e-3).loss)
    assert math.isnan(cell(1e-3).accuracy)


@pytest.mark.parametrize(
    ("cells", "reading", "rate", "n", "rates"),
    [
        ([cell(8e-4, 0.10, 0.11, 0.09), cell(32e-4, 0.20, 0.22, 0.18)], "best", 8e-4, 3, 2),
        ([cell(8e-4, 0.20, 0.22, 0.18), cell(32e-4, 0.10, 0.11, 0.09)], "best", 32e-4, 3, 2),
        ([cell(8e-4, 0.1, 0.2, 0.3), cell(32e-4, 0.101, 0.199, 0.301)], "does not matter", 8e-4, 3, 2),
        ([cell(8e-4, 0.1, 0.2, 0.3), cell(32e-4, 0.101, 0.2, 0.301), cell(128e-4, 1, 2, 3)], "cannot tell", 8e-4, 3, 3),
        ([cell(8e-4, 0.1, 0.3, 0.2), cell(32e-4, 0.3, 0.1, 0.25)], "cannot tell", 8e-4, 3, 2),
        ([cell(8e-4, 0.1), cell(32e-4, 0.3)], "cannot tell", 8e-4, 1, 2),
        ([cell(8e-4, 0.1, 0.1), cell(32e-4)], "cannot tell", math.nan, 0, 1),
        ([cell(8e-4), cell(32e-4)], "cannot tell", math.nan, 0, 0),
    ],
)
def test_the_best_rate_or_that_it_does_not_matter(
    cells: list[Cell], reading: str, rate: float, n: int, rates: int
) -> None:
    (found,) = equal_time.best(cells)
    assert (found.reading, found.n, found.rates) == (reading, n, rates)
    assert found.rate == pytest.approx(rate, nan_ok=True)


def test_every_batch_size_is_judged_by_itself() -> None:
    found = equal_time.best([cell(8e-4, 0.1, batch=64), cell(8e-4, 0.1), cell(32e-4, 0.2, batch=64)])
    assert [(one.batch_size, one.rates) for one in found] == [(16, 1), (64, 2)]


def tiles(*values: float) -> list[Tile]:
    places = [(batch, rate) for rate in (8e-4, 32e-4) for batch in (16, 32)]
    return [Tile(batch, rate, value, 3) for (batch, rate), value in zip(places, values, strict=True)]


def test_the_lines_lead_through_the_middles_of_equal_noise() -> None:
    spec = chart(tiles(0.1, 0.2, 0.3, 0.4), "test loss", ".3f", True, RAMP, LOOK)
    lines = next(layer["data"]["values"] for layer in spec["layer"] if "data" in layer)
    for tile in spec["data"]["values"]:
        assert any(math.isclose(tile["y"] - tile["x"], line["y"] - line["x"], abs_tol=1e-5) for line in lines)
    assert len({line["line"] for line in lines}) == 4  # four noises: 8e-4 over 16 and 32, 32e-4 over both


def test_tiles_touch_and_a_missing_one_is_empty() -> None:
    rows = chart(tiles(0.1, math.nan, 0.3, 0.4), "test loss", ".3f", True, RAMP, LOOK)["data"]["values"]
    assert rows[0]["right"] == rows[1]["left"]
    assert rows[0]["high"] == pytest.approx(rows[2]["low"])
    assert (rows[1]["value"], rows[1]["seeds"]) == (None, "none")


@pytest.mark.parametrize("values", [(math.nan,) * 4, (0.1,) * 4, (0.1, math.nan, math.nan, math.nan)])
def test_with_no_value_or_one_there_is_still_a_chart(values: tuple[float, ...]) -> None:
    spec = chart(tiles(*values), "test loss", ".3f", True, RAMP, LOOK)
    domain = next(layer["encoding"]["color"] for layer in spec["layer"] if "color" in layer["encoding"])["scale"][
        "domain"
    ]
    assert 0 < domain[0] < domain[1]
    json.dumps(spec, allow_nan=False)


def test_rates_are_written_as_everywhere() -> None:
    axis = chart(tiles(0.1, 0.2, 0.3, 0.4), "", ".3f", True, RAMP, LOOK)["layer"][0]["encoding"]["y"]["axis"]
    assert "'8e-4'" in axis["labelExpr"]
    assert "'32e-4'" in axis["labelExpr"]
