"""Walkers in two valleys: start, clip, errors. The badges are in test_badges.py."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sgd_core.errors import UserError
from sgd_core.noise import chain, valleys
from sgd_core.noise.landscape import Landscape, Valley

LANDSCAPE = Landscape(Valley(0.6, 0.25), Valley(1.2, 0.25))


def test_all_walkers_start_in_the_left_valley() -> None:
    walk = valleys.walk(LANDSCAPE, 0.05, [2, 8], 20.0, steps=64, walkers=50, keep=[0, 10, 64], seed=0)
    assert walk.kept.shape == (3, 2, 50)
    assert np.all(walk.kept[0] == np.float32(-0.6))
    assert np.all(walk.kept[2] == walk.final.astype(np.float32))
    assert walk.final.shape == (2, 50)


def test_the_same_seed_gives_the_same_walk() -> None:
    finals = [valleys.walk(LANDSCAPE, 0.05, 4, 20.0, steps=64, walkers=50, seed=seed).final for seed in (1, 1, 2)]
    assert np.array_equal(finals[0], finals[1])
    assert not np.array_equal(finals[0], finals[2])


def test_whole_numbers_are_widths_too() -> None:
    whole, real = (Landscape(Valley(one, 1), Valley(2 * one, 1)) for one in (1, 1.0))
    walks = [valleys.walk(one, 0.05, [2], 20, steps=64, walkers=50, seed=0) for one in (whole, real)]
    assert np.array_equal(walks[0].final, walks[1].final)
    escapes = [valleys.escape(one, 0.05, [1], 20, steps=512, walkers=50, seed=0) for one in (whole, real)]
    assert escapes[0] == escapes[1]


def test_before_it_settles_it_follows_the_chain() -> None:
    law = chain.occupancy(LANDSCAPE, 0.05, 8, 20.0, doublings=11)
    keep = law.steps[5:].tolist()
    walk = valleys.walk(LANDSCAPE, 0.05, [8], 20.0, steps=2048, walkers=1000, keep=keep, seed=0)
    assert np.mean(walk.kept[:, 0] > 0, axis=1) == pytest.approx(law.at_step[5:], abs=4 * 0.5 / math.sqrt(1000))
    assert abs(walk.occupancy[0].value - law.second_half[-1]) < 3 * walk.occupancy[0].standard_error


def test_a_step_too_long_for_the_wall_is_clipped_and_counted() -> None:
    sharp = Landscape(Valley(0.1, 1.0), Valley(1.2, 0.25))
    walk = valleys.walk(sharp, 1.0, [1], 20.0, steps=50, walkers=100, seed=0)
    assert np.isfinite(walk.final).all()
    assert np.all(walk.final >= -valleys.CLIP * 0.1)
    assert np.all(walk.final <= valleys.CLIP * 1.2)
    assert walk.diverged[0] > 0.3
    assert valleys.walk(LANDSCAPE, 0.05, [2], 20.0, steps=50, walkers=100, seed=0).diverged[0] == 0


def test_an_occupancy_without_a_crossing_still_has_an_error() -> None:
    walk = valleys.walk(LANDSCAPE, 0.05, [100], 20.0, steps=64, walkers=100, seed=0)
    assert walk.occupancy[0].value == 0
    assert walk.occupancy[0].standard_error == pytest.approx(0.01, rel=0.1)


def test_an_escape_that_never_happened_has_no_end() -> None:
    (estimate,) = valleys.escape(LANDSCAPE, 0.05, [100], 20.0, steps=64, walkers=20, seed=0)
    assert math.isinf(estimate.value)
    assert math.isnan(estimate.standard_error)


def test_passages_longer_than_the_walk_are_measured_without_bias() -> None:
    exact = chain.escape(LANDSCAPE, 0.05, 6, 20.0)
    estimates = [valleys.escape(LANDSCAPE, 0.05, [6], 20.0, steps=500, walkers=2000, seed=seed)[0] for seed in range(6)]
    rates = np.array([1 / estimate.value for estimate in estimates])
    errors = np.array([estimate.standard_error / estimate.value**2 for estimate in estimates])
    assert exact > 2 * 500
    assert abs(rates.mean() - 1 / exact) < 3 * np.sqrt(np.sum(errors**2)) / 6
    assert np.std(rates) < 2.5 * errors.mean()


def test_a_setting_without_motion_is_refused() -> None:
    with pytest.raises(UserError, match=r"learning_rate is 0 and batch_size \[4.0\]"):
        valleys.walk(LANDSCAPE, 0, 4, 20.0, seed=0)
