"""What is said of a run before it is trained."""

from __future__ import annotations

import math

import pytest

from sgd_core.evidence.divergence import BLEW_UP, CHANCE, DIVERGED, WELL, Steps
from sgd_core.evidence.sentences import forecast
from sgd_core.evidence.stability import Edge
from sgd_core.experiment.schedules import plan
from sgd_core.experiment.spec import RunSpec

RUN = RunSpec(batch_size=10, learning_rate=0.1, epochs=3)
ASKED = RunSpec(batch_size=16, learning_rate=0.5)


@pytest.mark.parametrize(("seconds", "time"), [(None, "unknown"), (0.2, "1 s"), (600.0, "10 min")])
def test_the_totals_of_a_run(seconds: float | None, time: str) -> None:
    # 95 images: 10 updates an epoch, the last of 5 images.
    assert forecast.totals(plan(RUN, 95), 95, seconds) == (
        f"**30** updates · training time **T = 3** · **285** images · noise scale μ/B = 0.01 throughout · "
        f"expected time: **{time}**"
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "noise scale μ/B = 0.01 throughout"),
        ({"batch_growth": 2.0, "decay_every": 1}, "noise scale μ/B from 0.01 to 0.0025"),
        ({"batch_size": 4096}, "noise scale μ/B = 0.00105 throughout"),  # at most all 95 images
        ({"schedule": "step", "step_decay": 0.5, "decay_every": 1}, "noise scale μ/B from 0.01 to 0.0025"),
        # Warm-up and decay end where they began: 1/2, 1/2, 1/4 of mu_0 and so on is no 'throughout'.
        (
            {"schedule": "step", "step_decay": 0.5, "decay_every": 2, "warmup_epochs": 1},
            "noise scale μ/B from 0.005 to 0.005",
        ),
        ({"epochs": 1}, "noise scale μ/B = 0.01 throughout"),
    ],
)
def test_the_noise_of_a_run(settings: dict[str, object], said: str) -> None:
    epochs = plan(RunSpec.parse({**RUN.model_dump(), **settings}), 95)
    assert forecast.noise(epochs) == said
    assert forecast.described(epochs).endswith(f"for every epoch: {said}.")


def test_the_nearest_runs_in_their_order_with_what_came_of_them() -> None:
    said = forecast.nearest({"B=16, μ=1e-4": (0.9991, 150), "B=32": (None, 150), "B=64": (math.nan, 4)})
    assert said.endswith(r"the last ten epochs: B=16, μ=1e\-4 (99.9%); B=32; B=64.")
    assert forecast.nearest({}) == ""
    short = forecast.nearest({"B=16": (0.5, 9), "B=32": (0.5, 10)}, papers=False)
    assert short == (
        "Nearest published, with their final training accuracy on random crops, the mean of the last ten epochs: "
        "B=16 (50.0%, the mean of all its 9); B=32 (50.0%)."
    )


@pytest.mark.parametrize(
    ("end", "loss", "said"),
    [
        (
            DIVERGED,
            math.nan,
            "This is likely to diverge: B=64 (published) did, with μ₀ = 0.1, B = 64 and m = 0.9, and ",
        ),
        (CHANCE, 2.31, "This is likely to fall to chance: B=64 (published) did, with μ₀ = 0.1, "),
        (BLEW_UP, 6e18, "This is likely to go wrong: B=64 (published) ended with a loss of 6e+18, with μ₀ = 0.1, "),
    ],
)
def test_a_run_that_went_wrong_is_a_warning(end: str, loss: float, said: str) -> None:
    found = Steps(64, 0.1, 0.9, end, "a key", loss)
    assert forecast.warning(found, ASKED, "B=64", "published").startswith(said)


def test_a_trial_is_called_one() -> None:
    assert forecast.warning(Steps(16, 0.02, 0.9, CHANCE), ASKED) == (
        "This is likely to fall to chance: a trial of four epochs on the paper's images did, with μ₀ = 0.02, B = 16 "
        "and m = 0.9, and your steps are at least as large and as noisy."
    )


def test_a_measured_curvature_says_its_edge() -> None:
    said = forecast.warning(Edge("a key", -1, 38.0, 0.1), ASKED, "B=512, seed 0", "published")
    assert said == (
        "This is likely to diverge: the largest curvature of the untrained network, measured in B=512, seed 0, is "
        "h = 38, and with m = 0.9 a step is stable up to μ = 2(1 + m)/h = 0.1; yours is 0.5."
    )


def test_nothing_known_is_no_warning() -> None:
    assert forecast.warning(None, ASKED) == ""
    assert WELL not in forecast._WRONG


def test_a_constant_schedule_has_nothing_to_draw() -> None:
    assert not forecast.changes(plan(RUN, 95))
    assert forecast.changes(plan(RUN.model_copy(update={"batch_growth": 2.0, "decay_every": 1}), 95))
    assert forecast.changes(plan(RUN.model_copy(update={"schedule": "cosine"}), 95))
