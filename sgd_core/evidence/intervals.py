"""Means over seeds with 95% intervals (Student's t). Seeds vary initialisation, order and dropout, never the data."""

from __future__ import annotations

import math

import pandas as pd

T_975 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045,
)  # fmt: skip
"""97.5% quantile of Student's t for 1, 2, ... degrees of freedom (any table; R: qt(0.975, df))."""


def t_975(degrees: int) -> float:
    """97.5% quantile of Student's t; the normal 1.960 beyond the table, 2% low at worst."""
    if degrees < 1:
        raise ValueError(f"degrees is {degrees}, but must be at least 1.")
    return T_975[degrees - 1] if degrees <= len(T_975) else 1.960


def over_seeds(values: pd.DataFrame, by: list[str], column: str) -> pd.DataFrame:
    """One row per group of `by`: mean, sd, n, low and high of `column`; the interval is null where n = 1."""
    grouped = values.dropna(subset=[column]).groupby(by, as_index=False, observed=True)[column]
    table = grouped.agg(mean="mean", sd="std", n="count")
    half = [
        float(sd) / math.sqrt(n) * t_975(n - 1) if n > 1 else float("nan")
        for sd, n in zip(table["sd"].astype(float), table["n"], strict=True)
    ]
    with_interval: pd.DataFrame = table.assign(low=table["mean"] - half, high=table["mean"] + half)
    return with_interval
