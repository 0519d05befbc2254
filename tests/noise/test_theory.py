"""Golden values of the closed forms, and each form against an independent calculation that uses no sampling."""

from __future__ import annotations

import math
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgd_core.errors import UserError
from sgd_core.noise import theory

GRID = np.linspace(-3, 3, 6001)
SLOPE = GRID**3 - GRID
"""The textbook's double well w^4/4 - w^2/2."""

fractions = st.floats(0.001, 0.999)
momenta = st.floats(0, 0.99)
curvatures = st.floats(1e-3, 1e3)


def second_moment_by_recursion(
    mu: float, batch: float, h: float, sigma2: float, m: float, steps: int = 200_000
) -> float:
    """E[w^2] of the pair (w, v) after many steps from (0, 0), by squaring the map of its second moments."""
    step = np.array([[1 - mu * h, -mu * m], [h, m]])
    push = np.array([-mu, 1.0]) * math.sqrt(sigma2 / batch)
    total, transition = np.outer(push, push), step
    for _ in range(math.ceil(math.log2(steps))):
        total = total + transition @ total @ transition.T
        transition = transition @ transition
    return float(total[0, 0])


@pytest.mark.parametrize(("momentum", "exact", "limit"), [(0.0, 0.0131579, 0.0125), (0.9, 0.128378, 0.125)])
def test_golden_stationary_variance(momentum: float, exact: float, limit: float) -> None:
    assert theory.stationary_variance(0.1, 4, 1, 1, momentum) == pytest.approx(exact, rel=1e-5)
    assert theory.stationary_variance_small_steps(0.1, 4, 1, 1, momentum) == pytest.approx(limit, rel=1e-12)


@pytest.mark.parametrize(
    ("x", "over_epoch", "at_end"), [(0.16, 0.051, 0.0021), (1.6, 0.3735, 0.170), (16, 0.883, 0.875)]
)
def test_golden_reshuffled_ratios(x: float, over_epoch: float, at_end: float) -> None:
    assert theory.reshuffled_ratio_over_epoch(x) == pytest.approx(over_epoch, rel=0.006)
    assert theory.reshuffled_ratio_at_epoch_end(x) == pytest.approx(at_end, rel=0.015)


@pytest.mark.parametrize(("batch", "kramers", "passage"), [(4, 4851, 5274), (5, 13188, 14190), (6, 35848, 38211)])
def test_golden_escape_steps(batch: int, kramers: float, passage: float) -> None:
    heat = theory.temperature(0.05, batch, 10)
    assert theory.kramers_steps(0.05, heat, 0.25, 2, 1) == pytest.approx(kramers, abs=0.5)
    assert theory.first_passage_steps(GRID, SLOPE, heat, 0.05, -1, 0.5) == pytest.approx(passage, abs=0.7)


def test_golden_values_come_in_one_call_too() -> None:
    heat = theory.temperature(0.05, np.array([4, 5, 6]), 10)
    steps = theory.first_passage_steps(GRID, SLOPE, heat[:, np.newaxis], 0.05, -1, 0.5)
    assert steps == pytest.approx([5274, 14190, 38211], abs=0.7)


@given(curvatures, momenta, fractions, st.integers(1, 512))
def test_stationary_variance_is_what_the_recursion_settles_at(h: float, m: float, part: float, batch: int) -> None:
    mu = part * float(theory.stability_limit(h, m))
    exact = float(theory.stationary_variance(mu, batch, h, 2.0, m))
    assert second_moment_by_recursion(mu, batch, h, 2.0, m) == pytest.approx(exact, rel=1e-6)


@given(curvatures, momenta, st.floats(1e-6, 3))
def test_stability_limit_is_where_the_contraction_ends(h: float, m: float, part: float) -> None:
    shrinks = float(theory.contraction(part * float(theory.stability_limit(h, m)), h, m)) < 1
    assert shrinks == (part < 1) or abs(part - 1) < 1e-9


@given(curvatures, momenta, st.floats(1e-6, 3))
def test_contraction_is_the_spectral_radius(h: float, m: float, part: float) -> None:
    mu = part * float(theory.stability_limit(h, m))
    step = np.array([[1 - mu * h, -mu * m], [h, m]])
    radius = np.abs(np.linalg.eigvals(step)).max()
    assert theory.contraction(mu, h, m) == pytest.approx(radius, rel=1e-5, abs=1e-6)


def test_unstable_settings_have_infinite_variance() -> None:
    limit = theory.stability_limit(2.0, [0.0, 0.9])
    assert np.isinf(theory.stationary_variance(limit * 1.0001, 4, 2.0, 1, [0.0, 0.9])).all()
    assert np.isfinite(theory.stationary_variance(limit * 0.9999, 4, 2.0, 1, [0.0, 0.9])).all()


@given(curvatures, momenta, st.floats(1e-9, 1e-6))
def test_small_steps_leave_only_the_ratio(h: float, m: float, part: float) -> None:
    mu = part * float(theory.stability_limit(h, m))
    exact = theory.stationary_variance([mu, 4 * mu], [1, 4], h, 1.0, m)
    assert exact == pytest.approx(float(theory.stationary_variance_small_steps(mu, 1, h, 1.0, m)), rel=1e-5)


@given(curvatures, st.integers(1, 256), st.floats(0, 5))
def test_where_examples_differ_in_curvature_a_step_at_the_limit_keeps_the_mean_square(
    h: float, batch: int, sd: float
) -> None:
    limit = float(theory.random_curvature_stability_limit(batch, h, sd))
    for share, kept in ((0.9, True), (1.1, False)):
        mu = share * limit
        assert ((1 - mu * h) ** 2 + mu**2 * sd**2 / batch < 1) is kept
    assert limit <= float(theory.stability_limit(h)) * (1 + 1e-12)
    assert theory.random_curvature_stability_limit(batch, h, 0) == pytest.approx(float(theory.stability_limit(h)))


@given(st.floats(0.05, 1.95), st.integers(1, 256), st.floats(0, 5))
def test_random_curvature_variance_is_a_fixed_point(mu: float, batch: int, sd: float) -> None:
    value = float(theory.random_curvature_variance(mu, batch, 1, sd, 3.0))
    below = mu < float(theory.random_curvature_stability_limit(batch, 1, sd))
    assert math.isfinite(value) == below
    if below:
        after = ((1 - mu) ** 2 + mu**2 * sd**2 / batch) * value + mu**2 * 3.0 / batch
        assert after == pytest.approx(value, rel=1e-9)
        of_limit = mu / float(theory.random_curvature_stability_limit(batch, 1, sd))
        small = float(theory.stationary_variance_small_steps(mu, batch, 1, 3.0))
        assert value / small == pytest.approx(1 / (1 - of_limit), rel=1e-6)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_with_momentum_flatness_has_the_rate_over_one_minus_m(momentum: float) -> None:
    images, x, walkers = 400, 1.6, 3_000
    rate = x * (1 - momentum) / images  # h = 1, B = 1
    rng = np.random.default_rng(0)
    each = np.where(np.arange(images) % 2, 1.0, -1.0)
    w, v, seen = np.zeros(walkers), np.zeros(walkers), 0.0
    for epoch in range(8):
        order = rng.permuted(np.tile(each, (walkers, 1)), axis=1)
        for step in range(images):
            v = momentum * v + w + order[:, step]
            w = w - rate * v
            seen += float((w**2).mean()) if epoch >= 4 else 0.0
    anew = float(theory.stationary_variance_small_steps(rate, 1, 1.0, 1.0, momentum))
    assert seen / (4 * images) / anew == pytest.approx(float(theory.reshuffled_ratio_over_epoch(x)), rel=0.06)


def test_what_is_drawn_anew_is_not_taken_back() -> None:
    # Images that come once an epoch and masks drawn in every batch, each with its own noise: variances add up.
    x, steps, walkers = 0.5, 64, 20_000
    fresh, rate = 0.8, 0.5 / 64
    rng = np.random.default_rng(1)
    images = np.where(np.arange(steps) % 2, 1.0, -1.0) * math.sqrt(1 - fresh)
    w, seen = np.zeros(walkers), 0.0
    for epoch in range(20):
        order = rng.permuted(np.tile(images, (walkers, 1)), axis=1)
        masks = math.sqrt(fresh) * rng.standard_normal((steps, walkers))
        for step in range(steps):
            w = w - rate * (w + order[:, step] + masks[step])
            seen += float((w**2).mean()) if epoch >= 12 else 0.0
    left = theory.reshuffled_with_fresh(theory.reshuffled_ratio_over_epoch(x), fresh)
    anew = float(theory.stationary_variance(rate, 1, 1.0, 1.0))
    assert seen / (8 * steps) / anew == pytest.approx(float(left), rel=0.02)
    assert theory.reshuffled_with_fresh(0.05, 0.8) == pytest.approx(0.81)


@given(st.floats(1e-8, 50))
def test_reshuffling_always_takes_noise_away(x: float) -> None:
    over, end = float(theory.reshuffled_ratio_over_epoch(x)), float(theory.reshuffled_ratio_at_epoch_end(x))
    assert 0 < end < over < 1
    assert theory.reshuffled_ratio_over_epoch(x * 1.001) > over


@pytest.mark.parametrize("x", [0.16, 1.6, 16.0])
def test_reshuffled_ratios_are_the_limit_of_many_small_steps(x: float) -> None:
    steps = 4000
    exact = theory.reshuffled_variance(x / steps, 1, 1.0, 1.0, steps)
    drawn_anew = float(theory.stationary_variance(x / steps, 1, 1.0, 1.0))
    assert exact.mean() / drawn_anew == pytest.approx(float(theory.reshuffled_ratio_over_epoch(x)), rel=0.003)
    assert exact[-1] / drawn_anew == pytest.approx(float(theory.reshuffled_ratio_at_epoch_end(x)), rel=0.003)


def test_reshuffled_variance_of_an_epoch_worked_out_by_hand() -> None:
    # Two batches an epoch, +1 or -1 first: each epoch adds mu (a - 1) (+-1), a = 1 - mu h.
    mu, kept = 0.5, 0.5
    end = (mu * (kept - 1)) ** 2 / (1 - kept**4)
    assert theory.reshuffled_variance(mu, 1, 1.0, 1.0, 2) == pytest.approx([kept**2 * end + mu**2, end])


def test_reshuffled_variance_refuses_a_partial_batch_and_says_unstable() -> None:
    with pytest.raises(UserError, match="batch_size is 3, but must divide images, 64"):
        theory.reshuffled_variance(0.1, 3, 1.0, 1.0, 64)
    assert np.isinf(theory.reshuffled_variance(2.1, 4, 1.0, 1.0, 64)).all()


def test_a_full_batch_without_replacement_has_no_noise() -> None:
    assert theory.batch_gradient_variance(2.0, [1, 64], 64).tolist() == [2.0, 0.0]
    assert theory.batch_gradient_variance(2.0, [1, 64]).tolist() == [2.0, 2.0 / 64]
    assert theory.without_replacement_factor(1, 1) == 0


@pytest.mark.parametrize("batch", [1, 2, 3, 5])
def test_batch_variance_over_all_batches_there_are(batch: int) -> None:
    examples = np.array([0.3, -1.0, 2.5, 0.1, 4.0])
    drawn_anew = [np.mean(chosen) for chosen in product(examples, repeat=batch)]
    no_twice = [np.mean(chosen) for chosen in combinations(examples, batch)]
    assert np.var(drawn_anew) == pytest.approx(float(theory.batch_gradient_variance(examples.var(), batch)))
    assert np.var(no_twice) == pytest.approx(float(theory.batch_gradient_variance(examples.var(), batch, 5)), abs=1e-15)


def test_noise_scale_is_twice_n_h_times_the_variance_without_replacement() -> None:
    # The authors' loss is a sum over N examples; up to N against N-1 this is the same statement as the bowl's.
    mu, batch, images, h, sigma2, m = 1e-6, 16, 2967, 3.0, 7.0, 0.9
    per_example = sigma2 * float(theory.without_replacement_factor(batch, images))
    variance = float(theory.stationary_variance(mu, batch, h, per_example, m))
    scale = 2 * images * h * variance / sigma2
    assert scale == pytest.approx(float(theory.noise_scale(mu, batch, images, m)), rel=1e-3)
    assert theory.noise_scale(1e-4, 16, 2967) == pytest.approx(1e-4 * (2967 / 16 - 1))


def test_temperature_is_h_times_the_small_step_variance() -> None:
    heat = theory.temperature(0.01, 8, 3.0, 0.9)
    assert heat / 2.5 == pytest.approx(float(theory.stationary_variance_small_steps(0.01, 8, 2.5, 3.0, 0.9)))


@pytest.mark.parametrize("heat", [0.02, 0.1, 1.0])
def test_density_of_constant_noise_is_boltzmanns(heat: float) -> None:
    loss = GRID**4 / 4 - GRID**2 / 2
    weight = np.exp(-(loss - loss.min()) / heat)
    assert theory.stationary_density(GRID, SLOPE, heat) == pytest.approx(weight / np.trapezoid(weight, GRID), rel=1e-3)
    assert theory.occupancy(GRID, SLOPE, heat, 0.0) == pytest.approx(0.5, rel=1e-6)


def test_density_carries_no_current_where_the_noise_changes() -> None:
    heat = 0.1 * (1 + 0.5 * np.tanh(GRID))
    density = theory.stationary_density(GRID, SLOPE, heat)
    current = -SLOPE * density - np.gradient(heat * density, GRID)
    assert np.abs(current[1:-1]).max() < 1e-4 * np.abs(SLOPE * density).max()


def test_first_passage_on_a_flat_floor() -> None:
    # Between a wall at 0 and a stop at b a diffusion of constant D takes (b^2 - x^2) / (2 D).
    floor = np.linspace(0, 2, 2001)
    steps = theory.first_passage_steps(floor, np.zeros_like(floor), 0.3, 0.1, 0.5, 2.0)
    assert steps == pytest.approx((4 - 0.25) / (2 * 0.3) / 0.1, rel=1e-3)


def test_first_passage_meets_kramers_at_high_barriers() -> None:
    heat = 0.25 / np.array([20.0, 80.0])
    exact = theory.first_passage_steps(GRID, SLOPE, heat[:, np.newaxis], 0.05, -1, 0.5)
    off = theory.kramers_steps(0.05, heat, 0.25, 2, 1) / exact - 1
    assert -0.03 < off[0] < -0.01
    assert -0.006 < off[1] < 0


def test_first_passage_overflows_to_infinity() -> None:
    assert np.isinf(theory.first_passage_steps(GRID, SLOPE, 1e-4, 0.05, -1, 0.5))
    assert np.isinf(theory.kramers_steps(0.05, 1e-4, 0.25, 2, 1))


def test_the_largest_batch_of_one_ratio_is_at_the_edge() -> None:
    edge = float(theory.largest_scaled_batch(0.1, 16, 2.0, 0.9))
    assert edge * 0.1 / 16 == pytest.approx(float(theory.stability_limit(2.0, 0.9)))


@given(st.floats(0.2, 5))
def test_rescaling_changes_sharpness_but_not_the_function(alpha: float) -> None:
    first, second = alpha, 1 / alpha
    # Gauss-Newton is the whole Hessian where the residual is 0: outer product of the gradient of w_2 w_1.
    hessian = np.outer([second, first], [second, first])
    assert first * second == pytest.approx(1)
    assert theory.rescaled_sharpness(alpha) == pytest.approx(np.linalg.eigvalsh(hessian)[-1])
    assert theory.rescaled_sharpness(alpha) >= 2 - 1e-12
