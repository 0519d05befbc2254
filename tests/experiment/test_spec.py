"""RunSpec: what it refuses and how it says so, and what its key does and does not depend on."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgd_core.errors import UserError
from sgd_core.experiment import spec as module
from sgd_core.experiment.spec import Fingerprints, RunSpec, SpecError, allowed, limits
from tests.experiment.strategies import specs

HERE = Fingerprints("data", "weights")

IMPOSSIBLE: dict[str, tuple[list[Any], str]] = {
    "dataset": (
        ["My Flowers", "", 3, None, "flowers\n", "-x", "../x", "x" * 41],
        "one of vegetables, shapes, or the name of images of your own: 1 to 40 lower-case letters, digits and hyphens",
    ),
    "images_per_class": ([1, 0, -5, 10_001, 2.5, "many"], "a whole number from 2 to 10000"),
    "label_noise": ([-0.1, 0.91, float("nan"), "half", None], "a number from 0 to 0.9"),
    "features": (["resnet", None], "one of imagenet, random"),
    "views": ([1, 0, 1002, 2.5, None], "a whole number from 2 to 1001"),
    "epochs": ([0, -1, 1001, 1.5, "150 epochs"], "a whole number from 1 to 1000"),
    "batch_size": ([0, -16, 4097, 16.5, float("inf")], "a whole number from 1 to 4096"),
    "batch_growth": ([0.99, 0, 16.1, float("inf")], "a number from 1 to 16"),
    "learning_rate": ([0, 5e-324, -1e-4, 10.1, float("nan"), float("inf"), "fast"], "a number from 1e-12 to 10"),
    "schedule": (["cosin", "Step", None], "one of constant, time, step, exponential, cosine"),
    "warmup_epochs": ([-1, 1001, 2.5, None], "a whole number from 0 to 1000"),
    "augment": (["perhaps", None, 2], "true or false"),
    "head": (["huge", None], "one of paper, linear, hidden, wide"),
    "dropout": ([-0.1, 0.91, float("nan"), None], "a number from 0 to 0.9"),
    "updates": (
        [0, -1, 1_000_001, 2.5],
        "a whole number from 1 to 1000000, or left out for as many as the epochs have",
    ),
    "weight_noise": ([-1, 10_001, float("inf"), None], "a number from 0 to 10000"),
    "step_decay": ([0, 1, 1.5, -0.5, float("nan")], "a number above 0 and below 1"),
    "decay_every": ([0, -1, 1001, 2.5], "a whole number from 1 to 1000"),
    "decay_rate": ([0, -0.1, 10.1, float("nan")], "a number above 0 and at most 10"),
    "momentum": ([1, 1.1, -0.1, float("nan")], "a number at least 0 and below 1"),
    "seed": ([-1, 2**31, 0.5, "seven"], "a whole number from 0 to 2147483647"),
}


def test_every_field_has_its_impossible_values_here() -> None:
    assert set(IMPOSSIBLE) == set(RunSpec.model_fields)


@pytest.mark.parametrize(("field", "value"), [(f, value) for f, (values, _) in IMPOSSIBLE.items() for value in values])
def test_an_impossible_value_is_named_with_its_field_and_range(field: str, value: Any) -> None:
    with pytest.raises(SpecError) as error:
        RunSpec.parse({field: value})
    assert str(error.value).startswith(f"{field} is {value!r}, but must be {IMPOSSIBLE[field][1]}")
    assert str(error.value).endswith(".")


def test_every_impossible_value_gets_a_line_of_its_own() -> None:
    with pytest.raises(UserError) as error:
        RunSpec.parse({"batch_size": 0, "momentum": 2, "seed": -1})
    assert [line.split()[0] for line in str(error.value).splitlines()] == ["batch_size", "momentum", "seed"]


def test_an_unknown_setting_is_named_with_those_there_are() -> None:
    with pytest.raises(
        SpecError, match=r"weight_decay is not a setting of a run; the settings are batch_growth.*seed\."
    ):
        RunSpec.parse({"weight_decay": 0.1})


def test_a_long_value_is_cut_in_the_sentence() -> None:
    with pytest.raises(SpecError) as error:
        RunSpec.parse({"dataset": "x" * 10_000})
    assert len(str(error.value)) < 200


@pytest.mark.parametrize("field", [field for field, (_, text) in IMPOSSIBLE.items() if "number from" in text])
def test_the_limits_themselves_are_allowed(field: str) -> None:
    low, high = limits(field)
    for value in (low, high):
        assert getattr(RunSpec.parse({field: value}), field) == value


def test_what_is_allowed_for_the_images_mentions_that_it_may_be_left_out() -> None:
    assert allowed("images_per_class") == "a whole number from 2 to 10000, or left out for all images"


def test_the_defaults_are_the_papers_nominal_run() -> None:
    spec = RunSpec()
    assert (spec.batch_size, spec.learning_rate, spec.schedule, spec.momentum, spec.epochs) == (
        16, 1e-4, "constant", 0.9, 150,
    )  # fmt: skip


def test_the_key_of_the_default_run_stays_what_it_is() -> None:
    """If this fails, every run kept so far is orphaned: a default was changed, or what a key is made of."""
    assert RunSpec().question() == "{}"
    assert RunSpec(batch_size=512, seed=1).question() == '{"batch_size":512,"seed":1}'
    assert RunSpec().key(HERE) == "691cdf96aa4c650e5bab0667b88131a06eb34828258868d66c2bd3d6e41ed220"


STEP = {"schedule": "step", "batch_growth": 2.0}
MATTERS: list[tuple[dict[str, Any], str, Any]] = [
    ({}, "dataset", "shapes"),
    ({}, "dataset", "cats-and-dogs-2"),
    ({}, "images_per_class", 20),
    ({}, "label_noise", 0.1),
    ({}, "features", "random"),
    ({}, "views", 33),
    ({}, "epochs", 149),
    ({}, "batch_size", 32),
    ({}, "batch_growth", 2.0),
    ({}, "learning_rate", 2e-4),
    ({}, "schedule", "time"),
    (STEP, "step_decay", 0.75),
    (STEP, "decay_every", 20),
    ({"batch_growth": 2.0}, "decay_every", 20),
    ({"schedule": "exponential", "batch_growth": 2.0}, "decay_every", 20),
    ({"schedule": "exponential"}, "decay_rate", 0.25),
    ({}, "momentum", 0.0),
    ({}, "warmup_epochs", 5),
    ({}, "augment", False),
    ({}, "head", "linear"),
    ({}, "dropout", 0.0),
    ({}, "updates", 900),
    ({}, "weight_noise", 31.0),
    ({}, "seed", 1),
]


@pytest.mark.parametrize(("base", "field", "value"), MATTERS)
def test_a_setting_that_matters_changes_the_key(base: dict[str, Any], field: str, value: Any) -> None:
    assert RunSpec.parse(base).key(HERE) != RunSpec.parse({**base, field: value}).key(HERE)


def test_every_field_matters_somewhere() -> None:
    assert {field for _, field, _ in MATTERS} == set(RunSpec.model_fields)


@pytest.mark.parametrize(
    ("schedule", "unused"),
    [
        ("constant", {"step_decay": 0.75, "decay_every": 20, "decay_rate": 0.25}),
        ("time", {"step_decay": 0.75, "decay_every": 20, "decay_rate": 0.25}),
        ("exponential", {"step_decay": 0.75, "decay_every": 20}),
        ("step", {"decay_rate": 0.25}),
    ],
)
def test_settings_that_do_not_matter_leave_the_key(schedule: str, unused: dict[str, Any]) -> None:
    plain = RunSpec.parse({"schedule": schedule})
    for field, value in unused.items():
        assert RunSpec.parse({"schedule": schedule, field: value}).key(HERE) == plain.key(HERE)


@given(specs())
def test_a_spec_survives_being_written_down(spec: RunSpec) -> None:
    again = RunSpec.model_validate_json(spec.model_dump_json())
    assert again == spec
    assert again.key(HERE) == spec.key(HERE)


@given(st.floats(1e-9, 9).map(lambda x: float(f"{x:.11g}")), st.floats(-4e-13, 4e-13))
def test_floats_equal_to_twelve_digits_share_a_key(rate: float, change: float) -> None:
    assert RunSpec(learning_rate=rate).key(HERE) == RunSpec(learning_rate=rate * (1 + change)).key(HERE)


def test_floats_that_differ_in_the_twelfth_digit_do_not_share_a_key() -> None:
    assert RunSpec(learning_rate=0.123456789012).key(HERE) != RunSpec(learning_rate=0.123456789013).key(HERE)


def test_zero_is_zero_whatever_its_sign() -> None:
    assert RunSpec(momentum=-0.0, label_noise=-0.0).key(HERE) == RunSpec(momentum=0.0).key(HERE)


def test_a_whole_number_is_the_float_it_stands_for() -> None:
    assert RunSpec(batch_growth=2).key(HERE) == RunSpec(batch_growth=2.0).key(HERE)


def test_the_question_ignores_views_and_fingerprints_and_nothing_else() -> None:
    assert RunSpec(views=33).question() == RunSpec(views=151).question()
    for base, field, value in MATTERS:
        if field != "views":
            assert RunSpec.parse(base).question() != RunSpec.parse({**base, field: value}).question()


def test_the_key_names_what_the_run_stands_on() -> None:
    others = [Fingerprints("x", "weights"), Fingerprints("data", "x"), Fingerprints("data", "weights", 1)]
    assert len({RunSpec().key(prints) for prints in [HERE, *others]}) == 4


def test_another_protocol_is_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = RunSpec().key(HERE)
    monkeypatch.setattr(module, "PROTOCOL", module.PROTOCOL + 1)
    assert RunSpec().key(HERE) != before


def test_a_spec_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        RunSpec().seed = 1
