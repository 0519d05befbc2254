"""What `measure line`, `plane` and `rescale` kept with the runs, as tables (cli.between says what their names mean)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from sgd_core.evidence.ends import Tables
from sgd_core.evidence.sharpness import MEASURES
from sgd_core.experiment.claims import LARGE, NOMINAL, Arm

FIRST, SECOND = "B=16, μ=1e-4", "B=512, μ=1e-4"
"""The two runs whose ends are joined."""
SPECS = {FIRST: NOMINAL, SECOND: LARGE}
_NAMES = {"first": FIRST, "second": SECOND}
_NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"


@dataclass(frozen=True)
class Plane:
    """The plane through start and both ends; distances are those of the weights (L2)."""

    tiles: pd.DataFrame
    """x, y, split, loss."""
    ways: pd.DataFrame
    """run, epoch (-1: the start), x, y, away (from the plane), in the order of training."""


def of_run(tables: Tables, run: str, probe: str) -> tuple[int, pd.DataFrame] | None:
    """The lowest seed of FIRST or SECOND with which this probe's values are kept, and its measurements; None: none."""
    rows = tables.measurements[tables.measurements["probe"] == probe]
    for (seed, _), ended in sorted(tables.of(Arm(SPECS[run])).items(), key=lambda each: (each[0][0], -each[0][1])):
        found = rows[rows["key"] == ended.key]
        if not found.empty:
            return seed, found
    return None


def line(measurements: pd.DataFrame) -> pd.DataFrame:
    """alpha, split ('train', 'test'), loss, accuracy: alpha 0 is the end of FIRST, 1 that of SECOND."""
    found = _parsed(measurements, "line", rf"(?P<split>\w+?)_(?P<what>loss|accuracy) at (?P<alpha>{_NUMBER})")
    if found.empty:
        return pd.DataFrame(columns=["alpha", "split", "loss", "accuracy"])
    wide = found.astype({"alpha": float}).pivot_table("value", ["alpha", "split"], "what").reset_index()
    return wide[["alpha", "split", "loss", "accuracy"]].rename_axis(columns=None)


def plane(measurements: pd.DataFrame) -> Plane | None:
    """None where it was not measured."""
    tiles = _parsed(measurements, "plane", rf"(?P<split>\w+?)_loss at (?P<x>{_NUMBER}) (?P<y>{_NUMBER})")
    if tiles.empty:
        return None
    tiles = tiles.astype({"x": float, "y": float}).rename(columns={"value": "loss"})[["x", "y", "split", "loss"]]
    ways = _parsed(measurements, "plane", r"(?P<run>first|second) (?P<what>x|y|away) at (?P<epoch>-?\d+)")
    if ways.empty:
        ends = _parsed(measurements, "plane", r"(?P<run>first|second) (?P<what>x|y)")
        last = int(measurements.loc[measurements["probe"] == "plane", "epoch"].max())
        away = ends[ends["what"] == "x"].assign(what="away", value=0.0)
        at_end = pd.concat([ends, away]).assign(epoch=last)
        ways = pd.concat([at_end, at_end.assign(epoch=-1, value=0.0)])
    ways = ways.astype({"epoch": int}).assign(run=ways["run"].map(_NAMES))
    wide = ways.pivot_table("value", ["run", "epoch"], "what").reset_index().rename_axis(columns=None)
    return Plane(tiles.sort_values(["split", "x", "y"], ignore_index=True), wide[["run", "epoch", "x", "y", "away"]])


def rescaled(measurements: pd.DataFrame) -> pd.DataFrame:
    """alpha, measure (as in sharpness.MEASURES), value, changed, images, logit_difference, logit_size, of one run."""
    found = _parsed(measurements, "rescale", rf"(?P<what>\w+) at (?P<alpha>{_NUMBER})")
    columns = ["alpha", "measure", "value", "changed", "images", "logit_difference", "logit_size"]
    if found.empty:
        return pd.DataFrame(columns=columns)
    wide = found.astype({"alpha": float}).pivot_table("value", "alpha", "what").reset_index().rename_axis(columns=None)
    parts = [wide.assign(measure=measure, value=wide[name]) for measure, (_, name, _) in MEASURES.items()]
    return pd.concat(parts, ignore_index=True)[columns].dropna(subset=["value"], ignore_index=True)


def _parsed(measurements: pd.DataFrame, probe: str, pattern: str) -> pd.DataFrame:
    """The values of a probe whose whole name is of the pattern, with its groups as columns of text."""
    rows = measurements[(measurements["probe"] == probe) & measurements["value"].notna()]
    names = re.compile(pattern)
    found = [
        {**match.groupdict(), "value": float(row["value"])}
        for row in rows.to_dict("records")
        if (match := names.fullmatch(str(row["name"])))
    ]
    return pd.DataFrame(found)
