"""Whether a run is likely to go wrong: by what came of runs with steps as large, of trials, and by measured curvature.

Of two runs on the same images, features and head, one has steps at least as large and as noisy as the other where its
mu_0 and m are no lower and its B is no higher. What went wrong with smaller steps speaks for a warning; what ended well
with larger ones speaks against it, and stands. The edge by curvature leaves the noise of batches out, so it comes last:
along B=512 it is 0.30 untrained, where B=16 falls to chance at 0.02 already (TRIALS).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sgd_core.evidence import stability
from sgd_core.evidence.stability import Edge
from sgd_core.experiment.record import EXPLODED, chance_bound
from sgd_core.experiment.schedules import plan
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import sets
from sgd_core.runs.kept.table import spec_of

WELL, DIVERGED, BLEW_UP, CHANCE, UNTOLD = "well", "diverged", "blew up", "chance", ""
"""How a run ended: see `ends`. UNTOLD says neither."""
TIME_TO_LEARN = 0.1
"""T / (1 - m) from which a run at chance has failed: no published run is still there later than 0.024, at m = 0.9."""


@dataclass(frozen=True)
class Steps:
    """How large and how noisy a run's steps are at first, and how it ended."""

    batch_size: int
    learning_rate: float
    momentum: float
    end: str
    key: str = ""
    """Of the run; '' for a trial."""
    loss: float = math.nan
    """The mean train loss of its last ten epochs."""


TRIALS = (
    Steps(16, 0.01, 0.9, WELL), Steps(16, 0.02, 0.9, CHANCE), Steps(16, 0.05, 0.9, CHANCE),
    Steps(64, 0.05, 0.9, CHANCE), Steps(512, 0.1, 0.9, WELL), Steps(512, 0.15, 0.9, CHANCE),
)  # fmt: skip
"""Four epochs at constant mu on the paper's images, seed 0, five sets of crops, on a CPU."""
TRIED = RunSpec()
"""The images, features and head of TRIALS."""


def found(spec: RunSpec, runs: pd.DataFrame, measurements: pd.DataFrame) -> Steps | Edge | None:
    """What speaks for `spec` going wrong: a run or trial that did, or the edge that its mu_0 is beyond; None: nothing.

    `runs` and `measurements` are those of Store.
    """
    data = sets.known(spec.dataset)
    if data is None:
        return None
    same = runs[(runs["dataset"] == spec.dataset) & (runs["features"] == spec.features) & (runs["head"] == spec.head)]
    trials = (
        TRIALS if all(getattr(spec, name) == getattr(TRIED, name) for name in ("dataset", "features", "head")) else ()
    )
    known = [*_of_runs(_comparable(same, spec), data.classes), *trials]
    own = Steps(spec.batch_size, spec.learning_rate, spec.momentum, UNTOLD)
    if any(each.end == WELL and at_least(each, own) for each in known):
        return None
    wrong = [each for each in known if each.end in (DIVERGED, BLEW_UP, CHANCE) and at_least(own, each)]
    if wrong:
        worst: Steps = min(wrong, key=lambda each: (not each.key, each.learning_rate))
        return worst
    edge = stability.edge_at_start(measurements[measurements["key"].isin(same["key"])], spec.momentum)
    return edge if edge is not None and spec.learning_rate > edge.learning_rate else None


def at_least(one: Steps, other: Steps) -> bool:
    """Whether the steps of one are at least as large and as noisy as the other's."""
    return (
        one.learning_rate >= other.learning_rate
        and one.momentum >= other.momentum
        and one.batch_size <= other.batch_size
    )


def ends(runs: pd.DataFrame, classes: int) -> list[str]:
    """How each of these runs ended.

    WELL: trained to the end with a finite loss in bounds, below log(classes), the loss of knowing nothing, or with more
    images right than chance gives. BLEW_UP: with a loss above EXPLODED times that. CHANCE: no better than chance by
    either. UNTOLD: cancelled, failed, or not measured.
    """
    status, loss = runs["status"].astype(str).to_numpy(), _numbers(runs["final_train_loss"])
    nothing = math.log(classes)
    reported, val = _numbers(runs["final_reported_accuracy"]), _numbers(runs["final_val_accuracy"])
    above = (reported > _bounds(runs["train_images"], classes)) | (val > _bounds(runs["val_images"], classes))
    measured = np.isfinite(loss) | np.isfinite(reported) | np.isfinite(val)
    better = above | (loss < nothing)
    blew_up = loss > EXPLODED * nothing
    said = np.select(
        [
            status == "diverged",
            ~np.isin(status, ("done", "failed to learn")),
            blew_up,
            status == "failed to learn",
            measured & ~better,
            better & np.isfinite(loss),
        ],
        [DIVERGED, UNTOLD, BLEW_UP, CHANCE, CHANCE, WELL],
        UNTOLD,
    )
    return [str(each) for each in said]


def _comparable(runs: pd.DataFrame, spec: RunSpec) -> pd.DataFrame:
    """The runs whose steps are no larger than those of `spec`, and those whose steps are no smaller."""
    rate, momentum, batch = (runs[name] for name in ("learning_rate", "momentum", "batch_size"))
    larger = (rate >= spec.learning_rate) & (momentum >= spec.momentum) & (batch <= spec.batch_size)
    smaller = (rate <= spec.learning_rate) & (momentum <= spec.momentum) & (batch >= spec.batch_size)
    return runs[larger | smaller]


def _of_runs(runs: pd.DataFrame, classes: int) -> list[Steps]:
    return [
        Steps(
            int(row["batch_size"]), float(row["learning_rate"]), float(row["momentum"]), end, str(row["key"]),
            float(loss),
        )
        for row, end, loss in zip(
            runs.to_dict("records"), ends(runs, classes), _numbers(runs["final_train_loss"]), strict=True
        )
        if end not in (UNTOLD, CHANCE) or (end == CHANCE and _had_time(spec_of(row), int(row["train_images"])))
    ]  # fmt: skip


def _had_time(spec: RunSpec, images: int) -> bool:
    return plan(spec, images)[-1].training_time >= TIME_TO_LEARN * (1 - spec.momentum)


def _bounds(images: pd.Series, classes: int) -> np.ndarray:
    """The share right up to which a head may know nothing; nothing is above it where there are no images."""
    return np.array([math.inf if pd.isna(each) or each < 1 else chance_bound(int(each), classes) for each in images])


def _numbers(column: pd.Series) -> np.ndarray:
    return column.astype("Float64").to_numpy(float, na_value=math.nan)
