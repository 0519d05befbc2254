"""The sentences under a figure: what they say, and what they keep quiet about, ties and odd cases included."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sgd_core.charts.axes import AXES
from sgd_core.evidence.sentences import figures as sentences

TEN = "apart (mean of the last ten epochs"


def curve(run: str, values: list[float], updates: int = 10, rate: float = 1e-4, batch: int = 16) -> pd.DataFrame:
    epochs = range(len(values))
    return pd.DataFrame(
        {
            "run": run, "epoch": epochs, "mean": values, "learning_rate": rate, "batch_size": batch,
            "updates": [updates * (k + 1) for k in epochs],
            "training_time": [rate * updates * (k + 1) for k in epochs],
            "images_seen": [100 * (k + 1) for k in epochs],
        }
    )  # fmt: skip


def both(*curves: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(curves, ignore_index=True)


@pytest.mark.parametrize(
    ("ends", "loss", "said"),
    [
        ({"A": 0.91, "B": 0.983}, False, f"The 2 runs end **7.3 points** {TEN}: B highest, A lowest)."),
        ({"A": 0.983, "B": 0.95, "C": 0.91}, False, f"The 3 runs end **7.3 points** {TEN}: A highest, C lowest)."),
        ({"A": 0.2, "B": 0.305}, True, f"The 2 runs end **0.105** {TEN}: B highest, A lowest)."),
        ({"A": 0.9831, "B": 0.9835}, False, f"The 2 runs end **0.0 points** {TEN})."),
        ({"A": 0.98, "B": 0.98}, False, f"The 2 runs end **0.0 points** {TEN})."),
        ({"A": 0.98}, False, ""),
        ({}, False, ""),
    ],
)  # fmt: skip
def test_how_far_apart_the_runs_end(ends: dict[str, float], loss: bool, said: str) -> None:
    assert sentences.apart(ends, loss) == said


RISING = [0.5, 0.6, 0.66, 0.69, 0.7, 0.71]


def test_at_equal_updates_the_curves_are_compared_where_most_are_and_none_has_only_begun() -> None:
    mean = both(curve("small", [0.5, 0.6, 0.7], updates=20), curve("large", RISING[:3], batch=512))
    assert sentences.apart_at_equal(mean, AXES["updates"], loss=False) == (
        "At equal updates (Updates = 30) small has finished only 1 epoch: too early to compare."
    )
    longer = both(curve("small", [0.5, 0.6, 0.7, 0.75, 0.8, 0.81], updates=12), curve("large", RISING, batch=512))
    assert sentences.apart_at_equal(longer, AXES["updates"], loss=False) == (
        "At equal updates they are **9.0 points** apart at Updates = 60, which both reach (μ/B 32-fold). Values are "
        "read between measured epochs; small is best there, large last. μ is the same in every run here, so updates "
        "and training time T give the same picture."
    )


def test_a_second_place_is_told_where_at_least_half_of_the_runs_and_three_come_further() -> None:
    long = [0.5, 0.6, 0.66, 0.69, 0.7, 0.71, 0.71, 0.71, 0.71, 0.71]
    mean = both(
        *(curve(name, long, rate=rate) for name, rate in (("A", 1e-4), ("B", 2e-4), ("C", 2e-4), ("D", 2.5e-4)))
    )
    assert sentences.apart_at_equal(mean, AXES["time"], loss=False) == (
        "At equal training time they are **2.0 points** apart at T = 0.01, which all 4 reach (μ/B 2.5-fold), and "
        "**0.0 points** at T = 0.02, which 3 reach (μ/B 1.3-fold). Values are read between measured epochs; A is best "
        "there, D last."
    )
    two = both(curve("A", long), curve("B", long, rate=2e-4))
    assert " and **" not in sentences.apart_at_equal(two, AXES["time"], loss=False)


@pytest.mark.parametrize(
    ("second", "loss", "sure"),
    [
        (0.705, False, "; that is too close to rank."),  # half a point: the curves zigzag by as much
        (0.75, False, "; B is best there, A last."),
        (0.705, True, "; that is too close to rank."),  # within a factor of 1.1
        (0.79, True, "; A is best there, B last."),  # a loss: less is better
        (0.7, False, ", and from one to the next A alone changes by 0.0 points: not ranked."),
    ],
)
def test_runs_are_ranked_only_where_they_differ_and_a_loss_the_other_way_round(
    second: float, loss: bool, sure: str
) -> None:
    mean = both(curve("A", [*RISING[:5], 0.7]), curve("B", [*RISING[:5], second], rate=2e-4, updates=5))
    said = sentences.apart_at_equal(mean, AXES["time"], loss)
    shown = f"{abs(second - 0.7):.3f}" if loss else f"{100 * abs(second - 0.7):.1f} points"
    assert said == (
        f"At equal training time they are **{shown}** apart at T = 0.006, which both reach (μ/B 2-fold). Values are "
        f"read between measured epochs{sure}"
    )  # μ differs: nothing is said of the same picture


@pytest.mark.parametrize("axis", ["epoch", "images"])
def test_along_epochs_and_images_nothing_is_added(axis: str) -> None:
    mean = both(curve("A", [0.5, 0.6, 0.7]), curve("B", [0.4, 0.5, 0.6]))
    assert sentences.apart_at_equal(mean, AXES[axis], loss=False) == ""


def test_one_run_has_nothing_to_be_compared_with() -> None:
    assert sentences.apart_at_equal(curve("A", [0.5, 0.6, 0.7]), AXES["time"], loss=False) == ""


def test_a_run_that_ends_elsewhere_than_the_authors_is_named_with_both_numbers_and_how_seeds_vary() -> None:
    finals = pd.DataFrame(
        {
            "run": ["near", "one", "five"],
            "final_reported_accuracy": [0.98, 0.8217, 0.80],
            "final_reported_accuracy_sd": [0.001, np.nan, 0.02],
            "paper_reported": [0.9750, 0.7298, 0.73],
            "n": [1, 1, 5],
        }
    )
    one = (
        "**one ends elsewhere than the authors': 82.2% here (n = 1), 73.0% there (one seed)**. With so few seeds "
        "little can be said of that."
    )
    five = (
        "**five ends elsewhere than the authors': 80.0% here (n = 5), 73.0% there (one seed)**. Seeds vary by 2.0 "
        "points (standard deviation); theirs is 3.5 of these below."
    )
    assert sentences.unlike_the_authors(finals) == f"{one} {five}"
    assert sentences.unlike_the_authors(finals.head(1)) == ""
    above = finals.tail(1).assign(paper_reported=0.84)
    assert sentences.unlike_the_authors(above).endswith("theirs is 2.0 of these above.")


@pytest.mark.parametrize(
    ("column", "views", "last", "is_said"),
    [("reported_accuracy", 33, 150, True), ("train_loss", 33, 150, False), ("test_accuracy", 33, 150, False),
     ("reported_accuracy", 151, 150, False), ("reported_accuracy", 150, 150, True)],
)  # fmt: skip
def test_crops_are_blamed_only_where_they_repeat_and_are_measured(
    column: str, views: int, last: int, is_said: bool
) -> None:
    said = sentences.repeated_crops(column, views, last)
    assert (f"{views} sets of random crops" in said) is is_said
    assert (said == "") is not is_said


def test_crops_are_called_new_only_where_they_are() -> None:
    assert "new in every epoch" in sentences.what("reported_accuracy", 151, 150, {})
    assert "of which 33 sets are used in turn" in sentences.what("reported_accuracy", 33, 150, {})


@pytest.mark.parametrize(
    ("ends", "loss", "said"),
    [
        ([0.7, 0.6], False, "After the last epoch A is highest at 0.700, B lowest at 0.600."),
        ([0.605, 0.6], False, "After their last epoch they are level, between 0.600 and 0.605."),
        ([0.65, 0.6], True, "After their last epoch they are level, between 0.600 and 0.650."),
        ([0.7, 0.6], True, "After the last epoch A is highest at 0.700, B lowest at 0.600."),
        ([0.7], False, "After its last epoch A is at 0.700."),
    ],
)
def test_a_chart_is_described_by_its_last_values_and_level_runs_are_not_ranked(
    ends: list[float], loss: bool, said: str
) -> None:
    mean = both(*(curve(name, [0.5, 0.9, end]) for name, end in zip("AB", ends, strict=False)))
    described = sentences.described(1, "Test accuracy", mean, AXES["updates"], loss)
    assert described == f"Figure 1: test accuracy of {len(ends)} runs along updates. {said}"


def test_what_lies_beyond_the_axis_is_counted() -> None:
    values = pd.Series([0.0, 0.5, 1.0, 6e18])
    assert sentences.cut(values, 1e-6, 1e3) == (
        "Drawn at the edge of the axis: 1 below 1e-06 and 1 above 1e+03 (points of the curves)."
    )
    assert sentences.cut(values[1:3], 1e-6, 1e3) == ""


def test_nobody_says_unseen_without_the_twins() -> None:
    twins = {"val": 30, "test": 0}
    assert sentences.what("val_accuracy", 151, 150, twins).endswith(
        "No run was trained on them, but 30 of them nearly are training images: the same scene, seen again."
    )
    assert sentences.what("test_accuracy", 151, 150, twins).endswith("uncropped. No run was trained on them.")
    assert sentences.what("test_accuracy", 151, 150, {}).endswith("were not counted.")


@pytest.mark.parametrize(
    ("seeds", "each_seed", "said"),
    [
        ((1, 1), False, "one seed a run"),
        ((1, 1), True, "one seed a run"),
        ((5, 5), False, "mean of 5 seeds, 95% band"),
        ((3, 5), False, "mean of 3 to 5 seeds, 95% band"),
        ((1, 2), True, "1 to 2 seeds a run and their mean"),
        ((2, 2), True, "2 seeds a run and their mean"),
    ],
)
def test_below_its_title_a_picture_says_what_it_shows_and_of_how_many_seeds(
    seeds: tuple[int, int], each_seed: bool, said: str
) -> None:
    assert sentences.titled("Train loss", AXES["time"], seeds, each_seed) == ["Train loss along training time", said]
