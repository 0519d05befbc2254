"""What a badge says of a difference, and what it does at the edges."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sgd_core.noise.agreement import Agreement
from sgd_core.noise.statistics import Estimate


def test_a_difference_within_three_errors_is_chance() -> None:
    badge = Agreement.of(Estimate(1.02, 0.01), 1.0)
    assert badge.relative_difference == pytest.approx(0.02)
    assert badge.z == pytest.approx(2)
    assert badge.within_error
    assert badge.resolution == pytest.approx(0.04645)
    assert math.isnan(Agreement(0.1, 0.1, 0.0).resolution)


def test_a_formula_off_by_the_resolution_is_caught_95_times_in_100() -> None:
    error = 0.01
    truth = 1 + Agreement(1.0, error, 1.0).resolution
    measured = np.random.default_rng(0).normal(truth, error, 20_000)
    caught = np.mean([not Agreement(float(one), error, 1.0).within_error for one in measured])
    assert caught == pytest.approx(0.95, abs=0.005)


@pytest.mark.parametrize("measured", [1.031, 0.969])
def test_a_larger_one_is_not(measured: float) -> None:
    assert not Agreement(measured, 0.01, 1.0).within_error


def test_zero_against_zero_agrees_and_rounding_is_not_a_difference() -> None:
    assert Agreement(0.0, 0.0, 0.0).within_error
    assert Agreement(3e-33, 1e-34, 0.0).within_error
    assert Agreement(0.0, 0.0, 0.0).relative_difference == 0
    assert not Agreement(0.1, 0.0, 0.0).within_error


def test_divergence_agrees_with_an_infinite_prediction_only() -> None:
    assert Agreement(math.inf, math.nan, math.inf).within_error
    assert not Agreement(5.0, 0.1, math.inf).within_error
    assert not Agreement(math.inf, math.nan, 5.0).within_error
