"""What the schedule workbench says, against schedules small enough to reckon by hand."""

from __future__ import annotations

import math

import pytest

from sgd_core.evidence.sentences import workbench
from sgd_core.experiment.equivalence import agreeing_epochs
from sgd_core.experiment.schedules import Epoch, plan
from sgd_core.experiment.spec import RunSpec

STEP = RunSpec(schedule="step", step_decay=0.5, decay_every=2, epochs=4, batch_size=10, learning_rate=0.1)


def epoch(updates: int, time: float) -> Epoch:
    return Epoch(3, 0.1, 10, updates, time, time)


def test_a_falling_rate_spends_its_time_early() -> None:
    # 100 images: 10 updates an epoch; T = 1, 2, 2.5, 3, and half of 3 is passed within epoch 1.
    assert workbench.does(plan(STEP, 100)) == (
        "μ/B goes from 0.01 to 0.005 in 4 epochs and 40 updates; half of the training time T = 3 is over after epoch 1."
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"schedule": "constant"}, "μ/B stays at 0.01 in 4 epochs"),
        ({"schedule": "constant", "epochs": 1}, "μ/B stays at 0.01 in 1 epochs"),
        ({"schedule": "constant", "batch_growth": 2.0}, "μ/B goes from 0.01 to 0.005"),
        # Warm-up brings mu up as the step brings it down: 1/2, 1, 1/2, 1/2 of mu_0.
        ({"warmup_epochs": 1}, "μ/B ends at 0.005, where it began, in 4 epochs"),
    ],
)
def test_what_becomes_of_the_noise(settings: dict[str, object], said: str) -> None:
    spec = RunSpec.parse({**STEP.model_dump(), **settings})
    assert workbench.does(plan(spec, 100)).startswith(said)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (epoch(40, 4.0), epoch(10, 1.0), "10 updates to the first's 40, and ends at T = 1 against 4 (-75.0%)."),
        (epoch(10, 1.0), epoch(40, 4.0), "40 updates to the first's 10, and ends at T = 4 against 1 (+300.0%)."),
        (epoch(10, 1.0), epoch(10, 1.0), "10 updates to the first's 10, and ends at T = 1 against 1 (+0.0%)."),
    ],
)
def test_two_schedules_by_their_totals(first: Epoch, second: Epoch, said: str) -> None:
    assert workbench.compared(first, second) == f"The second takes {said}"


@pytest.mark.parametrize(
    ("stretches", "epochs", "said"),
    [
        ([], 10, "Their μ/B agree in no epoch."),
        ([(0, 9)], 10, "Their μ/B agree in **every epoch**."),
        ([(0, 0)], 1, "Their μ/B agree in **every epoch**."),
        ([(0, 8)], 10, "Their μ/B agree in **epochs 0 to 8**, of 10."),
        ([(3, 3), (5, 6)], 10, "Their μ/B agree in **epochs 3, 5 to 6**, of 10."),
        ([(k, k) for k in (0, 2, 4, 6, 8)], 10, "Their μ/B agree in **epochs 0, 2, 4, 6** and 1 more stretch, of 10."),
        (
            [(k, k) for k in (0, 2, 4, 6, 8, 10)], 20,
            "Their μ/B agree in **epochs 0, 2, 4, 6** and 2 more stretches, of 20.",
        ),
    ],
)  # fmt: skip
def test_where_the_noise_agrees(stretches: list[tuple[int, int]], epochs: int, said: str) -> None:
    assert workbench.agreement(stretches, epochs) == said


def test_two_schedules_that_never_agree() -> None:
    other = STEP.model_copy(update={"learning_rate": 0.11})
    assert workbench.agreement(agreeing_epochs(STEP, other, 100), 4) == "Their μ/B agree in no epoch."


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ([10, 20, 40], [10, 10, 10], "B_k never passes N = 40 in either schedule"),
        ([10, 20, 41], [10, 10, 10], "**At epoch 2 B_k passes N = 40 in the first schedule**"),
        ([10, 10, 10], [10, 80, 80], "**At epoch 1 B_k passes N = 40 in the second schedule**"),
        ([10, 50, 50], [10, 80, 80], "**At epoch 1 B_k passes N = 40 in both schedules**"),
        ([10, 10, 50], [10, 80, 80], "**At epoch 1 B_k passes N = 40 in the second schedule**"),
        ([64, 64, 64], [10, 10, 10], "**At epoch 0 B_k passes N = 40 in the first schedule**"),
        ([10, 20, 40 * (1 + 1e-12)], [1, 1, 1], "B_k never passes"),  # N itself, but for rounding
        ([10, 10, math.inf], [1, 1, 1], "**At epoch 2"),
    ],
)
def test_where_the_equivalence_ends(first: list[float], second: list[float], said: str) -> None:
    assert workbench.end(first, second, 40).startswith(said)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        # (2,967 - 2,048)/2,966 = 31% and (2,967 - 16)/2,966 = 99%, 2,951/919 = 3.2 apart.
        ([16, 16], [16, 2048], "so μ/B agrees to the end. Equal μ/B is not equal noise: a batch holds no image twice, "
         "which leaves (N−B)/(N−1) of it. In epoch 1 that is 99% in the first schedule and 31% in the second, and g is "
         "3.2 times apart."),
        ([16, 64], [16, 32], "so μ/B agrees to the end."),
        ([16, 16, 16], [16, 2048, 4096], "and goes on as 1/N. Equal μ/B is not equal noise: a batch holds no image "
         "twice, which leaves (N−B)/(N−1) of it. In epoch 1 that is 99% in the first"),
        ([16], [2967], "In epoch 0 that is 99% in the first schedule and 0% in the second."),
        ([4096], [16], "and goes on as 1/N."),
    ],
)  # fmt: skip
def test_equal_noise_is_not_said_of_batches_that_are_most_of_the_images(
    first: list[float], second: list[float], said: str
) -> None:
    assert workbench.end(first, second, 2967).endswith(said) or said in workbench.end(first, second, 2967)
    assert ("Equal μ/B is not" in workbench.end(first, second, 2967)) == ("Equal μ/B is not" in said or "99%" in said)


def test_a_rate_too_small_for_a_computer_moves_nothing_and_agrees_with_nothing() -> None:
    tiny = RunSpec(schedule="step", step_decay=0.05, decay_every=1, epochs=300, batch_size=16, learning_rate=0.1)
    rest = workbench.at_rest(plan(tiny, 2967))
    assert rest == 235  # 0.1 * 0.05^235 / 16 = 1e-308, below 2.2e-308
    assert workbench.rests({"first": plan(tiny, 2967), "second": plan(STEP, 100)}) == (
        f" From epoch {rest} on μ of the first schedule is too small for a computer: nothing moves."
    )
    assert workbench.rests({"first": plan(tiny, 2967)}).startswith(f" From epoch {rest} on μ is too small")
    assert workbench.rests({"first": plan(STEP, 100)}) == ""
    other = tiny.model_copy(update={"step_decay": 0.06})
    assert agreeing_epochs(tiny, other, 2967) == [(0, 0)]
    assert agreeing_epochs(tiny, tiny, 2967) == [(0, rest - 1)]


def test_a_batch_of_all_images_still_has_the_noise_of_crops_and_masks() -> None:
    assert workbench.end([10, 50], [10, 80], 40).endswith(
        "in one that holds them all the choice of images makes no noise. What crops and dropout masks make is left, "
        "and goes on as 1/N."
    )
    assert workbench.noise_scale_counts().startswith("It counts the choice of images alone and is 0 at B = N, where")


@pytest.mark.parametrize(
    ("second", "agreeing", "said"),
    [
        ([1.0, 1.02, 1.5], [0, 1], " Cutting batches to whole images moves μ/B by up to 2.0% there."),
        ([1.0, 0.9, 1.5], [0, 1], " Cutting batches to whole images moves μ/B by up to 10.0% there."),
        ([1.0, 1.0004, 1.5], [0, 1], ""),
        ([1.0, 1.02, 1.5], [], ""),
    ],
)
def test_what_whole_images_do(second: list[float], agreeing: list[int], said: str) -> None:
    def epochs(rates: list[float]) -> list[Epoch]:
        return [Epoch(k, rate, 1, 1, 1.0, 1.0) for k, rate in enumerate(rates)]

    assert workbench.rounding(epochs([1.0, 1.0, 1.0]), epochs(second), agreeing) == said
    assert workbench.rounding(epochs([0.0, 0.0, 0.0]), epochs(second), agreeing) == ""


@pytest.mark.parametrize(
    ("batch", "count"), [(42.4, "42"), (3040.2, "3,040"), (2.5e7, "2.5e+07"), (math.inf, "infinitely many")]
)
def test_the_batch_that_would_be_needed(batch: float, count: str) -> None:
    assert workbench.would_need(119, batch) == f"Here B_k = B₀ μ₀/μ_k: at epoch 119 that would be {count} images."


def test_what_stays_the_same_another_way() -> None:
    assert workbench.ratio(0.375, 1, 0.75, 2) == "s/s_B stays the same: 0.375 / 1 = **0.75 / 2**."
    assert workbench.grows_instead(1e-4).startswith("μ stays at μ₀ = 0.0001; B grows")


@pytest.mark.parametrize("warmup", [0, 10])
def test_the_papers_decay_beside_keras(warmup: int) -> None:
    # d = 1/2: the paper's 1, 1; Keras's 1, 1/(1 + 1/2). Warm-up belongs to neither.
    spec = RunSpec(learning_rate=1.0, epochs=2, warmup_epochs=warmup)
    assert workbench.keras(spec) == (
        "With μ₀ = 1 and 2 epochs, so d = μ₀/epochs = 0.5, the paper's recursion ends at 100.0% of μ₀ and Keras's "
        "closed form at 66.7%."
    )


def test_one_epoch_has_not_decayed() -> None:
    assert "ends at 100.0% of μ₀ and Keras's closed form at 100.0%" in workbench.keras(RunSpec(epochs=1))
