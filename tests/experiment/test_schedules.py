"""Golden values of the paper's schedules, and what must hold for every schedule."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sgd_core.errors import UserError
from sgd_core.experiment import schedules
from sgd_core.experiment.paper import RUNS, TRAIN_IMAGES
from sgd_core.experiment.spec import RunSpec, SpecError
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
    assert rates[0] == pytest.approx(spec.learning_rate / (spec.warmup_epochs + 1))
    rates = rates[spec.warmup_epochs :]
    assert all(0 <= later <= earlier < math.inf for earlier, later in pairwise(rates))
    assert all(earlier <= later for earlier, later in pairwise(sizes))
    if spec.schedule == "constant":
        assert set(rates) <= {spec.learning_rate}
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


# Time with momentum

T_AND_T_EFF = {
    "exponential r=0.1": (0.6304997, 0.5492674),
    "exponential r=0.25": (0.2712487, 0.1992996),
    "exponential r=0.5": (0.1524896, 0.0902608),
    "exponential r=1": (0.0949186, 0.0425002),
    "step s=0.5, N_dec=10": (1.1999634, 1.1100443),
    "step s=0.5, N_dec=8": (0.9599977, 0.8702850),
    "step s=0.5, N_dec=6": (0.7200000, 0.6310253),
    "step s=0.5, N_dec=2": (0.24, 0.1647992),
    "time-based": (7.2125437, 7.1225514),
    "B=16, mu=1e-4": (2.79, 2.7891),
    "s=0.75, s_B=2": (0.5950664, 0.5941664),
    "s=0.375, B=16": (0.5935448, 0.5926448),
}


@pytest.mark.parametrize(("name", "golden"), T_AND_T_EFF.items())
def test_time_and_time_with_momentum_have_the_golden_values(name: str, golden: tuple[float, float]) -> None:
    run = next(run for run in RUNS if run.name == name)
    last = schedules.plan(run.spec, TRAIN_IMAGES)[-1]
    assert (last.training_time, last.effective_time) == pytest.approx(golden, abs=6e-8)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("schedule", ["constant", "step", "exponential", "time", "cosine"])
def test_effective_time_is_how_far_a_constant_gradient_moves_the_weights(schedule: str, momentum: float) -> None:
    """Heavy-ball momentum step by step, PyTorch's convention: v = m v + 1, w = w + mu v; T_eff = (1 - m) w."""
    spec = RunSpec(schedule=schedule, momentum=momentum, learning_rate=0.02, epochs=7, decay_every=2, batch_size=32)
    w = v = 0.0
    for epoch, steps in zip(schedules.plan(spec, 100), schedules.steps(spec, 100), strict=True):
        for _ in range(steps):
            v = momentum * v + 1
            w += epoch.learning_rate * v
        assert epoch.effective_time == pytest.approx((1 - momentum) * w, rel=1e-9)


# Cosine


def cosine_spec(epochs: int) -> RunSpec:
    return RunSpec(schedule="cosine", learning_rate=0.01, epochs=epochs)


def test_cosine_starts_at_mu_0_is_half_of_it_midway_and_never_zero() -> None:
    rates = schedules.learning_rates(cosine_spec(100))
    assert (rates[0], rates[50]) == pytest.approx((0.01, 0.005))
    assert rates[25] == pytest.approx(0.01 * (1 + math.sqrt(0.5)) / 2)
    assert 0 < rates[99] < 1e-5


@pytest.mark.parametrize("epochs", [1, 2, 10, 999])
def test_cosine_sums_to_half_a_step_more_than_half(epochs: int) -> None:
    """The cosines of k and epochs-k cancel but for k = 0: the mean rate is mu_0 (1 + 1/epochs) / 2."""
    assert math.fsum(schedules.learning_rates(cosine_spec(epochs))) == pytest.approx(0.01 * (epochs + 1) / 2)


def test_cosine_has_no_setting_of_its_own() -> None:
    assert cosine_spec(10).chosen() == {"schedule": "cosine", "learning_rate": 0.01, "epochs": 10}


# Warm-up


@pytest.mark.parametrize("schedule", schedules.SCHEDULES)
def test_warm_up_is_a_factor_on_any_schedule(schedule: str) -> None:
    spec = RunSpec(schedule=schedule, learning_rate=0.01, epochs=12, decay_every=2)
    warm = schedules.learning_rates(spec.model_copy(update={"warmup_epochs": 4}))
    plain = schedules.learning_rates(spec)
    assert [a / b for a, b in zip(warm, plain, strict=True)] == pytest.approx([0.2, 0.4, 0.6, 0.8, *[1.0] * 8])


def test_no_warm_up_changes_no_digit() -> None:
    assert schedules.learning_rates(RunSpec(learning_rate=0.3)) == [0.3] * 150


# A number of updates in place of epochs


@pytest.mark.parametrize(
    ("batch_size", "updates", "counts"),
    [(16, 900, [186] * 4 + [156]), (512, 900, [6] * 150), (512, 7, [6, 1]), (2967, 3, [1, 1, 1]), (64, 1, [1])],
)
def test_so_many_updates_are_so_many(batch_size: int, updates: int, counts: list[int]) -> None:
    spec = RunSpec(batch_size=batch_size, updates=updates, learning_rate=32e-4)
    assert schedules.steps(spec, TRAIN_IMAGES) == counts
    plan = schedules.plan(spec, TRAIN_IMAGES)
    assert plan[-1].updates == updates
    assert plan[-1].training_time == pytest.approx(32e-4 * updates)


def test_a_schedule_over_updates_has_as_many_epochs_as_they_take() -> None:
    spec = RunSpec(batch_size=16, updates=900, schedule="cosine", epochs=150)
    assert [epoch.learning_rate for epoch in schedules.plan(spec, TRAIN_IMAGES)] == schedules.learning_rates(
        RunSpec(schedule="cosine", epochs=5)
    )


def test_more_updates_than_a_thousand_epochs_hold_are_refused() -> None:
    with pytest.raises(UserError, match=r"updates is 1001, which takes more than 1000 epochs of 10 images at B=16"):
        schedules.plan(RunSpec(updates=1001), 10)


# The registry


def test_every_schedule_says_what_it_is() -> None:
    for name, schedule in schedules.SCHEDULES.items():
        assert schedule.formula.startswith("μ_")
        assert schedule.source
        assert schedule.title(RunSpec(schedule=name)) or name == "constant"
        assert set(schedule.fields) <= set(schedules.ScheduleSettings.model_fields)


def test_an_unknown_schedule_is_refused_not_taken_for_another() -> None:
    with pytest.raises(SpecError, match="schedule is 'linear', but must be one of constant, time, step"):
        RunSpec.parse({"schedule": "linear"})
