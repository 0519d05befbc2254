"""Two clouds on one bowl: what theory says of each, and how much they may cost together."""

from __future__ import annotations

import numpy as np
import pytest

from sgd_core.noise import bowl, clouds
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
        (cloud("First", 0.1, 100, left=100), cloud("Second", 0.4, 20), 8.0),
        (cloud("First", 0.1, 100), cloud("Second", 0.4, 20, left=20), 10.0),
        (cloud("First", 0.1, 100, left=100), cloud("Second", 0.4, 20, left=20), 10.0),
    ],
)
def test_a_picture_ends_where_its_first_stable_walk_does(first: Cloud, second: Cloud, end: float) -> None:
    assert clouds.shared_end(first, second) == pytest.approx(end)


def test_two_clouds_share_what_one_walk_may_cost() -> None:
    for rate in (0.0125, 0.1, 1.9):
        size = clouds.sizes(rate, 4, 1.0, 40.0, 0.9)
        assert size.burn_in <= clouds.LONGEST_BURN_IN
        assert size.walkers * size.steps <= max(bowl.WALKER_STEPS / 2, bowl.FEWEST_WALKERS * size.steps)
    assert clouds.sizes(0.1, 4, 1.0, 40.0, 0.0).long_enough
    assert not clouds.sizes(0.0001, 4, 1.0, 40.0, 0.0).long_enough
