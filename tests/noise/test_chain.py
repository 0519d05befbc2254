"""The exact chain against what is known of it without it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sgd_core.noise import chain, theory
from sgd_core.noise.landscape import Landscape, Noise, Valley

WELLS = Landscape(Valley(1.0, 0.25), Valley(1.0, 0.25))
UNEQUAL = Landscape(Valley(0.6, 0.35), Valley(1.2, 0.25))


def test_symmetric_wells_share_equally_in_the_end_and_not_before() -> None:
    law = chain.occupancy(WELLS, 0.05, 2, 10.0, doublings=14)
    assert law.steps.tolist() == [2**k for k in range(15)]
    assert law.at_step[0] < 1e-6
    assert law.at_step[-1] == pytest.approx(0.5, abs=1e-4)
    assert np.all(np.diff(law.at_step) > 0)


def test_the_second_half_is_the_average_of_its_steps() -> None:
    mu, batch, variance = 0.05, 2, 10.0
    law = chain.occupancy(UNEQUAL, mu, batch, variance, doublings=4)
    grid = chain._points(UNEQUAL, mu, batch, variance, "constant", None)
    assert grid is not None
    weights, lengths, sd = grid
    step = chain._gaussian(weights, weights - mu * UNEQUAL.slope(weights), sd) * lengths[:, np.newaxis]
    step /= step.sum(axis=0)
    now = chain._gaussian(weights, np.array([-0.6]), sd[:1])[:, 0] * lengths
    now /= now.sum()
    shares = [now[weights > 0].sum()]
    for _ in range(15):
        now = step @ now
        shares.append(now[weights > 0].sum())
    assert law.at_step == pytest.approx([shares[0], shares[1], shares[3], shares[7], shares[15]], rel=1e-9)
    assert law.second_half[-1] == pytest.approx(np.mean(shares[8:16]), rel=1e-9)


@pytest.mark.parametrize("noise", ["constant", "curvature"])
def test_small_steps_meet_the_integrals(noise: Noise) -> None:
    heat, mu = 0.12, 0.004
    batch = mu * 20.0 / (2 * heat)
    grid = UNEQUAL.grid(heat, noise)
    slope, temperature = UNEQUAL.slope(grid), UNEQUAL.temperature(grid, heat, noise)
    settled = chain.occupancy(UNEQUAL, mu, batch, 20.0, noise, doublings=18).at_step[-1]
    assert settled == pytest.approx(float(theory.occupancy(grid, slope, temperature, 0.0)), rel=0.01)
    passage = float(theory.first_passage_steps(grid, slope, temperature, mu, -0.6, 0.6))
    assert chain.escape(UNEQUAL, mu, batch, 20.0, noise) == pytest.approx(passage, rel=0.04)


def test_finer_points_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = chain.escape(WELLS, 0.05, 6, 10.0), chain.occupancy(UNEQUAL, 0.05, 3, 20.0, doublings=10).at_step
    monkeypatch.setattr(chain, "POINTS_PER_SD", 2 * chain.POINTS_PER_SD)
    after = chain.escape(WELLS, 0.05, 6, 10.0), chain.occupancy(UNEQUAL, 0.05, 3, 20.0, doublings=10).at_step
    assert after[0] != before[0]
    assert after[0] == pytest.approx(before[0], rel=1e-7)
    assert after[1] == pytest.approx(before[1], rel=1e-7)


def test_an_escape_too_long_for_rounding_has_no_answer() -> None:
    far = Landscape(Valley(2.0, 0.15), Valley(0.4, 0.4))
    answers = [chain.escape(far, 0.05, batch, 20.0, "curvature") for batch in (1, 2, 4, 8, 12, 16)]
    assert np.all(np.diff(answers[:3]) > 0)
    assert np.isnan(answers[3:]).all()


def test_steps_too_short_to_resolve_have_no_answer() -> None:
    assert math.isnan(chain.escape(WELLS, 1e-4, 4, 10.0))
    assert np.isnan(chain.occupancy(WELLS, 1e-4, 4, 10.0, doublings=3).at_step).all()
