"""What the live page says beside its walks."""

from __future__ import annotations

import re

import pytest

from sgd_core.evidence.sentences import live
from sgd_core.noise import theory


def test_the_argument_is_that_of_the_theory() -> None:
    """Balance of what a step forgets and adds, and the factor by which the cloud grows."""
    mu, batch, h, sigma2 = 1e-4, 4, 2.0, 3.0
    assert 2 * mu * h * theory.stationary_variance(mu, batch, h, sigma2) == pytest.approx(
        mu**2 * sigma2 / batch, rel=1e-3
    )
    assert "2μh · Var = μ²σ²/B" in live.ARGUMENT
    assert "Var = (μ/B) · σ²/(2h)" in live.ARGUMENT
    long = theory.stationary_variance(0.3, 4, 2.0, 3.0) / theory.stationary_variance_small_steps(0.3, 4, 2.0, 3.0)
    assert long == pytest.approx(1 / (1 - 0.3 * 2.0 / 2))
    assert "1/(1 − μh/2)" in live.ENDS
    assert re.search(r"\(N−B\)/\(N−1\), down to none at B = N", live.ENDS)


def test_how_says_its_numbers() -> None:
    said = live.how(256, 200)
    assert "two weights on 256 points" in said
    assert "Each of the 200 walkers" in said
