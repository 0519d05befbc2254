"""The errors that estimates claim are the errors they have."""

from __future__ import annotations

import numpy as np
import pytest

from sgd_core.noise.statistics import Estimate, mean, mean_of, weighted_mean


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


def test_mean_of_known_samples() -> None:
    estimate = mean(np.array([1.0, 3.0]))
    assert [estimate.value, estimate.standard_error] == pytest.approx([2, 1])


def test_estimates_of_one_quantity_are_pooled_plainly_or_by_how_well_they_are_known() -> None:
    plain = mean_of([1.0, 4.0], [0.3, 0.4])
    assert [plain.value, plain.standard_error] == pytest.approx([2.5, 0.25])
    weighted = weighted_mean([Estimate(1.0, 1.0), Estimate(4.0, 0.5)])
    assert [weighted.value, weighted.standard_error] == pytest.approx([3.4, 0.2**0.5])
    alone = weighted_mean([Estimate(7.0, 0.1)])
    assert [alone.value, alone.standard_error] == pytest.approx([7, 0.1])
