"""What a badge says of a measured value, and of what its samples cannot see."""

from __future__ import annotations

import math

import pytest

from sgd_core.evidence.sentences import badges
from sgd_core.noise.agreement import Agreement

CHANCE = "up to 3 are compatible with chance)."


@pytest.mark.parametrize(
    ("measured", "error", "predicted", "verdict", "said"),
    [
        (1.02, 0.01, 1.0, "agrees", f"measured 1.02 ± 0.01, predicted 1: +2.0%, within Monte Carlo error (2.0 "
         f"standard errors; {CHANCE}"),
        (1.031, 0.01, 1.0, "differs", f"measured 1.031 ± 0.01, predicted 1: +3.1%, beyond Monte Carlo error (3.1 "
         f"standard errors; {CHANCE}"),
        (-1.02, 0.03, -1.0, "agrees", f"measured −1.02 ± 0.03, predicted −1: +2.0%, within Monte Carlo error (0.7 "
         f"standard errors; {CHANCE}"),
        (2.5e-05, 1e-06, 2.586e-05, "agrees", f"measured 2.5e-05 ± 1e-06, predicted 2.586e-05: −3.3%, within Monte "
         f"Carlo error (0.9 standard errors; {CHANCE}"),
        (0.99999, 0.01, 1.0, "agrees", f"measured 1 ± 0.01, predicted 1: +0.0%, within Monte Carlo error (0.0 "
         f"standard errors; {CHANCE}"),
        (0.0, 0.0, 0.0, "agrees", f"measured 0 ± 0, predicted 0: +0.0%, within Monte Carlo error (0.0 standard "
         f"errors; {CHANCE}"),
        (5.0, 0.1, math.inf, "differs", "measured 5 ± 0.1, predicted inf."),
        (0.1, 0.0, 0.0, "differs", "measured 0.1 ± 0, predicted 0."),
        (math.nan, math.nan, 1.0, "differs", "measured nan ± nan, predicted 1."),
    ],
)  # fmt: skip
def test_a_badge_says_both_numbers_and_what_their_difference_means(
    measured: float, error: float, predicted: float, verdict: str, said: str
) -> None:
    agreement = Agreement(measured, error, predicted)
    assert badges.compared(agreement) == said
    assert badges.verdict(agreement) == f"{verdict} {'with' if verdict == 'agrees' else 'from'} theory"


@pytest.mark.parametrize(
    ("error", "predicted", "slope", "said"),
    [
        (0.01, 1.0, False, ""),
        (0.0107, 1.0, False, ""),
        (0.0108, 1.0, False, "off by 5% or more"),
        (0.04, 1.0, False, "off by 19% or more"),
        (0.04, -2.0, False, "off by 9% or more"),
        (0.035, -1.0, True, "off by 0.16 or more"),
        (0.035, -2.0, True, "off by 0.16 or more"),
        (0.3, 1.0, False, "next to nothing"),
        (0.3, 0.0, False, ""),
        (math.nan, 1.0, False, ""),
        (0.1, math.inf, False, ""),
    ],
)
def test_a_badge_says_what_it_cannot_see(error: float, predicted: float, slope: bool, said: str) -> None:
    told = badges.blind_to(Agreement(predicted, error, predicted), slope)
    assert (said in told) if said else told == ""
