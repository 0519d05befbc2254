"""What the gradient noise of training is made of, and how large a batch it is worth, along runs.

As the probes noise_shares (images, crops, dropout masks, by the law of total variance) and gradient_noise measured it.
"""

from __future__ import annotations

import pandas as pd

from sgd_core.evidence import gauges
from sgd_core.evidence.ends import Tables
from sgd_core.experiment.measurements import MEASUREMENTS

PARTS = ("images", "crops", "masks")
COLUMNS = [*gauges.COLUMNS, "part", "trace", "trace_error", "share", "share_error"]
SCALES = {
    "dropout off": ("gradient_noise", "noise_scale"),
    "dropout on": ("gradient_noise", "total_noise_scale"),
    "dropout and crops": ("noise_shares", "noise_scale"),
}
"""With what the noise is counted -> the probe and the name of B_simple: the trace over |mean gradient|^2."""
SCALE_COLUMNS = [*gauges.COLUMNS, "counted", "noise_scale"]


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


def scales(tables: Tables) -> pd.DataFrame:
    """One row a run, seed, epoch and what is counted (see SCALES): SCALE_COLUMNS, B_simple in images.

    NaN where it came out below zero: with noise counted, |mean gradient|^2 is estimated without bias and may do so.
    """
    parts = []
    for counted, (probe, name) in SCALES.items():
        rows = gauges.measured(MEASUREMENTS["noise"].runs, probe, tables)
        if name in rows:
            scale = rows[name].where(rows[name] > 0)
            parts.append(rows.assign(counted=counted, noise_scale=scale)[SCALE_COLUMNS])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=SCALE_COLUMNS)
