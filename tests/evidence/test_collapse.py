"""All runs along training time with momentum: who meets whom, how noisy they were, and what slopes say."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from sgd_core.evidence import collapse
from sgd_core.experiment import paper
from sgd_core.experiment.schedules import plan


def epochs(run: str, order: int, values: list[float], batch: int, rates: list[float], steps: int) -> pd.DataFrame:
    """A run of one seed with so many updates an epoch; T_eff is T here."""
    count = len(values)
    updates = [steps * (k + 1) for k in range(count)]
    time = list(np.cumsum([rate * steps for rate in rates]))
    return pd.DataFrame(
        {
            "run": run, "order": order, "seed": 0, "epoch": range(count), "reported_accuracy": values,
            "train_loss": [1 - value for value in values], "learning_rate": rates, "batch_size": batch,
            "updates": updates, "training_time": time, "effective_time": time, "images_seen": updates,
        }
    )  # fmt: skip


LOUD = epochs("loud", 0, [0.5, 0.7, 0.9], 16, [0.02] * 3, 10)
CALM = epochs("calm", 1, [0.4, 0.6, 0.7, 0.8], 64, [0.02] * 4, 5)
FALLING = epochs("falling", 2, [0.6, 0.62], 16, [0.04, 0.01], 5)
ALL = pd.concat([LOUD, CALM, FALLING], ignore_index=True)


def test_noise_is_the_mean_of_mu_over_b_over_the_updates_so_far() -> None:
    rows = collapse.table(ALL, "reported_accuracy").set_index(["run", "epoch"])
    assert rows.loc[("loud", 2), "noise"] == pytest.approx(0.02 / 16)
    assert rows.loc[("falling", 0), "noise"] == pytest.approx(0.04 / 16)
    assert rows.loc[("falling", 1), "noise"] == pytest.approx((0.04 + 0.01) / 2 / 16)


def test_noise_does_not_depend_on_which_epochs_were_measured() -> None:
    rare = ALL.assign(test_accuracy=ALL["reported_accuracy"].where(ALL["epoch"] != 0))
    rows = collapse.table(rare, "test_accuracy").set_index(["run", "epoch"])
    assert ("falling", 0) not in rows.index
    assert rows.loc[("falling", 1), "noise"] == pytest.approx((0.04 + 0.01) / 2 / 16)


def test_runs_meet_where_both_have_begun_and_neither_has_ended() -> None:
    rows = collapse.table(ALL, "reported_accuracy")
    assert list(collapse.at(rows, 0.3)["run"]) == ["loud", "calm"]
    met = collapse.meeting(rows, 0.3)
    assert met is not None
    assert met.runs == 2
    assert met.fold == pytest.approx(4)
    assert met.gap == pytest.approx(0.8 - 0.7)  # half way between loud's first two epochs, and at calm's third
    assert collapse.meeting(rows, 0.5) is None
    assert list(collapse.at(rows, 0.22)["run"]) == ["loud", "calm", "falling"]


def test_a_mean_over_an_epoch_lies_at_its_middle() -> None:
    rows = collapse.table(ALL, "train_loss").set_index(["run", "epoch"])
    assert rows.loc[("loud", 0), "effective_time"] == pytest.approx(0.1)


def test_the_place_told_is_the_furthest_that_two_thirds_reach() -> None:
    rows = collapse.table(ALL, "reported_accuracy")
    assert collapse.where_most_can_tell(rows) == pytest.approx(0.4)  # calm's end: loud and calm are there, of three
    assert list(collapse.ends(rows)["mean"]) == [0.9, 0.8, 0.62]


def test_the_slope_is_of_the_logarithm_of_error_or_loss_per_tenfold_noise() -> None:
    values = pd.DataFrame({"mean": [0.5, 0.6, 0.7], "noise": [1e-6, 1e-5, 1e-4]})
    assert collapse.slope(values.assign(mean=[0.6, 0.8, 0.9])) == pytest.approx(math.log(0.5))
    assert collapse.slope(values.assign(mean=[0.1, 0.2, 0.4]), loss=True) == pytest.approx(math.log(2))
    perfect = collapse.slope(values.assign(mean=[0.9, 0.99, 1.0]))
    assert perfect == pytest.approx(math.log(0.1))  # without an error: as if a thousandth
    assert math.isnan(collapse.slope(values.head(1)))
    assert math.isnan(collapse.slope(values.assign(noise=1e-5)))


def test_the_papers_runs_differ_80_fold_in_noise_as_the_page_asks() -> None:
    found = []
    for run in paper.RUNS:
        planned = pd.DataFrame(plan(run.spec, paper.TRAIN_IMAGES))
        taken = planned["updates"].diff().fillna(planned["updates"])
        found.append(float((taken * planned["learning_rate"] / planned["batch_size"]).sum() / taken.sum()))
    assert max(found) / min(found) == pytest.approx(80, abs=0.5)
