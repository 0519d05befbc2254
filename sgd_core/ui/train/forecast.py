"""What a run would be, before anything is trained: its schedule, its length, and whether it is risky.

Minutes come from steps that this machine has taken, the warning from runs that diverged or from measured curvature;
where there are none, the page says "unknown", and nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from sgd_core.evidence import stability
from sgd_core.experiment.datasets import training_images
from sgd_core.experiment.schedules import Epoch, plan
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs import pace
from sgd_core.runs.kept.store import LOCAL, PUBLISHED
from sgd_core.ui.shell import kept, lab, theme
from sgd_core.ui.shell.choices import FALLS_TO

STRIPS = {"learning_rate": "μ_k", "batch_size": "B_k", "noise": "μ_k / B_k"}
STRIP_HEIGHT = 46
"""Pixels."""


def show(spec: RunSpec, near: pd.DataFrame) -> None:
    """Draw the schedule, the totals, the nearest published runs and the warning."""
    images = training_images(spec)
    epochs = plan(spec, images)
    said = _said(epochs)
    st.vega_lite_chart(
        _frame(epochs), _strips(epochs), width="stretch", key="schedule strips",
        alt=f"Learning rate, batch size and their ratio for every epoch: {said}.",
    )  # fmt: skip
    totals = [
        f"**{epochs[-1].updates:,}** updates", f"training time **T = {epochs[-1].training_time:.3g}**",
        f"**{images * spec.epochs:,}** images", said, f"expected time: **{expected(spec, images)}**",
    ]  # fmt: skip
    st.markdown(
        " · ".join(totals),
        help="T is the sum of μ over all updates: how long the run follows the gradient. The time is reckoned from "
        "updates that this machine has timed; making features comes on top, once.",
    )
    named = [_result(row) for row in near[near["source"] == PUBLISHED].to_dict("records")]
    if named:
        st.markdown(
            "Nearest published, with their final accuracy as the paper measures it, the mean of the last ten epochs: "
            f"{'; '.join(named)}."
        )
    warning = divergence(spec)
    if warning:
        st.warning(warning, icon=":material/trending_up:")


def expected(spec: RunSpec, images: int) -> str:
    """How long the run takes here, in words; 'unknown' where this machine has trained nothing on these images."""
    runs = kept.all_runs()
    timed = runs[(runs["source"] == LOCAL) & (runs["dataset"] == spec.dataset) & runs["unit_seconds"].notna()]
    if timed.empty:
        return "unknown"
    newest = timed.sort_values("date").iloc[-1].to_dict()
    return duration(pace.expected(spec, images, float(newest["unit_seconds"])))


def duration(seconds: float) -> str:
    """Seconds as a reader counts them: '40 s', '12 min', '2.5 h'."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def divergence(spec: RunSpec) -> str:
    """A warning that the run is likely to diverge, saying from what; else ''.

    Either a kept run diverged on the same images with steps no larger and no noisier, or mu_0 is beyond the edge of
    stability that a curvature measured there allows. A run that ended well with steps at least as large and as noisy
    speaks against both.
    """
    runs = kept.all_runs()
    same = runs[(runs["dataset"] == spec.dataset) & (runs["features"] == spec.features)]
    larger = (
        (same["learning_rate"] >= spec.learning_rate)
        & (same["momentum"] >= spec.momentum)
        & (same["batch_size"] <= spec.batch_size)
    )
    if (larger & (same["status"] == "done")).any():
        return ""
    return _from_runs(spec, same) or _from_curvature(spec, same)


def _from_runs(spec: RunSpec, same: pd.DataFrame) -> str:
    smaller = (
        (same["learning_rate"] <= spec.learning_rate)
        & (same["momentum"] <= spec.momentum)
        & (same["batch_size"] >= spec.batch_size)
    )
    diverged = same[smaller & (same["status"] == "diverged")]
    if diverged.empty:
        return ""
    row = diverged.sort_values("learning_rate").iloc[0].to_dict()
    return (
        f"This is likely to diverge: {kept.plain(kept.label_of(row))} ({row['source']}) did, with "
        f"μ₀ = {row['learning_rate']:g}, B = {row['batch_size']} and m = {row['momentum']:g}, and your steps are at "
        "least as large and as noisy."
    )


def _from_curvature(spec: RunSpec, same: pd.DataFrame) -> str:
    measured = kept.measurements()
    edge = stability.edge_at_start(measured[measured["key"].isin(same["key"])], spec.momentum)
    if edge is None or spec.learning_rate <= edge.learning_rate:
        return ""
    of = kept.plain(kept.label_of(same[same["key"] == edge.key].iloc[0].to_dict()))
    return (
        f"This is likely to diverge: the largest curvature of the untrained network, measured in {of}, is "
        f"h = {edge.curvature:.3g}, and with m = {spec.momentum:g} a step is stable up to μ = 2(1 + m)/h = "
        f"{edge.learning_rate:.2g}; yours is {spec.learning_rate:g}."
    )


def _result(row: Mapping[Any, Any]) -> str:
    name, final = kept.plain(str(row["title"])), row["final_reported_accuracy"]
    return name if pd.isna(final) else f"{name} ({final:.1%})"


def _said(epochs: list[Epoch]) -> str:
    first, last = (epoch.learning_rate / epoch.batch_size for epoch in (epochs[0], epochs[-1]))
    if math.isclose(first, last, rel_tol=1e-6):
        return f"noise scale μ/B = {first:.3g} throughout"
    return f"noise scale μ/B from {first:.3g} to {last:.3g}"


def _frame(epochs: list[Epoch]) -> pd.DataFrame:
    rows = pd.DataFrame(epochs)[["epoch", "learning_rate", "batch_size"]]
    rows["noise"] = rows["learning_rate"] / rows["batch_size"]
    for name in ("learning_rate", "noise"):  # what falls out of the picture must still have a logarithm as float32
        rows[name] = rows[name].clip(lower=rows[name].max() * FALLS_TO / 10)
    return rows.astype({"epoch": "int16", "learning_rate": "float32", "batch_size": "int16", "noise": "float32"})


def _strips(epochs: list[Epoch]) -> lab.Spec:
    values = {
        "learning_rate": [epoch.learning_rate for epoch in epochs],
        "batch_size": [float(epoch.batch_size) for epoch in epochs],
        "noise": [epoch.learning_rate / epoch.batch_size for epoch in epochs],
    }
    return {
        "autosize": {"type": "fit-x", "contains": "padding"},
        "spacing": 8,
        "vconcat": [_strip(name, values[name], len(epochs), bottom=name == "noise") for name in STRIPS],
        "config": lab.config(mark={"aria": False}),  # the chart has one description, its alt
    }


def _strip(name: str, values: list[float], epochs: int, bottom: bool) -> lab.Spec:
    high = max(values)
    low = max(min(values), high * FALLS_TO)
    x = {
        "field": "epoch", "type": "quantitative", "scale": {"domain": [0, max(1, epochs - 1)], "nice": False},
        "axis": {"title": "epoch k", "tickCount": 8, "tickMinStep": 1}
        if bottom else {"labels": False, "ticks": False, "title": None},
    }  # fmt: skip
    y = {
        "field": name, "type": "quantitative", "title": STRIPS[name],
        "scale": {"type": "log", "nice": False, "domain": [low / 1.4, high * 1.4]},
        "axis": {"values": sorted({low, high}), "minExtent": 60,
                 "format": ",d" if name == "batch_size" else ".2~e" if high < 1e-2 else ".2~g"},
    }  # fmt: skip
    line = {"type": "line", "clip": True, "interpolate": "step-after", "strokeWidth": 2.5, "color": theme.accents()[0]}
    tooltip = [
        {"field": "epoch", "title": "epoch k"},
        *({"field": field, "title": title, "format": ".4~g"} for field, title in STRIPS.items()),
    ]
    points = {"type": "point", "filled": True, "size": 40, "opacity": 0, "clip": True}
    return {
        "height": STRIP_HEIGHT,
        "layer": [
            {"mark": line, "encoding": {"x": x, "y": y}},
            {"mark": points, "encoding": {"x": x, "y": y, "tooltip": tooltip}},
        ],
    }
