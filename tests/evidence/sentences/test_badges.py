"""What a badge says of a measured value, and of what its samples cannot see."""

from __future__ import annotations

import math

import pytest

from sgd_core.evidence.sentences import badges
from sgd_core.noise.agreement import Agreement


@pytest.mark.parametrize(
    ("measured", "error", "predicted", "verdict", "said"),
    [
        (1.02, 0.01, 1.0, "agrees with theory, z = 2.0", "measured 1.02 ± 0.01, predicted 1 (+2.0%)."),
        (1.031, 0.01, 1.0, "differs from theory, z = 3.1", "measured 1.031 ± 0.01, predicted 1 (+3.1%)."),
        (-1.02, 0.03, -1.0, "agrees with theory, z = 0.7", "measured −1.02 ± 0.03, predicted −1 (+2.0%)."),
        (2.5e-05, 1e-06, 2.586e-05, "agrees with theory, z = 0.9", "measured 2.5e-05 ± 1e-06, predicted 2.586e-05 "
         "(−3.3%)."),
        (0.99999, 0.01, 1.0, "agrees with theory, z = 0.0", "measured 1 ± 0.01, predicted 1 (+0.0%)."),
        (0.0, 0.0, 0.0, "agrees with theory, z = 0.0", "measured 0 ± 0, predicted 0 (+0.0%)."),
        (4343.4, 351.0, 4000.0, "agrees with theory, z = 1.0", "measured 4,343 ± 350, predicted 4,000 (+8.6%)."),
        (5.0, 0.1, math.inf, "differs from theory", "measured 5 ± 0.1, predicted inf."),
        (0.1, 0.0, 0.0, "differs from theory", "measured 0.1 ± 0, predicted 0."),
        (math.nan, math.nan, 1.0, "differs from theory", "measured nan ± nan, predicted 1."),
    ],
)  # fmt: skip
def test_a_badge_says_both_numbers_and_what_their_difference_means(
    measured: float, error: float, predicted: float, verdict: str, said: str
) -> None:
    agreement = Agreement(measured, error, predicted)
    assert badges.compared(agreement) == said
    assert badges.verdict(agreement) == verdict


def test_what_z_is_stands_in_one_place() -> None:
    assert badges.meaning().startswith("z is the difference in standard errors of the measurement. Up to 3 are")


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
