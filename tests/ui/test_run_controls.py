"""The one list of a run's controls: what it covers, what links say of a run, and that old links mean what they did."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from sgd_core.experiment import paper
from sgd_core.experiment.schedules import SLIDERS
from sgd_core.experiment.spec import RunSpec, choices, limits
from sgd_core.ui.shell.run_controls import (
    CONTROLS,
    SCHEDULE,
    SEVERAL,
    Names,
    Range,
    Stops,
    controls_of,
    link_of,
    varied,
)
from sgd_core.ui.train.ask import OF_IMAGES, STARTS
from tests.experiment.strategies import specs

NOT_OFFERED = {"augment", "updates", "weight_noise"}
"""Settings of a run that only the command line has."""


def test_every_setting_of_a_run_has_a_control_or_is_left_to_the_command_line() -> None:
    assert {*CONTROLS} == {*RunSpec.model_fields} - NOT_OFFERED
    assert all(field == control.field for field, control in CONTROLS.items())


def test_keys_are_those_of_the_links_that_are_out_there() -> None:
    assert {control.key for control in CONTROLS.values()} == {
        "data", "B", "mu", "schedule", "s", "r", "sB", "Ndec", "warm", "epochs", "m", "seed", "wrong", "per_class",
        "head", "dropout", "features", "views",
    }  # fmt: skip
    assert len({control.key for control in CONTROLS.values()}) == len(CONTROLS)


def test_the_sliders_of_schedules_are_in_the_list() -> None:
    for field, slider in SLIDERS.items():
        assert CONTROLS[field].offers == Range(slider.low, slider.high, slider.step)
        assert (CONTROLS[field].key, CONTROLS[field].label) == (slider.key, slider.label)
    assert {*SLIDERS} < {*SCHEDULE}


@pytest.mark.parametrize("field", CONTROLS)
def test_everything_that_is_offered_can_be(field: str) -> None:
    offers = CONTROLS[field].offers
    match offers:
        case Names():
            names = offers.names
            assert names == choices(field)
            values: list[Any] = list(names)
        case Stops(stops):
            values = list(stops.values())
        case Range(low, high):
            lowest, highest = limits(field)
            assert lowest is None or low >= lowest
            assert highest is None or high <= highest
            values = [low, high]
    for value in values:
        spec = RunSpec.parse({"schedule": "step", field: value})
        assert offers.value(CONTROLS[field].shown(spec)) == getattr(spec, field)


@pytest.mark.parametrize("run", paper.RUNS, ids=lambda run: run.name)
def test_a_link_to_a_run_of_the_paper_asks_for_just_that_run(run: paper.PaperRun) -> None:
    shown = controls_of(run.spec)
    read = {field: control.offers.value(shown[control.key]) for field, control in CONTROLS.items()}
    assert RunSpec.parse(read) == run.spec


@given(specs())
def test_a_link_to_any_run_asks_for_something_that_is_offered(spec: RunSpec) -> None:
    for field, control in CONTROLS.items():
        match control.offers, shown := control.shown(spec):
            case Names(), _:
                assert shown in control.offers.names
            case Stops(values), _:
                assert shown in values
            case Range(low, high), _:
                assert low <= shown <= high
                assert type(shown) is type(low)
        assert RunSpec.parse({field: control.offers.value(shown)})


@pytest.mark.parametrize(
    ("settings", "key", "shown"),
    [
        ({"batch_size": 100}, "B", 128),
        ({"batch_size": 16}, "B", 16),
        ({"learning_rate": 3e-4}, "mu", "4e-4"),  # by ratio: 1.33 to 4e-4, 1.5 to 2e-4
        ({"learning_rate": 0.0016}, "mu", "16e-4"),
        ({"views": 151}, "views", 151),
        ({"views": 1001}, "views", 151),
        ({"images_per_class": None}, "per_class", "all"),
        ({"images_per_class": 30}, "per_class", 20),
        ({"epochs": 1000}, "epochs", 300),
        ({"seed": 10_000}, "seed", 9999),
        ({"schedule": "step", "step_decay": 0.01}, "s", 0.05),
    ],
)
def test_the_nearest_that_is_offered(settings: dict[str, Any], key: str, shown: Any) -> None:
    assert controls_of(RunSpec.parse(settings))[key] == shown
    assert link_of(RunSpec.parse(settings))[key] == str(shown)


def test_a_second_schedule_has_a_prefix() -> None:
    assert {*controls_of(RunSpec(), SCHEDULE, "b_")} == {
        "b_B", "b_mu", "b_schedule", "b_s", "b_r", "b_sB", "b_Ndec", "b_warm",
    }  # fmt: skip


@pytest.mark.parametrize("field", SEVERAL)
def test_several_values_are_those_runs_and_no_others(field: str) -> None:
    offered = SEVERAL[field]
    assert {*offered.first} <= {*offered.values}
    spec = RunSpec(schedule="step", batch_growth=2.0)
    for text, each in zip(offered.values, varied(spec, field, offered.values), strict=True):
        asked = RunSpec.parse({**spec.model_dump(), field: float(text)})
        assert each == asked
        assert each.question() == asked.question()  # m = 0 and m = 0.0 would have two keys


def test_the_starts_are_offered() -> None:
    assert {*STARTS} == {*choices("dataset")}
    for data, spec in STARTS.items():
        assert spec.dataset == data
        assert all(control.offers.value(control.shown(spec)) == getattr(spec, f) for f, control in CONTROLS.items())
        changed = {field for field in CONTROLS if getattr(spec, field) != getattr(RunSpec(), field)}
        assert changed <= {*OF_IMAGES, "dataset"}
