"""Reshuffled epochs: what takes the noise away, and what cannot be asked for. The badges are in test_badges.py."""

from __future__ import annotations

import numpy as np
import pytest

from sgd_core.errors import UserError
from sgd_core.noise import reshuffling, theory


def test_the_variance_rises_and_falls_within_an_epoch() -> None:
    walk = reshuffling.walk(0.05, 1.0, 1.0, reshuffle=True, seed=0)
    assert walk.profile == pytest.approx(theory.reshuffled_variance(0.05, 2, 1.0, 1.0, 64), rel=0.06)
    assert 3 < walk.profile.argmax() < 20
    assert walk.profile[-1] < walk.profile.max() / 2
    assert walk.at_epoch_end.value == pytest.approx(walk.profile[-1])


def test_drawn_anew_it_does_not() -> None:
    walk = reshuffling.walk(0.05, 1.0, 1.0, reshuffle=False, seed=0)
    assert walk.profile == pytest.approx(np.full(32, float(theory.stationary_variance(0.05, 2, 1.0, 1.0))), rel=0.05)


def test_one_batch_an_epoch_has_no_noise_at_all() -> None:
    assert reshuffling.walk(0.5, 1.0, 1.0, reshuffle=True, batch_size=64, seed=0).over_epoch.value < 1e-25


def test_the_same_seed_gives_the_same_walk() -> None:
    first, second = (reshuffling.walk(0.5, 1.0, 1.0, reshuffle=True, seed=4) for _ in range(2))
    assert np.array_equal(first.profile, second.profile)


def test_settings_that_cannot_be_walked_are_refused() -> None:
    with pytest.raises(UserError, match="batch_size is 5, but must divide images, 64"):
        reshuffling.walk(0.1, 1.0, 1.0, reshuffle=True, batch_size=5, seed=0)
    with pytest.raises(UserError, match="learning_rate times curvature is 2"):
        reshuffling.walk(1.0, 2.0, 1.0, reshuffle=True, seed=0)
