"""What the page on the bowl says of two clouds: alike, unlike, gone, remembered; and of the map."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sgd_core.evidence.sentences import motion as sentences
from sgd_core.noise.bowl import BowlWalk
from sgd_core.noise.clouds import Cloud
from sgd_core.noise.statistics import Estimate


def cloud(
    rate: float = 0.1,
    batch: int = 4,
    variance: float = 1.0,
    *,
    name: str = "First",
    curvature: float = 1.0,
    momentum: float = 0.0,
    left: int | None = None,
    settled: bool = True,
    long_enough: bool = True,
) -> Cloud:
    """A cloud whose walkers had this variance, or left after so many steps."""
    trace = np.zeros(11)
    found = Estimate(variance, 0.01) if left is None else Estimate(math.inf, math.nan)
    walk = BowlWalk(trace, trace, np.zeros((11, 3)), np.zeros(3), found, settled, left)
    return Cloud(name, rate, batch, curvature, 40.0, momentum, walk, long_enough)


def second(rate: float, batch: int, variance: float = 1.0, left: int | None = None) -> Cloud:
    return cloud(rate, batch, variance, name="Second", left=left)


@pytest.mark.parametrize(
    ("first", "other", "said"),
    [
        (cloud(0.025, 1, 1.0), second(0.1, 4, 1.03), "μ/B = 0.025 in both, and in μ × steps the clouds look alike: "
         "their variances are 3.0% apart, though the second takes 4 times fewer steps, with batches as many times "
         "larger."),
        (cloud(0.025, 1, 1.0), second(0.1, 4, 1.0), "their variances are 0.0% apart"),
        (cloud(0.025, 1, 1.0), second(0.1, 4, 0.97), "their variances are 3.0% apart"),
        (cloud(0.45, 4, 2.0), second(1.8, 16, 17.0), "μ/B = 0.113 in both, and still the second cloud's variance is "
         "750% larger: its μ is 90% of the stability limit, too long a step for μ/B to be all that counts."),
        (cloud(0.45, 4, 2.0), second(1.8, 16, 1.0), "still the first cloud's variance is 100% larger: its μ is 22.5% "
         "of the stability limit"),
        (cloud(0.6, 4), second(2.4, 16, left=12), "μ/B = 0.15 in both, and yet the second flies apart: μ/B does not "
         "say whether a step is too long."),
        (cloud(4.0, 4, left=5), second(16.0, 16, left=3), "μ/B = 1 in both, and both are beyond the stability limit: "
         "there is no cloud at all."),
        (cloud(0.1, 4, 1.0), second(0.1, 4, 1.4), "with the same μ and B: only the random numbers differ. Raise k."),
    ],
)  # fmt: skip
def test_whether_two_clouds_are_alike(first: Cloud, other: Cloud, said: str) -> None:
    assert said in sentences.alike(first, other)


@pytest.mark.parametrize(
    ("rate", "curvature", "momentum", "said"),
    [
        (0.025, 1.0, 0.0, "1.25%"),
        (0.1, 1.0, 0.0, "5%"),
        (64.0, 1.0, 0.0, "3,200%"),
        (0.1, 4.0, 0.0, "20%"),
        (0.1, 1.0, 0.9, "2.63%"),
    ],
)
def test_a_share_of_the_limit_has_three_digits(rate: float, curvature: float, momentum: float, said: str) -> None:
    one = cloud(rate, curvature=curvature, momentum=momentum)
    assert sentences.percent_of_limit(one) == said
    assert sentences.of_limit(one) == f"(μh is {said} of the stability limit)"


@pytest.mark.parametrize(
    ("one", "end", "said"),
    [
        (second(2.4, 16, left=30), 24.0, "Second: μ = 2.4, B = 16 is unstable: μh = 2.4 is beyond the limit 2(1+m) = "
         "2. The walkers left for good after 30 steps; the picture ends after 10 and is clipped."),
        (second(2.4, 16, left=10), 24.0, "left for good after 10 steps; the picture is clipped."),
        (cloud(4.0, 4, curvature=2.0, momentum=0.9, left=10), 40.0, "μh = 8 is beyond the limit 2(1+m) = 3.8."),
        (cloud(), 10.0, ""),
    ],
)  # fmt: skip
def test_a_cloud_that_left_is_said_to(one: Cloud, end: float, said: str) -> None:
    told = sentences.unstable(one, end)
    assert (said in told) if said else told == ""
    assert told == "" or sentences.label(one) in told


@pytest.mark.parametrize(
    ("settled", "long_enough", "is_said"), [(True, True, False), (False, True, True), (True, False, True)]
)
def test_a_walk_that_remembers_its_start_says_so(settled: bool, long_enough: bool, is_said: bool) -> None:
    told = sentences.too_short(cloud(settled=settled, long_enough=long_enough))
    assert ("expect it to differ" in told) is is_said
    assert (told == "") is not is_said


@pytest.mark.parametrize(
    ("first", "other", "said"),
    [
        (cloud(0.025, 1), second(0.1, 4), "is 0.5 for both; the exact values are 0.506 and 0.526. At this μ/B every "
         "step is too long from B = 80 on."),
        (cloud(0.0125, 4, momentum=0.9), cloud(0.05, 16, momentum=0.9), "is 0.625 for both; the exact values are 0.627 "
         "and 0.633. At this μ/B every step is too long from B = 1,220 on."),
        (cloud(0.6, 4), second(2.4, 16), "is 3 for both; the exact values are 4.29 and infinite. At this μ/B every "
         "step is too long from B = 13.3 on."),
    ],
)  # fmt: skip
def test_what_theory_says_of_both(first: Cloud, other: Cloud, said: str) -> None:
    assert sentences.values(first, other) == f"The small-step limit μσ²/(2hB(1−m)) {said}"


MAP = pd.DataFrame(
    {
        "learning_rate": [0.02, 0.02, 0.1, 0.1, 1.96],
        "measured": [1.01, 1.03, 1.0, 1.1, 49.8],
        "small_steps": 1.0,
        "exact": [1.0, 1.02, 1.05, 1.05, 50.0],
        "standard_error": [0.01, 0.01, 0.01, 0.02, 0.3],
    }
)


def test_the_map_follows_mu_over_b_up_to_where_steps_are_long() -> None:
    assert sentences.on_the_map(MAP, 2.0) == (
        "With μ up to 0.1 the colours follow the lines of constant μ/B to within 5%; at 98% of the edge the cloud's "
        "variance is 50 times what μ/B says."
    )
    assert "With μ up to 0.02 the colours follow the lines of constant μ/B to within 2%" in sentences.on_the_map(
        MAP, 1.99
    )
    told = sentences.map_read(MAP, 144)
    assert "144 settings, h = 1, σ² = 1, standard errors below 1.8%; the single setting" in told
    assert "furthest from the exact value is 5.0 of its standard errors off." in told
