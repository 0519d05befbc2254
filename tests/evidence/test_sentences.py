"""The sentences of verdicts: what they say in the ordinary case and in the odd ones."""

from __future__ import annotations

import math

import pytest

from sgd_core.evidence import sentences
from sgd_core.evidence.paired import Paired
from sgd_core.evidence.verdicts import Finding, Outcome, Verdict, outcome, ratios
from sgd_core.experiment.claims import CLAIMS, MEASURES, Claim, Comparison


def finding(comparison: Comparison, *differences: float) -> Finding:
    paired = Paired(differences, MEASURES[comparison.measure].margin)
    for_it, against = ratios(paired, comparison.kind)
    return Finding(comparison, paired, tuple(range(len(differences))), outcome(for_it <= 1, against <= 1))


def verdict(claim: Claim, *differences: float, after_holm: Outcome | None = None) -> str:
    found = finding(claim.primary, *differences)
    return sentences.verdict(Verdict(claim, after_holm or found.outcome, found, (), ()))


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


@pytest.mark.parametrize(("measure", "said"), [("test_loss", "10%"), ("test_accuracy", "0.5 points")])
def test_a_margin_is_said_in_its_unit(measure: str, said: str) -> None:
    assert sentences.margin(MEASURES[measure]) == said


def test_supported_says_by_how_much_and_how_sure() -> None:
    assert verdict(CLAIMS["1"], 1.20, 1.24, 1.16) == (
        "Supported: at equal epochs B=16 has a test loss 70% lower than B=512 (95% interval 73% lower to 67% lower), "
        "n = 3. That is beyond the margin of 10%."
    )


def test_not_supported_says_what_would_have_been_found() -> None:
    said = verdict(CLAIMS["1"], -0.01, 0.02, 0.0, 0.01)
    assert said.startswith("Not supported: at equal epochs B=16 has a test loss the same as B=512 has (95% interval ")
    assert "less than the margin of 10%; a true difference of 12% lower would have been found 8 times in 10." in said


def test_the_other_side_is_said_as_such() -> None:
    said = verdict(CLAIMS["1"], -0.7, -0.72, -0.68)
    assert said.startswith("Not supported: at equal epochs B=16 has a test loss 101% higher than B=512 (95% interval 9")
    assert "It lies on the other side" in said


def test_cannot_tell_says_how_many_seeds_would() -> None:
    said = verdict(CLAIMS["1"], 0.3, -0.2, 0.5)
    assert said.startswith("Cannot tell yet: ")
    assert "The interval reaches past the margin of 10%. About " in said
    assert "seeds would tell, if it stays like this." in said
    assert "More than 200 seeds would be needed" in verdict(CLAIMS["1"], 5.09, -4.9)


def test_one_seed_and_none_are_said() -> None:
    assert "n = 1 (one seed has no interval). An interval takes two seeds." in verdict(CLAIMS["1"], 0.3)
    assert "no seed of both B=16 and B=512 is there yet. An interval takes two seeds." in verdict(CLAIMS["1"])


def test_holms_correction_is_named_where_it_takes_a_verdict_back() -> None:
    said = verdict(CLAIMS["1"], 1.2, 1.3, 1.1, after_holm="cannot tell yet")
    assert "By itself it would be supported, but not after Holm's correction over all claims." in said


def test_the_same_is_within_or_beyond_either_way() -> None:
    assert "within the margin of 10% either way; a true difference of" in verdict(CLAIMS["7"], 0.01, -0.01, 0.02)
    assert "so they are not the same" in verdict(CLAIMS["7"], 0.5, 0.52, 0.48)


@pytest.mark.parametrize("differences", [(0.5, 0.52, 0.48), (0.0, 0.01, -0.01), (0.4, -0.3, 0.2), (0.1,), ()])
def test_a_control_says_what_it_means_for_the_reason(differences: tuple[float, ...]) -> None:
    (control,) = CLAIMS["1"].controls
    found = finding(control.comparison, *differences)
    said = sentences.control(control, found)
    meaning = {"supported": control.if_so, "not supported": control.if_not, "cannot tell yet": "does not tell yet"}
    assert said.endswith(f"{meaning[found.outcome]}.")
    assert said.startswith("Control: at equal training time ")
