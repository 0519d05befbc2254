"""What the page on the real network says of measured noise."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sgd_core.evidence.sentences import network as sentences
from sgd_core.evidence.shares import Fresh
from sgd_core.noise.agreement import Agreement

SIXTEEN, LARGE = "B=16, mu=1e-4", "B=512, mu=1e-4"
ALONG = pd.DataFrame(
    {
        "run": ["B=16", "B=512", "B=16", "B=512"],
        "epoch": [149, 50, -1, -1],
        "noise_scale": [1634.2, 622.4, 200.0, 201.0],
        "noise_scale_error": math.nan,
        "dropout": "off",
    }
)
ON = ALONG.assign(dropout="on", noise_scale=4 * ALONG["noise_scale"], noise_scale_error=[123.4, math.nan, 4.0, 5.0])
TRACES = pd.DataFrame({"trace": [100.0, 50.0], "total_trace": [420.0, 350.0]})
COARSE, FINE = Fresh(0.781, 0.896, crops=False), Fresh(0.812, 0.923, crops=True)


def shares(run: str, *parts: tuple[str, float, float], epoch: int = -1, time: float = 0.0) -> pd.DataFrame:
    """Rows of one run and epoch: part, share and its error, of a trace of 1,000."""
    return pd.DataFrame(
        {
            "run": run, "seed": 0, "epoch": epoch, "effective_time": time, "part": part, "trace": 1000 * share,
            "share": share, "share_error": error,
        }
        for part, share, error in parts
    )  # fmt: skip


APART = shares(SIXTEEN, ("images", 0.15, 0.004), ("crops", 0.05, 0.002), ("masks", 0.8, 0.012))
TWO = (
    shares(SIXTEEN, ("masks", 0.9, 0.01), ("images and crops", 0.1, 0.01), time=0.1),
    shares(SIXTEEN, ("masks", 0.6, 0.01), ("images and crops", 0.4, 0.01), epoch=4, time=0.3),
    shares(LARGE, ("masks", 0.7, 0.01), ("images and crops", 0.3, 0.01), time=0.05),
    shares(LARGE, ("masks", 0.72, 0.02), ("images and crops", 0.28, 0.02), epoch=149, time=0.1),
)
TOGETHER = pd.concat(TWO, ignore_index=True)


@pytest.mark.parametrize(
    ("slope", "said"), [(-0.986, "by 0.50 here, on 9.6 million parameters."), (-0.5, "0.71"), (math.nan, "by nan here")]
)
def test_what_twice_the_batch_does(slope: float, said: str) -> None:
    assert said in sentences.doubling(slope)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (APART, "**dropout masks 80%**, crops 5% and images 15%. A standard error is at most 1.2 points."),
        (TOGETHER, "**dropout masks 60% to 90%**, images and crops 10% to 40%. A standard error is at most 2.0 points"),
        (pd.concat([APART, TWO[3]]), "**dropout masks 72% to 80%**, crops 5% and images 15% and images and crops 28%."),
    ],
)
def test_what_the_noise_is_made_of(table: pd.DataFrame, said: str) -> None:
    assert said in sentences.made_of(table)
    run = table["run"].iloc[0].partition(",")[0]
    assert sentences.shares_described(table).startswith(f"Shares of the noise along {run}. Of the variance")


def test_at_equal_training_time_masks_make_up_as_much() -> None:
    assert sentences.at_equal_time(TOGETHER) == (
        "At equal T_eff, 0.1 where B=512 ends, masks make up 90.0% and 72.0% of a variance of 1,000 and 1,000."
    )
    alike = pd.concat([TWO[0].assign(share=[0.73, 0.27]), *TWO[1:]])
    assert sentences.at_equal_time(alike).endswith(
        "73.0% and 72.0% of a variance of 1,000 and 1,000: it goes with training time here, not with B."
    )
    larger = alike.assign(trace=alike["trace"] * (1 + 0.2 * (alike["run"] == LARGE)))
    assert sentences.at_equal_time(larger).endswith("of a variance of 1,000 and 1,200.")
    assert sentences.at_equal_time(pd.concat(TWO[1:])) == ""  # B=16 begins later than B=512 ends
    assert sentences.at_equal_time(APART) == ""


def test_what_is_not_told_apart_yet_is_named_with_the_command() -> None:
    command = "`python -m sgd_core measure noise_shares`, then `publish`."
    assert sentences.missing(TOGETHER) == f"Images and crops were not told apart yet along B=16 and B=512: {command}"
    assert " along B=512: " in sentences.missing(pd.concat([APART, TWO[3]]))
    assert sentences.missing(APART) == ""
    assert sentences.nothing_of_shares().endswith(command)


@pytest.mark.parametrize(
    ("fresh", "back", "whole"),
    [
        (
            COARSE,
            "nothing takes theirs back: at least 78% of the noise.",
            "at least 78% of what 1/B alone would leave.",
        ),
        (FINE, "nothing takes theirs back: 81% to 92% of the noise.", "81% to 92% of what 1/B alone would leave."),
        (Fresh(0.801, 0.799, crops=True), "back: 80% of the noise.", "one mask: 80% of what"),
    ],
)
def test_what_reshuffling_and_a_batch_of_all_images_leave(fresh: Fresh, back: str, whole: str) -> None:
    assert sentences.taken_back(fresh).startswith("**Reshuffling takes back the images' part only.**")
    assert back in sentences.taken_back(fresh)
    assert sentences.whole_batch(fresh, 2967).startswith("**A batch of all 2,967 images still has noise.**")
    assert whole in sentences.whole_batch(fresh, 2967)


def test_noise_equals_signal_at_each_runs_last_measurement() -> None:
    assert sentences.ends(ALONG) == "1,634 after epoch 149 of B=16, 622 after epoch 50 of B=512"
    assert sentences.ends(ALONG[ALONG["epoch"] < 0]) == "200 before training of B=16, 201 before training of B=512"
    both = pd.concat([ALONG.head(1), ON.head(1)])
    assert "noise and signal are equal, is 1,634 after epoch 149 of B=16, with dropout off. A b" in sentences.scale(
        both
    )
    assert sentences.scale_described(both) == (
        "B_simple along training: with dropout off 1,634 after epoch 149 of B=16; "
        "with dropout on 6,537 ± 120 after epoch 149 of B=16."
    )


def test_b_simple_depends_on_whether_dropout_is_counted() -> None:
    both = pd.concat([ALONG, ON.assign(noise_scale=ON["noise_scale"] * [1, 1, 1, 1.5])])
    assert sentences.with_dropout(both, TRACES) == (
        "With dropout on, as in training, it is 6,537 ± 120 after epoch 149 of B=16, 2,490 after epoch 50 of B=512: "
        "4.0 to 6.0 times as large along the runs. As a critical batch size it depends on which of the two is meant."
    )
    assert sentences.with_dropout(ALONG, TRACES) == (
        "Training has dropout on, and its noise tr Σ is 4.2 to 7.0 times as large; B_simple with it was not measured "
        "yet: `python -m sgd_core measure noise_shares`, then `publish`."
    )


def test_b_simple_is_a_prediction_for_one_step() -> None:
    assert "for one step at one place" in sentences.critical()
    assert "1812.06162, section 2). The critical batch size itself is measured" in sentences.critical()


def test_signal_and_noise_in_words() -> None:
    measured = ALONG.assign(trace=[112.06, 442.2, 504.7, 504.7], gradient_norm_squared=[0.0686, 0.71, 2.67, 2.67])
    assert sentences.signal_described(measured) == (
        "tr Sigma and |G| squared along training: 112 and 0.0686 after epoch 149 of B=16, "
        "442 and 0.71 after epoch 50 of B=512."
    )


def test_the_picture_of_the_variance_in_words() -> None:
    told = sentences.variance_described(Agreement(-0.986, 0.035, -1.0))
    assert told.startswith("Variance of the batch gradient against B, measured and predicted. measured −0.986 ± 0.035")


def test_the_noise_is_said_to_change_where_it_does() -> None:
    table = pd.DataFrame(
        {"run": ["B=16", "B=16", "B=512", "B=512", "B=4", "B=4"], "epoch": [149, -1, -1, 149, -1, 149],
         "trace": [112.1, 504.7, 504.7, 480.0, 100.0, 200.0]}
    )  # fmt: skip
    assert sentences.not_constant(table) == (
        "**The noise is not constant**, as the page *Motion* takes it to be: from the first measurement to the last "
        "tr Σ falls 4.5-fold along B=16 and hardly changes along B=512 and grows 2.0-fold along B=4. At one μ/B the "
        "cloud's width goes with it."
    )
    assert [sentences.trained_to(epoch) for epoch in (-1, 0, 149)] == ["untrained", "0", "149"]


def test_noise_goes_with_the_learning_rate_too() -> None:
    table = pd.DataFrame(
        {"run": ["B=16, mu=32e-4", "B=16, mu=1e-4", "B=512, mu=32e-4"], "noise": [2e-4, 6.25e-6, 6.25e-6],
         "momentum": 0.9, "training_time": 0.6, "seeds": 5, "distance": [5.1, 2.2, 2.4]}
    )  # fmt: skip
    # 5.1^2 - 2.3^2 = 20.7; 0.6 * 2e-4 * 2,000 / 0.1^2 = 24
    assert sentences.with_rate(table, 2000.0) == (
        "**Not only with 1/B: with μ too.** At T = 0.6 two runs of one μ/B are 2.20 (B=16, mu=1e-4) and 2.40 (B=512, "
        "mu=32e-4) from their start; B=16, mu=32e-4, with 32 times their μ/B, is 5.10. Squared that is 21 more; steps "
        "that nothing pulls back would add T μ/B tr Σ/(1−m)² = 24, with the tr Σ before training."
    )
    assert sentences.with_rate(table.head(2), 2000.0) == ""
