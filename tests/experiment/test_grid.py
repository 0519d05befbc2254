"""Grids of runs: which runs they hold, where they stop, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sgd_core.errors import UserError
from sgd_core.experiment import grid, schedules
from sgd_core.experiment.spec import RunSpec


def test_a_grid_is_every_combination_seed_by_seed() -> None:
    made = grid.runs({"batch_size": ["16", "64"], "learning_rate": ["1e-4", "1e-3"], "epochs": ["8"]}, [0, 3])
    assert [(one.seed, one.batch_size, one.learning_rate) for one in made] == [
        (seed, batch, rate) for seed in (0, 3) for batch in (16, 64) for rate in (1e-4, 1e-3)
    ]
    assert {one.epochs for one in made} == {8}
    assert made[0] == RunSpec(epochs=8)


@pytest.mark.parametrize("time", [0.09, 2.88])
def test_a_training_time_stops_every_run_at_it_whatever_its_rate(time: float) -> None:
    made = grid.runs({"learning_rate": ["8e-4", "32e-4", "7e-3"], "batch_size": ["16", "512"]}, [0], time)
    for spec in made:
        end = schedules.plan(spec, 2967)[-1]
        assert abs(end.training_time - time) <= spec.learning_rate / 2 * (1 + 1e-9)
        assert end.updates == spec.updates


@pytest.mark.parametrize(
    ("values", "seeds", "time", "said"),
    [
        ({"batch_size": ["0"]}, [0], None, "batch_size is '0', but must be a whole number from 1 to 4096."),
        (
            {"batch_size": ["1", "2"], "momentum": ["0", "0.9"], "epochs": ["1", "2"]}, [0], None,
            "batch_size, momentum, epochs have several values each, but a grid is of one setting or two.",
        ),
        ({"batch_size": ["1", "2"]}, range(501), None, "This grid has 1,002 runs, but may have at most 1,000."),
        ({"schedule": ["step"]}, [0], 1.0, "training-time needs a constant learning rate, but schedule is 'step'."),
        ({"updates": ["5"]}, [0], 1.0, "updates and training-time both say when to stop; give one of them."),
        (
            {"learning_rate": ["1"]}, [0], 0.1,
            "training-time is 0.1, but one update at a learning rate of 1 goes beyond it.",
        ),
    ],
)  # fmt: skip
def test_what_no_grid_can_be_is_a_sentence(
    values: dict[str, list[str]], seeds: list[int], time: float | None, said: str
) -> None:
    with pytest.raises(UserError) as error:
        grid.runs(values, seeds, time)
    assert str(error.value) == said


@pytest.mark.parametrize(
    ("stop", "same"),
    [
        (grid.EQUAL_EPOCHS, lambda spec, end: spec.epochs),
        (grid.EQUAL_UPDATES, lambda spec, end: end.updates),
        (grid.EQUAL_TIME, lambda spec, end: round(end.training_time, 2)),
    ],
)
def test_a_grid_around_a_run_ends_where_the_run_does(
    stop: str, same: Callable[[RunSpec, schedules.Epoch], float]
) -> None:
    spec = RunSpec(batch_size=64, learning_rate=1e-3, epochs=8, seed=3)
    made = grid.around(spec, [16, 512], [5e-4, 1e-3, 2e-3], [3, 4], stop, 2967)
    assert {(each.batch_size, each.learning_rate, each.seed) for each in made} == {
        (batch, rate, seed) for batch in (16, 512) for rate in (5e-4, 1e-3, 2e-3) for seed in (3, 4)
    }
    assert len(made) == 12
    assert {same(each, schedules.plan(each, 2967)[-1]) for each in made} == {same(spec, schedules.plan(spec, 2967)[-1])}


def test_equal_time_at_a_falling_rate_is_refused() -> None:
    with pytest.raises(UserError, match="training-time needs a constant learning rate, but schedule is 'time'"):
        grid.around(RunSpec(schedule="time"), [16], [1e-3], [0], grid.EQUAL_TIME, 2967)
