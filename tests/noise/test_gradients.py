"""Clouds of batch gradients: what is drawn, and what cannot be asked for. The badges are in test_badges.py."""

from __future__ import annotations

import numpy as np
import pytest

from sgd_core.errors import UserError
from sgd_core.noise import gradients

PROBLEM = gradients.two_blobs()
PER_EXAMPLE = PROBLEM.gradients([0.2, -0.4])


def test_gradients_are_the_slopes_of_the_loss() -> None:
    at, step = np.array([0.2, -0.4]), 1e-6
    numeric = [(PROBLEM.loss(at + step * e) - PROBLEM.loss(at - step * e)) / (2 * step) for e in np.eye(2)]
    assert PER_EXAMPLE.mean(axis=0) == pytest.approx(numeric, rel=1e-6)


def test_the_loss_takes_a_grid_of_weights_and_has_a_minimum_in_sight() -> None:
    axis = np.linspace(-3, 4, 36)
    surface = PROBLEM.loss(np.stack(np.meshgrid(axis, axis), axis=-1))
    assert surface.shape == (36, 36)
    row, column = np.unravel_index(surface.argmin(), surface.shape)
    assert 0 < row < 35
    assert 0 < column < 35


def test_the_same_seed_gives_the_same_points_and_draws() -> None:
    assert np.array_equal(gradients.two_blobs(seed=3).points, gradients.two_blobs(seed=3).points)
    curves = [gradients.measure_variance(PER_EXAMPLE, [8], True, seed, draws=50) for seed in (1, 1, 2)]
    assert np.array_equal(curves[0].variance, curves[1].variance)
    assert not np.array_equal(curves[0].variance, curves[2].variance)


def test_without_replacement_no_example_comes_twice_and_all_come_equally_often() -> None:
    drawn = gradients.examples(np.random.default_rng(0), 100, 4000, False, 30)
    assert all(len(set(row)) == 30 for row in drawn.tolist())
    counts = np.bincount(drawn.ravel(), minlength=100)
    expected = 4000 * 0.3
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected * 0.7)


def test_a_full_batch_is_the_full_gradient() -> None:
    curve = gradients.measure_variance(PER_EXAMPLE, [128, 256], False, 0, draws=10)
    assert curve.predicted[1] == 0
    assert curve.variance[1] < 1e-25 < curve.variance[0]


@pytest.mark.parametrize("replacement", [True, False])
def test_half_of_all_guesses_are_within_the_median(replacement: bool) -> None:
    found = gradients.guesses(PER_EXAMPLE, [8, 64], replacement, 0)
    rng, full = np.random.default_rng(5), PER_EXAMPLE.mean(axis=0)
    for at, size in enumerate((8, 64)):
        drawn = np.array([PER_EXAMPLE[rng.choice(256, size, replacement)].mean(axis=0) for _ in range(4000)])
        within = np.linalg.norm(drawn - full, axis=1) < found.median[at]
        assert within.mean() == pytest.approx(0.5, abs=0.03)
        assert (drawn @ full > 0).mean() == pytest.approx(found.downhill[at], abs=0.03)


def test_a_batch_of_one_is_the_same_whichever_way_it_is_drawn() -> None:
    one, other = (gradients.guesses(PER_EXAMPLE, [1, 256], way, seed) for seed, way in ((0, True), (7, False)))
    assert one.median[0] == other.median[0]
    assert one.downhill[0] == other.downhill[0] == np.mean(PER_EXAMPLE @ PER_EXAMPLE.mean(axis=0) > 0)
    assert other.median[1] < 1e-12 < one.median[1]


def test_sizes_may_come_in_any_order() -> None:
    forwards = gradients.measure_variance(PER_EXAMPLE, [1, 8, 64], True, 0, draws=500)
    backwards = gradients.measure_variance(PER_EXAMPLE, [64, 8, 1], True, 0, draws=500)
    assert backwards.variance[::-1] == pytest.approx(forwards.variance)
    assert backwards.slope.value == pytest.approx(forwards.slope.value)


def test_the_slope_error_is_the_spread_of_slopes() -> None:
    slopes = [
        gradients.measure_variance(PER_EXAMPLE, [1, 4, 16, 64], True, seed, draws=500).slope for seed in range(100)
    ]
    spread = np.std([slope.value for slope in slopes])
    assert np.mean([slope.standard_error for slope in slopes]) == pytest.approx(spread, rel=0.25)


@pytest.mark.parametrize("batch_size", [0, 257])
def test_a_batch_that_cannot_be_drawn_is_refused(batch_size: int) -> None:
    with pytest.raises(UserError, match=f"batch_size is {batch_size}, but must be a whole number from 1 to 256 points"):
        gradients.measure_variance(PER_EXAMPLE, [batch_size], False, 0, draws=10)
