"""The chart of a figure's page for a given state of its controls, without the page."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sgd_core.charts import curves
from sgd_core.charts.axes import AXES
from sgd_core.charts.curves import Spec, Style
from sgd_core.ui.shell import library, replay
from sgd_core.ui.shell.replay import View


@dataclass(frozen=True)
class Drawn:
    """What goes to the browser, and the tables it was made from."""

    spec: Spec
    data: pd.DataFrame
    every: int
    mean: pd.DataFrame
    epochs: pd.DataFrame
    view: View


def drawn(
    figure: int,
    metric: str = "The paper's accuracy",
    axis: str = "epoch",
    each_seed: bool = False,
    beside: bool = False,
    before: str | None = None,
    guessed: dict[str, float] | None = None,
    large: bool = False,
) -> Drawn:
    """The chart of figure `figure`; `before` is the axis that it glides from."""
    view = View(metric, AXES[axis], each_seed, beside, tuple(guessed or ()))
    rows, epochs = library.figure_rows(figure), library.figure_epochs(figure)
    mean = replay.means(figure, view)
    measure = replay.measure_of(metric, mean["mean"], mean)
    earlier = AXES[before or axis]
    style = Style("#23211d", "#fcfbf8", large)
    spec = replay.picture(replay.lines(figure, rows, mean), rows, mean, view, measure, style, guessed, earlier)
    data, every = curves.pack(replay.frame(mean, epochs, view, measure, earlier))
    return Drawn(spec, data, every, mean, epochs, view)
