"""Closed forms for the noise of SGD: what each simulation of this package is held against.

Every function broadcasts over NumPy arrays. The symbols, besides those of `sgd_core.experiment.spec`:

    h, curvature         second derivative of the loss at a minimum (loss / weight^2)
    sigma^2, variance    variance of ONE example's gradient; a batch of B has sigma^2/B ((loss / weight)^2)
    N, images            number of training examples
    m, momentum          heavy ball, PyTorch convention: v = m v + g, w = w - mu v
    Tm, temperature      mu sigma^2 / (2 B (1 - m)): noise that a loss difference is weighed against (loss)

Two kinds stand side by side, because the difference is the lesson: exact for finite steps (`stationary_variance`,
`reshuffled_variance`), and the limit of small steps in which only mu/B is left (`stationary_variance_small_steps`, all
that has a temperature). At mu h = 0.1 without momentum they differ by 5%, at mu h = 1 by a factor of 2.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sgd_core.errors import UserError

FloatArray = npt.NDArray[np.float64]
ArrayLike = npt.ArrayLike


# A batch gradient is a guess.


def without_replacement_factor(batch_size: ArrayLike, images: ArrayLike) -> FloatArray:
    """(N-B)/(N-1), the part of sigma^2/B that is left when a batch holds no example twice; 0 at B = N, no unit.

    Source: sampling theory (e.g. Cochran, Sampling Techniques, 1977).
    """
    batch, n = _floats(batch_size, images)
    return np.where(n > 1, (n - batch) / np.where(n > 1, n - 1, 1), 0.0)


def batch_gradient_variance(variance: ArrayLike, batch_size: ArrayLike, images: ArrayLike | None = None) -> FloatArray:
    """Variance of one batch gradient, in the unit of `variance`: sigma^2/B, times (N-B)/(N-1) where `images` is given.

    With `images` the batch is drawn without replacement, without it each example is drawn anew. `variance` is the
    population's (divided by N, not N-1); for a vector gradient pass tr Sigma and get the expected squared distance.
    """
    sigma2, batch = _floats(variance, batch_size)
    with_replacement = sigma2 / batch
    return with_replacement if images is None else with_replacement * without_replacement_factor(batch, images)


def noise_scale(
    learning_rate: ArrayLike, batch_size: ArrayLike, images: ArrayLike, momentum: ArrayLike = 0.0
) -> FloatArray:
    """g = mu (N/B - 1) / (1 - m), which is about mu N / (B (1 - m)) for B << N. Unit: that of mu.

    Source: Smith & Le, arXiv 1710.06451 (g = mu (N/B - 1)); with momentum Smith et al., arXiv 1711.00489 (1/(1 - m)).
    It is for a loss summed over examples and batches without replacement: 2 N h Var(w) / sigma^2 for small steps.
    """
    mu, batch, n, m = _floats(learning_rate, batch_size, images, momentum)
    return mu * (n / batch - 1) / (1 - m)


# A step turns that into motion: L = h w^2 / 2.


def temperature(
    learning_rate: ArrayLike, batch_size: ArrayLike, variance: ArrayLike, momentum: ArrayLike = 0.0
) -> FloatArray:
    """Tm = mu sigma^2 / (2 B (1 - m)), a loss: with small steps SGD's weights are distributed as exp(-L / Tm).

    Source: Jastrzebski et al., arXiv 1711.04623 (m = 0); Mandt et al., arXiv 1704.04289 (momentum).
    """
    mu, batch, sigma2, m = _floats(learning_rate, batch_size, variance, momentum)
    return mu * sigma2 / (2 * batch * (1 - m))


def stability_limit(curvature: ArrayLike, momentum: ArrayLike = 0.0) -> FloatArray:
    """The learning rate 2 (1 + m) / h above which SGD leaves a bowl of curvature h > 0, noise or not.

    Source: Polyak 1964; Goh, "Why momentum really works", distill 2017.
    """
    h, m = _floats(curvature, momentum)
    return 2 * (1 + m) / h


def contraction(learning_rate: ArrayLike, curvature: ArrayLike, momentum: ArrayLike = 0.0) -> FloatArray:
    """Factor by which one step shrinks the distance from the bottom in the long run; 1 or more: it does not shrink.

    The larger root in modulus of z^2 - (1 + m - mu h) z + m = 0. Source: Goh, distill 2017. A start w_0 is forgotten
    after about 1 / (1 - contraction) steps, which the burn-in of `bowl` is planned by.
    """
    mu, h, m = _floats(learning_rate, curvature, momentum)
    half = (1 + m - mu * h) / 2
    root = np.sqrt(np.asarray(half * half - m, dtype=complex))
    return np.asarray(np.maximum(np.abs(half + root), np.abs(half - root)))


def stationary_variance(
    learning_rate: ArrayLike,
    batch_size: ArrayLike,
    curvature: ArrayLike,
    variance: ArrayLike,
    momentum: ArrayLike = 0.0,
) -> FloatArray:
    """Var(w) = (mu sigma^2 / B) (1 + m) / [h (1 - m) (2 (1 + m) - mu h)] in weight^2; infinite where unstable.

    Exact for every step size, for independent batches with additive noise of any distribution (h the same for all
    examples): the variance of the AR(2) process w' = (1 + m - mu h) w - m w_before - mu xi. Source: Box & Jenkins,
    Time Series Analysis; without momentum Mandt et al., arXiv 1704.04289 plus the finite-step term.
    """
    mu, batch, h, sigma2, m = _floats(learning_rate, batch_size, curvature, variance, momentum)
    room = 2 * (1 + m) - mu * h
    stable = (room > 0) & (mu * h > 0)
    value = mu * sigma2 / batch * (1 + m) / np.where(stable, h * (1 - m) * room, 1.0)
    return np.where(stable, value, np.inf)


def stationary_variance_small_steps(
    learning_rate: ArrayLike,
    batch_size: ArrayLike,
    curvature: ArrayLike,
    variance: ArrayLike,
    momentum: ArrayLike = 0.0,
) -> FloatArray:
    """mu sigma^2 / (2 h B (1 - m)) in weight^2: what is left of `stationary_variance` when mu h is small. Tm / h."""
    h = np.asarray(curvature, dtype=float)
    return np.asarray(temperature(learning_rate, batch_size, variance, momentum) / h)


def kick(learning_rate: ArrayLike, batch_size: ArrayLike, variance: ArrayLike, momentum: ArrayLike = 0.0) -> FloatArray:
    """mu sigma^2 / (B (1 - m)): the variance that noise adds in a unit of time, in weight^2.

    Time is mu times steps over 1 - m: a step takes mu / (1 - m) of it. Without momentum a step adds exactly
    mu^2 sigma^2 / B. Source: Mandt et al., arXiv 1704.04289.
    """
    return 2 * temperature(learning_rate, batch_size, variance, momentum)


def forgetting(learning_rate: ArrayLike, curvature: ArrayLike, momentum: ArrayLike = 0.0) -> FloatArray:
    """h (2 - mu h / (1 + m)): the share of its variance that a cloud loses in that unit of time; 0 at the edge.

    Without momentum a step keeps (1 - mu h)^2 of it, so forgets mu times this; with momentum it is what balances `kick`
    at `stationary_variance`.
    """
    mu, h, m = _floats(learning_rate, curvature, momentum)
    return h * (2 - mu * h / (1 + m))


def random_curvature_stability_limit(
    batch_size: ArrayLike, curvature: ArrayLike, curvature_sd: ArrayLike
) -> FloatArray:
    """The learning rate 2 h / (h^2 + s_h^2 / B) above which the variance is infinite: it depends on B. No momentum.

    Each example has its own curvature, mean h and standard deviation s_h, so a small batch is unstable at learning
    rates at which a large one is not. Source: Wu et al., How SGD selects the global minima, NeurIPS 2018.
    """
    batch, h, sd = _floats(batch_size, curvature, curvature_sd)
    return 2 * h / (h * h + sd * sd / batch)


def random_curvature_variance(
    learning_rate: ArrayLike,
    batch_size: ArrayLike,
    curvature: ArrayLike,
    curvature_sd: ArrayLike,
    variance: ArrayLike,
) -> FloatArray:
    """(mu^2 sigma^2 / B) / (1 - (1 - mu h)^2 - mu^2 s_h^2 / B) in weight^2, no momentum; infinite where unstable.

    Near the limit the tail of w is so heavy that its variance is finite but the error of measuring it is not: at
    s_h = h, B = 1 from 0.7 of the limit on. Source: as for `random_curvature_stability_limit`.
    """
    mu, batch, h, sd, sigma2 = _floats(learning_rate, batch_size, curvature, curvature_sd, variance)
    lost = 1 - (1 - mu * h) ** 2 - mu * mu * sd * sd / batch
    return np.where(lost > 0, mu * mu * sigma2 / batch / np.where(lost > 0, lost, 1.0), np.inf)


# Reshuffled epochs.


def reshuffled_with_fresh(ratio: ArrayLike, fresh: ArrayLike) -> FloatArray:
    """Which share of all noise reshuffling leaves where it leaves `ratio` of the images' and a share `fresh` is drawn
    anew in every batch (crops, masks): fresh + (1 - fresh) ratio, as independent noises add up."""
    left, anew = _floats(ratio, fresh)
    return anew + (1 - anew) * left


def reshuffled_ratio_over_epoch(x: ArrayLike) -> FloatArray:
    """Variance with reshuffling over variance with independent draws, averaged over the epoch; x = mu h N / B > 0.

    With momentum x = mu h N / (B (1 - m)).

    It is 1 - 2 (x - 1 + e^-x) / x^2, for small steps and many steps an epoch. x / 3 for small x: flat directions are
    nearly free of noise. Source: `reshuffled_variance` in the limit mu h -> 0 at fixed x.
    """
    (z,) = _floats(x)
    small = z < 1e-3
    safe = np.where(small, 1.0, z)
    return np.where(small, z / 3 - z * z / 12, 1 - 2 * (safe + np.expm1(-safe)) / safe**2)


def reshuffled_ratio_at_epoch_end(x: ArrayLike) -> FloatArray:
    """The same ratio at the end of an epoch: 1 - (2 / x) tanh(x / 2), x^2 / 12 for small x."""
    (z,) = _floats(x)
    small = z < 1e-3
    safe = np.where(small, 1.0, z)
    return np.where(small, z * z / 12, 1 - 2 / safe * np.tanh(safe / 2))


def reshuffled_variance(
    learning_rate: float, batch_size: int, curvature: float, variance: float, images: int
) -> FloatArray:
    """Stationary variance after each of an epoch's N/B steps, shape (N/B,), in weight^2; no momentum, any step size.

    The n = N/B batches of an epoch add up to the whole data set, so two of them have covariance -v/(n-1), v the
    variance of one. With a = 1 - mu h, A_i = sum_{j<i} a^2j and S_i = sum_{j<i} a^j an epoch adds
    mu^2 v (n A_i - S_i^2) / (n - 1), and its end is the next one's start. Infinite where unstable.
    """
    if images % batch_size:
        raise UserError(f"batch_size is {batch_size}, but must divide images, {images}.")
    steps = images // batch_size
    batch_variance = float(batch_gradient_variance(variance, batch_size, images))
    kept = 1 - learning_rate * curvature
    if abs(kept) >= 1:
        return np.full(steps, np.inf)
    powers = kept ** np.arange(steps)
    squares, plain = np.cumsum(powers**2), np.cumsum(powers)
    added = learning_rate**2 * batch_variance * (steps * squares - plain**2) / max(steps - 1, 1)
    at_end = added[-1] / (1 - kept ** (2 * steps))
    return np.asarray(kept ** (2 * np.arange(1, steps + 1)) * at_end + added)


# Noise chooses the valley: one weight, any loss, small steps.


def effective_potential(grid: FloatArray, slope: ArrayLike, temperature: ArrayLike) -> FloatArray:
    """Integral of slope / temperature over the grid, shape (..., G), no unit; L / Tm where the temperature is constant.

    `grid` (G,) are increasing weights, `slope` (..., G) the loss's derivative there, `temperature` (..., G) or
    (..., 1). 0 at its lowest point.
    """
    force = np.asarray(slope, dtype=float) / np.asarray(temperature, dtype=float)
    potential = _cumulative(grid, force)
    return np.asarray(potential - potential.min(axis=-1, keepdims=True))


def stationary_density(grid: FloatArray, slope: ArrayLike, temperature: ArrayLike) -> FloatArray:
    """Density of the weights after a long time, shape (..., G), integrating to 1 over the grid.

    exp(-L / Tm) / Z for constant noise; else (1 / Tm(w)) exp(-integral L'/Tm), because SGD's noise is taken at the
    point before the step (Ito). Source: Gardiner, Handbook of Stochastic Methods.
    """
    potential = effective_potential(grid, slope, temperature)
    density = np.exp(-potential) / np.asarray(temperature, dtype=float)
    return np.asarray(density / _integral(grid, density)[..., np.newaxis])


def occupancy(grid: FloatArray, slope: ArrayLike, temperature: ArrayLike, barrier: float) -> FloatArray:
    """Fraction of the time spent above `barrier` (a weight), shape (...): the integral of exp(-L / Tm) over that basin.

    `barrier` must be a point of the grid. Source: Jastrzebski et al., arXiv 1711.04623 (in Laplace's limit).
    """
    density = stationary_density(grid, slope, temperature)
    above = grid >= barrier - 1e-9 * (grid[-1] - grid[0])
    return _integral(grid[above], density[..., above])


def first_passage_steps(
    grid: FloatArray, slope: ArrayLike, temperature: ArrayLike, learning_rate: ArrayLike, start: float, stop: float
) -> FloatArray:
    """Mean number of steps from `start` until `stop` > start is first crossed, shape (...).

    (1 / mu) * integral_start^stop dy e^U(y) integral_grid[0]^y dz e^-U(z) / Tm(z), U the effective potential: exact for
    the diffusion that small steps follow, for any barrier. `grid` reaches from far up the wall behind `start` to
    `stop` or beyond. Infinite where it overflows. Source: Gardiner, Handbook of Stochastic Methods.
    """
    heat = np.asarray(temperature, dtype=float)
    potential = effective_potential(grid, slope, heat)
    lengths = np.concatenate([[grid[1] - grid[0]], grid[2:] - grid[:-2], [grid[-1] - grid[-2]]]) / 2
    inner = np.logaddexp.accumulate(np.log(lengths / heat) - potential, axis=-1)
    with np.errstate(over="ignore", invalid="ignore"):
        travelled = _cumulative(grid, np.exp(potential + inner)).reshape(-1, len(grid))
        steps = np.array([np.interp(stop, grid, row) - np.interp(start, grid, row) for row in travelled])
    return np.asarray(steps.reshape(potential.shape[:-1]) / np.asarray(learning_rate, dtype=float))


def kramers_steps(
    learning_rate: ArrayLike,
    temperature: ArrayLike,
    barrier: ArrayLike,
    well_curvature: ArrayLike,
    barrier_curvature: ArrayLike,
) -> FloatArray:
    """Mean number of steps out of a well: (2 pi / (mu sqrt(h_a |h_b|))) exp(dL / Tm), good for dL >> Tm.

    `barrier` is dL, the height above the well's bottom; `barrier_curvature` its |h_b|. Source: Kramers 1940, the limit
    of strong friction; Berglund, arXiv 1106.5799, reviews its proofs for dw = -L' dt + sqrt(2 Tm) dW. Here mu is the
    time of a step, and SGD's noise the same everywhere; Xie, Sato and Sugiyama, arXiv 2002.03495, have a diffusion for
    SGD. At dL / Tm = 4 to 6 it is 8 to 6% low; `first_passage_steps` is exact.
    """
    mu, heat, height, h_a, h_b = _floats(learning_rate, temperature, barrier, well_curvature, barrier_curvature)
    with np.errstate(over="ignore"):
        return 2 * np.pi / (mu * np.sqrt(h_a * np.abs(h_b))) * np.exp(height / heat)


# Where the argument ends.


def largest_scaled_batch(
    learning_rate: ArrayLike, batch_size: ArrayLike, curvature: ArrayLike, momentum: ArrayLike = 0.0
) -> FloatArray:
    """The batch size at which mu, scaled with B so that mu/B stays, meets the stability limit: B 2 (1 + m) / (mu h).

    Source of the scaling: Goyal et al., arXiv 1706.02677.
    """
    mu, batch = _floats(learning_rate, batch_size)
    return batch * stability_limit(curvature, momentum) / mu


def rescaled_sharpness(alpha: ArrayLike) -> FloatArray:
    """Largest curvature alpha^2 + alpha^-2 of L = (w_2 w_1 - 1)^2 / 2 at its minimum w = (alpha, 1/alpha).

    All these minima are one function: a network of two positive ReLU weights in a row does not change when one is
    multiplied by alpha and the other divided by it. Source: Dinh et al., arXiv 1703.04933, in the smallest case.
    """
    (a,) = _floats(alpha)
    return a**2 + a**-2.0


def _floats(*values: ArrayLike) -> tuple[FloatArray, ...]:
    return tuple(np.asarray(value, dtype=np.float64) for value in values)


def _cumulative(grid: FloatArray, values: FloatArray) -> FloatArray:
    pieces = (values[..., 1:] + values[..., :-1]) / 2 * np.diff(grid)
    return np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(pieces, axis=-1)], axis=-1)


def _integral(grid: FloatArray, values: FloatArray) -> FloatArray:
    return np.asarray(np.trapezoid(values, grid, axis=-1))
