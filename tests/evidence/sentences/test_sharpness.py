"""What the page on sharpness says of runs at equal places, of what is missing, and of the edge."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sgd_core.evidence.sentences import sharpness as sentences
from sgd_core.evidence.sharper import Compared, Reading

BIG, SMALL, FAST = "B=512", "B=16", "fast"


def at(place: float, lacking: tuple[str, ...] = (), between: tuple[str, ...] = (), **values: float) -> Compared:
    named = {"big": BIG, "small": SMALL, "fast": FAST}
    readings = {named[run]: Reading(value, (0, 2, 3), named[run] in between) for run, value in values.items()}
    return Compared(place, readings, lacking)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (at(1, small=11.42, big=75.45, fast=11.65), "B=512 (75.5) > fast (11.7) ≈ B=16 (11.4)"),
        (at(1, big=1100, small=1000), "B=512 (1,100) ≈ B=16 (1,000)"),
        (at(1, big=1101, small=1000), "B=512 (1,101) > B=16 (1,000)"),
        (at(1, big=1.0), ""),
        (None, ""),
    ],
)
def test_the_order_ranks_only_what_differs_by_more_than_a_tenth(found: Compared | None, said: str) -> None:
    assert sentences.order(found) == said


EPOCHS = at(150, small=10, big=70, fast=30)


@pytest.mark.parametrize(
    ("epochs", "time", "loss", "said"),
    [
        (EPOCHS, at(0.0891, small=69, big=70), at(0.435, small=65, big=70),
         "At equal epochs (150) the trace of B=512 is 7 times that of B=16. At equal T_eff (0.0891) and at equal "
         "training loss (0.435) they are within 10% of each other, by means over few seeds (the card of claim 4 has "
         "the intervals)."),
        (EPOCHS, at(0.0891, small=35, big=70), at(0.435, small=70, big=35),
         "At equal epochs (150) the trace of B=512 is 7 times that of B=16. At equal T_eff (0.0891) 2 times is left; "
         "at equal training loss (0.435) the order is the reverse, 2 times."),
        (EPOCHS, None, at(0.435, fast=30, big=70),
         "At equal epochs (150) the trace of B=512 is 7 times that of B=16. At equal T_eff and at equal training loss "
         "(0.435) they are not both measured yet."),
        # Of runs that are level at the bottom, the one that is measured elsewhere too is told of.
        (at(150, small=10, big=70, fast=10.5), at(0.1, fast=30, big=70), at(0.4, fast=69, big=70),
         "At equal epochs (150) the trace of B=512 is 6.7 times that of fast. At equal T_eff (0.1) 2.3 times is left; "
         "at equal training loss (0.4) they are within 10% of each other, by means over few seeds (the card of "
         "claim 4 has the intervals)."),
        (at(150, small=10, big=10.9, fast=10.2), EPOCHS, EPOCHS,
         "At equal epochs (150) all 3 runs have the same trace within 10%: there is no order to explain."),
        (at(150, big=10), EPOCHS, EPOCHS,
         "The trace is measured at equal epochs in fewer than two runs: there is no order to tell."),
        (None, None, None, "The trace is measured at equal epochs in fewer than two runs: there is no order to tell."),
    ],
)  # fmt: skip
def test_what_is_left_of_the_order_at_equal_epochs(
    epochs: Compared | None, time: Compared | None, loss: Compared | None, said: str
) -> None:
    assert sentences.takeaway("trace", epochs, time, loss) == said


@pytest.mark.parametrize(
    ("found", "place", "said"),
    [
        (at(150, small=10, big=70), "trained",
         "At equal epochs (150): B=512 (70) > B=16 (10). n = 3 (seeds 0, 2, 3) each."),
        (Compared(0.1, {BIG: Reading(7, (0,), False), SMALL: Reading(2, (0, 1), True)}, (FAST,)), "effective_time",
         "At equal T_eff (0.1): B=512 (7) > B=16 (2). B=512: n = 1 (seed 0); B=16: n = 2 (seeds 0, 1). Read between "
         "two measured epochs: B=16. Not measured there: fast."),
        (at(0.4, (SMALL, FAST), big=70), "reported_loss",
         "At equal training loss (0.4): only B=512 (70). n = 3 (seeds 0, 2, 3) each. Not measured there: B=16 and "
         "fast."),
        (Compared(0.4), "reported_loss", "At equal training loss (0.4): no run is measured there."),
        (None, "trained", ""),
    ],
)  # fmt: skip
def test_an_order_says_what_it_stands_on(found: Compared | None, place: str, said: str) -> None:
    assert sentences.standing(found, place) == said


def test_what_is_missing_is_told_with_the_command() -> None:
    assert sentences.missing({}) == ""
    assert sentences.missing({SMALL: [-1, 14], BIG: [-1, 14], FAST: [49]}) == (
        "Not all measured yet at seed 0 (after epochs in brackets): B=16 and B=512 (untrained, 14); fast (49); "
        "`python -m sgd_core measure sharpness`, then `publish`."
    )
    assert sentences.command("line", "ways") == "`python -m sgd_core measure ways`, then `measure line`, then `publish`"


def edges(*relative: float) -> pd.DataFrame:
    return pd.DataFrame(
        {"run": [f"mu={i}" for i in range(len(relative))], "relative": relative, "epoch": [-1, 0, 4][: len(relative)],
         "curvature": [1187.5 * each for each in relative], "limit": 1187.5}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (edges(0.01, 0.02, 0.055), "Of the paper's runs μ=2 comes nearest to its edge: a largest eigenvalue of 65.3 "
                                   "after 5 epochs, 0.055 times 2(1+m)/μ = 1,188."),
        (edges(0.03, math.nan), "Of the paper's runs μ=0 comes nearest to its edge: a largest eigenvalue of 35.6 "
                                "after no training, 0.03 times 2(1+m)/μ = 1,188."),
        (edges(0.01, 1.2), "Of the paper's runs μ=1 comes nearest to its edge: a largest eigenvalue of 1,425 after 1 "
                           "epoch, 1.2 times 2(1+m)/μ = 1,188."),
        (edges(math.nan), ""),
        (edges(), ""),
    ],
)  # fmt: skip
def test_how_near_a_run_comes_to_its_edge(rows: pd.DataFrame, said: str) -> None:
    assert sentences.share_of_edge(rows) == said


@pytest.mark.parametrize(
    ("status", "accuracy", "shares", "said"),
    [
        ("done", 0.934, [0.3, 0.87, 0.5],
         "x: trains, 93% of the training images right; its largest eigenvalue is at most 0.87 times 2(1+m)/μ, on the "
         "way"),
        ("failed to learn", 0.1, [math.nan, 0.12],
         "x: falls to chance, 10% of the training images right; its largest eigenvalue is at most 0.12 times 2(1+m)/μ, "
         "on the way"),
        ("failed to learn", 0.1, [0.067, 0.001],
         "x: falls to chance, 10% of the training images right; its largest eigenvalue is at most 0.067 times "
         "2(1+m)/μ, before training"),
        ("diverged", math.nan, [math.nan], "x: its loss explodes"),
        ("done", 0.9, [], "x: trains, 90% of the training images right"),
    ],
)  # fmt: skip
def test_what_came_of_a_short_run(status: str, accuracy: float, shares: list[float], said: str) -> None:
    assert sentences.short_run("x", status, accuracy, shares) == said
