"""Walkers on a bowl: where they start, when they have settled, and what a divergence looks like."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sgd_core.errors import UserError
from sgd_core.noise import bowl, theory

FEW = bowl.Sizes(200, 50, 150, True)


def test_walkers_do_not_start_from_the_answer() -> None:
    walk = bowl.walk(0.1, 4, 1.0, 1.0, size=FEW, seed=0)
    assert walk.mean[0] == bowl.START
    assert walk.variance[0] == 0
    assert np.all(walk.paths[0] == bowl.START)
    assert len(walk.mean) == len(walk.variance) == len(walk.paths) == 151
    assert 10 * math.sqrt(theory.stationary_variance(0.1, 4, 1, 1)) < bowl.START


def test_their_mean_falls_as_gradient_descent_does() -> None:
    walk = bowl.walk(0.1, 4, 1.0, 1.0, size=bowl.Sizes(20_000, 5, 20, True), seed=0)
    assert walk.mean == pytest.approx(bowl.START * 0.9 ** np.arange(21), abs=0.005)


def test_the_same_seed_gives_the_same_walk_and_another_does_not() -> None:
    finals = [bowl.walk(0.1, 4, 1.0, 1.0, 0.9, size=FEW, seed=seed).final for seed in (1, 1, 2)]
    assert np.array_equal(finals[0], finals[1])
    assert not np.array_equal(finals[0], finals[2])


def test_a_burn_in_that_is_too_short_is_noticed() -> None:
    assert not bowl.walk(0.01, 4, 1.0, 1.0, size=bowl.Sizes(500, 20, 60, False), seed=0).settled
    assert bowl.walk(0.1, 4, 1.0, 1.0, size=FEW, seed=0).settled


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_walks_diverge_beyond_the_limit_and_not_before(momentum: float) -> None:
    limit = float(theory.stability_limit(2.0, momentum))
    inside = bowl.walk(0.98 * limit, 4, 2.0, 1.0, momentum, seed=0)
    outside = bowl.walk(1.02 * limit, 4, 2.0, 1.0, momentum, seed=0)
    assert inside.diverged_at is None
    assert inside.settled
    assert outside.diverged_at is not None
    assert math.isinf(outside.stationary.value)
    assert not outside.settled


def test_an_extreme_setting_ends_at_once_and_stays_within_the_clip() -> None:
    walk = bowl.walk(1e6, 1, 1e3, 1e6, 0.9, seed=0)
    assert walk.diverged_at is not None
    assert walk.diverged_at < 10
    for values in (walk.mean, walk.paths, walk.final):
        assert np.isfinite(values).all()
        assert np.abs(values).max() <= bowl.CLIP
    assert np.isfinite(walk.variance).all()


def test_sizes_keep_to_the_budget_and_say_when_it_is_too_small() -> None:
    for mu, batch, momentum in [(0.1, 4, 0.0), (0.003, 256, 0.0), (1.99, 1, 0.0), (1e-6, 1, 0.0), (0.1, 4, 0.99)]:
        size = bowl.sizes(mu, batch, 1.0, 1.0, momentum)
        assert size.walkers * size.steps <= bowl.WALKER_STEPS
        assert size.walkers >= bowl.FEWEST_WALKERS
        assert size.long_enough == (mu > 1e-5)


def test_the_ensemble_errors_are_the_spread_over_seeds() -> None:
    walks = [bowl.walk(0.2, 4, 1.0, 1.0, 0.5, size=bowl.Sizes(300, 40, 140, True), seed=seed) for seed in range(80)]
    spread = np.std([walk.stationary.value for walk in walks])
    assert np.mean([walk.stationary.standard_error for walk in walks]) == pytest.approx(spread, rel=0.3)


def test_a_setting_without_motion_is_refused() -> None:
    with pytest.raises(UserError, match="learning_rate is 0"):
        bowl.walk(0, 4, 1.0, 1.0, seed=0)
    with pytest.raises(UserError, match="batch_size is -1"):
        bowl.walk(0.1, -1, 1.0, 1.0, seed=0)
