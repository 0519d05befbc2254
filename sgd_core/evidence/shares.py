"""What the gradient noise of training is made of, and how large a batch it is worth, along runs.

As the probes noise_shares (images, crops, dropout masks, by the law of total variance) and gradient_noise measured it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from sgd_core.evidence import gauges
from sgd_core.evidence.ends import Tables
from sgd_core.experiment.measurements import MEASUREMENTS

PROBES = ("gradient_noise", "noise_shares")
PARTS = ("images", "crops", "masks")
TOGETHER = "images and crops"
"""What gradient_noise cannot tell apart: it sees one crop of every image."""
COLUMNS = [*gauges.COLUMNS, "part", "trace", "trace_error", "share", "share_error"]
SCALES = {
    "dropout off": ("gradient_noise", "noise_scale"),
    "dropout on": ("gradient_noise", "total_noise_scale"),
    "dropout and crops": ("noise_shares", "noise_scale"),
}
"""With what the noise is counted -> the probe and the name of B_simple: the trace over |mean gradient|^2."""
SCALE_COLUMNS = [*gauges.COLUMNS, "counted", "noise_scale", "noise_scale_error"]


@dataclass(frozen=True)
class Fresh:
    """The least and the largest share, over runs and epochs, of what is drawn anew however images are drawn."""

    low: float
    high: float
    crops: bool
    """Whether crops are counted; else masks alone, and there is more."""


def table(tables: Tables) -> pd.DataFrame:
    """One row a run, seed, epoch and part (images, crops, masks): COLUMNS, with standard errors over images.

    `trace` is of the covariance of the gradient of a batch of one; the three shares of an epoch add up to one. A part
    that is next to nothing can come out a little below zero.
    """
    rows = gauges.measured(MEASUREMENTS["noise_shares"].runs, "noise_shares", tables)
    if rows.empty:
        return pd.DataFrame(columns=COLUMNS)
    parts = []
    for part in PARTS:
        values = {
            "trace": part,
            "trace_error": f"{part}_se",
            "share": f"{part}_share",
            "share_error": f"{part}_share_se",
        }
        parts.append(rows.assign(part=part, **{column: rows[name] for column, name in values.items()})[COLUMNS])
    return pd.concat(parts, ignore_index=True)


def known(tables: Tables) -> pd.DataFrame:
    """The table, and of runs that noise_shares was not measured along what gradient_noise tells: COLUMNS.

    There `part` is masks or TOGETHER, what dropout leaves of the noise of image and mask. Both have the standard error
    of the trace over masks; that of the whole, which goes up and down with it, was not kept.
    """
    fine = table(tables)
    rows = gauges.measured(MEASUREMENTS["noise"].runs, "gradient_noise", tables)
    rows = rows[~rows["run"].isin(fine["run"])]
    if rows.empty:
        return fine
    error = rows["dropout_trace_se"]
    traces = {TOGETHER: rows["total_trace"] - rows["dropout_trace"], "masks": rows["dropout_trace"]}
    parts = []
    for part, trace in traces.items():
        share = {"share": trace / rows["total_trace"], "share_error": error / rows["total_trace"]}
        parts.append(rows.assign(part=part, trace=trace, trace_error=error, **share)[COLUMNS])
    return pd.concat([fine, *parts] if len(fine) else parts, ignore_index=True)


def scales(tables: Tables) -> pd.DataFrame:
    """One row a run, seed, epoch and what is counted (see SCALES): SCALE_COLUMNS, B_simple in images.

    NaN where it came out below zero: with noise counted, |mean gradient|^2 is estimated without bias and may do so.
    The standard error is over images, NaN where the probe has none.
    """
    parts = []
    for counted, (probe, name) in SCALES.items():
        rows = gauges.measured(MEASUREMENTS["noise"].runs, probe, tables)
        if name in rows:
            error = rows.get(f"{name}_se", math.nan)
            told = rows.assign(counted=counted, noise_scale=rows[name], noise_scale_error=error)[SCALE_COLUMNS]
            told.loc[told["noise_scale"] <= 0, ["noise_scale", "noise_scale_error"]] = math.nan
            parts.append(told)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=SCALE_COLUMNS)


def off_and_on(scales: pd.DataFrame) -> pd.DataFrame:
    """B_simple with dropout off and on, the column `dropout`: of every run once, without where it is not known.

    With dropout on that of noise_shares stands before that of gradient_noise, which has no error. Both are of one crop
    or two of every image, so crops are part of either, and of that with dropout off.
    """
    on = scales[scales["counted"] == "dropout and crops"]
    coarse = scales[(scales["counted"] == "dropout on") & ~scales["run"].isin(on["run"])]
    parts = {"off": scales[scales["counted"] == "dropout off"], "on": pd.concat([on, coarse])}
    told = [part.drop(columns="counted").assign(dropout=dropout) for dropout, part in parts.items() if len(part)]
    return pd.concat(told or [scales.assign(dropout="")], ignore_index=True).dropna(subset="noise_scale")


def fresh(known: pd.DataFrame) -> Fresh | None:
    """What reshuffling cannot take back and a batch of all images still has, of a table of `known`; None where empty.

    In an epoch every image comes once in one crop; the next epoch has other crops and every batch its own masks
    (training.loop). So only the noise of the images is taken back.
    """
    if known.empty:
        return None
    crops = TOGETHER not in set(known["part"])
    drawn = known[known["part"].isin(("crops", "masks") if crops else ("masks",))]
    share = drawn.groupby(["key", "epoch"])["share"].sum()
    return Fresh(float(share.min()), float(share.max()), crops)
