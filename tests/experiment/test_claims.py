"""The claims as data: every arm is a run that can be made, equal T is equal, and every claim can be refuted."""

from __future__ import annotations

import pytest

from sgd_core.errors import UserError
from sgd_core.experiment import claims, paper, schedules
from sgd_core.experiment.claims import CLAIMS, Arm

FROM_EVERYTHING = {"6"}
"""Claims that are decided by all their arms together."""


def images(arm: Arm) -> int:
    per_class = arm.spec.images_per_class
    return paper.TRAIN_IMAGES if per_class is None else 10 * per_class


def time_of(name: str, arm: str) -> float:
    chosen = CLAIMS[name].arms[arm]
    return schedules.plan(chosen.spec, images(chosen))[-1].training_time


def test_the_claims_are_those_of_the_protocol() -> None:
    assert list(CLAIMS) == ["1", "2", "3", "3b", "4", "5", "6", "7", "8"]
    assert {name: claim.seeds for name, claim in CLAIMS.items() if claim.seeds != 5} == {"4": 3}


@pytest.mark.parametrize("name", CLAIMS)
def test_every_comparison_is_of_arms_that_there_are_and_every_reason_has_a_control(name: str) -> None:
    claim = CLAIMS[name]
    for comparison in claim.comparisons():
        assert comparison.measure in claims.MEASURES
        if name not in FROM_EVERYTHING:
            assert {comparison.first, comparison.second} <= set(claim.arms)
            assert comparison.first != comparison.second
    assert claim.controls or name in FROM_EVERYTHING
    assert claim.statement.endswith(".")
    assert claim.caveat.endswith(".")
    assert all(arm.spec.seed == 0 for arm in claim.arms.values())


@pytest.mark.parametrize("name", CLAIMS)
def test_every_arm_has_a_plan_and_asks_for_no_view_twice(name: str) -> None:
    for arm in CLAIMS[name].arms.values():
        plan = schedules.plan(arm.spec, images(arm))
        assert not arm.spec.augment or len(plan) < arm.spec.views
        assert arm.epoch is None or arm.epoch < len(plan)
        assert arm.time is None or arm.time < plan[-1].training_time


def test_equal_time_is_equal() -> None:
    assert [time_of("3", arm) for arm in CLAIMS["3"].arms] == pytest.approx([2.88] * 7)
    assert [time_of("3b", arm) for arm in CLAIMS["3b"].arms] == pytest.approx([0.6] * 16)
    assert time_of("7", "four times the noise") == pytest.approx(time_of("7", "s=0.375, B=16"))
    assert time_of("5", "B=16, mu=2.6e-4") == pytest.approx(time_of("5", "time-based"), rel=0.01)
    assert time_of("7", "s=0.75, B=16") > 1.5 * time_of("7", "s=0.375, B=16")


def test_the_noise_of_weights_is_that_of_a_small_batch() -> None:
    """With G small beside the spread: Cov is (1/B)(N-B)/(N-1) Sigma by the batch and v/B Sigma by the weights."""
    n = paper.TRAIN_IMAGES
    noisy = CLAIMS["3"].arms["B=512 and noise by weights"].spec
    drawn = (n - 512) / (n - 1) / 512 + noisy.weight_noise / 512
    assert drawn == pytest.approx((n - 16) / (n - 1) / 16, rel=0.01)
    for images_a_class in (10, 30):
        n = 10 * images_a_class
        spec = CLAIMS["3b"].arms[f"B=N and noise by weights, {images_a_class} a class, 30% wrong"].spec
        assert spec.batch_size == n
        assert spec.weight_noise / n == pytest.approx((n - 4) / (n - 1) / 4, rel=0.02)


def test_four_times_the_noise_is_four_times_mu_over_b_and_the_same_decay_along_time() -> None:
    one, four = (CLAIMS["7"].arms[name].spec for name in ("s=0.375, B=16", "four times the noise"))
    plans = [schedules.plan(spec, paper.TRAIN_IMAGES) for spec in (one, four)]
    for epoch in plans[1][4::5]:
        same_time = min(plans[0], key=lambda other: abs(other.training_time - epoch.training_time))
        assert same_time.training_time == pytest.approx(epoch.training_time)
        assert epoch.learning_rate / epoch.batch_size == pytest.approx(
            4 * same_time.learning_rate / same_time.batch_size
        )


def test_the_papers_runs_are_among_the_arms_as_they_are() -> None:
    arms = [arm.spec.question() for claim in CLAIMS.values() for arm in claim.arms.values()]
    assert sum(run.spec.question() in arms for run in paper.RUNS) == 14
    assert claims.is_arm(paper.RUNS[0].spec.model_copy(update={"seed": 7, "views": 33}))
    assert not claims.is_arm(paper.RUNS[1].spec)


def test_what_decides_a_claim_comes_before_its_controls() -> None:
    first, second, rest = claims.stages(CLAIMS["3"])
    names = {id(arm): name for name, arm in CLAIMS["3"].arms.items()}
    assert [names[id(arm)] for arm in first] == ["B=16, equal T", "B=512, equal T"]
    assert {names[id(arm)] for arm in second} == {
        "B=512 and noise by weights", "B=16, no dropout", "B=512, no dropout",
    }  # fmt: skip
    assert {names[id(arm)] for arm in rest} == {"B=64, equal T", "B=256, equal T"}
    for claim in CLAIMS.values():
        assert sorted(id(arm) for stage in claims.stages(claim) for arm in stage) == sorted(
            map(id, claim.arms.values())
        )


def test_an_unknown_claim_is_a_sentence() -> None:
    with pytest.raises(UserError, match="claim is '9', but must be one of 1, 2, 3, 3b"):
        claims.named("9")
