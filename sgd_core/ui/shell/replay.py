"""From a figure's published runs to its chart: what the controls ask for, as a frame and a description to draw it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from sgd_core.charts import curves
from sgd_core.charts.axes import Axis, Scale
from sgd_core.charts.curves import Line, Mark, Measure, Spans, Style
from sgd_core.charts.foreign import Overlay
from sgd_core.evidence import figures
from sgd_core.images.sets import PAPERS as PAPERS_IMAGES
from sgd_core.ui.shell import library, theme
from sgd_core.ui.shell.shared import shared

PAPERS_ACCURACY, ON_CROPS = "The paper's accuracy", "Training accuracy on random crops"
METRICS = {
    PAPERS_ACCURACY: "reported_accuracy",
    "Validation accuracy": "val_accuracy",
    "Test accuracy": "test_accuracy",
    "Train loss": "train_loss",
}
BESIDE = "Validation accuracy"
"""What the second panel shows."""
FAMILIES = {2: "batch_size", 3: "schedule", 4: "batch_growth"}
"""What dashes stand for in a figure; colour always stands for the mean mu/B."""
DASHES = ((), (7, 3), (2, 2), (9, 3, 2, 3))

Guesses = dict[str, float] | None
MEAN_BAND, EACH = "Mean and 95% band", "Each seed"


@dataclass(frozen=True)
class View:
    """What the controls of a figure's page say."""

    metric: str
    axis: Axis
    each_seed: bool
    beside: bool
    hidden: tuple[str, ...]

    @property
    def column(self) -> str:
        return METRICS[self.metric]


def called(metric: str, images: Iterable[str] = ()) -> str:
    """What a measure is called on runs of these sets of images: the paper measured nothing but its own."""
    return ON_CROPS if metric == PAPERS_ACCURACY and set(images) - {PAPERS_IMAGES} else metric


def picture(
    drawn: list[Line],
    rows: pd.DataFrame,
    mean: pd.DataFrame,
    view: View,
    measure: Measure,
    style: Style,
    guessed: Guesses,
    before: Axis,
    elsewhere: Overlay | None = None,
) -> curves.Spec:
    """The chart's description, without its data; `drawn` is how the runs in `mean` look."""
    mean = placed(mean, view)
    scale = scale_of(view.axis, mean, measure)
    marks = _reported(rows, mean, scale, view) + _guess_marks(guessed or {}, mean, scale)
    return curves.chart(
        drawn, scale, measure, style, spans(mean), marks, view.each_seed,
        beside=accuracy(BESIDE, mean["beside"], mean) if view.beside else None, glides=before is not view.axis,
        elsewhere=elsewhere,
    )  # fmt: skip


def spans(rows: pd.DataFrame) -> Spans:
    """From the smallest to the largest learning rate, as far as it is drawn, and at least the paper's batch sizes."""
    low, high = max(float(rows["learning_rate"].min()), curves.LOWEST_RATE), float(rows["learning_rate"].max())
    smallest, largest = curves.BATCH_SIZES
    return Spans(
        (low, high) if low < high else (low / 2, high * 2),
        (min(smallest, int(rows["batch_size"].min())), max(largest, int(rows["batch_size"].max()))),
    )


def means(number: int, view: View) -> pd.DataFrame:
    """The figure's mean curves in the measure of the view, with `beside` where it is asked for.

    Progress is that at the end of each epoch; where a point is drawn and compared, `placed` says.
    """
    mean = library.figure_curves(number, view.column)
    return _with_beside(number, view.column, library.stamp()) if view.beside else mean


@shared
def _with_beside(number: int, column: str, stamp: float) -> pd.DataFrame:
    other = library.figure_curves(number, METRICS[BESIDE])[["run", "epoch", "mean"]].rename(columns={"mean": "beside"})
    return library.figure_curves(number, column).merge(other, on=["run", "epoch"], how="left")


def frame(mean: pd.DataFrame, epochs: pd.DataFrame, view: View, measure: Measure, before: Axis) -> pd.DataFrame:
    """The rows of the chart, in the columns of ui.curves."""
    rows = mean.rename(columns={"mean": "y"}).assign(seed=curves.MEAN)
    if view.each_seed:
        rows = pd.concat([rows, _measured(epochs, view)])
    drawn, whole = placed(rows, view), placed(mean, view)
    rows = rows.assign(position=scale_of(view.axis, whole, measure).position(drawn[view.axis.column]))
    if measure.loss:
        rows["y"] = rows["y"].clip(*measure.domain)
    if before is not view.axis:
        rows["before"] = scale_of(before, whole, measure).position(drawn[before.column])
    return rows[[name for name in curves.TYPES if name in rows]]


def placed(rows: pd.DataFrame, view: View) -> pd.DataFrame:
    """The rows with progress where their points lie: a mean over an epoch lies at its middle."""
    return figures.mid_epoch(rows, view.column)


def scale_of(axis: Axis, mean: pd.DataFrame, measure: Measure) -> Scale:
    """The whole axis; a log axis from where the first curve comes into view, or most of it would be empty."""
    whole = measure.loss or not axis.logarithmic
    seen = mean if whole else mean[mean["mean"] >= measure.domain[0]]
    return axis.scale(seen[axis.column])


def numbers(mean: pd.DataFrame, epochs: pd.DataFrame, view: View) -> pd.DataFrame:
    """The numbers on screen, in words: what the CSV holds. `seed` is 'mean' for means over n seeds."""
    rows = mean.rename(columns={"mean": "y"}).assign(seed="mean")
    if view.each_seed:
        rows = pd.concat([rows, _measured(epochs, view)])
    named = rows.rename(columns={"y": view.column, "beside": f"mean_{METRICS[BESIDE]}"})
    order = [
        "run",
        "seed",
        "epoch",
        *figures.SCHEDULE_COLUMNS,
        "n",
        view.column,
        "low",
        "high",
        f"mean_{METRICS[BESIDE]}",
    ]
    return named[[name for name in order if name in named]]


def measure_of(metric: str, values: pd.Series, rows: pd.DataFrame) -> Measure:
    """What the y axis shows, with room for all runs' ends; `values` are those of the rows."""
    if METRICS[metric] == "train_loss":
        return Measure("train loss (log axis)", loss_domain(values), loss=True)
    return accuracy(metric, values, rows)


LEAST_LOSS, MOST_LOSS = 1e-6, 1e3
"""A loss axis reaches no further; what lies beyond is drawn at its edge, and the page says so."""


def loss_domain(values: pd.Series) -> tuple[float, float]:
    """The range of a log axis that shows these losses, and at least those between 1 and that of knowing nothing."""
    shown = values[(values > LEAST_LOSS) & (values < MOST_LOSS)]
    low, high = (float(shown.min()), float(shown.max())) if len(shown) else (LEAST_LOSS, MOST_LOSS)
    if (values >= MOST_LOSS).any():
        high = MOST_LOSS
    if (values <= LEAST_LOSS).any():
        low = LEAST_LOSS
    return min(low * 0.8, 1.0), max(high * 1.1, 2.6)


def accuracy(title: str, values: pd.Series, mean: pd.DataFrame) -> Measure:
    """An accuracy axis that reaches 15 points below the lowest end."""
    worst = float(values.dropna().groupby(mean["run"]).last().min())
    return Measure(title.lower(), (max(0.0, int((worst - 0.15) * 20) / 20), 1.0))


def lines(number: int, rows: pd.DataFrame, mean: pd.DataFrame) -> list[Line]:
    """Colour by the run's mean mu/B, cold to hot, so that equal noise is one colour; dashes by family.

    Where every run has the same mu/B, two curves that coincide would be one: there each has a colour of its own.
    """
    noise = noise_of(mean)
    first = rows.drop_duplicates("run").set_index("run")
    families = list(first[FAMILIES[number]].unique()) if number in FAMILIES else []
    colours = theme.accents() if equal_noise(mean) else theme.by_noise(noise)
    return [
        Line(run, colour, DASHES[families.index(first.loc[run, FAMILIES[number]])] if families else ())
        for run, colour in zip(noise.index, colours)
    ]


def noise_of(rows: pd.DataFrame) -> pd.Series:
    """Mean mu/B of every run over its epochs, in the order of the rows."""
    return (rows["learning_rate"] / rows["batch_size"]).groupby(rows["run"], sort=False).mean()


def equal_noise(mean: pd.DataFrame) -> bool:
    """Whether there are several runs and all have the same mean mu/B, as the two of Figure 4."""
    noise = theme.two_digits(noise_of(mean))
    return len(noise) > 1 and len(set(noise)) == 1


def _measured(epochs: pd.DataFrame, view: View) -> pd.DataFrame:
    kept = epochs[(epochs["epoch"] >= 0) & epochs[view.column].notna()].rename(columns={view.column: "y"})
    return kept[["run", "seed", "epoch", *figures.SCHEDULE_COLUMNS, "y"]]


def _reported(rows: pd.DataFrame, mean: pd.DataFrame, scale: Scale, view: View) -> list[Mark]:
    """The authors' finals, where the chart shows the accuracy that they are of."""
    if view.column != "reported_accuracy":
        return []
    reported = rows.drop_duplicates("run").set_index("run")["paper_reported"]
    ends = _ends(mean, scale)
    return [Mark(run, at, float(reported[run]), f"authors: {reported[run]:.4f}, one seed") for run, at in ends.items()]


def _guess_marks(guessed: dict[str, float], mean: pd.DataFrame, scale: Scale) -> list[Mark]:
    ends = _ends(mean, scale)
    return [Mark(run, ends[run], guess, "your guess", "cross") for run, guess in guessed.items()]


def _ends(mean: pd.DataFrame, scale: Scale) -> dict[str, float]:
    last = mean.groupby("run", sort=False)[scale.axis.column].last()
    return dict(zip(last.index, map(float, scale.position(last)), strict=True))
