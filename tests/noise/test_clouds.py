"""Two clouds on one bowl: what theory says of each, and how much they may cost together."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sgd_core.noise import bowl, clouds, theory
from sgd_core.noise.bowl import BowlWalk
from sgd_core.noise.clouds import Cloud
from sgd_core.noise.statistics import Estimate


def cloud(name: str, rate: float, steps: int, momentum: float = 0.0, left: int | None = None) -> Cloud:
    trace = np.zeros(steps + 1)
    walk = BowlWalk(trace, trace, np.zeros((steps + 1, 2)), np.zeros(2), Estimate(1.0, 0.1), True, left)
    return Cloud(name, rate, 4, 2.0, 40.0, momentum, walk, True)


def test_a_cloud_is_what_theory_says_momentum_included() -> None:
    plain, heavy = cloud("First", 0.1, 10), cloud("First", 0.1, 10, momentum=0.9)
    assert plain.exact == pytest.approx(0.1 * 40 / 4 / (2 * (2 - 0.2)))
    assert plain.small_steps == pytest.approx(0.1 * 40 / (2 * 2 * 4))
    assert [plain.of_limit, heavy.of_limit] == pytest.approx([0.1, 0.1 * 2 / 3.8])
    assert [plain.largest_batch, heavy.largest_batch] == pytest.approx([40, 76])
    assert heavy.small_steps == pytest.approx(10 * plain.small_steps)
    assert plain.noise == 0.025


def test_the_largest_batch_scaled_along_is_at_the_edge() -> None:
    plain = cloud("First", 0.1, 10)
    at_edge = Cloud("Second", plain.noise * plain.largest_batch, 40, 2.0, 40.0, 0.0, plain.walk, True)
    assert at_edge.of_limit == pytest.approx(1)


@pytest.mark.parametrize(
    ("first", "second", "end"),
    [
        (cloud("First", 0.1, 100), cloud("Second", 0.4, 20), 8.0),
        (cloud("First", 1.1, 100, left=100), cloud("Second", 0.4, 20), 8.0),
        (cloud("First", 0.1, 100), cloud("Second", 1.4, 20, left=20), 10.0),
        (cloud("First", 1.1, 10, left=10), cloud("Second", 1.4, 20, left=20), 28.0),
    ],
)
def test_a_picture_ends_where_its_first_stable_walk_does(first: Cloud, second: Cloud, end: float) -> None:
    assert clouds.shared_end(first, second) == pytest.approx(end)


@pytest.mark.parametrize(
    ("rate", "momentum", "stable", "at_edge"),
    [
        (0.999999, 0.0, True, False),
        (1.0, 0.0, False, True),
        (1.9, 0.9, False, True),  # 2 * 1.9 = 2 (1 + 0.9), up to rounding
        (1.000001, 0.0, False, False),
    ],
)
def test_a_cloud_is_stable_by_theory_whatever_its_walkers_did(
    rate: float, momentum: float, stable: bool, at_edge: bool
) -> None:
    for left in (None, 10):
        one = cloud("First", rate, 10, momentum, left)
        assert (one.stable, one.at_edge) == (stable, at_edge)
        assert math.isfinite(one.exact) is stable


def test_at_the_edge_the_variance_grows_with_every_step() -> None:
    # (1 - mu h)^2 = 1: a step forgets nothing, so each adds mu^2 sigma^2 / B.
    walk = bowl.walk(1.0, 4, 2.0, 40.0, size=bowl.Sizes(20_000, 20, 40, False), seed=0)
    assert walk.diverged_at is None
    assert walk.variance[[1, 10, 40]] == pytest.approx([10, 100, 400], rel=0.05)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9, 1.1])
def test_a_step_kicks_and_forgets_what_theory_says(rate: float) -> None:
    h, batch, sigma2, start = 1.0, 4, 1.0, 2.0
    rng = np.random.default_rng(1)
    before = start * rng.standard_normal(400_000)
    after = before - rate * (h * before + math.sqrt(sigma2 / batch) * rng.standard_normal(len(before)))
    added = rate * float(theory.kick(rate, batch, sigma2))
    lost = rate * float(theory.forgetting(rate, h)) * before.var()
    assert after.var() - before.var() == pytest.approx(added - lost, abs=0.01 * (added + lost))


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_kick_and_forgetting_balance_at_the_stationary_variance(momentum: float) -> None:
    for rate in (0.01, 0.4, 1.2):
        balance = theory.kick(rate, 4, 40.0, momentum) / theory.forgetting(rate, 1.5, momentum)
        assert balance == pytest.approx(float(theory.stationary_variance(rate, 4, 1.5, 40.0, momentum)))
        one = Cloud("First", rate, 4, 1.5, 40.0, momentum, cloud("First", 0.1, 1).walk, True)
        assert one.kick / one.forgetting == pytest.approx(one.exact)
    assert theory.forgetting(float(theory.stability_limit(1.5, momentum)), 1.5, momentum) == pytest.approx(0, abs=1e-12)


def test_a_sum_is_the_mean_of_b_times_the_rate() -> None:
    rng = np.random.default_rng(0)
    mu, batch, h, w = 0.01, 16, 1.0, np.zeros(100_000)
    for _ in range(60):  # the sum of B gradients, each h w and noise of variance 40
        w -= mu * (batch * h * w + math.sqrt(batch * 40.0) * rng.standard_normal(len(w)))
    written = Cloud("First", mu * batch, batch, h, 40.0, 0.0, cloud("First", 0.1, 1).walk, True, summed=True)
    assert written.written == mu
    assert w.var() == pytest.approx(written.exact, rel=0.02)


@pytest.mark.parametrize(
    ("rates", "curvature", "momentum", "end"),
    [
        ([0.025, 0.1], 1.0, 0.0, 8.0),  # 5% after about 3 / h
        ([0.0125], 0.25, 0.0, 32.0),
        ([0.45, 1.8], 1.0, 0.0, 32.0),
        ([0.6, 2.4], 1.0, 0.0, 8.0),  # the second is beyond the edge
        ([2.0, 2.0], 1.0, 0.0, 8.0),
        ([1e-6], 1e-3, 0.0, 512.0),
        ([1.0], 1.0, 0.0, 8.0),  # everything forgotten in one step
    ],
)
def test_a_picture_ends_at_one_of_few_times(rates: list[float], curvature: float, momentum: float, end: float) -> None:
    assert clouds.span(rates, curvature, momentum) == end


def test_a_walk_lasts_as_long_as_its_picture() -> None:
    size = clouds.sizes(0.1, 4, 4.0, 40.0, 0.0, end=32.0)
    assert size.steps == 320
    assert size.burn_in < 160
    assert size.walkers * size.steps <= bowl.WALKER_STEPS / 2


def test_two_clouds_share_what_one_walk_may_cost() -> None:
    for rate in (0.0125, 0.1, 1.9):
        size = clouds.sizes(rate, 4, 1.0, 40.0, 0.9)
        assert size.burn_in <= clouds.LONGEST_BURN_IN
        assert size.walkers * size.steps <= max(bowl.WALKER_STEPS / 2, bowl.FEWEST_WALKERS * size.steps)
    assert clouds.sizes(0.1, 4, 1.0, 40.0, 0.0).long_enough
    assert not clouds.sizes(0.0001, 4, 1.0, 40.0, 0.0).long_enough
