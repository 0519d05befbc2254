"""The chart of runs under way: what it spans is fixed by what was asked for, along every axis."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from sgd_core.charts import growing
from sgd_core.charts.axes import AXES
from sgd_core.charts.growing import Curve, Kind
from sgd_core.charts.lines import Line, Measure
from sgd_core.charts.look import Look
from sgd_core.experiment.schedules import plan
from sgd_core.experiment.spec import RunSpec

LOOK = Look("black", "white", "grey", ("red", "blue"))
ACCURACY, LOSS = Measure("accuracy", (0.0, 1.0)), Measure("train loss", growing.losses(10), loss=True)
IMAGES = 100


LINES = [Line("mine", "red"), Line("other", "black", (5, 3))]


def curve(done: int, own: bool = True, quiet: bool = False, **settings: Any) -> Curve:
    """A run of which so many epochs are done."""
    spec = RunSpec.parse({"epochs": 5, "batch_size": 10, **settings})
    epochs = pd.DataFrame(plan(spec, IMAGES)[:done] or [], columns=list(plan(spec, IMAGES)[0].__dict__))
    epochs = epochs.assign(images_seen=IMAGES * (epochs["epoch"] + 1), val_accuracy=0.5, of=50, sampled=False)
    kind: Kind = "own" if own else "other"
    return Curve("mine" if own else "other", spec, IMAGES, epochs, kind, "label", quiet=quiet)


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
def test_the_axis_spans_the_plans_of_all_runs_before_and_after_they_are_trained(axis: Any) -> None:
    other = curve(3, own=False, epochs=3)
    charts = [growing.chart([curve(done), other], ACCURACY, axis, LINES, LOOK) for done in (0, 1, 5)]
    assert charts[0] == charts[1] == charts[2]  # so that it grows in place
    ended = growing.frame([curve(5), other], "val_accuracy")[axis.column]
    low, high = charts[0]["layer"][0]["encoding"]["x"]["scale"]["domain"]
    first = ended.min() / (2 if axis.logarithmic else 1)  # a mean over the first epoch lies at its middle
    assert (low, high) == pytest.approx((first, ended.max()))


def test_only_what_was_measured_is_drawn() -> None:
    mine = curve(5)
    mine.epochs.loc[[1, 3], "val_accuracy"] = None
    rows = growing.frame([mine, curve(0, own=False)], "val_accuracy")
    assert rows["epoch"].tolist() == [0, 2, 4]
    assert set(rows["kind"]) == {"own"}
    assert set(rows["label"]) == {"label"}
    assert set(growing.frame([curve(5, quiet=True)], "val_accuracy")["label"]) == {""}
    assert growing.frame([curve(0)], "val_accuracy").empty


def test_a_loss_has_a_log_axis_and_an_accuracy_a_share() -> None:
    y = [
        growing.chart([curve(1)], m, AXES["epoch"], LINES, LOOK)["layer"][0]["encoding"]["y"] for m in (ACCURACY, LOSS)
    ]
    assert [each["scale"]["type"] for each in y] == ["linear", "log"]
    assert [each["title"] for each in y] == ["accuracy", "train loss"]
    assert y[1]["scale"]["domain"] == [0.003, 3.0]


def test_noise_is_the_mean_over_the_plan() -> None:
    falling = curve(0, schedule="step", step_decay=0.5, decay_every=1, epochs=2, learning_rate=0.1)
    assert falling.noise() == pytest.approx((0.1 + 0.05) / 2 / 10)


def test_the_untrained_head_has_no_schedule() -> None:
    run = curve(1)
    start = run.epochs.assign(epoch=-1, updates=0, training_time=0.0, learning_rate=None, batch_size=None)
    rows = growing.frame([replace(run, epochs=pd.concat([start, run.epochs.astype(object)]))], "val_accuracy")
    assert rows["epoch"].tolist() == [-1, 0]
    assert rows["batch_size"].isna().tolist() == [True, False]


def test_early_points_are_marked_and_have_room_before_the_first_epoch() -> None:
    run = curve(1)
    look = run.epochs.assign(epoch=-0.5, updates=3, training_time=3e-4, of=20, sampled=True)
    run = replace(run, epochs=pd.concat([look, run.epochs]), early=True)
    rows = growing.frame([run], "val_accuracy")
    assert rows[["epoch", "of", "sampled"]].values.tolist() == [[-0.5, 20, True], [0, 50, False]]
    charts = {name: growing.chart([run], ACCURACY, axis, LINES, LOOK) for name, axis in AXES.items()}
    lows = {name: each["layer"][0]["encoding"]["x"]["scale"]["domain"][0] for name, each in charts.items()}
    assert lows["epoch"] == -1
    assert lows["updates"] == 1
    tooltip = charts["epoch"]["layer"][-1]["encoding"]["tooltip"]
    assert "measured on" in [each["title"] for each in tooltip]
    assert "a sample of" in charts["epoch"]["layer"][-1]["transform"][0]["calculate"]
