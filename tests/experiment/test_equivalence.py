"""Schedules with the same mu_k/B_k: the paper's example, where the batch runs out of images, and any other pair."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgd_core.errors import UserError
from sgd_core.experiment import equivalence, paper, schedules
from sgd_core.experiment.paper import TRAIN_IMAGES
from sgd_core.experiment.spec import RunSpec
from tests.experiment.strategies import specs

FIGURE_4 = {"learning_rate": 1e-4, "schedule": "step", "decay_every": 20, "epochs": 120}
SHRINKING = RunSpec.parse({**FIGURE_4, "step_decay": 0.375})
GROWING = RunSpec.parse({**FIGURE_4, "step_decay": 0.75, "batch_growth": 2})

stepping = st.builds(
    lambda spec, s: spec.model_copy(update={"schedule": "step", "step_decay": s}), specs(), st.floats(0.05, 0.99)
)


def test_keras_decays_once_where_the_paper_compounds() -> None:
    spec = RunSpec(learning_rate=0.01, schedule="time")
    keras, compounding = equivalence.keras_time_decay(spec), schedules.learning_rates(spec)
    assert keras[0] == compounding[0] == 0.01
    assert keras[149] == pytest.approx(0.01 / (1 + 149 * 0.01 / 150), rel=1e-12)
    assert keras[149] == pytest.approx(0.009901643673, rel=1e-9)
    assert compounding[149] == pytest.approx(0.004806322362, rel=1e-9)
    assert [slow > fast for slow, fast in zip(keras, compounding, strict=True)] == [False] * 3 + [True] * 147


def test_the_papers_figure_4_the_other_way() -> None:
    assert equivalence.with_batch_growth(SHRINKING, 2) == GROWING
    assert equivalence.with_batch_growth(GROWING, 1) == SHRINKING
    arms = [run.spec for run in paper.runs_of(4)]
    assert equivalence.agreeing_epochs(arms[0], arms[1], TRAIN_IMAGES) == [(0, 119)]


def test_all_of_the_decay_can_go_into_the_batch() -> None:
    growing = equivalence.with_batch_growth(SHRINKING, 1 / 0.375)
    assert growing.schedule == "constant"
    assert schedules.batch_sizes(growing, TRAIN_IMAGES)[::20] == [16, 42, 113, 303, 809, 2157]
    assert equivalence.agreeing_epochs(growing, SHRINKING, TRAIN_IMAGES) == [(0, 119)]
    assert equivalence.with_batch_growth(growing, 1).step_decay == pytest.approx(0.375)


def test_the_equivalence_ends_where_the_batch_is_the_whole_data_set() -> None:
    longer = SHRINKING.model_copy(update={"epochs": 200})
    growing = equivalence.with_batch_growth(longer, 2)
    ends = equivalence.first_above([16 * 2 ** (k // 20) for k in range(200)], TRAIN_IMAGES)
    assert ends == 160
    assert equivalence.agreeing_epochs(longer, growing, TRAIN_IMAGES) == [(0, 159)]
    assert equivalence.agreeing_epochs(longer, growing, 100_000) == [(0, 199)]
    assert equivalence.first_above(equivalence.growing_batches(longer), TRAIN_IMAGES) == 120


def test_a_batch_of_all_images_is_not_above_them() -> None:
    assert equivalence.first_above([1000, 2967, 2968], 2967) == 2
    assert equivalence.first_above([1000, 2967], 2967) is None
    assert equivalence.first_above([], 2967) is None


@given(specs())
def test_growing_batches_keep_the_noise_at_a_constant_learning_rate(spec: RunSpec) -> None:
    batches = equivalence.growing_batches(spec)
    assert batches[0] == pytest.approx(spec.batch_size * (spec.warmup_epochs + 1))  # a low first rate, a large batch
    assert len(batches) == spec.epochs
    warmed_up = batches[spec.warmup_epochs :]
    assert all(earlier <= later * (1 + 1e-12) for earlier, later in pairwise(warmed_up))
    if spec.batch_growth == 1:
        for rate, batch in zip(schedules.learning_rates(spec), batches, strict=True):
            if rate > 1e-300:
                assert spec.learning_rate / batch == pytest.approx(rate / spec.batch_size, rel=1e-9)


@given(stepping, st.floats(0, 1))
def test_any_share_of_the_decay_in_the_batch_agrees_until_the_images_run_out(spec: RunSpec, share: float) -> None:
    most = spec.batch_growth / spec.step_decay
    other = equivalence.with_batch_growth(spec, max(1.0, min(16.0, most * share)))
    images = 10**9
    agreed = equivalence.agreeing_epochs(spec, other, images)
    assert agreed
    assert agreed[0][0] == 0
    batches = [
        spec_.batch_size * math.exp(min(600.0, (spec.epochs // spec.decay_every) * math.log(spec_.batch_growth)))
        for spec_ in (spec, other)
    ]
    told = sum(rate > 1e-300 for rate in schedules.learning_rates(spec))  # smaller ones are rounded away
    if max(batches) < images:
        assert agreed[0][1] >= told - 1
        assert agreed == [(0, spec.epochs - 1)] or told < spec.epochs


def test_runs_of_different_length_are_compared_while_both_last() -> None:
    assert equivalence.agreeing_epochs(SHRINKING, GROWING.model_copy(update={"epochs": 30}), TRAIN_IMAGES) == [(0, 29)]


def test_two_schedules_may_meet_again() -> None:
    steps = RunSpec.parse({**FIGURE_4, "step_decay": 0.5, "epochs": 60})
    flat = RunSpec(learning_rate=5e-5, epochs=60)
    assert equivalence.agreeing_epochs(steps, flat, TRAIN_IMAGES) == [(20, 39)]
    assert equivalence.agreeing_epochs(RunSpec(learning_rate=1.01e-4), RunSpec(), TRAIN_IMAGES) == []


def test_the_equal_noise_of_two_rates_and_batches_is_equal_training_time_too() -> None:
    first, second = RunSpec(batch_size=16, learning_rate=1e-4), RunSpec(batch_size=32, learning_rate=2e-4)
    assert equivalence.agreeing_epochs(first, second, 3200) == [(0, 149)]
    times = [schedules.plan(spec, 3200)[-1].training_time for spec in (first, second)]
    assert times[0] == pytest.approx(times[1])


def test_growth_beyond_what_the_decay_allows_is_refused() -> None:
    with pytest.raises(UserError, match=r"batch_growth is 3, but must be at most 2\.66667"):
        equivalence.with_batch_growth(SHRINKING, 3)
    with pytest.raises(UserError, match=r"batch_growth is 0\.5, but must be a number from 1 to 16"):
        equivalence.with_batch_growth(SHRINKING, 0.5)


@pytest.mark.parametrize("schedule", ["time", "exponential"])
def test_a_decay_without_steps_has_no_growing_run(schedule: str) -> None:
    with pytest.raises(UserError, match=f"schedule is {schedule}"):
        equivalence.with_batch_growth(RunSpec.parse({"schedule": schedule}), 2)
