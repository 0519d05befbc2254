"""What speaks for a run going wrong: by what came of others, by trials, by curvature."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from sgd_core import settings
from sgd_core.evidence import divergence
from sgd_core.evidence.divergence import BLEW_UP, CHANCE, DIVERGED, UNTOLD, WELL, Steps
from sgd_core.evidence.stability import NAME, PROBE, START, Edge
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept import table
from sgd_core.runs.kept.store import Store

IMAGES = {"train_images": 600, "val_images": 200, "test_images": 400}
NOTHING = math.log(10)
SHAPES: dict[str, Any] = {"dataset": "shapes", "features": "random", "epochs": 30}
"""No trial was made on these."""


def row(
    status: str = "done", loss: float | None = 0.5, accuracy: float | None = 0.9, **settings: Any
) -> dict[str, Any]:
    spec = RunSpec.parse({**SHAPES, **settings})
    return {
        "key": spec.question(), "status": status, **spec.model_dump(), **IMAGES, "final_train_loss": loss,
        "final_reported_accuracy": accuracy, "final_val_accuracy": accuracy,
    }  # fmt: skip


def runs(*rows: dict[str, Any]) -> pd.DataFrame:
    columns = [*table.RUN_COLUMNS, "final_train_loss", "final_reported_accuracy", "final_val_accuracy"]
    return pd.DataFrame(rows, columns=columns)


UNMEASURED = table.frame("measurements", [])


def found(asked: RunSpec, *rows: dict[str, Any], measured: pd.DataFrame = UNMEASURED) -> Steps | Edge | None:
    return divergence.found(asked, runs(*rows), measured)


def asked(**settings: Any) -> RunSpec:
    return RunSpec.parse({**SHAPES, **settings})


@pytest.mark.parametrize(
    ("status", "loss", "accuracy", "end"),
    [
        ("done", 0.5, 0.9, WELL),
        ("done", NOTHING - 0.01, 0.1, WELL),
        ("done", NOTHING + 0.5, 0.4, WELL),  # wrong labels: a loss above that of knowing nothing, and still right
        ("done", NOTHING + 0.01, 0.1, CHANCE),
        ("done", NOTHING + 0.01, 0.13, CHANCE),  # 0.137 is chance and three standard errors
        ("done", None, 0.1, CHANCE),
        ("done", None, 0.9, UNTOLD),  # not finite, or not measured
        ("done", None, None, UNTOLD),
        ("done", 6e18, 0.1, BLEW_UP),
        ("done", 6e18, 0.9, BLEW_UP),
        ("done", math.inf, 0.9, BLEW_UP),
        ("failed to learn", 6e18, 0.1, BLEW_UP),
        ("failed to learn", 2.31, 0.1, CHANCE),
        ("diverged", None, None, DIVERGED),
        ("diverged", 0.5, 0.9, DIVERGED),
        ("cancelled", 0.5, 0.9, UNTOLD),
        ("failed", 6e18, 0.1, UNTOLD),
    ],
)
def test_how_a_run_has_ended(status: str, loss: float | None, accuracy: float | None, end: str) -> None:
    assert divergence.ends(runs(row(status, loss, accuracy)), 10) == [end]


def test_nothing_known_is_no_warning() -> None:
    assert found(asked(learning_rate=1.0)) is None


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        ({}, True),
        ({"learning_rate": 0.2}, True),
        ({"batch_size": 32}, True),
        ({"momentum": 0.95}, True),
        ({"learning_rate": 0.05}, False),
        ({"batch_size": 128}, False),
        ({"momentum": 0.5}, False),
        ({"features": "imagenet"}, False),
        ({"head": "linear"}, False),
    ],
)
def test_what_went_wrong_speaks_for_steps_as_large_and_as_noisy(settings: dict[str, Any], warned: bool) -> None:
    wrong: dict[str, Any] = {"batch_size": 64, "learning_rate": 0.1}
    for status, loss in (("diverged", None), ("done", 6e18), ("failed to learn", 2.31)):
        got = found(asked(**{**wrong, **settings}), row(status, loss, 0.1, **wrong))
        assert (got is not None) is warned, status
        if isinstance(got, Steps):
            assert (got.batch_size, got.learning_rate, got.key) == (64, 0.1, RunSpec(**SHAPES, **wrong).question())


@pytest.mark.parametrize(
    ("end", "against"),
    [
        (row("done", 0.5, 0.9, batch_size=16, learning_rate=0.2), True),
        (row("done", 6e18, 0.1, batch_size=16, learning_rate=0.2), False),
        (row("done", 2.31, 0.1, batch_size=16, learning_rate=0.2), False),
        (row("done", None, 0.9, batch_size=16, learning_rate=0.2), False),
        (row("done", 0.5, 0.9, batch_size=512, learning_rate=0.2), False),  # less noisy than what is asked for
        (row("done", 0.5, 0.9, batch_size=16, learning_rate=0.01), False),
        (row("cancelled", 0.5, 0.9, batch_size=16, learning_rate=0.2), False),
    ],
)
def test_only_what_ended_well_with_larger_steps_speaks_against_it(end: dict[str, Any], against: bool) -> None:
    wrong = row("diverged", None, None, batch_size=64, learning_rate=0.1)
    assert (found(asked(batch_size=32, learning_rate=0.1), wrong, end) is None) is against


def test_of_several_the_one_with_the_smallest_steps_is_named() -> None:
    rows = [row("diverged", None, None, batch_size=64, learning_rate=rate) for rate in (0.5, 0.1, 0.2)]
    got = found(asked(batch_size=64, learning_rate=1.0), *rows)
    assert isinstance(got, Steps)
    assert got.learning_rate == 0.1


def test_a_run_that_had_no_time_to_learn_tells_nothing() -> None:
    # 600 images at B = 64 are 10 updates an epoch: T / (1 - m) = 10 mu x 10 an epoch.
    short = {"batch_size": 64, "learning_rate": 9e-4, "epochs": 1}
    assert found(asked(batch_size=64, learning_rate=0.1), row("failed to learn", 2.31, 0.1, **short)) is None
    longer = {**short, "epochs": 2}
    assert found(asked(batch_size=64, learning_rate=0.1), row("failed to learn", 2.31, 0.1, **longer)) is not None


@pytest.mark.parametrize(
    ("batch_size", "learning_rate", "warned"),
    [
        (16, 0.01, False), (16, 0.02, True), (16, 0.05, True), (64, 0.02, False), (64, 0.05, True), (512, 0.05, False),
        (512, 0.1, False), (512, 0.5, True), (4096, 0.1, False),
    ],
)  # fmt: skip
def test_trials_warn_where_a_fall_to_chance_was_seen_and_not_where_it_trained(
    batch_size: int, learning_rate: float, warned: bool
) -> None:
    spec = RunSpec(batch_size=batch_size, learning_rate=learning_rate)
    got = divergence.found(spec, runs(), UNMEASURED)
    assert (got is not None) is warned
    if isinstance(got, Steps):
        assert (got.end, got.key) == (CHANCE, "")
    assert divergence.found(spec.model_copy(update={"head": "linear"}), runs(), UNMEASURED) is None


@pytest.mark.parametrize(
    ("batch_size", "learning_rate", "warned"),
    [(16, 0.02, True), (16, 0.05, True), (512, 0.1, False), (512, 0.01, False)],
)
def test_with_the_published_runs_too(batch_size: int, learning_rate: float, warned: bool) -> None:
    store = Store(settings.ROOT / "cached_runs", settings.ROOT / "nothing")
    published = store.runs()
    spec = RunSpec(batch_size=batch_size, learning_rate=learning_rate)
    assert (divergence.found(spec, published, store.measurements(published)) is not None) is warned


def test_last_comes_the_edge_of_the_untrained_network() -> None:
    of = row(batch_size=512, learning_rate=1e-3)
    rows = [
        (of["key"], PROBE, START, NAME, 38.0),
        (of["key"], PROBE, 5, NAME, 380.0),
        ("elsewhere", PROBE, START, NAME, 99),
    ]
    measured = pd.DataFrame(rows, columns=["key", "probe", "epoch", "name", "value"])
    assert found(asked(batch_size=512, learning_rate=0.099), of, measured=measured) is None
    got = found(asked(batch_size=512, learning_rate=0.11), of, measured=measured)
    assert isinstance(got, Edge)
    assert got.key == of["key"]
    assert got.learning_rate == pytest.approx(0.1)
    assert found(asked(batch_size=512, learning_rate=0.11, momentum=0.99), of, measured=measured) is not None
    wrong = row("diverged", None, None, batch_size=512, learning_rate=0.1)
    assert isinstance(found(asked(batch_size=512, learning_rate=0.11), of, wrong, measured=measured), Steps)
    well = row(batch_size=256, learning_rate=0.5)
    assert found(asked(batch_size=512, learning_rate=0.11), of, wrong, well, measured=measured) is None
