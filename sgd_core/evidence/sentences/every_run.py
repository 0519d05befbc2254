"""The sentences of the page of every run: what is listed, laid over each other, brought in and taken away."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from sgd_core.evidence.grid import Cell
from sgd_core.evidence.ordering import spearman_interval
from sgd_core.evidence.sentences import words
from sgd_core.evidence.sentences.figures import Along
from sgd_core.evidence.sentences.words import are, counted, plain
from sgd_core.experiment.names import rate_of


def listed(found: int, shown: int, most_chosen: int, short: int = 0, settings: int | None = None) -> str:
    """Under the table: how many were found, and how many of them it shows at most.

    `short` of them have fewer than ten epochs; `settings` is how many rows they make where they are grouped.
    """
    rows = found if settings is None else settings
    of = "" if settings is None else f" of {settings} setting{'s' * (settings != 1)}"
    more = f" The first {shown} rows are shown." if rows > shown else ""
    means = "An accuracy is the mean of the last ten epochs"
    means += (
        f"; {short} of the runs {'has' if short == 1 else 'have'} fewer, all of which it averages." if short else "."
    )
    band = "" if settings is None else " ±: half of the 95% interval over seeds."
    return f"{counted(found)}{of}.{more} Tick rows to draw them, {most_chosen} runs at most. {means}{band}"


def none_found(alone: Mapping[str, int]) -> str:
    """Why a search finds nothing: how many runs each of its words finds `alone`."""
    lost = [word for word, runs in alone.items() if not runs]
    if lost or len(alone) < 2:
        return f"No run here has {' and none has '.join(map(plain, lost or alone))}."
    each = ", ".join(f"{plain(word)} finds {counted(runs)}" for word, runs in alone.items())
    return f"No run here has all of it: {each}."


def correlated(across: str, up: str, rho: float, n: int, grouped: bool) -> str:
    """Under the scatter: the rank correlation with its 95% interval, of n runs or settings."""
    what = f"{n} {'setting' if grouped else 'run'}{'s' * (n != 1)}"
    if math.isnan(rho):
        return f"Over {what}: too few, or too much alike, for a rank correlation."
    low, high = spearman_interval(rho, n)
    interval = "" if math.isnan(low) else f", 95% interval {low:.2f} to {high:.2f}"
    caveat = "" if grouped else " Seeds of one setting count as runs of their own: they are less independent than that."
    return f"Over {what}: the rank correlation of {across} and {up} is {rho:.2f}{interval}.{caveat}"


def mixed(settings: Sequence[str]) -> str:
    """Why runs make no map: those of one B and mu differ in more than their seed."""
    return (
        f"Runs of one B and μ₀ differ here in {_fields(settings)} too, so that a mean over them would say nothing. "
        "Narrow the table until they differ in their seed alone, for instance by epochs=150 or constant."
    )


def on_the_map(cells: Sequence[Cell], name: str, share: bool, across: Sequence[str]) -> str:
    """Under the map: how many cells and seeds, where the measure is highest and lowest, and what else differs."""
    if not cells:
        return f"No run here has {name}."
    fewest, most = min(cell.n for cell in cells), max(cell.n for cell in cells)
    runs = f"{fewest} run{'s' * (fewest != 1)}" if fewest == most else f"{fewest} to {most} runs"
    told = f"{len(cells)} cell{'s' * (len(cells) != 1)} of {runs} each."
    low, high = min(cells, key=lambda cell: cell.mean), max(cells, key=lambda cell: cell.mean)
    if high.mean > low.mean:
        whole = f"{name} accuracy" if share and "accuracy" not in name else name
        told += f" {whole[:1].upper()}{whole[1:]} is highest at {_of(high, share)} and lowest at {_of(low, share)}."
    if across:
        told += f" Cells differ in {_fields(across)} too."
    return f"{told} Dotted lines: equal μ/B."


def band(fewest: int, most: int) -> str:
    """Under small multiples: what lines and bands are, of so many seeds."""
    if most < 2:
        return "One seed each, so no band. All charts have one scale."
    seeds = f"{most} seeds" if fewest == most else f"{fewest} to {most} seeds"
    return f"Lines: means over {seeds}; bands: 95% intervals. All charts have one scale."


def _of(cell: Cell, share: bool) -> str:
    value = f"{cell.mean:.1%}" if share else f"{cell.mean:.3g}"
    return f"B = {cell.batch_size}, μ₀ = {rate_of(cell.learning_rate)} ({value})"


def _fields(settings: Sequence[str]) -> str:
    return words.listed([each.replace("_", " ") for each in settings])


def first_drawn(found: int, most: int) -> str:
    """That only the first rows are dots; '' where all are."""
    return f"The first {most} of {found} are drawn; the correlation is of all." if found > most else ""


def not_here(runs: int) -> str:
    """Of runs that a link names; '' where all are here."""
    return f"{runs} of the runs in this link {are(runs)} not here." if runs else ""


def other_images(images: Sequence[str], figure: int) -> str:
    """Of runs laid over a figure of the paper that are on these sets of images; '' where all are on the paper's."""
    if not images:
        return ""
    named = " and ".join(plain(name) for name in images)
    return (
        f"Thick: yours, on other images ({named}). Figure {figure} is of the paper's photographs: heights of "
        "the curves do not compare."
    )


def not_measured(runs: int) -> str:
    """Of chosen runs; '' where all have a value of the measure."""
    return f"{runs} of the runs {'has' if runs == 1 else 'have'} no value of this measure." if runs else ""


def described(curves: pd.DataFrame, metric: str, axis: Along) -> str:
    """The chart in words: where every run ends. `curves` has a row a run and epoch, with the measure as `y`."""
    last = curves.sort_values("epoch", kind="stable").groupby("run", sort=False, observed=True)["y"].last()
    ends = "; ".join(f"{run} ends at {value:.3f}" for run, value in last.items())
    return f"{metric} along {axis.noun}: {ends}."


def thinned(every: int) -> str:
    """That only every so-manieth epoch is drawn; '' where all are."""
    return f"So many curves: every {_nth(every)} epoch is drawn." if every > 1 else ""


def imported(kept: int, there: int) -> str:
    """What an import has brought: runs that are new here, and runs that were there already."""
    before = f" {there} {'was' if there == 1 else 'were'} there already and stay{'s' * (there == 1)} as before."
    return f"{counted(kept)} {are(kept)} imported, and marked so." + (before if there else "")


def deleted(runs: int) -> str:
    return f"{counted(runs)} {are(runs)} deleted."


def to_delete(runs: int) -> tuple[str, str]:
    """What the button that deletes runs says, and the warning behind it."""
    if runs == 1:
        return "Delete the ticked run", "This run is removed, with all curves and notes. Published runs stay."
    what = f"{runs} ticked runs"
    return f"Delete the {what}", f"These {runs} runs are removed, with all curves and notes. Published runs stay."


def export(runs: int) -> str:
    return f"**Export** these {runs} runs with all their epochs:" if runs > 1 else "**Export** this run:"


def _nth(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
