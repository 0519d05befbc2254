"""What a probe measured along runs, along epochs or along training time: the axis, and shares of a whole."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pandas as pd

from sgd_core.charts import channels
from sgd_core.charts.dots import ERRORS, records
from sgd_core.charts.look import Look, Spec

EPOCHS, TIME = "Epochs", "T_eff"
AXES = (EPOCHS, TIME)


def x(along: str, longest: float) -> Spec:
    """The axis of the column x, from the untrained head to `longest`: even near 0, then in powers of ten."""
    title, turn, ticks = {
        EPOCHS: ("epochs trained", 1.0, [0, 1, 2, 5, 15, 50, 150]),
        TIME: ("training time T_eff", 1e-3, [0, 1e-3, 1e-2, 1e-1, 1]),
    }[along]
    scale = {"type": "symlog", "constant": turn, "domain": [0, longest]}
    return channels.quantity("x", title, scale=scale, values=ticks, format=".3~g")


def placed(table: pd.DataFrame, along: str) -> pd.DataFrame:
    """A table of measurements (columns epoch, effective_time) with its place along the axis, x."""
    return table.assign(x=table["epoch"] + 1 if along == EPOCHS else table["effective_time"])


def stacked(table: pd.DataFrame, at: Spec, parts: Mapping[str, str], colours: Mapping[str, str], look: Look) -> Spec:
    """The shares of one run (columns x, epoch, part, share, share_error) on each other, ERRORS at their borders.

    `parts` are the names of the parts from the bottom up, `colours` by name. An error bar is that of the border it
    stands on: of all below it, which for the lowest and the highest border of three parts is that of a single part.
    """
    shares, errors = (
        table.pivot(index=["x", "epoch"], columns="part", values=value)[list(parts)]
        for value in ("share", "share_error")
    )
    tops = shares.cumsum(axis=1)
    areas = pd.concat(
        tops[part].rename("high").reset_index().assign(low=(tops[part] - shares[part]).to_numpy(), name=name)
        for part, name in parts.items()
    )
    names = list(parts)
    borders = []
    for below, above in itertools.pairwise(names):
        error = errors[below if below == names[0] else above]
        ends = {"low": tops[below] - ERRORS * error, "high": (tops[below] + ERRORS * error).clip(upper=1.0)}
        borders.append(tops[below].rename("y").to_frame().assign(**ends).reset_index())
    told = shares.rename(columns=dict(parts)).reset_index(drop=True)
    border = pd.concat([pd.concat([each, told], axis=1) for each in borders], ignore_index=True)
    y = channels.quantity("high", None, scale=channels.linear(0, 1), format="%", values=[0, 0.25, 0.5, 0.75, 1])
    tips = channels.tips(("epoch", "epoch"), *((name, name, ".1%") for name in parts.values()))
    return {
        "layer": [
            {
                "data": records(areas),
                "mark": {"type": "area", "opacity": 0.75},
                "encoding": {"x": at, "y": y, "y2": {"field": "low"}, "color": channels.names("name", colours, {})},
            },
            {
                "data": records(border),
                "mark": {"type": "rule", "strokeWidth": 2, "color": look.ink},
                "encoding": {"x": at, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "data": records(border),
                "mark": {"type": "point", "filled": True, "size": 40, "opacity": 1, "color": look.ink},
                "encoding": {"x": at, "y": {**y, "field": "y"}, "tooltip": tips},
            },
        ]
    }  # fmt: skip
