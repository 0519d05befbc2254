"""Runs of one setting as one row."""

from __future__ import annotations

import pandas as pd
import pytest

from sgd_core.evidence import grouped
from sgd_core.experiment.spec import RunSpec

LIKE = {"source": "published", "noise": 1e-5, "end_updates": 9.0, "end_time": 1.0, "end_effective": 0.9}


def runs(*rows: tuple[str, RunSpec, float | None]) -> pd.DataFrame:
    table = pd.DataFrame(
        [
            {**spec.model_dump(), **LIKE, "key": key, **dict.fromkeys(grouped.MEASURES, value)}
            for key, spec, value in rows
        ]
    )
    return table.astype(dict.fromkeys(grouped.MEASURES, "Float64"))


def test_seeds_are_one_row_with_their_mean_and_interval() -> None:
    one, other = RunSpec(), RunSpec(batch_size=64)
    table = grouped.by_setting(runs(("a", other, 0.5), ("b", one, 0.9), ("c", one.model_copy(update={"seed": 1}), 0.8)))
    assert list(table["batch_size"]) == [64, 16]
    assert list(table["seeds"]) == [1, 2]
    assert list(table["keys"]) == [("a",), ("b", "c")]
    assert list(table["final_val_accuracy"]) == pytest.approx([0.5, 0.85])
    half = 12.7062 * 0.0707107 / 2**0.5  # t of one degree, sd / sqrt(2)
    assert table["high_final_val_accuracy"].iloc[1] == pytest.approx(0.85 + half, rel=1e-4)
    assert pd.isna(table["low_final_val_accuracy"].iloc[0])


def test_other_views_another_source_or_setting_is_a_row_of_its_own() -> None:
    table = runs(("a", RunSpec(), 0.5), ("b", RunSpec(views=33), 0.5), ("c", RunSpec(), 0.5))
    table.loc[2, "source"] = "imported"
    assert len(grouped.by_setting(table)) == 3


def test_a_measure_that_no_seed_has_stays_empty() -> None:
    table = grouped.by_setting(runs(("a", RunSpec(), None), ("b", RunSpec(seed=1), None)))
    assert pd.isna(table["final_val_accuracy"].iloc[0])
    nothing = grouped.by_setting(runs(("a", RunSpec(), None)).head(0))
    assert nothing.empty
    assert set(table.columns) <= set(nothing.columns)
