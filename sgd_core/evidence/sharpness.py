"""How curved the loss is along runs: largest eigenvalue, trace and a scale-free sharpness, at equal epochs and beyond.

A run that has trained less stands at another place of the same road, so what the paper compares at equal epochs is here
beside the same at equal T_eff and at equal loss.
"""

from __future__ import annotations

import pandas as pd

from sgd_core.evidence import gauges
from sgd_core.evidence.ends import Tables
from sgd_core.evidence.intervals import over_seeds
from sgd_core.experiment.measurements import MEASUREMENTS

MEASURES = {
    "largest eigenvalue": ("curvature", "largest_eigenvalue", None),
    "trace": ("trace", "trace", "trace_se"),
    "scale-free sharpness": ("sharpness", "adaptive", "adaptive_se"),
}
"""Measure -> the probe, the name of its value, and that of the value's standard error."""
COLUMNS = [*gauges.COLUMNS, "measure", "value", "standard_error"]


def table(tables: Tables) -> pd.DataFrame:
    """One row a run, seed, epoch and measure: COLUMNS. The standard error is NaN for the eigenvalue, which has none."""
    parts = []
    for measure, (probe, name, error) in MEASURES.items():
        rows = gauges.measured(MEASUREMENTS["sharpness"].runs, probe, tables)
        if not rows.empty:
            errors = rows[error] if error is not None else float("nan")
            parts.append(rows.assign(measure=measure, value=rows[name], standard_error=errors)[COLUMNS])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def means(rows: pd.DataFrame) -> pd.DataFrame:
    """Of `table`: mean, low, high (95%) and n over seeds of every run, measure and epoch, and the mean places."""
    by = ["run", "measure", "epoch"]
    places = rows.groupby(by, as_index=False, sort=False)[list(gauges.PLACES)].mean()
    return over_seeds(rows, by, "value").merge(places, on=by).sort_values(by, ignore_index=True)


def compared(rows: pd.DataFrame, column: str, place: float) -> pd.DataFrame:
    """(measure, run, seed, value) where every run is at one place of an axis: equal T_eff, updates or loss."""
    parts = [
        gauges.at(curves, column, place).assign(measure=measure)
        for measure, curves in rows.groupby("measure", sort=False)
    ]
    columns = ["measure", "run", "seed", "value"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
