"""The sentences of verdicts: what they say in the ordinary case and in the odd ones."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from sgd_core.evidence.ends import Pair
from sgd_core.evidence.paired import Paired
from sgd_core.evidence.sentences import verdicts as sentences
from sgd_core.evidence.verdicts import Finding, Outcome, Verdict, outcome, ratios
from sgd_core.experiment.claims import CLAIMS, MEASURES, Claim, Comparison, Control


def finding(comparison: Comparison, *differences: float, views: tuple[int, ...] = (), dropped: int = 0) -> Finding:
    paired, measure = Paired.of(differences), MEASURES[comparison.measure]
    for_it, against = ratios(paired, comparison.kind, measure.margin)
    crops = views or (151,) * len(differences)
    pairs = {seed: Pair(1.0, 1.0, crops[seed]) for seed in range(len(differences))}
    return Finding(comparison, paired, pairs, outcome(for_it <= 1, against <= 1), dropped)


def verdict(claim: Claim, *differences: float, after_holm: Outcome | None = None, seeds: int = 2) -> str:
    found = finding(claim.primary, *differences)
    return sentences.verdict(Verdict(replace(claim, seeds=seeds), after_holm or found.outcome, found, (), ()))


@pytest.mark.parametrize(
    ("measure", "difference", "said"),
    [
        ("test_loss", math.log(2), "50% lower"),
        ("test_loss", -math.log(2), "100% higher"),
        ("test_loss", 0.001, "the same"),
        ("test_accuracy", 0.34, "0.3 points higher"),
        ("test_accuracy", -1.26, "1.3 points lower"),
        ("test_accuracy", -0.04, "the same"),
        ("curvature.largest_eigenvalue", math.log(4), "300% higher"),
        ("updates_to_95", math.log(4), "75% lower"),
    ],
)
def test_an_amount_is_of_the_measured_number(measure: str, difference: float, said: str) -> None:
    assert sentences.amount(MEASURES[measure], difference) == said


@pytest.mark.parametrize(("measure", "said"), [("test_loss", "a factor of 1.1"), ("test_accuracy", "0.5 points")])
def test_a_margin_is_said_in_its_unit(measure: str, said: str) -> None:
    assert sentences.margin(MEASURES[measure]) == said


def test_supported_says_by_how_much_and_how_sure() -> None:
    assert verdict(CLAIMS["1"], 1.20, 1.24, 1.16) == (
        "Supported: at equal epochs B=16 has a test loss 70% lower than B=512 (95% interval 73% lower to 67% lower), "
        "n = 3. That is beyond the margin of a factor of 1.1."
    )


def test_not_supported_says_what_would_have_been_found() -> None:
    said = verdict(CLAIMS["1"], -0.01, 0.02, 0.0, 0.01)
    assert said.startswith("Not supported: at equal epochs B=16 has a test loss the same as B=512 has (95% interval ")
    assert "within the margin of a factor of 1.1; a true difference of 12% lower would have been found 8 times" in said


def test_the_other_side_is_said_as_such() -> None:
    said = verdict(CLAIMS["1"], -0.7, -0.72, -0.68)
    assert said.startswith("Not supported: at equal epochs B=16 has a test loss 101% higher than B=512 (95% interval 9")
    assert "It lies on the other side" in said


def test_cannot_tell_says_how_many_seeds_would() -> None:
    said = verdict(CLAIMS["1"], 0.3, -0.2, 0.5)
    assert said.startswith("Cannot tell yet: ")
    assert "The interval reaches past the margin of a factor of 1.1. About " in said
    assert "seeds would tell, if it stays like this." in said
    assert "More than 200 would be needed" in verdict(CLAIMS["1"], 5.09, -4.9)


def test_a_wide_interval_on_the_wrong_side_is_not_called_small() -> None:
    said = verdict(CLAIMS["1"], -0.7, -0.1, -0.5, -0.3, 0.15)
    assert said.startswith("Not supported: at equal epochs B=16 has a test loss 34% higher than B=512")
    assert "It is not better by the margin of a factor of 1.1;" in said
    assert "within the margin" not in said


def test_planned_seeds_that_are_missing_are_counted() -> None:
    said = verdict(CLAIMS["1"], 1.2, 1.3, after_holm="cannot tell yet", seeds=5)
    assert "2 of 5 planned seeds are there; the claim is decided once, by all." in said


def test_crops_that_differ_and_seeds_without_a_value_are_said() -> None:
    found = finding(CLAIMS["1"].primary, 1.2, 1.3, views=(33, 151), dropped=2)
    assert sentences.finding(found).endswith("n = 2, not all with as many random crops (2 more without a value)")


def test_one_seed_and_none_are_said() -> None:
    assert "n = 1 (one seed has no interval). 1 of 2 planned seeds are there;" in verdict(CLAIMS["1"], 0.3)
    assert "no seed of both B=16 and B=512 is there yet. 0 of 2 planned seeds are there;" in verdict(CLAIMS["1"])


def test_holms_correction_is_named_where_it_takes_a_verdict_back() -> None:
    said = verdict(CLAIMS["1"], 1.2, 1.3, 1.1, after_holm="cannot tell yet")
    assert "By itself it would be supported, but not after Holm's correction over all claims." in said


def test_the_same_is_within_or_beyond_either_way() -> None:
    said = verdict(CLAIMS["7"], 0.01, -0.01, 0.02)
    assert "within the margin of a factor of 1.1 either way; a true difference of" in said
    assert said.endswith("8 times in 10, and as large the other way.")
    assert "so they are not the same" in verdict(CLAIMS["7"], 0.5, 0.52, 0.48)


@pytest.mark.parametrize("differences", [(0.5, 0.52, 0.48), (0.0, 0.01, -0.01), (0.4, -0.3, 0.2), (0.1,), ()])
def test_a_control_says_what_it_means_where_the_claim_is_supported(differences: tuple[float, ...]) -> None:
    (control,) = CLAIMS["1"].controls
    result = finding(control.comparison, *differences)
    for primary in ((1.2, 1.21, 1.19), (-1.2, -1.21, -1.19)):
        found = finding(CLAIMS["1"].primary, *primary)
        said = sentences.control(control, result, Verdict(CLAIMS["1"], found.outcome, found, (), ()))
        meaning = {"supported": f", so {control.if_so}", "not supported": f", so {control.if_not}"}
        if result.outcome == "cannot tell yet":
            assert said.endswith(", which does not tell yet.")
        elif found.outcome == "supported":
            assert said.endswith(f"{meaning[result.outcome]}.")
        else:
            assert not any(text in said for text in meaning.values())
        assert said.startswith("Control: at equal training time ")


CONTROLS = [control for claim in CLAIMS.values() for control in claim.controls]


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.comparison.first)
def test_what_controls_mean_reads_after_so(control: Control) -> None:
    assert not control.if_so.startswith("so ")
    assert not control.if_not.startswith("so ")
