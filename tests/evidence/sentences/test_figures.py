"""The sentences under a figure: what they say, and what they keep quiet about, ties and odd cases included."""

from __future__ import annotations

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


def test_at_equal_updates_the_curves_are_read_where_the_shortest_ends() -> None:
    mean = both(curve("small", [0.5, 0.6, 0.7, 0.8, 0.9], updates=20), curve("large", [0.5, 0.55, 0.6], batch=512))
    assert sentences.apart_at_equal(mean, AXES["updates"], loss=False) == (
        "At equal updates (Updates = 30), the most that all reach, small has finished only 1 epoch: too early to "
        "compare."
    )
    longer = both(mean[mean["run"] == "small"], curve("large", [0.5, 0.55, 0.6, 0.62, 0.64, 0.66], batch=512))
    assert sentences.apart_at_equal(longer, AXES["updates"], loss=False) == (
        "At equal updates (Updates = 60), the most that all reach, they are **4.0 points** apart (small best, large "
        "last), each curve read between its epochs. μ is the same in every run here, so updates and training time T "
        "give the same picture."
    )


@pytest.mark.parametrize(
    ("second", "loss", "who"),
    [
        ([0.5, 0.6, 0.705], False, ""),  # half a point: the curves zigzag by as much
        ([0.5, 0.6, 0.75], False, " (B best, A last)"),
        ([0.5, 0.6, 0.705], True, " (A best, B last)"),  # a loss: less is better
    ],
)
def test_runs_are_ranked_only_where_they_differ_and_a_loss_the_other_way_round(
    second: list[float], loss: bool, who: str
) -> None:
    mean = both(curve("A", [0.5, 0.6, 0.7]), curve("B", second, rate=2e-4, updates=5))
    said = sentences.apart_at_equal(mean, AXES["time"], loss)
    shown = f"{abs(second[2] - 0.7):.3f}" if loss else f"{100 * abs(second[2] - 0.7):.1f} points"
    assert said == (
        f"At equal training time (T = 0.003), the most that all reach, they are **{shown}** apart{who}, each curve "
        "read between its epochs."
    )  # μ differs: nothing is said of the same picture


@pytest.mark.parametrize("axis", ["epoch", "images"])
def test_along_epochs_and_images_nothing_is_added(axis: str) -> None:
    mean = both(curve("A", [0.5, 0.6, 0.7]), curve("B", [0.4, 0.5, 0.6]))
    assert sentences.apart_at_equal(mean, AXES[axis], loss=False) == ""


def test_one_run_has_nothing_to_be_compared_with() -> None:
    assert sentences.apart_at_equal(curve("A", [0.5, 0.6, 0.7]), AXES["time"], loss=False) == ""


def test_a_run_that_ends_elsewhere_than_the_authors_is_named_with_both_numbers() -> None:
    finals = pd.DataFrame(
        {
            "run": ["near", "far"],
            "final_reported_accuracy": [0.98, 0.8217],
            "paper_reported": [0.9750, 0.7298],
            "n": [1, 1],
        }
    )
    assert sentences.unlike_the_authors(finals) == (
        "**far ends elsewhere than the authors': 82.2% here, 73.0% there**, at 1 and 1 seeds; why is not known."
    )
    assert sentences.unlike_the_authors(finals.head(1)) == ""


@pytest.mark.parametrize(
    ("column", "views", "last", "is_said"),
    [("reported_accuracy", 33, 150, True), ("train_loss", 33, 150, True), ("test_accuracy", 33, 150, False),
     ("reported_accuracy", 151, 150, False), ("reported_accuracy", 150, 150, True)],
)  # fmt: skip
def test_crops_are_blamed_only_where_they_repeat(column: str, views: int, last: int, is_said: bool) -> None:
    said = sentences.repeated_crops(column, views, last)
    assert (f"{views} sets of random crops" in said) is is_said
    assert (said == "") is not is_said


def test_a_chart_is_described_by_its_last_values() -> None:
    mean = both(curve("A", [0.5, 0.9, 0.7]), curve("B", [0.4, 0.5, 0.6]))
    assert sentences.described(1, "Test accuracy", mean, AXES["updates"]) == (
        "Figure 1: test accuracy of 2 runs along updates. At the end A is highest at 0.700, B lowest at 0.600."
    )
