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
    summed: bool = False,
) -> Cloud:
    """A cloud whose walkers had this variance, or left after so many steps."""
    trace = np.zeros(11)
    found = Estimate(variance, 0.01) if left is None else Estimate(math.inf, math.nan)
    walk = BowlWalk(trace, trace, np.zeros((11, 3)), np.zeros(3), found, settled, left)
    return Cloud(name, rate, batch, curvature, 40.0, momentum, walk, long_enough, summed)


def second(rate: float, batch: int, variance: float = 1.0, left: int | None = None) -> Cloud:
    return cloud(rate, batch, variance, name="Second", left=left)


@pytest.mark.parametrize(
    ("first", "other", "said"),
    [
        # exact: 1/(2 - 0.025) and 1/(2 - 0.1), whatever the walkers did
        (cloud(0.025, 1, 1.0), second(0.1, 4, 7.0), "μ/B = 0.025 in both, and in μ × steps the clouds look alike: "
         "their variances are 3.9% apart, though the second takes 4 times fewer steps, with batches as many times "
         "larger."),
        (cloud(0.45, 4, 2.0), second(1.8, 16, 17.0), "μ/B = 0.113 in both, and still the second cloud's variance is "
         "675% larger: its μh is 90% of the stability limit, too long a step for μ/B to be all that counts."),
        (cloud(0.6, 4), second(2.4, 16, left=12), "μ/B = 0.15 in both, and yet the second flies apart: μ/B does not "
         "say whether a step is too long."),
        (cloud(0.5, 4), second(2.0, 16), "and yet the second is at the very edge and never settles: μ/B does not say"),
        (cloud(4.0, 4, left=5), second(16.0, 16, left=3), "μ/B = 1 in both, and neither is below the stability limit: "
         "there is no cloud at all."),
        (cloud(2.0, 4), second(2.0, 4), "neither is below the stability limit"),
        (cloud(0.1, 4, 1.0), second(0.1, 4, 1.4), "with the same μ and B: only the random numbers differ. Raise k."),
        (cloud(0.1, 4, summed=True), second(0.4, 16), "μ = 0.025 in both, and still the second cloud's variance is "
         "19% larger"),
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
        (second(2.4, 16, left=30), 12.1, "Second: μ = 2.4, B = 16 is unstable: μh = 2.4 is beyond the limit 2(1+m) = "
         "2. The walkers left for good after 30 steps; the picture ends after 5 and is clipped."),
        (second(2.4, 16, left=10), 24.1, "left for good after 10 steps; the picture is clipped."),
        (cloud(4.0, 4, curvature=2.0, momentum=0.9, left=10), 40.0, "μh = 8 is beyond the limit 2(1+m) = 3.8."),
        (second(2.1, 16), 1e9, "The walkers have not left after 10 steps; the picture is clipped."),
        (cloud(3.8, 4, momentum=0.9, left=9), 40.0, "First: μ = 3.8, B = 4 is at the edge: μh is the limit 2(1+m) = "
         "3.8 itself. What a step forgets it brings back, so the variance grows with every step, without end."),
        (cloud(1.0, 1, curvature=2.0), 40.0, "μh is the limit 2(1+m) = 2 itself"),
        (cloud(2.4, 4, summed=True, left=9), 40.0, "First: μ = 0.6, B = 4 is unstable: μBh = 2.4 is beyond the limit"),
        (cloud(1.999, 4), 40.0, ""),
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
        (cloud(0.025, 1), second(0.1, 4), "**Kick.** A step adds μ²σ²/B of variance, σ² = 40 being "
         "that of one example's gradient: 0.025 in the first, 0.1 in the "
         "second.\n\n**Forget.** A step forgets 2μh of what is there: 0.05 in the first, 0.2 in the second.\n\nBoth "
         "are 4 times as strong in the second, alike per unit of time, so with small steps they cancel at one place: "
         "at a variance of "
         "**μσ²/(2hB) = 0.5** the cloud stays."),
        (cloud(0.1, 4), second(0.1, 4), "0.1.\n\n**Forget.** A step forgets 2μh of what is there: 0.2.\n\nBoth are as "
         "strong in the second, so with small steps they cancel at one place"),
        (cloud(0.6, 4), second(2.4, 16), "**μσ²/(2hB) = 3**, but the second's steps are too long to forget."),
        (cloud(2.0, 4), second(2.0, 4), "but steps this long do not forget: no cloud."),
        (cloud(0.1, 4, summed=True), cloud(0.4, 16, name="Second", summed=True), "A step adds μ²Bσ² of "
         "variance, σ² = 40 being that of one example's gradient: 0.1 "
         "in the first, 0.4 in the second.\n\n**Forget.** A step forgets 2μBh"),
        (cloud(0.1, 4, summed=True), cloud(0.4, 16, name="Second", summed=True), "**μσ²/(2h) = 0.5** the cloud stays"),
        (cloud(0.0125, 4, momentum=0.9), cloud(0.05, 16, momentum=0.9), "**μσ²/(2hB) = 0.0625** the cloud stays"),
    ],
)  # fmt: skip
def test_the_argument_in_two_lines(first: Cloud, other: Cloud, said: str) -> None:
    assert said in sentences.kick_and_forget(first, other)


@pytest.mark.parametrize(
    ("first", "other", "said"),
    [
        (cloud(0.025, 1), second(0.1, 4), "A long step forgets less, by μ²h² (0.000625, 0.01): the exact variances are "
         "0.506 and 0.526. Where it forgets nothing is the edge, μh = 2: B = 80 at this μ/B."),
        (cloud(0.6, 4), second(2.4, 16), "(0.36, 5.76): the exact variances are 4.29 and infinite. Where it forgets "
         "nothing is the edge, μh = 2: B = 13.3 at this μ/B."),
        (cloud(0.0125, 4, momentum=0.9), cloud(0.05, 16, momentum=0.9), "Momentum adds up 1/(1−m) = 10 gradients: that "
         "many times the variance, 0.625. A long step forgets less: the exact variances are 0.627 and 0.633. Where it "
         "forgets nothing is the edge, μh = 3.8: B = 1,220 at this μ/B."),
        (cloud(0.1, 4, summed=True), cloud(0.4, 16, name="Second", summed=True), "by μ²B²h² (0.01, 0.16): the exact "
         "variances are 0.526 and 0.625. Where it forgets nothing is the edge, μBh = 2: B = 80 at this μ."),
    ],
)  # fmt: skip
def test_momentum_and_the_edge_come_after(first: Cloud, other: Cloud, said: str) -> None:
    assert sentences.corrections(first, other).endswith(said)


def test_a_mean_keeps_mu_over_b_and_a_sum_mu() -> None:
    assert sentences.coupled(False) == (
        "A mean: while steps are small, twice the batch and twice the μ leave the cloud as it was."
    )
    assert "twice the batch needs no other μ" in sentences.coupled(True)
    assert sentences.label(cloud(0.4, 16, summed=True)) == "First: μ = 0.025, B = 16"


def test_what_is_taken_for_granted_and_what_is_beyond_the_map() -> None:
    assert sentences.assumed().startswith("Taken for granted: one weight, noise that is the same everywhere")
    assert sentences.beyond_the_map([]) == ""
    assert sentences.beyond_the_map([second(0.1, 512)]) == " The second setting lies beyond the map."
    assert (
        sentences.beyond_the_map([cloud(), second(0.1, 4)]) == " The first and the second settings lie beyond the map."
    )


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
    assert "144 settings, h = 1, σ² = 1 (not that of the part before), standard errors below 1.8%; the one" in told
    assert "furthest from the exact value is 5.0 of its standard errors off." in told
