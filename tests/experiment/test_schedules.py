"""Golden values of the paper's schedules, and what must hold for every schedule."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sgd_core.errors import UserError
from sgd_core.experiment import schedules
from sgd_core.experiment.paper import TRAIN_IMAGES
from sgd_core.experiment.spec import RunSpec
from tests.experiment.strategies import specs

TIME = RunSpec(learning_rate=0.01, schedule="time")
FIGURE_4 = {"learning_rate": 1e-4, "schedule": "step", "decay_every": 20, "epochs": 120, "batch_size": 16}
GROWING = RunSpec.parse({**FIGURE_4, "step_decay": 0.75, "batch_growth": 2})
SHRINKING = RunSpec.parse({**FIGURE_4, "step_decay": 0.375})
EXTREME = RunSpec(epochs=1000, batch_growth=16, decay_every=1, schedule="step", step_decay=1e-9, batch_size=4096)


@pytest.mark.parametrize(
    ("spec", "golden"),
    [
        (RunSpec(learning_rate=0.01), {0: 0.01, 1: 0.01, 75: 0.01, 149: 0.01}),
        (TIME, {0: 0.01, 1: 0.01, 75: 0.008313582412, 149: 0.004806322362}),
        (
            RunSpec(learning_rate=0.01, schedule="exponential", decay_rate=0.1),
            {0: 0.01, 1: 0.009048374180, 75: 5.530843701e-06, 149: 3.380743484e-09},
        ),
        (
            RunSpec(learning_rate=0.01, schedule="step", step_decay=0.5, decay_every=10),
            {0: 0.01, 1: 0.01, 75: 7.8125e-05, 149: 6.103515625e-07},
        ),
        (
            RunSpec(learning_rate=0.01, schedule="step", step_decay=0.5, decay_every=2),
            {0: 0.01, 1: 0.01, 75: 7.275957614e-14, 149: 5.293955920e-25},
        ),
        (GROWING, {0: 1e-4, 1: 1e-4, 75: 4.21875e-05, 119: 2.373046875e-05}),
        (SHRINKING, {0: 1e-4, 1: 1e-4, 75: 5.2734375e-06, 119: 7.415771484e-07}),
    ],
)
def test_learning_rates_have_the_golden_values(spec: RunSpec, golden: dict[int, float]) -> None:
    rates = schedules.learning_rates(spec)
    assert len(rates) == spec.epochs
    assert {k: rates[k] for k in golden} == pytest.approx(golden, rel=5e-10)


def test_the_notebook_indexes_the_time_based_rate_one_epoch_later() -> None:
    # It applies the factor of epoch k before epoch k: its k-th rate is the paper's (k+1)-th.
    d = 0.01 / 150
    notebook = [mu / (1 + k * d) for k, mu in enumerate(schedules.learning_rates(TIME))]
    golden = {0: 0.01, 1: 0.009999333378, 75: 0.008272221305, 149: 0.004759049141}
    assert {k: notebook[k] for k in golden} == pytest.approx(golden, rel=5e-10)


def test_the_time_based_rate_compounds_and_is_not_that_of_keras() -> None:
    keras = 0.01 / (1 + 149 * 0.01 / 150)
    assert schedules.learning_rates(TIME)[149] < 0.5 * keras


def test_the_growing_batch_of_figure_4_has_the_golden_values() -> None:
    sizes = schedules.batch_sizes(GROWING, TRAIN_IMAGES)
    assert {k: sizes[k] for k in (0, 19, 20, 40, 60, 80, 100, 119)} == {
        0: 16, 19: 16, 20: 32, 40: 64, 60: 128, 80: 256, 100: 512, 119: 512,
    }  # fmt: skip


def test_a_batch_size_that_is_no_whole_number_is_cut_off() -> None:
    spec = RunSpec(batch_size=10, batch_growth=1.5, decay_every=1, epochs=4)
    assert schedules.batch_sizes(spec, TRAIN_IMAGES) == [10, 15, 22, 33]  # 22.5 and 33.75


@pytest.mark.parametrize(
    ("batch_size", "steps", "last"),
    [(16, 186, 7), (32, 93, 23), (64, 47, 23), (128, 24, 23), (256, 12, 151), (512, 6, 407)],
)
def test_steps_per_epoch_of_the_paper(batch_size: int, steps: int, last: int) -> None:
    assert schedules.steps_per_epoch(batch_size, TRAIN_IMAGES) == steps
    assert TRAIN_IMAGES - (steps - 1) * batch_size == last


def test_noise_is_equal_in_both_arms_of_figure_4_in_every_epoch() -> None:
    one, other = schedules.plan(GROWING, TRAIN_IMAGES), schedules.plan(SHRINKING, TRAIN_IMAGES)
    assert [e.learning_rate / e.batch_size for e in one] == pytest.approx(
        [e.learning_rate / e.batch_size for e in other], rel=1e-12
    )
    assert one[-1].updates < other[-1].updates


@given(
    growth=st.integers(2, 8),
    kept=st.floats(0.05, 0.99),
    decay_every=st.integers(1, 40),
    batch_size=st.integers(1, 512),
    images=st.integers(1, 5000),
)
def test_growing_the_batch_is_shrinking_the_rate_until_the_batch_is_everything(
    growth: int, kept: float, decay_every: int, batch_size: int, images: int
) -> None:
    common = {"schedule": "step", "decay_every": decay_every, "batch_size": batch_size, "epochs": 100}
    growing = RunSpec.parse({**common, "step_decay": kept, "batch_growth": growth})
    shrinking = RunSpec.parse({**common, "step_decay": kept / growth})
    for one, other in zip(schedules.plan(growing, images), schedules.plan(shrinking, images), strict=True):
        if batch_size * growth ** (one.epoch // decay_every) <= images:
            assert one.learning_rate / one.batch_size == pytest.approx(other.learning_rate / other.batch_size, rel=1e-9)
        else:
            assert one.batch_size == images


@given(specs())
@example(EXTREME)
def test_rates_never_rise_and_batches_never_shrink(spec: RunSpec) -> None:
    rates, sizes = schedules.learning_rates(spec), schedules.batch_sizes(spec, TRAIN_IMAGES)
    assert rates[0] == spec.learning_rate
    assert all(0 <= later <= earlier < math.inf for earlier, later in pairwise(rates))
    assert all(earlier <= later for earlier, later in pairwise(sizes))
    if spec.schedule == "constant":
        assert set(rates) == {spec.learning_rate}
    if spec.batch_growth == 1:
        assert set(sizes) == {min(spec.batch_size, TRAIN_IMAGES)}


@given(specs(), st.integers(1, 5000))
@example(EXTREME, TRAIN_IMAGES)
def test_updates_and_training_time_are_sums_over_epochs(spec: RunSpec, images: int) -> None:
    updates, times = 0, []
    for k, epoch in enumerate(schedules.plan(spec, images)):
        steps = schedules.steps_per_epoch(epoch.batch_size, images)
        assert (steps - 1) * epoch.batch_size < images <= steps * epoch.batch_size
        assert 1 <= epoch.batch_size <= images
        updates += steps
        times.append(epoch.learning_rate * steps)
        assert epoch.epoch == k
        assert epoch.updates == updates
        assert epoch.training_time == pytest.approx(math.fsum(times), rel=1e-12)


def test_a_batch_larger_than_the_image_set_is_all_of_it() -> None:
    plan = schedules.plan(RunSpec(batch_size=4096, epochs=2), 100)
    assert [(epoch.batch_size, epoch.updates) for epoch in plan] == [(100, 1), (100, 2)]


def test_no_images_is_an_error_that_says_so() -> None:
    with pytest.raises(UserError, match="images is 0"):
        schedules.plan(RunSpec(), 0)
