"""One number of every run against another, coloured by mu/B; the runs that are drawn as curves stand out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sgd_core.charts.look import Look, Spec

HEIGHT = 420
FAR = "abs(datum.value) > 0 && (abs(datum.value) < 1e-3 || abs(datum.value) >= 1e5)"
LABEL = f"{FAR} ? replace(format(datum.value, '.1~e'), '+', '') : format(datum.value, '~g')"
"""A number of an axis: 1e-5, not 0.00001, whose noughts nobody counts."""


@dataclass(frozen=True)
class Side:
    """One axis: what stands along it, whether in percent, whether logarithmic."""

    title: str
    share: bool = False
    log: bool = False

    def channel(self, field: str) -> Spec:
        scale = {"type": "log" if self.log else "linear", "zero": False, "nice": False, "padding": 16}
        labels = {"format": ".0%"} if self.share else {"labelExpr": LABEL}
        return {
            "field": field, "type": "quantitative", "title": self.title, "scale": scale,
            "axis": {**labels, "tickCount": 6, "grid": not self.log},
        }  # fmt: skip


def frame(runs: pd.DataFrame, x: str, y: str, names: Sequence[str], chosen: Sequence[bool]) -> pd.DataFrame:
    """The chart's rows: x, y, mu/B, a name and whether it stands out, of runs that have both numbers."""
    rows = pd.DataFrame(
        {
            "x": runs[x].astype("float64").to_numpy(), "y": runs[y].astype("float64").to_numpy(),
            "noise": runs["noise"].astype("float64").to_numpy(), "run": list(names), "chosen": list(chosen),
        }
    )  # fmt: skip
    return rows.dropna(subset=["x", "y"]).reset_index(drop=True)


def chart(x: Side, y: Side, ramp: Sequence[str], look: Look) -> Spec:
    """The Vega-Lite description, for the rows of `frame`."""
    colour = {
        "field": "noise", "type": "quantitative", "title": "μ/B",
        "scale": {"type": "log", "range": list(ramp)}, "legend": {"format": ".0e", "title": "μ/B", "orient": "right"},
    }  # fmt: skip
    tip = [{"field": "run"}, {"field": "x", "title": x.title, "format": ".4~g"},
           {"field": "y", "title": y.title, "format": ".4~g"}]  # fmt: skip
    ring = {"condition": {"test": "datum.chosen", "value": look.ink}, "value": None}
    return look.framed(
        {
            "height": HEIGHT + (90 if look.large else 0),
            "mark": {"type": "point", "filled": True, "opacity": 0.85, "strokeWidth": 2},
            "encoding": {
                "x": x.channel("x"), "y": y.channel("y"), "color": colour, "stroke": ring, "tooltip": tip,
                "size": {"condition": {"test": "datum.chosen", "value": 160}, "value": 70},
                "order": {"field": "chosen"},
            },
        }
    )  # fmt: skip
