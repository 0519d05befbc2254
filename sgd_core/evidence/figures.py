"""The paper's figures in terms of the runs there are: which rows belong to a figure, and their curves over seeds."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sgd_core.evidence.intervals import over_seeds
from sgd_core.experiment import paper
from sgd_core.experiment.record import ANSWERS
from sgd_core.runs.kept.table import spec_of

SCHEDULE_COLUMNS = ["learning_rate", "batch_size", "updates", "training_time", "effective_time", "images_seen"]
PROGRESS = ["updates", "training_time", "effective_time", "images_seen"]
"""What grows while a run trains; a row holds what it is at the end of its epoch."""


ALL = 0
"""Stands for a figure with every run of the paper."""


def rows_of(runs: pd.DataFrame, figure: int) -> pd.DataFrame:
    """The rows of `runs` in a figure, or ALL, with `run` (its short name), `order` in its legend, `paper_reported`.

    Only runs that answer their question. Of one number of views, the largest at which some seed has every run of the
    figure, and of those seeds only: a figure mixes neither crops nor seeds. Where no seed is complete, each run at the
    largest number of views that it has.
    """
    wanted = {run.spec.question(): (order, run) for order, run in enumerate(_drawn(figure))}
    found = []
    for row in runs[runs["status"].isin(ANSWERS)].to_dict("records"):
        match = wanted.get(spec_of(row).model_copy(update={"seed": 0}).question())
        if match is not None:
            order, run = match
            found.append({**row, "run": run.label(figure), "order": order, "paper_reported": run.reported})
    table = pd.DataFrame(found, columns=[*runs.columns, "run", "order", "paper_reported"])
    runs_there = table.groupby(["views", "seed"])["order"].transform("nunique")
    complete = table[runs_there == len(wanted)]
    if complete.empty:
        kept = table[table["views"] == table.groupby("order")["views"].transform("max")]
    else:
        kept = complete[complete["views"] == complete["views"].max()]
    return kept.sort_values(["order", "seed"], ignore_index=True)


def _drawn(figure: int) -> Sequence[paper.PaperRun]:
    return paper.RUNS if figure == ALL else paper.runs_of(figure)


def curves(epochs: pd.DataFrame, column: str) -> pd.DataFrame:
    """Mean over seeds of `column` per run and epoch (>= 0): run, order, epoch, mean, low, high, n, and the schedule."""
    trained = epochs[epochs["epoch"] >= 0]
    means = over_seeds(trained, ["run", "order", "epoch"], column)
    schedule = trained.groupby(["run", "order", "epoch"], as_index=False, observed=True)[SCHEDULE_COLUMNS].first()
    return means.merge(schedule, on=["run", "order", "epoch"]).sort_values(["order", "epoch"], ignore_index=True)


def mid_epoch(curves: pd.DataFrame, column: str) -> pd.DataFrame:
    """The curves with PROGRESS where a measure belongs that is a mean over the epoch: at its middle; others stay.

    The train loss is such a mean. Placed at the epoch's end, a run with long epochs seems to lag behind one with short
    ones by half of the difference.
    """
    if column != "train_loss":
        return curves
    by = [name for name in ("run", "seed", "key") if name in curves]
    begun = curves.groupby(by, sort=False, observed=True)[PROGRESS].shift(1).fillna(0)
    return curves.assign(**{name: (curves[name] + begun[name]) / 2 for name in PROGRESS})


def finals(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a run: n seeds, V, the authors' final, and mean, low, high and sd over seeds of each of ours."""
    by = ["order", "run"]
    table = rows.groupby(by, as_index=False, observed=True).agg(
        n=("seed", "count"), views=("views", "max"), paper_reported=("paper_reported", "first")
    )
    for column in ("final_reported_accuracy", "final_val_accuracy", "final_test_accuracy", "final_train_loss"):
        measured = over_seeds(rows, by, column).rename(
            columns={"mean": column, **{name: f"{column}_{name}" for name in ("low", "high", "sd")}}
        )
        table = table.merge(measured.drop(columns="n"), on=by, how="left")
    return table.sort_values("order", ignore_index=True)
