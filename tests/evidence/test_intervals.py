"""Intervals over seeds against values worked out by hand and quantiles from a published table."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sgd_core.evidence.intervals import over_seeds, t_975


def test_mean_sd_and_interval_of_three_values() -> None:
    values = pd.DataFrame({"run": ["a"] * 3, "accuracy": [0.90, 0.92, 0.97]})
    row = over_seeds(values, ["run"], "accuracy").iloc[0]
    # mean 0.93; deviations -0.03, -0.01, 0.04: sd = sqrt(0.0026 / 2) = 0.0360555; half width 4.302653 sd / sqrt(3)
    assert row["mean"] == pytest.approx(0.93)
    assert row["sd"] == pytest.approx(0.0360555, abs=1e-7)
    assert row["n"] == 3
    assert row["low"] == pytest.approx(0.93 - 0.0895667, abs=1e-6)
    assert row["high"] == pytest.approx(0.93 + 0.0895667, abs=1e-6)


def test_one_seed_has_no_interval() -> None:
    row = over_seeds(pd.DataFrame({"run": ["a"], "accuracy": [0.9]}), ["run"], "accuracy").iloc[0]
    assert row["mean"] == 0.9
    assert row["n"] == 1
    assert math.isnan(row["low"])
    assert math.isnan(row["high"])


def test_groups_are_apart_and_missing_values_are_left_out() -> None:
    values = pd.DataFrame(
        {"run": ["a", "a", "b", "b", "c"], "accuracy": pd.array([0.1, 0.3, 0.5, None, None], dtype="Float64")}
    )
    table = over_seeds(values, ["run"], "accuracy").set_index("run")
    assert list(table.index) == ["a", "b"]
    assert list(table["n"]) == [2, 1]
    assert table.loc["a", "high"] == pytest.approx(0.2 + 12.706205 * math.sqrt(0.02) / math.sqrt(2))
    assert table.loc["b", "mean"] == 0.5


@pytest.mark.parametrize(
    ("degrees", "quantile"),
    [(1, 12.706), (2, 4.303), (4, 2.776), (9, 2.262), (19, 2.093), (29, 2.045)],
)
def test_quantiles_are_those_of_the_table(degrees: int, quantile: float) -> None:
    assert t_975(degrees) == pytest.approx(quantile, abs=5e-4)


def test_quantiles_fall_towards_the_normal_one() -> None:
    values = [t_975(degrees) for degrees in range(1, 60)]
    assert values == sorted(values, reverse=True)
    assert t_975(10_000) == pytest.approx(1.960, abs=5e-4)


@pytest.mark.parametrize("degrees", [1, 2, 3, 9, 29])
def test_the_quantile_leaves_two_and_a_half_percent_above_it(degrees: int) -> None:
    """By integrating Student's density."""
    t, steps = t_975(degrees), 20_000
    scale = math.gamma((degrees + 1) / 2) / (math.sqrt(degrees * math.pi) * math.gamma(degrees / 2))
    width = t / steps
    inner = sum(scale * (1 + ((i + 0.5) * width) ** 2 / degrees) ** (-(degrees + 1) / 2) for i in range(steps)) * width
    assert 0.5 - inner == pytest.approx(0.025, abs=2e-5)


def test_no_degrees_of_freedom_is_an_error() -> None:
    with pytest.raises(ValueError, match="degrees is 0"):
        t_975(0)
