"""Noise and training time of the paper's constant runs."""

from __future__ import annotations

import math

import pytest

from sgd_core.evidence import coupling
from sgd_core.experiment import paper


def test_training_time_is_the_learning_rate_times_the_updates_of_150_epochs() -> None:
    table = coupling.runs()
    assert len(table) == 16
    for run in table.to_dict("records"):
        updates = 150 * math.ceil(paper.TRAIN_IMAGES / run["batch_size"])
        assert run["training_time"] == pytest.approx(run["learning_rate"] * updates)
        assert run["noise"] == run["learning_rate"] / run["batch_size"]
    assert coupling.rank_correlation(table) > 0.99


def test_at_equal_updates_only_the_learning_rate_counts() -> None:
    table = coupling.runs(updates=900)
    assert table["training_time"].tolist() == pytest.approx((900 * table["learning_rate"]).tolist())
    assert coupling.rank_correlation(table) < 0.7
