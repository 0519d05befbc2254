"""The sentences of the evidence page: what they say in the ordinary case and in the odd ones."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from sgd_core.evidence.ends import Pair
from sgd_core.evidence.neighbours import Split
from sgd_core.evidence.paired import Paired
from sgd_core.evidence.sentences import evidence as sentences
from sgd_core.evidence.verdicts import Finding, Outcome, Verdict, outcome, ratios
from sgd_core.experiment.claims import CLAIMS, MEASURES, Comparison

TWICE = math.log(2)


def finding(comparison: Comparison, *differences: float) -> Finding:
    paired, measure = Paired.of(differences), MEASURES[comparison.measure]
    for_it, against = ratios(paired, comparison.kind, measure.margin)
    pairs = {seed: Pair(math.exp(measure.sign * each), 1.0, 151) for seed, each in enumerate(differences)}
    return Finding(comparison, paired, pairs, outcome(for_it <= 1, against <= 1))


def verdict(name: str, *differences: float, after_holm: Outcome | None = None, controls: bool = True) -> Verdict:
    claim = CLAIMS[name]
    found = finding(claim.primary, *differences)
    said = [(control, finding(control.comparison, *differences)) for control in claim.controls if controls]
    return Verdict(claim, after_holm or found.outcome, found, (), tuple(said))


BETTER, WORSE, SAME = (0.69, 0.70, 0.68), (-0.70, -0.69, -0.68), (0.001, -0.001, 0.0)
UNSURE = (0.5, -0.4, 0.3)


@pytest.mark.parametrize(
    ("noise", "epochs", "said"),
    [
        (WORSE, BETTER, "Training time does the work here, not the noise of the steps: with equal training time more "
         "noise does worse. B=16 ends with a test loss 99% higher than B=512 (95% interval 94% higher to 104% higher; "
         "so in 3 of 3 seeds), at 10 times the noise "
         "μ/B of the paper's noisiest run."),
        (SAME, BETTER, "Training time does the work here, not the noise of the steps: with equal training time more "
         "noise makes no difference that counts. B=16 ends with a test loss the same as B=512"),
        (WORSE, UNSURE, "At equal training time more noise does worse here. B=16"),
        (WORSE, (), "At equal training time more noise does worse here. B=16"),
        (BETTER, BETTER, "Noise does work here: at equal training time more of it does better. B=16 ends with a test "
         "loss 50% lower than B=512"),
        (UNSURE, BETTER, "Whether the noise of the steps does the work here cannot be told yet. B=16"),
        ((0.1,), BETTER, "Whether the noise of the steps does the work here cannot be told yet. B=16 ends with a test "
         "loss 10% lower than B=512 (one seed)."),
        ((), (), "Whether the noise of the steps does the work here cannot be told yet."),
    ],
)  # fmt: skip
def test_the_answer_follows_from_noise_at_equal_time_and_batch_size_at_equal_epochs(
    noise: tuple[float, ...], epochs: tuple[float, ...], said: str
) -> None:
    assert sentences.answer([verdict("1", *epochs), verdict("3", *noise)]).startswith(said)


def test_a_verdict_that_holm_took_back_answers_nothing() -> None:
    found = [verdict("1", *BETTER), verdict("3", *WORSE, after_holm="cannot tell yet")]
    assert sentences.answer(found).startswith("Whether the noise of the steps does the work here cannot be told yet. B")
    undecided = [verdict("1", *BETTER, after_holm="cannot tell yet"), verdict("3", *WORSE)]
    assert sentences.answer(undecided).startswith("At equal training time more noise does worse here.")


def test_a_wide_interval_is_not_called_no_difference() -> None:
    wide = (-0.5, -0.3, -0.1, -0.4, 0.0)
    assert sentences.answer([verdict("3", *wide)]).startswith("At equal training time more noise does not do better")


def test_without_the_claim_about_noise_there_is_no_answer() -> None:
    assert sentences.answer([verdict("1", *BETTER)]) == ""


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        (("supported", "not supported", "cannot tell yet"),
         "Of the paper's three claims one is supported, one is not supported and one cannot be told yet"),
        (("supported",) * 3,
         "Of the paper's three claims three are supported"),
    ],
)  # fmt: skip
def test_claims_are_counted_by_verdict(outcomes: tuple[Outcome, ...], said: str) -> None:
    found = [verdict(name, *BETTER, after_holm=each) for name, each in zip(("1", "3", "7"), outcomes, strict=True)]
    assert sentences.summary(found) == said


def test_without_runs_no_claim_is_counted() -> None:
    assert sentences.summary([verdict(name) for name in CLAIMS]).startswith("No run that tests a claim is here yet")


@pytest.mark.parametrize(
    ("differences", "said"),
    [
        (BETTER, "At equal epochs B=16 ends with a test loss 50% lower than B=512 (3 of 5 planned seeds), but it has "
         "then trained 31 times as long"),
        (SAME, "At equal epochs B=16 ends with a test loss the same as B=512 (3 of 5"),
        (WORSE, "At equal epochs B=16 ends with a test loss 99% higher than B=512"),
        ((0.1,), "At equal epochs B=16 ends with a test loss 10% lower than B=512 (1 of 5 planned seeds)"),
    ],
)  # fmt: skip
def test_at_equal_epochs_says_how_much_longer(differences: tuple[float, ...], said: str) -> None:
    assert sentences.at_equal_epochs(verdict("1", *differences)).startswith(said)


def test_at_equal_epochs_without_seeds_nothing_is_said() -> None:
    assert sentences.at_equal_epochs(verdict("1")) == ""


def test_seeds_that_agree_are_those_with_the_sign_of_the_mean() -> None:
    comparison = CLAIMS["3"].primary
    assert sentences.agreeing(finding(comparison, -0.5, -0.4, 0.1)) == 2
    assert sentences.agreeing(finding(comparison, 0.5, 0.4, 0.1)) == 3
    assert sentences.agreeing(finding(comparison)) == 0


@pytest.mark.parametrize(
    ("name", "differences", "said"),
    [
        ("1", WORSE, "test loss 99% higher · 3 of 5 · control against"),
        ("3", BETTER, "test loss 50% lower · 3 of 5 · controls for, for"),
        ("3", UNSURE, "test loss 12% lower · 3 of 5 · controls open, open"),
        ("4", (TWICE,), "curvature 100% higher · 1 of 3 · controls open, open"),
        ("6", (-0.4, -0.42), "error 0.4 points higher · 2 of 5"),
        ("1", (), "no seed · 0 of 5 · control open"),
    ],
)
def test_beside_a_claim_stand_difference_seeds_and_controls(
    name: str, differences: tuple[float, ...], said: str
) -> None:
    assert sentences.beside(verdict(name, *differences)) == said


def test_beside_a_row_stand_difference_and_seeds() -> None:
    comparison = CLAIMS["3"].primary
    assert sentences.beside_row(finding(comparison, *WORSE)) == "99% higher, n = 3"
    assert sentences.beside_row(finding(comparison)) == "no seed yet"


def test_what_would_have_been_found_needs_two_seeds() -> None:
    assert sentences.would_have_found(verdict("1", *BETTER)).endswith("% lower")
    assert sentences.would_have_found(verdict("4", *BETTER)).endswith("% higher")
    assert sentences.would_have_found(verdict("1", 0.3)) == "unknown with fewer than two seeds"


def test_the_scope_names_settings_and_margin() -> None:
    said = sentences.scope(verdict("3", *WORSE))
    assert "mu = 32e-4, 900 updates (T = 2.88), noise 32-fold; differences below a factor of 1.1 count as none" in said


def test_the_picture_is_told_claim_by_claim() -> None:
    said = sentences.picture([verdict("1", *WORSE), verdict("3")])
    first = (
        "1 Small batches do better: not supported, test loss 99% higher · 3 of 5 · control against (94% higher to 104%"
    )
    assert first in said
    assert said.endswith(
        "3 Noise decides what is found: cannot tell yet, no seed · 0 of 5 · controls open, open (? to ?)."
    )


@pytest.mark.parametrize(
    ("agreement", "runs", "said"),
    [
        (0.984, 27, "survives on the test images: their reported finals and the test accuracies here "
         "rank the 27 runs with a correlation of 0.98 (Spearman)."),
        (0.6, 27, "is found again in part on the test images"),
        (0.1, 5, "is not found again on the test images"),
        (-0.9, 5, "is not found again on the test images"),
        (math.nan, 0, "With no of the paper's runs here nothing can be said"),
        (math.nan, 2, "With two of the paper's runs here nothing can be said"),
    ],
)  # fmt: skip
def test_the_authors_order_survives_or_does_not(agreement: float, runs: int, said: str) -> None:
    assert said in sentences.ordering(agreement, runs)


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        ({}, "What these data cannot show is a gap between training and test images on the whole set."),
        ({"val": Split(409, 409, 30, 347, 347), "test": Split(2000, 1988, 139, 1714, 1702)},
         "by the frozen features the nearest training image alone names 100.0% of the validation and 99.4% of the test "
         "images, so that no method has room for one. 30 of the 409 validation and 139 of the 2,000 test images are "
         "near-twins of training images; of those that resemble none it still names 100.0% and 99.3%."),
        ({"val": Split(409, 409, 0, 409, 409)}, "alone names 100.0% of the validation images, so"),
        ({"test": Split(0, 0, 0, 0, 0)}, "on the whole set."),
        ({"other": Split(10, 10, 0, 10, 10)}, "on the whole set."),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_said_with_numbers_and_without(measured: dict[str, Split], said: str) -> None:
    assert said in sentences.cannot_show(measured)


def test_seeds_are_told_of_those_planned() -> None:
    found = verdict("4", *BETTER)
    assert sentences.seeds(found) == "3 of 3 planned seeds"
    assert sentences.seeds(replace(found, claim=replace(found.claim, seeds=8))) == "3 of 8 planned seeds"


@pytest.mark.parametrize(
    ("loss", "said"),
    [(True, "The test loss ends: B=16 at 0.5 (2 seeds); B=512 at 0.25 (1 seed)."),
     (False, "The test loss ends: B=16 at 50.0% (2 seeds); B=512 at 25.0% (1 seed).")],
)  # fmt: skip
def test_curves_are_told_by_their_ends_and_seeds(loss: bool, said: str) -> None:
    table = pd.DataFrame({"arm": ["B=16", "B=16", "B=512"], "mean": [2.0, 0.5, 0.25], "n": [2, 2, 1]})
    assert sentences.curves(table, "test loss (log axis)", loss) == said


def test_no_curve_has_no_end() -> None:
    assert sentences.curves(pd.DataFrame({"arm": [], "mean": [], "n": []}), "the paper's accuracy", False) == (
        "The paper's accuracy ends: ."
    )


def test_every_comparison_has_a_name_of_its_own_beside_its_row() -> None:
    for claim in CLAIMS.values():
        names = [sentences.also(comparison) for comparison in claim.secondary]
        assert len(set(names)) == len(names), claim.name
        assert not [name for name in names if ",:" in name or name.startswith(":")]
    assert sentences.also(CLAIMS["3b"].secondary[0]) == "with 10 a class, 30% wrong: test accuracy"


def test_noise_without_small_batches_is_explained_where_there_is_an_arm_of_it() -> None:
    told = [name for name, claim in CLAIMS.items() if "multiplied by a random weight" in sentences.by_weights(claim)]
    assert told == ["3", "3b"]
    assert sentences.by_weights(CLAIMS["1"]) == ""


def test_an_axis_of_margins_says_what_they_are() -> None:
    both = [finding(comparison, 0.1, 0.2) for comparison in (CLAIMS["3"].primary, CLAIMS["3"].secondary[0])]
    assert "a factor of 1.1 or 0.5 points." in sentences.in_margins(both)
    assert sentences.in_margins(both[:1]).endswith("units: a factor of 1.1.")


def test_noise_beyond_the_papers_runs_is_told() -> None:
    """The paper's noisiest runs begin at 0.01/512; 32e-4/16 is ten times that, 32e-4/256 less."""
    assert sentences.beyond_the_paper(CLAIMS["3"].arms["B=16, equal T"].spec) == pytest.approx(10.24)
    assert sentences.beyond_the_paper(CLAIMS["3"].arms["B=256, equal T"].spec) < 1


def test_what_leaving_the_twins_out_changes_is_told_by_split() -> None:
    rows = [
        ("B=16", 0, "k", "val", "apart", 0.0, 0.0), ("B=16", 0, "k", "test", "apart", -0.031, 0.0),
        ("B=512", 0, "j", "val", "apart", 0.0, 0.0), ("B=512", 0, "j", "test", "apart", 0.012, 0.0),
        ("B=512", 0, "j", "test", "far", 9.0, 0.0),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["run", "seed", "key", "split", "part", "points", "loss"])
    assert sentences.without_twins(table) == (
        "Without the near-twins the accuracy at the end of 2 runs (B=16, B=512) changes by +0.00 points on the "
        "validation images and by −0.03 to +0.01 points on the test images."
    )
    assert sentences.without_twins(table[table["part"] == "far"]).endswith("`python -m sgd_core measure twins`.")
