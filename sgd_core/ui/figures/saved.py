"""A figure, with its player, as one HTML file that works without a server."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sgd_core.charts import curves, document
from sgd_core.charts.axes import Axis
from sgd_core.charts.curves import Spec, Style
from sgd_core.charts.look import titled
from sgd_core.errors import UserError
from sgd_core.evidence.sentences import figures as sentences
from sgd_core.experiment import paper
from sgd_core.ui.shell import library, replay, theme
from sgd_core.ui.shell.replay import View


def final_values(number: int, view: View) -> dict[str, float]:
    """Every run's final value: the mean of its last ten epochs, as in the table of the page."""
    finals = library.figure_finals(number)
    return {str(row["run"]): float(row[f"final_{view.column}"]) for row in finals.to_dict("records")}


def ends(number: int, mean: pd.DataFrame, view: View, loss: bool) -> str:
    """How far apart the runs end, and are at equal amounts of the axis."""
    drawn = set(mean["run"])
    at_end = {run: end for run, end in final_values(number, view).items() if run in drawn}
    told = sentences.apart(at_end, loss), sentences.apart_at_equal(replay.placed(mean, view), view.axis, loss)
    return " ".join(filter(None, told))


def under_title(picture: Spec, figure: paper.Figure, view: View, rows: pd.DataFrame, style: Style) -> Spec:
    """The picture under its title."""
    seeds = rows.groupby("run")["seed"].nunique()
    below = sentences.titled(view.metric, view.axis, (int(seeds.min()), int(seeds.max())), view.each_seed)
    return titled(picture, f"Figure {figure.number}: {figure.title}", below, style.ink, style.type_size)


def html(
    figure: paper.Figure, picture: Spec, data: pd.DataFrame, rows: pd.DataFrame, said: Sequence[str], site: bool = False
) -> str:
    """The file for a picture; `said` describes it, says what is measured and how far apart the runs are."""
    told, what, apart = said
    return document.html(
        f"Figure {figure.number}: {figure.title}",
        document.with_data(picture, data),
        told,
        [f"**{figure.question}** {figure.settings}", what],
        [
            apart,
            f"**What the paper says.** {figure.statement}",
            f"**What to mind.** {figure.caveat} {paper.METRIC_CAVEAT}",
        ],
        library.provenance(rows),
        theme.colour("textColor"),
        theme.colour("backgroundColor"),
        site,
    )


def from_published(number: int, metric: str, axis: Axis, site: bool = False) -> str:
    """The file of a figure without a page that shows it; raises UserError where none of its runs is published."""
    figure, view = paper.FIGURES[number], View(metric, axis, each_seed=False, beside=False, hidden=())
    rows = library.figure_rows(number)
    if rows.empty:
        raise UserError(f"None of Figure {number}'s runs is published yet.")
    epochs, mean = library.figure_epochs(number), replay.means(number, view)
    measure = replay.measure_of(metric, mean["mean"], mean)
    style = Style(theme.colour("textColor"), theme.colour("backgroundColor"))
    lines = replay.lines(number, rows, mean)
    picture = replay.picture(lines, rows, mean, view, measure, style, None, axis)
    data, _ = curves.pack(replay.frame(mean, epochs, view, measure, axis))
    return html(figure, picture, data, rows, said(number, rows, mean, view, measure.loss), site)


def what(view: View, rows: pd.DataFrame) -> str:
    """What is measured, in a line."""
    twins = {split: found.twins for split, found in library.neighbours().items()}
    return sentences.what(view.column, *library.crops(rows), twins)


def said(number: int, rows: pd.DataFrame, mean: pd.DataFrame, view: View, loss: bool) -> tuple[str, str, str]:
    """What is on screen in words: the chart, the measure, and how far apart the runs are."""
    return (
        sentences.described(number, view.metric, mean, view.axis, loss),
        what(view, rows),
        ends(number, mean, view, loss),
    )
