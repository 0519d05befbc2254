"""How long a run takes, reckoned by hand: an epoch costs its updates and 100 more for every 2967 images."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest

from sgd_core.experiment.record import EpochRecord
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs import pace
from sgd_core.runs.kept.store import Store

N = 2967
SPEC = RunSpec(batch_size=16, epochs=4)
"""186 updates an epoch, so 286 units."""


def record(epoch: int, seconds: float, batch_size: int | None = 16) -> EpochRecord:
    nothing: dict[str, Any] = dict.fromkeys(EpochRecord.__dataclass_fields__)
    return EpochRecord(**{**nothing, "epoch": epoch, "batch_size": batch_size, "seconds": seconds})


def test_a_run_costs_its_updates_and_its_scoring() -> None:
    assert pace.units(SPEC) == pytest.approx(4 * (186 + 100))
    assert pace.units(SPEC, 2 * N) == pytest.approx(4 * (371 + 200))
    assert pace.units(RunSpec(batch_size=4096, epochs=1)) == pytest.approx(1 + 100)
    assert pace.units(RunSpec(batch_size=1, images_per_class=2, epochs=1)) == pytest.approx(20 + 20 * 100 / N)
    assert pace.units(RunSpec(updates=200)) == pytest.approx((186 + 100) + (14 + 100), abs=200)
    assert pace.epochs_of(RunSpec(updates=200)) == 2


def test_a_unit_is_the_median_over_epochs() -> None:
    # The second epoch made features as well, and does not count.
    assert pace.unit([16, 16, 16], [28.6, 2860.0, 57.2], N) == pytest.approx(0.2)
    assert pace.unit([], [], N) is None


def test_a_forecast_is_the_whole_run_at_that_pace() -> None:
    assert pace.expected(SPEC, N, 0.01) == pytest.approx(4 * 2.86)


def test_what_is_left_of_a_run_under_way() -> None:
    assert pace.left(SPEC, N, []) is None
    assert pace.left(SPEC, N, [record(-1, 99.0, None)]) is None  # scoring the untrained head tells nothing
    started = [record(-1, 99.0, None), record(0, 2.86)]
    assert pace.left(SPEC, N, started) == pytest.approx(3 * 2.86)
    assert pace.left(SPEC, N, [*started, *(record(k, 2.86) for k in (1, 2, 3))]) == 0


def test_a_batch_that_grows_leaves_less() -> None:
    growing = RunSpec(batch_size=16, epochs=2, batch_growth=16.0, decay_every=1)  # 186 updates, then 12
    assert pace.left(growing, N, [record(0, 2.86)]) == pytest.approx(1.12)


def test_only_the_latest_epochs_tell_what_is_left() -> None:
    spec = RunSpec(batch_size=16, epochs=60)
    slow, fast = [record(k, 286.0) for k in range(30)], [record(k, 2.86) for k in range(30, 59)]
    assert pace.left(spec, N, [*slow, *fast]) == pytest.approx(2.86)


def kept(*units: float | None, source: str = "this machine") -> Store:
    runs = pd.DataFrame({"source": [source] * len(units), "unit_seconds": pd.array(units, dtype="Float64")})
    return cast(Store, SimpleNamespace(runs=lambda: runs))


@pytest.mark.parametrize(
    ("store", "runs", "at_once", "said"),
    [
        (kept(0.1, 0.2, 9.0), 5, 1, "about 19 minutes in one process, by the median of 3 runs of this machine;"),
        (kept(0.1, None, 0.3), 5, 1, "about 19 minutes in one process, by the median of 2 runs of this machine;"),
        (kept(), 5, 1, "about 10 minutes in one process, by a few steps that were just timed;"),
        (kept(9.0, source="published"), 5, 1, "about 10 minutes in one process, by a few steps"),
        (kept(0.2), 50, 1, "about 3.2 hours in one process, by the median of 1 run of this machine;"),
        (kept(0.2), 50, 4, "about 48 minutes on 4 workers,"),
        (kept(1e-6), 1, 1, "about 1 minute in one process,"),
    ],
)
def test_how_long_a_sweep_takes_is_said(store: Store, runs: int, at_once: int, said: str) -> None:
    assert pace.forecast([SPEC] * runs, store, lambda: 0.1, at_once).startswith(f"That takes {said}")
