from __future__ import annotations

import pandas as pd
import pytest

from sgd_core import settings
from sgd_core.evidence.stability import edge_at_start, edges
from sgd_core.runs.kept.published import PublishedRuns

MEASURED = pd.DataFrame(
    [
        ("b", "curvature", -1, "largest_eigenvalue", 10.0),
        ("a", "curvature", 4, "largest_eigenvalue", 100.0),
        ("a", "curvature", -1, "largest_eigenvalue", 8.0),
        ("a", "curvature", 5, "largest_eigenvalue", None),
        ("a", "curvature", 6, "largest_eigenvalue", 0.0),
        ("a", "curvature", 4, "steps", 12.0),
        ("a", "gradient_noise", -1, "trace", 1.0),
    ],
    columns=["key", "probe", "epoch", "name", "value"],
).astype({"value": "Float64"})


def test_the_edge_is_where_heavy_ball_leaves_the_bowl() -> None:
    found = edges(MEASURED, 0.9)
    assert [(edge.key, edge.epoch, edge.curvature) for edge in found] == [("a", -1, 8), ("a", 4, 100), ("b", -1, 10)]
    assert [edge.learning_rate for edge in found] == pytest.approx([3.8 / 8, 3.8 / 100, 3.8 / 10])
    assert edges(MEASURED, 0.0)[0].learning_rate == pytest.approx(2 / 8)


def test_the_lowest_edge_of_an_untrained_head_holds_before_training() -> None:
    edge = edge_at_start(MEASURED, 0.9)
    assert edge is not None
    assert (edge.key, edge.epoch) == ("b", -1)
    assert edge.learning_rate == pytest.approx(0.38)
    assert edge_at_start(MEASURED.iloc[:0], 0.9) is None
    assert edge_at_start(MEASURED[MEASURED["probe"] == "gradient_noise"], 0.9) is None


def test_the_published_edges_are_those_of_the_docstring() -> None:
    published = PublishedRuns(settings.ROOT / "cached_runs")
    measured, runs = published.frame("measurements"), published.frame("runs")
    named = runs[(runs["batch_size"] == 512) & (runs["learning_rate"] == 32e-4) & (runs["epochs"] == 150)]["key"]
    along = measured[(measured["probe"] == "curvature") & (measured["epoch"] == -1)]["key"]  # from its start on
    measured = measured[measured["key"].isin(along) & measured["key"].isin(named)]
    start = edge_at_start(measured, 0.9)
    lowest = min(edges(measured, 0.9), key=lambda edge: edge.learning_rate)
    assert start is not None
    assert (start.epoch, lowest.epoch) == (-1, 4)
    assert start.learning_rate == pytest.approx(0.30, abs=0.005)
    assert lowest.learning_rate == pytest.approx(0.058, abs=0.0005)
