"""Means over seeds with 95% intervals (Student's t). Seeds vary initialisation, order and dropout, never the data."""

from __future__ import annotations

import math

import pandas as pd
from scipy.special import stdtrit


def t_975(degrees: int) -> float:
    """97.5% quantile of Student's t."""
    if degrees < 1:
        raise ValueError(f"degrees is {degrees}, but must be at least 1.")
    return float(stdtrit(degrees, 0.975))


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
