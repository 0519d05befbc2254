"""Verdicts on simulated runs of the claims' own arms, where the truth is known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sgd_core.evidence import ends, verdicts
from sgd_core.evidence.paired import Paired
from sgd_core.evidence.verdicts import Verdict, ratios
from sgd_core.experiment.claims import CLAIMS, MEASURES
from sgd_core.runs.kept import table
from tests.evidence.simulated import joined, tables

CLAIM = CLAIMS["3"]
MARGIN = MEASURES["test_loss"].margin
LEVEL = {"B=16, equal T": 1.0, "B=512, equal T": 1.0, "B=512 and noise by weights": 1.0}


def verdict_of(name: str, found: ends.Tables) -> Verdict:
    return next(each for each in verdicts.verdicts(found) if each.claim.name == name)


def test_without_runs_nothing_can_be_told() -> None:
    found = verdicts.verdicts(tables(CLAIM, {}, seeds=0))
    assert [each.claim.name for each in found] == list(CLAIMS)
    assert {each.outcome for each in found} == {"cannot tell yet"}
    assert {each.primary.paired.n for each in found} == {0}


@pytest.mark.parametrize(
    ("small", "expected"),
    [(0.5, "supported"), (1.0, "not supported"), (1.5, "not supported"), (0.909, "cannot tell yet")],
)
def test_a_claim_of_more_is_decided_by_the_difference(small: float, expected: str) -> None:
    found = verdict_of("3", tables(CLAIM, {**LEVEL, "B=16, equal T": small}, seeds=5))
    assert found.outcome == expected
    assert found.primary.paired.n == 5
    assert found.primary.paired.mean == pytest.approx(-math.log(small), abs=0.05)


@pytest.mark.parametrize(("growing", "expected"), [(1.0, "supported"), (1.3, "not supported"), (0.7, "not supported")])
def test_a_claim_of_the_same_is_decided_either_way(growing: float, expected: str) -> None:
    losses = {"s=0.75, s_B=2": growing, "s=0.375, B=16": 1.0}
    assert verdict_of("7", tables(CLAIMS["7"], losses, seeds=5)).outcome == expected


def test_seeds_are_paired() -> None:
    """Seeds differ by 30%, pairs by 2%: unpaired, 5 seeds could tell nothing of a difference of 15%."""
    found = verdict_of("3", tables(CLAIM, {**LEVEL, "B=16, equal T": 0.85}, seeds=5))
    assert found.outcome == "supported"
    assert found.primary.paired.sd < 0.06


def test_a_control_that_should_refute_does() -> None:
    """At equal epochs B=16 is far better; at equal training time the two are alike."""
    epochs = tables(CLAIMS["1"], {"B=16": 0.2, "B=512": 1.0}, seeds=5)
    alike = tables(CLAIMS["1"], {"B=16, equal T": 1.0, "B=512, equal T": 1.0}, seeds=5)
    better = tables(CLAIMS["1"], {"B=16, equal T": 0.5, "B=512, equal T": 1.0}, seeds=5)
    for control, expected in ((alike, "not supported"), (better, "supported")):
        found = verdict_of("1", joined(epochs, control))
        assert found.outcome == "supported"
        ((_, result),) = found.controls
        assert result.outcome == expected


def test_only_seeds_that_both_arms_have_count() -> None:
    first = tables(CLAIM, {"B=16, equal T": 0.5}, seeds=5)
    second = tables(CLAIM, {"B=512, equal T": 1.0}, seeds=3)
    found = verdict_of("3", joined(first, second))
    assert found.primary.seeds == (0, 1, 2)
    assert found.outcome == "cannot tell yet"  # three of five planned seeds
    assert found.primary.outcome == "supported"


def test_a_claim_is_decided_once_by_the_seeds_it_plans() -> None:
    many = tables(CLAIM, {**LEVEL, "B=16, equal T": 0.5}, seeds=9)
    found = verdict_of("3", many)
    assert found.primary.seeds == (0, 1, 2, 3, 4)
    assert found.complete


def test_looking_with_every_new_seed_would_double_the_levels_and_looking_once_does_not() -> None:
    """The truth on the margin itself: wrong 'supported' comes up at its level of 2.5%, and no more."""
    random, wrong, peeking = np.random.default_rng(0), 0, 0
    for _ in range(2000):
        draws = random.normal(MARGIN, 0.1, 5).tolist()
        looks = [ratios(Paired.of(draws[:n]), "more", MARGIN)[0] <= 1 for n in (2, 3, 4, 5)]
        wrong, peeking = wrong + looks[-1], peeking + any(looks)
    assert wrong / 2000 < 0.025 + 3 * (0.025 * 0.975 / 2000) ** 0.5
    assert peeking > 1.8 * wrong


def test_runs_on_other_images_answer_for_no_claim() -> None:
    both = tables(CLAIM, LEVEL, seeds=5)
    other = both.runs.assign(data_fingerprint="f" * 64)
    assert verdict_of("3", ends.Tables(other, both.epochs, both.measurements)).primary.paired.n == 0


def test_what_is_not_above_zero_has_no_logarithm_and_is_said_to_be_without_a_value() -> None:
    found = verdict_of("3", tables(CLAIM, {**LEVEL, "B=16, equal T": -1.0}, seeds=5))
    assert (found.primary.paired.n, found.primary.dropped) == (0, 5)


def test_seeds_that_would_tell_are_those_at_which_the_verdict_falls() -> None:
    def needed(*differences: float) -> int | None:
        return verdicts.seeds_that_would_tell(
            verdicts.Finding(CLAIM.primary, Paired.of(differences), {}, "cannot tell yet")
        )

    n = needed(0.30, -0.10, 0.25)  # mean 0.15, 0.055 above the margin
    sd = Paired.of((0.30, -0.10, 0.25)).sd
    assert n is not None
    assert (1.96 * sd / 0.0547) ** 2 < n < (2.05 * sd / 0.0547) ** 2
    low = needed(0.1, -0.3, 0.0)  # below: the 90% interval decides
    assert low is not None
    assert low < 20
    assert needed(MARGIN - 0.1, MARGIN + 0.1) is None  # on the margin itself: never
    assert needed(0.3) is None


def test_both_arms_of_a_pair_have_the_same_crops() -> None:
    both = tables(CLAIM, LEVEL, seeds=1)
    fewer = table.rows(both.runs)[0]
    spec = table.spec_of(fewer).model_copy(update={"views": 33})
    runs = pd.concat([both.runs[1:], table.frame("runs", [{**fewer, **spec.model_dump()}])], ignore_index=True)
    found = verdict_of("3", ends.Tables(runs, both.epochs, both.measurements))
    assert found.primary.paired.n == 0


def test_a_cancelled_run_does_not_count_and_one_that_went_wrong_does() -> None:
    both = tables(CLAIM, LEVEL, seeds=3)
    for status, n in (("cancelled", 0), ("failed to learn", 3), ("diverged", 3)):
        found = verdict_of("3", ends.Tables(both.runs.assign(status=status), both.epochs, both.measurements))
        assert found.primary.paired.n == n


def test_a_diverged_run_ends_as_bad_as_can_be_whatever_was_recorded() -> None:
    both = tables(CLAIM, LEVEL, seeds=1)
    diverged = ends.Tables(both.runs.assign(status="diverged"), both.epochs.assign(test_loss=None), both.measurements)
    (loss,) = ends.pairs(CLAIM, CLAIM.primary, diverged).values()
    (accuracy,) = ends.pairs(CLAIM, CLAIM.secondary[0], diverged).values()
    assert (loss.first, accuracy.first) == (ends.WORST_LOSS, 0.1)


def test_a_loss_that_exploded_counts_as_the_worst_there_is() -> None:
    found = verdict_of("3", tables(CLAIM, {**LEVEL, "B=16, equal T": 6e18}, seeds=3))
    values = ends.pairs(CLAIM, CLAIM.primary, tables(CLAIM, {**LEVEL, "B=16, equal T": 6e18}, seeds=3))
    assert {pair.first for pair in values.values()} == {ends.WORST_LOSS}
    assert found.primary.outcome == "not supported"


def test_holm_takes_back_what_would_stand_alone() -> None:
    """A p-value just below its level does not survive beside claims of which the runs say nothing."""
    strong = tables(CLAIM, {**LEVEL, "B=16, equal T": 0.86}, seeds=5, spread=0.025)
    (alone,) = verdicts.verdicts(strong, {"3": CLAIM})
    assert alone.primary.outcome == alone.outcome == "supported"
    together = verdict_of("3", strong)
    assert together.primary.outcome == "supported"
    assert together.outcome == "cannot tell yet"
    assert together.detectable > alone.detectable


def test_a_probe_is_read_at_the_epoch_of_its_arm() -> None:
    claim = CLAIMS["4"]
    both = tables(claim, {"B=16": 1.0, "B=512": 1.0}, seeds=1)
    keys = {row["batch_size"]: row["key"] for row in table.rows(both.runs)}
    measured = [
        {"key": keys[16], "probe": "curvature", "epoch": 149, "name": "largest_eigenvalue", "value": 14.0},
        {"key": keys[16], "probe": "curvature", "epoch": 4, "name": "largest_eigenvalue", "value": 72.0},
        {"key": keys[512], "probe": "curvature", "epoch": 149, "name": "largest_eigenvalue", "value": 66.0},
    ]
    found = ends.Tables(both.runs, both.epochs, table.frame("measurements", measured))
    at_end = ends.pairs(claim, claim.primary, found)
    at_equal_time = ends.pairs(claim, claim.controls[0].comparison, found)
    assert [(pair.first, pair.second) for pair in (at_end[0], at_equal_time[0])] == [(66.0, 14.0), (66.0, 72.0)]
    assert ends.difference("curvature.largest_eigenvalue", 66.0, 14.0) == pytest.approx(math.log(66 / 14))


def test_differences_are_positive_where_the_first_has_more() -> None:
    assert ends.difference("test_loss", 0.5, 1.0) == pytest.approx(math.log(2))  # less loss is more
    assert ends.difference("test_accuracy", 0.93, 0.92) == pytest.approx(1.0)
    assert set(MEASURES) >= {comparison.measure for claim in CLAIMS.values() for comparison in claim.comparisons()}


def test_a_kink_predicts_kinked_ends_and_a_curve_smooth_ones() -> None:
    xs = [math.exp(x) for x in (-3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5)]
    kinked = [(x, 0.9 + 0.08 * min(0.0, math.log(x) + 1.2)) for x in xs]
    smooth = [(x, 0.99 - 0.01 * (math.log(x) - 0.6) ** 2) for x in xs]
    for points, better, worse in ((kinked, ends._kinked, ends._smooth), (smooth, ends._smooth, ends._kinked)):
        assert ends.left_out_error(points, better) < 0.7 * ends.left_out_error(points, worse)
