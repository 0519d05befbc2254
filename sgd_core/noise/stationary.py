"""Where SGD with momentum settles on a bowl of several weights: the covariance of its cloud, by Lyapunov's equation.

Symbols and conventions are those of `theory`; these are the matrix forms of its `batch_gradient_variance`,
`stationary_variance` and `stationary_variance_small_steps`, which they equal along the Hessian's axes. They hold where
the loss is quadratic over the whole cloud and the noise of a batch is that of the minimum: for a small cloud.
"""

from __future__ import annotations

import numpy as np

from sgd_core.errors import UserError
from sgd_core.noise import theory
from sgd_core.noise.theory import FloatArray


def batch_gradient_covariance(gradients: FloatArray, batch_size: int, images: int | None = None) -> FloatArray:
    """Covariance of one batch gradient, (n, n), from per-example gradients (N, n): Sigma/B, times (N-B)/(N-1) where
    `images` is given and the batch is drawn without replacement."""
    deviations = gradients - gradients.mean(axis=0)
    each = deviations.T @ deviations / len(gradients)
    return np.asarray(each * theory.batch_gradient_variance(1.0, batch_size, images))


def covariance(learning_rate: float, hessian: FloatArray, noise: FloatArray, momentum: float = 0.0) -> FloatArray:
    """Stationary covariance (n, n) of w, in weight^2; infinite everywhere where a direction is unstable.

    `hessian` (n, n) is positive definite, `noise` (n, n) the covariance of a batch gradient. The state s = (w, v) of
    v' = m v + H w + xi, w' = w - mu v' moves as s' = A s + b xi, so its covariance P solves P = A P A^T + b noise b^T.
    Exact for every step size. Source: discrete Lyapunov equation, e.g. Hamilton, Time Series Analysis, 10.2; for SGD
    Liu, Ziyin and Ueda, arXiv 2012.03636. Raises UserError for a learning rate that is not positive or a momentum
    outside [0, 1).
    """
    _check(learning_rate, momentum)
    n = len(hessian)
    if not learning_rate < theory.stability_limit(np.linalg.eigvalsh(hessian)[-1], momentum):
        return np.full((n, n), np.inf)
    eye = np.eye(n)
    moves = np.block([
        [eye - learning_rate * hessian, -learning_rate * momentum * eye],
        [hessian, momentum * eye],
    ])  # fmt: skip
    kicks = np.vstack([-learning_rate * eye, eye])
    added = kicks @ noise @ kicks.T
    solved = np.linalg.solve(np.eye(4 * n * n) - np.kron(moves, moves), added.ravel())
    return np.asarray(solved.reshape(2 * n, 2 * n)[:n, :n])


def covariance_small_steps(
    learning_rate: float, hessian: FloatArray, noise: FloatArray, momentum: float = 0.0
) -> FloatArray:
    """Its limit of small steps, (n, n): P with H P + P H = mu noise / (1 - m). It knows only mu/B and m.

    Source: Mandt et al., arXiv 1704.04289.
    """
    _check(learning_rate, momentum)
    h, axes = np.linalg.eigh(hessian)
    along = axes.T @ noise @ axes
    return np.asarray(axes @ (learning_rate * along / (1 - momentum) / (h[:, np.newaxis] + h)) @ axes.T)


def _check(learning_rate: float, momentum: float) -> None:
    if not learning_rate > 0:
        raise UserError(f"learning_rate is {learning_rate}, but must be above 0.")
    if not 0 <= momentum < 1:
        raise UserError(f"momentum is {momentum}, but must be at least 0 and below 1.")
