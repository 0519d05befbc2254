"""What the page on the collapse says."""

from __future__ import annotations

import math

import pytest

from sgd_core.evidence.collapse import Meeting
from sgd_core.evidence.sentences import collapse as sentences

MET = Meeting(time=0.359, runs=18, gap=0.0119, spread=0.004, fold=25.0)


@pytest.mark.parametrize(
    ("apart", "met", "loss", "said"),
    [
        (0.177, MET, False, "The 27 runs end 17.7 points apart. The 18 that reach T_eff = 0.36 are 1.2 points apart "
                            "there, though their noise μ/B differs 25-fold."),
        (1.409, MET, True, "The 27 runs end 1.409 apart. The 18 that reach T_eff = 0.36 are 0.012 apart there, though "
                           "their noise μ/B differs 25-fold."),
        (0.01, MET, False, "The 27 runs end 1.0 points apart, and those that have come to T_eff = 0.36 no less: "
                           "1.2 points."),
        (0.177, None, False, "The 27 runs end 17.7 points apart."),
    ],
)  # fmt: skip
def test_the_ends_against_those_that_have_trained_equally_far(
    apart: float, met: Meeting | None, loss: bool, said: str
) -> None:
    assert sentences.takeaway(apart, 27, met, loss) == said


@pytest.mark.parametrize(
    ("ends", "equal", "loss", "said"),
    [
        (math.log(0.4), math.log(1.1), False, "Over all ends, ten times more μ/B goes with 0.4 times the error; among "
                                              "the 18 runs that have trained equally far, with 1.1 times the error."),
        (math.log(0.3), math.log(1.25), True, "Over all ends, ten times more μ/B goes with 0.3 times the loss; among "
                                              "the 18 runs that have trained equally far, with 1.2 times the loss."),
        (math.nan, 0.1, False, ""),
        (0.1, math.nan, False, ""),
    ],
)  # fmt: skip
def test_what_ten_times_more_noise_goes_with(ends: float, equal: float, loss: bool, said: str) -> None:
    assert sentences.slopes(ends, equal, MET, loss) == said
    assert sentences.slopes(ends, equal, None, loss) == ""


def test_which_runs_these_are() -> None:
    assert sentences.crops(33, 150, 1) == (
        "Every run of the paper, one seed each, so without intervals; 33 sets of random crops are used in turn."
    )
    assert sentences.crops(151, 150, 3) == "Every run of the paper, 3 seeds each, means and 95% bands."
