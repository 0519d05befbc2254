"""The errors that estimates claim are the errors they have."""

from __future__ import annotations

import numpy as np
import pytest

from sgd_core.noise.statistics import mean, ratio_of_means


def test_time_averages_of_walkers_cover_the_truth_as_often_as_they_claim() -> None:
    rng = np.random.default_rng(0)
    repeats, walkers, steps, kept = 400, 50, 60, 0.9
    series = np.empty((repeats, walkers, steps))
    series[..., 0] = rng.standard_normal((repeats, walkers)) / np.sqrt(1 - kept**2)
    for step in range(1, steps):
        series[..., step] = kept * series[..., step - 1] + rng.standard_normal((repeats, walkers))
    estimates = [mean(walks.mean(axis=1)) for walks in series]
    z = np.array([estimate.value / estimate.standard_error for estimate in estimates])
    assert 0.92 < np.mean(np.abs(z) < 1.96) < 0.98
    naive = np.array([walks.mean() / (walks.std() / np.sqrt(walks.size)) for walks in series])
    assert np.mean(np.abs(naive) < 1.96) < 0.6


def test_a_ratio_of_means_covers_the_truth_as_often_as_it_claims() -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(400):
        below = 3 + rng.standard_normal(500)
        above = 2 * below + rng.standard_normal(500)
        estimate = ratio_of_means(above, below)
        hits += abs(estimate.value - 2) < 1.96 * estimate.standard_error
    assert 0.92 < hits / 400 < 0.98


def test_mean_of_known_samples() -> None:
    estimate = mean(np.array([1.0, 3.0]))
    assert [estimate.value, estimate.standard_error] == pytest.approx([2, 1])
