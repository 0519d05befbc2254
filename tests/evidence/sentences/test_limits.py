"""What the page on the argument's limits says, case by case, with its odd ends."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sgd_core.evidence import coupling
from sgd_core.evidence.sentences import limits as sentences
from sgd_core.evidence.shares import Fresh

RUNS = pd.DataFrame(
    {
        "batch_size": [16, 32, 16],
        "learning_rate": [1e-4, 1e-4, 2e-4],
        "noise": [6.25e-6, 3.125e-6, 1.25e-5],
        "training_time": [2.8, 1.39, 5.6],
    }
)


@pytest.mark.parametrize(
    ("flatness", "over", "end", "said"),
    [
        (0.5, 0.15012, 0.0204, "At x = 0.5 reshuffling leaves 15.0% of the images' variance, and 2.04% at the end of "
         "an epoch."),
        (16.0, 1.0, 0.9, "At x = 16 reshuffling leaves 100.0% of the images' variance, and 90.00% at the end"),
        (0.1, 0.033, 0.0, "and 0.00% at the end"),
    ],
)  # fmt: skip
def test_what_reshuffling_leaves(flatness: float, over: float, end: float, said: str) -> None:
    assert said in sentences.reshuffled(flatness, over, end)


@pytest.mark.parametrize(
    ("fresh", "said"),
    [
        (None, "nothing takes back what they add."),
        # 0.8 + 0.2 * 0.05 = 81%
        (Fresh(0.8, 0.896, crops=False), "In the paper's network that is at least 80% of all noise, so at least 81% "
         "stays."),
        (Fresh(0.812, 0.923, crops=True), "In the paper's network that is 81% to 92% of all noise, so 82% to 93% "
         "stays."),
    ],
)  # fmt: skip
def test_only_the_noise_of_images_is_taken_back(fresh: Fresh | None, said: str) -> None:
    told = sentences.only_images(0.05, fresh)
    assert told.startswith("Crops and dropout masks are drawn anew, so")
    assert told.endswith(said)


def test_at_equal_epochs_noise_and_time_are_one_at_equal_updates_two() -> None:
    assert sentences.at_equal_epochs(RUNS, "150 epochs") == (
        "After 150 epochs T is μ/B times 444,800 to 448,000 in all 3 runs (rank correlation 1.00): their noise and "
        "their training time cannot be told apart."
    )
    at_updates = RUNS.assign(training_time=900 * RUNS["learning_rate"])
    assert sentences.at_equal_updates(at_updates, "900 updates") == (
        "After 900 updates the 2 runs with μ = 0.0001 have one T = 0.09, and a noise that differs 2 times (rank "
        "correlation over all 3 runs 0.87): here the two can be told apart."
    )


def test_one_run_has_no_rank_correlation() -> None:
    assert math.isnan(coupling.rank_correlation(RUNS.head(1)))
    assert "in all 1 runs (rank correlation nan)" in sentences.at_equal_epochs(RUNS.head(1), "150 epochs")


@pytest.mark.parametrize(
    ("of_limit", "times", "left", "said"),
    [
        (0.5, 2.0063, None, "At 50% of the limit the variance is 2.01 times what μ/B alone says."),
        (0.01, 1.0101, None, "At 1% of the limit the variance is 1.01 times what μ/B alone says."),
        (1.1, math.inf, 44, "At 110% of the limit there is no cloud: the walkers left the bowl for good after 44 "
         "steps, whatever B is."),
    ],
)  # fmt: skip
def test_how_much_larger_a_cloud_is_near_the_edge(of_limit: float, times: float, left: int | None, said: str) -> None:
    assert sentences.edge(of_limit, times, left) == said


def test_where_images_differ_the_edge_depends_on_the_batch() -> None:
    assert sentences.unlike(1, 1.0, 0.5, 2.0, 4 / 3) == (
        "At B = 1 the variance is finite only up to μh = 1, 50% of the limit. At μh = 0.5 it is 2 times what μ/B says, "
        "where images curve alike 1.33 times."
    )
    assert "up to μh = 1.97, 98% of the limit" in sentences.unlike(64, 128 / 65, 0.5, 1.34, 4 / 3)


@pytest.mark.parametrize(
    ("alpha", "sharpness", "width", "said"),
    [
        (4.0, 16.0625, 0.2493, "At α = 4 the sharpness is α² + 1/α² = 16.06, 8.03 times that at α = 1, and the valley "
         "is 0.25 wide; the network computes exactly the same."),
        (1.0, 2.0, 0.7320, "At α = 1 the sharpness is α² + 1/α² = 2, 1 times that at α = 1"),
    ],
)  # fmt: skip
def test_sharpness_is_a_matter_of_writing(alpha: float, sharpness: float, width: float, said: str) -> None:
    assert said in sentences.rescaled(alpha, sharpness, 2.0, width)


def test_the_sharpness_that_differences_give() -> None:
    assert sentences.second_differences(16.0625).endswith("give a sharpness of 16.06.")
