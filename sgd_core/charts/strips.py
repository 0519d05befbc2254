"""Strips: small charts of a schedule under each other, on one axis of epochs, a value a strip.

Three places draw them: the forecast of a run (`of_run`), the workbench (`compared`), and, along whatever axis their
curves have, the figures (charts.curves, with `y` and STEPS). Values that fall far are followed to FALLS_TO only, or a
decay would make of everything else a flat line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sgd_core.charts.look import Look, Spec
from sgd_core.experiment.schedules import Epoch

FALLS_TO = 1e-7
"""A strip stops following a value at this fraction of its start."""
STEPS: Spec = {"type": "line", "interpolate": "step-after", "clip": True}
"""The mark of what stays for an epoch and then jumps."""
_HEIGHT = 46
"""Pixels of a strip of one run."""


@dataclass(frozen=True)
class Strip:
    """What a strip shows: a column, its title, and whether on a log axis, from step to step."""

    column: str
    title: str
    log: bool = True

    @property
    def whole(self) -> bool:
        return self.column in ("batch_size", "updates")


SCHEDULE = (Strip("learning_rate", "μ_k"), Strip("batch_size", "B_k"), Strip("noise", "μ_k / B_k"))
TOTALS = (Strip("updates", "updates", log=False), Strip("training_time", "T", log=False))


def frame(schedules: Mapping[str, Sequence[Epoch]]) -> pd.DataFrame:
    """A row for every epoch of every schedule, in small types: its name as `which`, `noise`, the fields of Epoch."""
    # Of dataclasses themselves pandas makes deep copies first, which takes several times as long.
    tables = [pd.DataFrame([vars(epoch) for epoch in epochs]).assign(which=name) for name, epochs in schedules.items()]
    rows = pd.concat(tables, ignore_index=True)
    rows["noise"] = rows["learning_rate"] / rows["batch_size"]
    for name in ("learning_rate", "noise"):  # what is too small for a float32 would be 0 there, without a logarithm
        rows[name] = rows[name].clip(lower=float(np.finfo(np.float32).tiny))
    return rows.astype(
        {
            "which": "category", "epoch": "int16", "batch_size": "int32", "updates": "int32",
            **dict.fromkeys(["learning_rate", "noise", "training_time"], "float32"),
        }
    )  # fmt: skip


def of_run(epochs: Sequence[Epoch], look: Look) -> tuple[pd.DataFrame, Spec]:
    """The data and the description of one run's schedule, before it is trained."""
    rows = frame({"": epochs})[["epoch", *(strip.column for strip in SCHEDULE)]]
    views = []
    for strip in SCHEDULE:
        values = rows[strip.column].astype(float)
        high = float(values.max())
        low = max(float(values.min()), high * FALLS_TO)
        shown = ",d" if strip.whole else ".2~e" if high < 1e-2 else ".2~g"
        at = {
            "x": _x(len(epochs) - 1, titled=strip is SCHEDULE[-1], tickMinStep=1),
            "y": y(strip, (low / 1.4, high * 1.4), {"values": sorted({low, high}), "minExtent": 60, "format": shown}),
        }
        line = {"mark": {**STEPS, "strokeWidth": 2.5, "color": look.accents[0]}, "encoding": at}
        titles = {"epoch": "epoch k", **{each.column: each.title for each in SCHEDULE}}
        views.append({"height": _HEIGHT, "layer": [line, _hovered(at, titles)]})
    for name in ("learning_rate", "noise"):  # what falls out of the picture must still have a logarithm as float32
        rows[name] = rows[name].clip(lower=rows[name].max() * FALLS_TO / 10)
    return rows, _stacked(views, look.config(mark={"aria": False}))  # the chart has one description, its alt


def compared(rows: pd.DataFrame, images: int, look: Look) -> Spec:
    """The description of one schedule or of two over each other, from a `frame`; totals below.

    A dotted line is at all `images`, where a batch size comes near.
    """
    names, last = list(rows["which"].unique()), int(rows["epoch"].max())
    colours = look.accents[: len(names)]
    colour = {"field": "which", "type": "nominal", "scale": {"domain": names, "range": list(colours)}}
    strips = (*SCHEDULE, *TOTALS)
    views: list[Spec] = []
    for i, strip in enumerate(strips):
        low, high = float(rows[strip.column].min()), float(rows[strip.column].max())
        low = max(low, high * FALLS_TO) if strip.log else 0.0
        domain = (low / 1.3, high * 1.3) if strip.log else (low, high * 1.05)
        at = {
            "x": _x(last, titled=i == len(strips) - 1),
            "y": y(strip, domain, {"minExtent": 56, **ticks(strip, low, high)}),
        }
        told = {"color": {**colour, "legend": {"title": None, "orient": "top"}}} if i == 0 and len(names) > 1 else {}
        mark = STEPS if strip.log else {**STEPS, "interpolate": "linear"}
        layers: list[Spec] = [
            {
                "transform": [{"filter": f"datum.which == '{name}'"}],
                "mark": {
                    **mark, "color": colours[j], "strokeWidth": 2 if j else 3.5, "strokeDash": [5, 4] if j else [1, 0],
                },
                "encoding": {**at, **told},
            }
            for j, name in enumerate(names)
        ]  # fmt: skip
        layers.append(_hovered(at, _COMPARED))
        if strip.column == "batch_size" and domain[0] < images < domain[1]:
            rule = {"type": "rule", "strokeDash": [2, 3], "color": look.ink}
            layers.append({"data": {"values": [{strip.column: images}]}, "mark": rule, "encoding": {"y": at["y"]}})
        views.append({"height": 92 if look.large else 68, "layer": layers})
    return _stacked(views, look.config())


_COMPARED = {
    "which": "schedule", "epoch": "k", "learning_rate": "μ", "batch_size": "B", "noise": "μ/B", "updates": "updates",
    "training_time": "T",
}  # fmt: skip


def y(strip: Strip, domain: tuple[float, float], axis: Spec, **scale: Any) -> Spec:
    """The y channel of a strip."""
    kind = "log" if strip.log else "linear"
    return {
        "field": strip.column, "type": "quantitative", "title": strip.title,
        "scale": {"domain": list(domain), "nice": False, "type": kind, **scale}, "axis": axis,
    }  # fmt: skip


def ticks(strip: Strip, low: float, high: float) -> Spec:
    """The ticks of a strip, all in one format: whole powers of ten, or the two ends where there are fewer than two."""
    format = ",d" if strip.whole else ".3~e" if (low if strip.log else high) < 1e-3 else "~g"
    if not strip.log:
        return {"tickCount": 3, "format": format}
    powers = [10.0**k for k in range(math.ceil(math.log10(low) - 1e-6), math.floor(math.log10(high) + 1e-6) + 1)]
    values = powers[:: math.ceil(len(powers) / 4)] if len(powers) > 1 else sorted({low, high})
    return {"values": values, "format": format}


def _stacked(views: list[Spec], config: Spec) -> Spec:
    return {"autosize": {"type": "fit-x", "contains": "padding"}, "spacing": 8, "vconcat": views, "config": config}


def _x(last: int, titled: bool, **axis: Any) -> Spec:
    bare = {"labels": False, "ticks": False, "title": None}
    return {
        "field": "epoch", "type": "quantitative", "scale": {"domain": [0, max(1, last)], "nice": False},
        "axis": {"title": "epoch k", "tickCount": 8, **axis} if titled else bare,
    }  # fmt: skip


def _hovered(at: Spec, titles: Mapping[str, str]) -> Spec:
    """Values under the pointer: column -> what it is called."""
    tooltip = [
        {"field": field, "title": title, **({} if field in ("which", "epoch") else {"format": ".4~g"})}
        for field, title in titles.items()
    ]
    mark = {"type": "point", "filled": True, "size": 40, "opacity": 0, "clip": True}
    return {"mark": mark, "encoding": {**at, "tooltip": tooltip}}
