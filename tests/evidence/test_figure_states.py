"""What the figure pages say of the published runs, in every state, against the Parquet files read in another way."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd
import pytest

from sgd_core.charts.axes import AXES
from sgd_core.evidence import figures
from sgd_core.evidence.sentences import figures as sentences
from sgd_core.experiment import paper
from sgd_core.experiment.schedules import plan
from sgd_core.runs.kept.store import PUBLISHED, Store
from sgd_core.runs.kept.table import spec_of
from tests.conftest import ROOT, pages_of

COLUMNS = ("reported_accuracy", "val_accuracy", "test_accuracy", "train_loss")
TOLD = re.compile(
    r"\*\*([\d.]+)(?: points)?\*\*(?: apart)? at \w+ = ([\d.,]+), which (?:all |both|(?=\d))(\d*)(?: of \d+)? reach"
)
IMAGES = {"reported": paper.TRAIN_IMAGES, "val": paper.VALIDATION_IMAGES, "test": 2000}


@pytest.fixture(scope="module", autouse=True)
def project_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The project's own published runs, whatever another test has left in the environment."""
    with pages_of(ROOT / "cached_runs", tmp_path_factory.mktemp("cache")):
        yield


@cache
def rows_of(figure: int) -> pd.DataFrame:
    runs = Store().runs()
    return figures.rows_of(runs[runs["source"] == PUBLISHED], figure)


@cache
def raw(figure: int) -> dict[str, tuple[pd.DataFrame, list[pd.DataFrame]]]:
    """Run -> its plan (one row an epoch) and its rows of the file, one table a seed."""
    epochs = pd.read_parquet(ROOT / "cached_runs" / "epochs.parquet")
    found: dict[str, tuple[pd.DataFrame, list[pd.DataFrame]]] = {}
    for row in rows_of(figure).to_dict("records"):
        table = epochs[(epochs["key"] == row["key"]) & (epochs["epoch"] >= 0)].set_index("epoch")
        planned = pd.DataFrame(plan(spec_of(row), paper.TRAIN_IMAGES)).set_index("epoch")
        found.setdefault(row["run"], (planned, []))[1].append(table)
    assert len(found) == len(paper.runs_of(figure))
    return found


def curve(figure: int, run: str, column: str, axis: str) -> tuple[np.ndarray, np.ndarray]:
    """Where the mean of a run's seeds lies along an axis, straight from the file's counts."""
    planned, seeds = raw(figure)[run]
    if column == "train_loss":
        values = pd.concat([table["train_loss"] for table in seeds], axis=1).mean(axis=1)
    else:
        what = column.removesuffix("_accuracy")
        values = pd.concat([table[f"{what}_correct"] / IMAGES[what] for table in seeds], axis=1).mean(axis=1)
    x = planned[axis].astype(float)
    if column == "train_loss":
        x = (x + x.shift(1, fill_value=0.0)) / 2
    values = values.dropna().astype(float)
    return x.loc[values.index].to_numpy(), values.to_numpy()


@pytest.mark.parametrize(
    ("figure", "column", "axis"),
    [*itertools.product((1, 2, 3, 4), COLUMNS, ("updates", "time", "effective"))],
)
def test_what_is_said_at_equal_amounts_is_in_the_files(figure: int, column: str, axis: str) -> None:
    loss, along = column == "train_loss", AXES[axis]
    mean = figures.mid_epoch(figures.curves(all_epochs(figure), column), column)
    said = sentences.apart_at_equal(mean, along, loss)
    told = TOLD.findall(said)
    assert told, said
    ends = {run: curve(figure, run, column, along.column) for run in raw(figure)}
    for gap, at, many in told:
        place = min((float(x[-1]) for x, _ in ends.values()), key=lambda end: abs(end - float(at.replace(",", ""))))
        there = {run: np.interp(place, x, y) for run, (x, y) in ends.items() if x[0] <= place <= x[-1] * (1 + 1e-9)}
        assert len(there) == (int(many) if many else 2), said
        assert float(gap) == pytest.approx(
            (max(there.values()) - min(there.values())) * (1 if loss else 100), abs=0.0006 if loss else 0.051
        ), said
    ranked = re.search(r"; (.+) is best there, (.+) last\.", said)
    if ranked:
        place = min((float(x[-1]) for x, _ in ends.values()), key=lambda e: abs(e - float(told[0][1].replace(",", ""))))
        there = {run: np.interp(place, x, y) for run, (x, y) in ends.items() if x[0] <= place <= x[-1] * (1 + 1e-9)}
        best, worst = sorted(there, key=there.__getitem__, reverse=not loss)[:: len(there) - 1]
        assert ranked.groups() == (best, worst)


def all_epochs(figure: int) -> pd.DataFrame:
    rows = rows_of(figure)
    return Store().epochs(rows).merge(rows[["key", "run", "order", "seed"]], on="key")


@pytest.mark.parametrize(("figure", "column"), [*itertools.product((1, 2, 3, 4), COLUMNS)])
def test_what_is_said_of_the_ends_is_in_the_files(figure: int, column: str) -> None:
    finals = figures.finals(rows_of(figure))
    ends = {str(row["run"]): float(row[f"final_{column}"]) for row in finals.to_dict("records")}
    said = sentences.apart(ends, column == "train_loss")
    values = {run: curve(figure, run, column, "updates")[1][-10:].mean() for run in raw(figure)}
    gap = (max(values.values()) - min(values.values())) * (1 if column == "train_loss" else 100)
    shown = re.search(r"\*\*([\d.]+)", said)
    assert shown is not None
    assert float(shown[1]) == pytest.approx(gap, abs=0.0006 if column == "train_loss" else 0.051)
    ranked = re.search(r": (.+) highest, (.+) lowest\)", said)
    if ranked:
        assert ranked.groups() == (max(values, key=values.__getitem__), min(values, key=values.__getitem__))
