"""What a lesson's screen says, against tables small enough to read."""

from __future__ import annotations

import pandas as pd
import pytest

from sgd_core.charts.axes import AXES
from sgd_core.evidence.guesses import Options
from sgd_core.evidence.sentences import lesson
from tests.evidence.sentences.test_evidence import BETTER, WORSE, verdict


def curves(**ends: float) -> pd.DataFrame:
    """Runs of six epochs that rise to these ends; run number k takes 10 k updates an epoch, at mu = 0.1."""
    rows = []
    for place, (run, end) in enumerate(ends.items(), 1):
        for epoch in range(6):
            updates = 10 * place * (epoch + 1)
            rows.append({"run": run, "epoch": epoch, "mean": end * (epoch + 1) / 6, "updates": updates,
                         "training_time": 0.1 * updates, "learning_rate": 0.1, "batch_size": 16})  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("sizes", "images", "said"),
    [
        ((16, 512), 2967, "An epoch, all 2,967 images once, is **186 steps** at B = 16 and **6 steps** at B = 512: "
         "31 times as many."),
        ((4, 8), 8, "An epoch, all 8 images once, is **2 steps** at B = 4 and **1 step** at B = 8: 2 times as many."),
        ((512, 16), 1024, "An epoch, all 1,024 images once, is **2 steps** at B = 512 and **64 steps** at B = 16: "
         "32 times as many."),
    ],
)  # fmt: skip
def test_steps_of_an_epoch(sizes: tuple[int, ...], images: int, said: str) -> None:
    assert lesson.epoch(sizes, images) == said


@pytest.mark.parametrize(
    ("updates", "said"),
    [
        ({"B=16": 27900, "B=512": 900}, "At equal epochs B=512 has taken 900 updates, and B=16 has taken 27,900."),
        ({"B=512": 900, "B=16": 27900}, "At equal epochs B=512 has taken 900 updates, and B=16 has taken 27,900."),
        ({"A": 900, "B": 900}, ""),
        ({"A": 900}, ""),
    ],
)
def test_updates_at_equal_epochs(updates: dict[str, int], said: str) -> None:
    assert lesson.taken(updates) == said


@pytest.mark.parametrize(
    ("ends", "names", "loss", "said"),
    [
        ({"A": 0.98, "B": 0.91}, ["B"], False, "**B ends at 91.0%**, 7.0 points below A."),
        ({"A": 0.98, "B": 0.91}, ["A"], False, "**A ends at 98.0%**."),
        ({"A": 0.98, "B": 0.975}, ["B"], False, "**B ends at 97.5%**, 0.5 points below A, too close to rank."),
        ({"A": 0.2, "B": 0.5}, ["B"], True, "**B ends at 0.500**, 0.300 above A."),
        ({"A": 0.98, "B": 0.91, "C": 0.95}, ["B", "C"], False,
         "**B ends at 91.0%**, 7.0 points below A; **C ends at 95.0%**, 3.0 points below A."),
    ],
)  # fmt: skip
def test_where_a_covered_run_ends(ends: dict[str, float], names: list[str], loss: bool, said: str) -> None:
    assert lesson.ended(curves(**ends), names, loss) == said


@pytest.mark.parametrize(
    ("ends", "truth", "loss", "said"),
    [
        ([], 0.9, False, ""),
        ([0.93], 0.91, False, "Guessed: **93.0%**, 2.0 points too high."),
        ([0.8], 0.91, False, "Guessed: **80.0%**, 11.0 points too low."),
        ([0.905], 0.91, False, "Guessed: **90.5%**, within a point."),
        ([0.3], 0.2, True, "Guessed: **0.300**, 0.100 too high."),
        ([0.1], 0.2, True, "Guessed: **0.100**, 0.100 too low."),
        ([0.21], 0.2, True, "Guessed: **0.210**, within a tenth."),
        ([0.8, 0.9], 0.91, False, "The middle of 2 guesses: **85.0%**, 6.0 points too low."),
        ([0.95, 0.7, 0.8, 0.9, 0.85], 0.8, False,
         "The middle of 5 guesses: **85.0%**, 5.0 points too high; half of them lie from 80.0% to 90.0%."),
    ],
)  # fmt: skip
def test_how_far_guesses_are_off(ends: list[float], truth: float, loss: bool, said: str) -> None:
    assert lesson.guessed(ends, truth, loss) == said


@pytest.mark.parametrize(
    ("right", "counts", "said"),
    [
        (1, (0, 0, 0), ""),
        (1, (0, 1, 0), "Chosen: 'Equal', which is right."),
        (1, (1, 0, 0), "Chosen: 'Lower'; right is 'Equal'."),
        (None, (1, 0, 0), "Chosen: 'Lower'."),
        (1, (3, 4, 5), "**4 of 12** chose what is right, 'Equal'."),
        (None, (3, 4, 5), "Most votes, 5 of 12: 'Higher'."),
        (None, (5, 2, 5), "'Lower' and 'Higher' have 5 of 12 votes each."),
    ],
)
def test_what_was_chosen(right: int | None, counts: tuple[int, ...], said: str) -> None:
    assert lesson.chosen(Options(("Lower", "Equal", "Higher"), right), counts) == said


def test_the_leader_is_the_highest_accuracy_and_the_lowest_loss() -> None:
    assert lesson.leader(curves(A=0.5, B=0.9), loss=False) == "B"
    assert lesson.leader(curves(A=0.5, B=0.9), loss=True) == "A"


def test_how_much_longer_the_best_run_has_trained() -> None:
    table = curves(A=0.5, B=0.9)
    assert lesson.longer(table, "B") == "Its training time T is 2 times that of A."
    assert lesson.longer(table, "A") == ""


@pytest.mark.parametrize(
    ("ends", "axis", "said"),
    [
        ({"A": 0.6, "B": 0.9}, "epoch",
         "At equal epochs (at epoch 5) they are **30.0 points** apart: B first, A last."),
        ({"A": 0.9, "B": 0.6}, "epoch",
         "At equal epochs (at epoch 5) they are **30.0 points** apart: A first, B last."),
        ({"A": 0.9, "B": 0.895}, "epoch",
         "At equal epochs (at epoch 5) they are **0.5 points** apart, too close to rank."),
    ],
)  # fmt: skip
def test_how_far_apart_at_an_equal_amount(ends: dict[str, float], axis: str, said: str) -> None:
    assert lesson.apart(curves(**ends), AXES[axis], loss=False) == said


def test_a_gap_that_reading_between_epochs_can_hide_is_not_ranked() -> None:
    steep = curves(A=0.9, B=0.87)
    steep["training_time"] = steep["epoch"] + 1.0
    steep.loc[steep["run"] == "B", "training_time"] += 0.5  # no epoch of B ends where A does
    said = lesson.apart(steep, AXES["time"], loss=False)
    assert said == "At equal training time (at T = 6) they are **10.3 points** apart, too close to rank."


def test_a_run_that_has_only_begun_is_not_compared() -> None:
    assert lesson.apart(curves(A=0.6, B=0.9), AXES["time"], loss=False) == (
        "At equal training time they cannot be compared: one of them has only begun."
    )


def test_scatter_falls_as_one_over_b() -> None:
    assert lesson.narrower(4, 64, (0.34, 0.085)) == (
        "From B = 4 to B = 64, 16 times the examples, a step's typical error falls from 0.34 to 0.085. The variance, "
        "its square, falls **16-fold: as 1/B**."
    )


@pytest.mark.parametrize(
    ("noise", "variance", "said"),
    [
        ((0.025, 0.025), (0.5, 0.515),
         "μ/B is the same in both, and the clouds are **equally wide** (variances 3% apart)."),
        ((0.025, 0.1), (0.5, 2.1), "μ/B is 4 times as large, and the second cloud has **4.2 times the variance**."),
        ((0.1, 0.025), (2.0, 0.5), "μ/B is 0.25 times as large, and the second cloud has **4 times less variance**."),
        ((0.1, 0.1), (1.0, 1.3), "μ/B is the same in both, and the second cloud has **1.3 times the variance**."),
    ],
)  # fmt: skip
def test_which_cloud_is_wider(noise: tuple[float, float], variance: tuple[float, float], said: str) -> None:
    assert lesson.clouds(noise, variance) == said


def test_a_tested_claim_has_its_difference_and_its_verdict() -> None:
    assert lesson.tested(verdict("3", *WORSE)) == (
        "B=16 ends with a test loss 99% higher than B=512 (95% interval 94% higher to 104% higher, n = 3). 'Noise "
        "decides what is found': **not supported**."
    )
    assert "a test loss 50% lower than B=512" in lesson.tested(verdict("3", *BETTER))
    assert lesson.tested(verdict("3", 0.1)).startswith("B=16 ends with a test loss 10% lower than B=512 (one seed). ")
    assert (
        lesson.tested(verdict("3"))
        == "No seed of both is here yet. 'Noise decides what is found': **cannot tell yet**."
    )


def test_a_covered_run_is_named_but_not_told() -> None:
    assert lesson.pictured("Test loss", ["A"], ["B"], "epochs") == "Test loss of A along epochs. Still covered: B."
    assert lesson.pictured("Test loss", [], [], "epochs") == "Test loss of no run along epochs."
