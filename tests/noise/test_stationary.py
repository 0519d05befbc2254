"""The cloud of several weights: against simulation, against the closed forms of one weight, and at its edges."""

from __future__ import annotations

import numpy as np
import pytest

from sgd_core.errors import UserError
from sgd_core.noise import gradients, stationary, theory
from sgd_core.noise.agreement import Agreement
from sgd_core.noise.statistics import mean
from sgd_core.noise.theory import FloatArray

BOWL = np.array([[1.0, 0.6], [0.6, 0.5]])
NOISE = np.array([[0.5, -0.3], [-0.3, 1.0]])
"""A bowl whose axes are not those of the noise, so that the covariance between the bowl's axes counts."""


def simulated(mu: float, momentum: float, walkers: int = 4000) -> FloatArray:
    """Each walker's average of (w1^2, w1 w2, w2^2), (walkers, 3)."""
    rng = np.random.default_rng(1)
    root = np.linalg.cholesky(NOISE)
    w, v = np.zeros((2, walkers)), np.zeros((2, walkers))
    sums = np.zeros((3, walkers))
    burn_in = int(np.log(1e-3) / np.log(theory.contraction(mu, np.linalg.eigvalsh(BOWL)[0], momentum))) + 10
    for step in range(2 * burn_in):
        v = momentum * v + BOWL @ w + root @ rng.standard_normal((2, walkers))
        w = w - mu * v
        if step >= burn_in:
            sums += [w[0] * w[0], w[0] * w[1], w[1] * w[1]]
    return np.asarray((sums / burn_in).T)


@pytest.mark.parametrize(("mu", "momentum"), [(0.1, 0.0), (1.0, 0.0), (1.3, 0.0), (0.3, 0.5), (0.05, 0.9), (2.0, 0.9)])
def test_the_covariance_is_what_walkers_have(mu: float, momentum: float) -> None:
    samples = simulated(mu, momentum)
    predicted = stationary.covariance(mu, BOWL, NOISE, momentum)[[0, 0, 1], [0, 1, 1]]
    for entry in range(3):
        agreement = Agreement.of(mean(samples[:, entry]), predicted[entry])
        assert agreement.within_error, (entry, agreement)
        assert agreement.standard_error < 0.05 * np.abs(predicted).max()


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("mu", [0.01, 0.5, 1.9])
def test_along_the_axes_of_the_bowl_it_is_the_closed_form_of_one_weight(mu: float, momentum: float) -> None:
    bowl, noise = np.diag([0.2, 1.0]), np.diag([3.0, 0.5])
    exact = theory.stationary_variance(mu, 1, [0.2, 1.0], [3.0, 0.5], momentum)
    limit = theory.stationary_variance_small_steps(mu, 1, [0.2, 1.0], [3.0, 0.5], momentum)
    assert stationary.covariance(mu, bowl, noise, momentum) == pytest.approx(np.diag(exact), abs=1e-12)
    assert stationary.covariance_small_steps(mu, bowl, noise, momentum) == pytest.approx(np.diag(limit), abs=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_small_steps_have_the_limit_of_small_steps(momentum: float) -> None:
    exact = stationary.covariance(1e-5, BOWL, NOISE, momentum)
    assert exact == pytest.approx(stationary.covariance_small_steps(1e-5, BOWL, NOISE, momentum), rel=1e-4)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_beyond_the_edge_there_is_no_cloud(momentum: float) -> None:
    edge = 2 * (1 + momentum) / np.linalg.eigvalsh(BOWL)[-1]
    assert np.isfinite(stationary.covariance(0.999 * edge, BOWL, NOISE, momentum)).all()
    assert np.isinf(stationary.covariance(edge, BOWL, NOISE, momentum)).all()


def test_the_noise_of_a_batch() -> None:
    problem = gradients.two_blobs()
    each = problem.gradients(problem.minimum())
    one = np.cov(each.T, bias=True)
    assert stationary.batch_gradient_covariance(each, 8) == pytest.approx(one / 8)
    assert stationary.batch_gradient_covariance(each, 8, 256) == pytest.approx(one / 8 * 248 / 255)
    assert stationary.batch_gradient_covariance(each, 256, 256) == pytest.approx(np.zeros((2, 2)))


def test_the_minimum_and_its_curvature() -> None:
    problem = gradients.two_blobs()
    at, step = problem.minimum(), 1e-6
    assert problem.gradients(at).mean(axis=0) == pytest.approx(np.zeros(2), abs=1e-14)
    away = np.array([0.3, -0.2])
    slopes = [
        (problem.gradients(away + step * e) - problem.gradients(away - step * e)).mean(axis=0) / (2 * step)
        for e in np.eye(2)
    ]
    assert problem.hessian(away) == pytest.approx(np.array(slopes), rel=1e-6)


@pytest.mark.parametrize(
    ("mu", "momentum", "said"),
    [
        (0.0, 0.0, "learning_rate is 0.0, but must be above 0."),
        (0.1, 1.0, "momentum is 1.0, but must be at least 0 and below 1."),
    ],
)
def test_what_cannot_be_asked_for(mu: float, momentum: float, said: str) -> None:
    with pytest.raises(UserError, match=said):
        stationary.covariance(mu, BOWL, NOISE, momentum)
