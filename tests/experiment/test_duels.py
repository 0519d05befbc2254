"""Each duel holds one thing fixed, as it says."""

from __future__ import annotations

import pytest

from sgd_core.charts.axes import AXES
from sgd_core.experiment import duels
from sgd_core.experiment.datasets import DATASETS
from sgd_core.experiment.schedules import Epoch, plan

SHAPES = DATASETS["shapes"].images


def plans(place: int) -> list[list[Epoch]]:
    return [plan(run, SHAPES) for run in duels.DUELS[place].runs]


def test_equal_updates_are_equal_training_time() -> None:
    one, other = plans(0)
    assert one[-1].updates == other[-1].updates == 150
    assert one[-1].training_time == pytest.approx(other[-1].training_time)
    assert other[0].batch_size / one[0].batch_size == 16


def test_equal_noise_scale() -> None:
    one, other = plans(1)
    for a, b in zip(one, other, strict=True):
        assert a.learning_rate / a.batch_size == pytest.approx(b.learning_rate / b.batch_size)
        assert a.training_time == pytest.approx(b.training_time, rel=0.06)  # 600 is no multiple of 16 or 64
    assert one[-1].updates == pytest.approx(4 * other[-1].updates, rel=0.06)


def test_the_noise_scale_falls_alike() -> None:
    one, other = plans(2)
    for a, b in zip(one, other, strict=True):
        assert a.learning_rate / a.batch_size == pytest.approx(b.learning_rate / b.batch_size)
    assert other[-1].updates < one[-1].updates / 2


@pytest.mark.parametrize("duel", duels.DUELS, ids=lambda duel: duel.name)
def test_a_duel_is_known_by_its_runs(duel: duels.Duel) -> None:
    assert duels.of(reversed(duel.runs)) is duel
    assert duels.of(duel.runs[:1]) is None
    assert duel.axis in AXES
    assert {run.dataset for run in duel.runs} == {"shapes"}
    assert duel.question.rstrip().endswith("?")
