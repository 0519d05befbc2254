"""What the first page says of the runs."""

from __future__ import annotations

import pytest

from sgd_core.evidence.alignment import Spread
from sgd_core.evidence.sentences import start

FIRST = "At equal epochs the runs end 7.1 points apart"


@pytest.mark.parametrize(
    ("ends", "equal", "said"),
    [
        ([0.987, 0.916], None, FIRST),
        ([0.916, 0.95, 0.987], Spread(0.09, "B=16", 0.929, "B=512", 0.916),
         f"{FIRST}; at equal training time (T = 0.09, the most that all of them reach) 1.3 points"),
        ([0.9, 0.9], Spread(0.09, "A", 0.9, "B", 0.9),
         "At equal epochs the runs end 0.0 points apart; at equal training time (T = 0.09, the most that all of them "
         "reach) 0.0 points"),
    ],
)  # fmt: skip
def test_how_far_apart_at_equal_epochs_and_at_equal_training_time(
    ends: list[float], equal: Spread | None, said: str
) -> None:
    assert start.takeaway(ends, equal) == said


@pytest.mark.parametrize(
    ("arms", "more"), [(0, ""), (1, ", and 1 more that tests its claims"), (71, ", and 71 more that test its claims")]
)
def test_how_many_runs_are_published(arms: int, more: str) -> None:
    assert start.published(26, 27, arms) == (
        f"26 of the paper's 27 runs are published here, each at one seed or more{more}"
    )
