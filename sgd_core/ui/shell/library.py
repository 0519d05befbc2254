"""Published runs for pages: read and averaged once per change of the files, shared by all visitors.

The tables are handed out without copying (ten seeds of Figure 2 are 18,000 rows), so nobody changes them in place.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from sgd_core.evidence import figures, noise, shares, wander
from sgd_core.evidence import neighbours as measured
from sgd_core.evidence.ends import Tables
from sgd_core.evidence.neighbours import Split
from sgd_core.runs.kept.store import PUBLISHED, Store
from sgd_core.ui.shell.shared import shared


def published_runs() -> pd.DataFrame:
    """Every published run, one row each, with finals."""
    return _runs(stamp())


def figure_rows(figure: int) -> pd.DataFrame:
    """The published runs of one of the paper's figures."""
    return _figure_rows(figure, stamp())


def figure_epochs(figure: int) -> pd.DataFrame:
    """Their epochs, with run name and order."""
    return _figure_epochs(figure, stamp())


def figure_curves(figure: int, column: str) -> pd.DataFrame:
    """Their mean curves over seeds in one column of the epochs table."""
    return _figure_curves(figure, column, stamp())


def figure_finals(figure: int) -> pd.DataFrame:
    """Their final values: one row a run."""
    return _figure_finals(figure, stamp())


def gradient_noise() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The published runs that carry a gradient noise probe, and what it found: a row per run and epoch, with T_eff."""
    return _gradient_noise(stamp())


def neighbours() -> dict[str, Split]:
    """What the nearest training image alone gets right, by split; empty where it was not measured."""
    file = Store().published.folder / measured.FILE
    return _neighbours(file, file.stat().st_mtime_ns if file.is_file() else 0)


def noise_shares() -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the noise of the published runs is made of, as far as it is known, and B_simple: evidence.shares' tables."""
    return _noise_shares(stamp())


def travelled() -> pd.DataFrame:
    """How far three of the published runs are from their start at one training time: evidence.wander's table."""
    return _travelled(stamp())


def crops(rows: pd.DataFrame) -> tuple[int, int]:
    """How many sets of random crops these runs had, and how many epochs."""
    return int(rows["views"].max()), int(rows["epochs"].max())


def provenance(rows: pd.DataFrame) -> list[str]:
    """What these runs stand on, a line each, its title in bold."""
    return [f"**{title}.** {text}" for title, text in provenance_lines(rows)]


def provenance_lines(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """What these runs stand on, as (title, sentence)."""
    return _provenance(rows, tuple(rows["key"]), stamp())


@shared
def _provenance(_rows: pd.DataFrame, keys: tuple[str, ...], stamp: float) -> list[tuple[str, str]]:
    rows, told = _rows, Store().published.provenance()
    devices = ", ".join(sorted(rows["device"].dropna().unique()))
    dates = sorted(str(date)[:10] for date in rows["date"].dropna())
    seeds = ", ".join(map(str, sorted(rows["seed"].unique())))
    when = dates[0] if dates and dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}" if dates else "unknown"
    lines = [
        (title.capitalize(), str(entry["description"]))
        for title in ("data", "weights")
        for entry in told.get(title, [])
    ]
    return [*dict.fromkeys(lines), ("Hardware", devices), ("Seeds", seeds), ("Made", when)]


def stamp() -> float:
    """When the published runs last changed: what caches of anything made from them are keyed by."""
    path = Store().published.folder / "runs.parquet"
    return path.stat().st_mtime if path.is_file() else 0.0


@shared
def _neighbours(file: Path, written: int) -> dict[str, Split]:
    return measured.kept(Store().published)


@st.cache_resource(max_entries=2, show_spinner=False)
def _runs(stamp: float) -> pd.DataFrame:
    runs = Store().runs()
    return runs[runs["source"] == PUBLISHED].reset_index(drop=True)


@st.cache_resource(max_entries=2, show_spinner=False)
def _gradient_noise(stamp: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    runs = _runs(stamp)
    measured = noise.by_epoch(Store().measurements(runs))
    runs = runs[runs["key"].isin(measured["key"])].reset_index(drop=True)
    times = Store().epochs(runs)[["key", "epoch", "effective_time"]]
    return runs, measured.merge(times, on=["key", "epoch"], how="left")


@shared
def _travelled(stamp: float) -> pd.DataFrame:
    runs = _runs(stamp)
    runs = runs[runs["learning_rate"].isin([spec.learning_rate for spec in wander.RUNS])]
    return wander.travelled(Tables(runs, Store().epochs(runs), Store().measurements(runs)))


@st.cache_resource(max_entries=2, show_spinner=False)
def _noise_shares(stamp: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    runs = _runs(stamp)
    measured = Store().measurements(runs)
    measured = measured[measured["probe"].isin(shares.PROBES)]
    runs = runs[runs["key"].isin(measured["key"])]
    tables = Tables(runs, Store().epochs(runs), measured)
    return shares.known(tables), shares.scales(tables)


@shared
def _figure_rows(figure: int, stamp: float) -> pd.DataFrame:
    return figures.rows_of(_runs(stamp), figure)


@shared
def _figure_finals(figure: int, stamp: float) -> pd.DataFrame:
    return figures.finals(_figure_rows(figure, stamp))


@st.cache_resource(max_entries=5, show_spinner=False)  # 3 MB each, and all of them are always in use
def _figure_epochs(figure: int, stamp: float) -> pd.DataFrame:
    rows = _figure_rows(figure, stamp)
    return Store().epochs(rows).merge(rows[["key", "run", "order", "seed"]], on="key")


@shared
def _figure_curves(figure: int, column: str, stamp: float) -> pd.DataFrame:
    return figures.curves(_figure_epochs(figure, stamp), column)
