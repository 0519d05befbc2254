"""`schedule`: the golden values again, through the command line."""

from __future__ import annotations

import json

import pytest

from sgd_core.experiment.spec import RunSpec
from tests.cli.conftest import Command


def test_json_is_one_object_per_epoch(command: Command) -> None:
    words = "--learning-rate 0.01 --schedule time --batch-size 512 --format json"
    said = command("schedule", *words.split())
    assert said.code == 0
    epochs = json.loads(said.out)
    assert len(epochs) == 150
    assert list(epochs[0]) == ["epoch", "learning_rate", "batch_size", "updates", "training_time", "effective_time"]
    assert epochs[0] == {
        "epoch": 0,
        "learning_rate": 0.01,
        "batch_size": 512,
        "updates": 6,
        "training_time": 0.06,
        "effective_time": pytest.approx(0.06 - 0.01 * sum(0.9**t for t in range(1, 7))),
    }
    assert epochs[149]["epoch"] == 149
    assert epochs[149]["updates"] == 900
    assert epochs[149]["learning_rate"] == pytest.approx(0.004806322362, rel=5e-10)


def test_options_are_named_like_the_fields_and_the_images_may_be_set(command: Command) -> None:
    words = (
        "--schedule step --step-decay 0.75 --decay-every 20 --batch-growth 2 --epochs 120 --learning-rate 1e-4 "
        "--batch-size 16 --images 100 --format json"
    )
    epochs = json.loads(command("schedule", *words.split()).out)
    assert [epochs[k]["batch_size"] for k in (0, 20, 40, 60, 119)] == [16, 32, 64, 100, 100]
    assert epochs[0]["updates"] == 7
    assert epochs[119]["learning_rate"] == pytest.approx(2.373046875e-05, rel=5e-10)


def test_every_field_is_an_option_with_its_range(command: Command) -> None:
    said = command("schedule", "--help")
    for field in RunSpec.model_fields:
        assert f"--{field.replace('_', '-')}" in said.out


def test_the_table_is_for_reading(command: Command) -> None:
    said = command("schedule", "--epochs", "3")
    assert said.code == 0
    lines = [line for line in said.out.splitlines() if "186" in line or "558" in line]
    assert len(lines) == 2
    assert "training_time" in said.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--learning-rate 0", "learning_rate is 0.0, but must be a number from 1e-12 to 10."),
        ("--batch-size 5000", "batch_size is 5000, but must be a whole number from 1 to 4096."),
        ("--schedule cosin", "schedule is 'cosin', but must be one of constant, time, step, exponential, cosine."),
        ("--epochs 3 --updates 9", "--epochs and --updates both say when to stop; give one of them."),
        (
            "--batch-size 512 --updates 6001",
            "updates is 6001, which takes more than 1000 epochs of 2967 images at B=512; at most 6000 fit.",
        ),
        ("--momentum nan", "momentum is nan, but must be a number at least 0 and below 1."),
        ("--format yaml", "--format is 'yaml', but must be one of table, json."),
        ("--images 0", "images is 0, but must be a whole number of at least 1."),
    ],
)
def test_an_impossible_value_is_a_sentence(command: Command, words: str, sentence: str) -> None:
    said = command("schedule", *words.split())
    assert (said.code, said.err.strip(), said.out) == (1, sentence, "")


@pytest.mark.parametrize("words", ["--epochs many", "--weight-decay 1", "--epochs"])
def test_what_is_no_number_or_no_option_is_said_with_the_usage(command: Command, words: str) -> None:
    said = command("schedule", *words.split())
    assert said.code == 2
    assert words.split()[0] in said.err
