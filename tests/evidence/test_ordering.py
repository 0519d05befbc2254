"""The authors' order of their runs beside ours."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sgd_core.evidence import ordering
from sgd_core.experiment import paper
from sgd_core.runs.kept.store import Store
from tests.conftest import ROOT


def runs(*rows: tuple[int, int, int, float, str]) -> pd.DataFrame:
    """Rows of (place in paper.RUNS, seed, views, test accuracy, status)."""
    return pd.DataFrame(
        [
            {**paper.RUNS[place].spec.model_dump(), "seed": seed, "views": views, "final_test_accuracy": accuracy,
             "status": status}
            for place, seed, views, accuracy, status in rows
        ]
    )  # fmt: skip


def test_a_run_stands_with_the_mean_over_its_seeds_at_the_most_views() -> None:
    table = ordering.side_by_side(
        runs((0, 0, 151, 0.98, "done"), (0, 1, 151, 0.96, "done"), (0, 0, 33, 0.5, "done"), (1, 0, 33, 0.9, "done"),
             (2, 0, 33, 0.9, "cancelled"))
    )  # fmt: skip
    assert list(table["run"]) == [paper.RUNS[0].name, paper.RUNS[1].name]
    assert list(table["test_accuracy"]) == pytest.approx([0.97, 0.9])
    assert list(table["reported"]) == [paper.RUNS[0].reported, paper.RUNS[1].reported]
    assert list(table["n"]) == [2, 1]


def test_runs_that_are_not_the_papers_or_were_not_tested_are_left_out() -> None:
    other = runs((0, 0, 151, 0.98, "done")).assign(batch_size=48)
    untested = runs((0, 0, 151, math.nan, "done"))
    assert ordering.side_by_side(pd.concat([other, untested], ignore_index=True)).empty


@pytest.mark.parametrize(
    ("one", "other", "rho"),
    [
        ([1, 2, 3, 4], [10, 20, 25, 400], 1.0),
        ([1, 2, 3, 4], [4, 3, 2, 1], -1.0),
        ([1, 2, 3, 4, 5], [2, 1, 4, 3, 5], 0.8),  # 1 - 6 * 4 / (5 * 24)
        ([1, 2, 2, 4], [1, 2, 3, 4], 0.9487),  # ties at their mean rank: scipy.stats.spearmanr
    ],
)
def test_spearman(one: list[float], other: list[float], rho: float) -> None:
    assert ordering.spearman(pd.Series(one), pd.Series(other)) == pytest.approx(rho, abs=1e-4)


@pytest.mark.parametrize(("one", "other"), [([], []), ([1, 2], [1, 2]), ([1, 1, 1], [1, 2, 3])])
def test_spearman_of_too_little_is_no_number(one: list[float], other: list[float]) -> None:
    assert math.isnan(ordering.spearman(pd.Series(one, dtype=float), pd.Series(other, dtype=float)))


def test_the_published_runs_keep_the_authors_order(tmp_path: Path) -> None:
    both = ordering.side_by_side(Store(ROOT / "cached_runs", tmp_path).runs())
    assert len(both) == 27
    assert ordering.spearman(both["reported"], both["test_accuracy"]) > 0.95


@pytest.mark.parametrize(("rho", "n"), [(0.0, 20), (0.6, 30), (0.9, 60)])
def test_the_interval_of_a_rank_correlation_holds_it_in_95_of_100(rho: float, n: int) -> None:
    rng = np.random.default_rng(0)
    truth = 6 / math.pi * math.asin(rho / 2)  # of a bivariate normal distribution (Pearson 1907)
    held, repeats = 0, 1000
    one = rng.standard_normal((repeats, n))
    other = rho * one + math.sqrt(1 - rho**2) * rng.standard_normal((repeats, n))
    for x, y in zip(one, other, strict=True):
        low, high = ordering.spearman_interval(ordering.spearman(pd.Series(x), pd.Series(y)), n)
        held += low <= truth <= high
    assert held / repeats == pytest.approx(0.95, abs=0.02)


def test_few_pairs_have_no_interval() -> None:
    assert all(math.isnan(end) for end in ordering.spearman_interval(0.5, 4))
    assert all(math.isnan(end) for end in ordering.spearman_interval(math.nan, 50))
    assert ordering.spearman_interval(1.0, 50) == (1.0, 1.0)
