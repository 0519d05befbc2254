"""Paired statistics against tables, textbook examples and simulation where the truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sgd_core.evidence.paired import BEYOND, WITHIN, Paired, holm, shift_found
from sgd_core.evidence.verdicts import ratios
from sgd_core.experiment.claims import Kind

DRAWS = 2000
MARGIN = 0.5


def test_the_interval_is_student_t_of_the_differences() -> None:
    paired = Paired.of((1.0, 2.0, 3.0, 4.0, 5.0))  # mean 3, sd sqrt(2.5), t(0.975, 4) = 2.776, t(0.95, 4) = 2.132
    half = 2.7764451 * math.sqrt(2.5) / math.sqrt(5)
    assert paired.interval() == pytest.approx((3 - half, 3 + half))
    assert paired.interval(WITHIN)[1] - 3 == pytest.approx(2.1318468 * math.sqrt(2.5) / math.sqrt(5))
    assert paired.p_above(3 - half) == pytest.approx(BEYOND)
    assert paired.p_below(3 + half) == pytest.approx(BEYOND)


@pytest.mark.parametrize("differences", [(), (1.0,)])
def test_one_seed_has_no_interval_and_decides_nothing(differences: tuple[float, ...]) -> None:
    paired = Paired.of(differences)
    assert all(math.isnan(end) for end in paired.interval())
    assert (paired.p_above(0), paired.p_below(0)) == (1.0, 1.0)
    assert math.isnan(paired.detectable(MARGIN))


def test_equal_differences_are_certain_without_a_resolution() -> None:
    paired = Paired.of((2.0, 2.0))
    assert (paired.p_above(MARGIN), paired.p_below(MARGIN), paired.interval()) == (0.0, 1.0, (2.0, 2.0))


@pytest.mark.parametrize(("n", "shift"), [(5, 4.17), (10, 3.16), (1000, 2.80)])
def test_the_shift_found_8_times_in_10_is_that_of_power_tables(n: int, shift: float) -> None:
    """Cohen's d for a one-sample t test, two-sided 5%, power 0.8: 1.68 at n=5, 0.996 at n=10 (R: power.t.test)."""
    assert shift_found(n) / math.sqrt(n) == pytest.approx({5: 1.6825, 10: 0.9962, 1000: 0.0887}[n], rel=2e-3)
    assert shift_found(n) == pytest.approx(shift, rel=0.1)


def test_a_difference_of_the_detectable_size_is_found_8_times_in_10() -> None:
    random, n, sd = np.random.default_rng(0), 6, 0.3
    truth = MARGIN + shift_found(n) * sd / math.sqrt(n)
    draws = random.normal(truth, sd, (DRAWS, n))
    found = sum(ratios(Paired.of(tuple(draw)), "more", MARGIN)[0] <= 1 for draw in draws)
    assert found / DRAWS == pytest.approx(0.8, abs=4 * math.sqrt(0.8 * 0.2 / DRAWS))


def test_a_spread_below_what_rounding_makes_is_not_believed() -> None:
    assert Paired.of((2.0, 2.0), resolution=0.1).sd == 0.1
    assert Paired.of((2.0, 3.0), resolution=0.1).sd == pytest.approx(0.5**0.5)


def test_holm_steps_down() -> None:
    """Holm 1979: the smallest p against alpha/3, the next against alpha/2, the last against alpha."""
    assert holm([0.010 / 0.05, 0.020 / 0.05, 0.04 / 0.05]) == [True, True, True]
    assert holm([0.04 / 0.05, 0.010 / 0.05, 0.030 / 0.05]) == [False, True, False]
    assert holm([0.02 / 0.05, 0.02 / 0.05, 0.02 / 0.05]) == [False, False, False]
    assert holm([]) == []


@pytest.mark.parametrize("kind", ["more", "same"])
@pytest.mark.parametrize("n", [3, 5, 8])
def test_wrong_verdicts_are_as_rare_as_their_level(kind: Kind, n: int) -> None:
    """On the margin itself both verdicts are wrong or hardly right: each comes up no more often than its level says."""
    random = np.random.default_rng(n)
    draws = [Paired.of(tuple(draw)) for draw in random.normal(MARGIN, 0.2, (DRAWS, n))]
    supported = sum(ratios(draw, kind, MARGIN)[0] <= 1 for draw in draws) / DRAWS
    against = sum(ratios(draw, kind, MARGIN)[1] <= 1 for draw in draws) / DRAWS
    level_for, level_against = (BEYOND, WITHIN) if kind == "more" else (WITHIN, BEYOND)
    for share, level in ((supported, level_for), (against, level_against)):
        assert share <= level + 3 * math.sqrt(level * (1 - level) / DRAWS)
        assert share >= level - 4 * math.sqrt(level * (1 - level) / DRAWS)  # and is no test that never decides


@pytest.mark.parametrize(
    ("truth", "kind", "expected"),
    [(2.0, "more", (True, False)), (0.0, "more", (False, True)), (-2.0, "more", (False, True)),
     (0.0, "same", (True, False)), (2.0, "same", (False, True)), (-2.0, "same", (False, True))],
)  # fmt: skip
def test_a_clear_truth_is_found(truth: float, kind: Kind, expected: tuple[bool, bool]) -> None:
    random = np.random.default_rng(1)
    draws = [Paired.of(tuple(draw)) for draw in random.normal(truth, 0.15, (200, 5))]
    outcomes = [tuple(ratio <= 1 for ratio in ratios(draw, kind, MARGIN)) for draw in draws]
    assert sum(outcome == expected for outcome in outcomes) >= 0.95 * len(outcomes)
    assert not any(all(outcome) for outcome in outcomes)
