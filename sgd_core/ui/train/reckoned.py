"""The chart of the Train page's runs, its rows, and what is said of it, before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sgd_core.charts import growing
from sgd_core.charts.axes import Axis
from sgd_core.charts.curves import Line, Measure
from sgd_core.charts.look import Look, Spec
from sgd_core.evidence.sentences import train as sentences
from sgd_core.images import sets
from sgd_core.ui.shell import replay
from sgd_core.ui.train.drawn import Picture


@dataclass(frozen=True)
class Reckoned:
    """The chart of some runs, its rows, and what is said of it."""

    rows: pd.DataFrame
    chart: Spec
    alt: str
    said: str
    curves: list[growing.Curve]
    lines: list[Line]
    measure: Measure
    settings: int
    seeds: bool
    """Whether some setting is there with several seeds."""


def reckon(drawn: Picture, metric: str, axis: Axis, images: str, look: Look) -> Reckoned:
    name, data = replay.called(metric, [images]), sets.known(images)
    rows = growing.frame(drawn.curves, drawn.column)
    rows["y"] = rows["y"].clip(lower=growing.LEAST_LOSS) if drawn.column == "train_loss" else rows["y"]
    measure = _measure(metric, name, data.classes if data is not None else 10)
    lines = drawn.lines(look.ink)
    names = [[run.name for run in runs] for runs in (drawn.own, drawn.others)]
    return Reckoned(
        rows, growing.chart(drawn.curves, measure, axis, lines, look), sentences.described(name, axis, *names),
        drawn.takeaway(axis), drawn.curves, lines, measure, len(drawn.settings),
        max(map(len, drawn.settings.values()), default=0) > 1,
    )  # fmt: skip


def _measure(metric: str, name: str, classes: int) -> Measure:
    """The axis of the measure: all of it, so that no curve is cropped and none moves when a run ends."""
    if replay.METRICS[metric] == "train_loss":
        return Measure(f"{name.lower()} (log axis)", growing.losses(classes), loss=True)
    return Measure(name.lower(), (0.0, 1.0))
