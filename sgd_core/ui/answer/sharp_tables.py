"""What the page on sharpness draws, reckoned once per change of the runs, shared by all visitors.

Nobody changes what is handed out in place.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from sgd_core.evidence import between, edge, report, sharper
from sgd_core.evidence.between import FIRST, SECOND, Plane
from sgd_core.evidence.ends import Tables
from sgd_core.experiment.measurements import MEASUREMENTS
from sgd_core.runs.kept.store import Store
from sgd_core.ui.shell import kept
from sgd_core.ui.shell.shared import shared

Seeded = tuple[int, pd.DataFrame]
"""A seed and its table."""


def along() -> pd.DataFrame:
    """sharper.table of the runs there are."""
    return _along(kept.stamp())


def edges() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """edge.table of the long runs and of the short ones, and edge.ends of the short ones."""
    return _edges(kept.stamp())


def line() -> Seeded | None:
    """between.line; None where it was not measured."""
    return _line(kept.stamp())


def plane() -> tuple[int, Plane] | None:
    """between.plane; None where it was not measured."""
    return _plane(kept.stamp())


def rescaled() -> Mapping[str, Seeded]:
    """Run -> between.rescaled of its end; runs of which it was not measured are left out."""
    return _rescaled(kept.stamp())


@st.cache_resource(max_entries=2, show_spinner=False)
def _tables(stamp: kept.Stamp) -> Tables:
    return report.measured(Store())


@shared
def _along(stamp: kept.Stamp) -> pd.DataFrame:
    return sharper.table(_tables(stamp))


@shared
def _edges(stamp: kept.Stamp) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    tables = _tables(stamp)
    return edge.table(tables, MEASUREMENTS["sharpness"].runs), edge.table(tables, edge.SHORT), edge.ends(tables)


@shared
def _line(stamp: kept.Stamp) -> Seeded | None:
    found = between.of_run(_tables(stamp), SECOND, "line")
    return (found[0], between.line(found[1])) if found is not None else None


@shared
def _plane(stamp: kept.Stamp) -> tuple[int, Plane] | None:
    found = between.of_run(_tables(stamp), SECOND, "plane")
    drawn = between.plane(found[1]) if found is not None else None
    return (found[0], drawn) if found is not None and drawn is not None else None


@shared
def _rescaled(stamp: kept.Stamp) -> dict[str, Seeded]:
    found = {run: between.of_run(_tables(stamp), run, "rescale") for run in (FIRST, SECOND)}
    return {run: (each[0], between.rescaled(each[1])) for run, each in found.items() if each is not None}
