"""What the runs show of the claims, for pages: reckoned once per change of the runs, shared by all visitors.

Nobody changes what is handed out in place.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sgd_core.evidence import arms, equal_time, ordering, report, twins
from sgd_core.evidence import verdicts as evidence
from sgd_core.evidence.ends import Tables
from sgd_core.evidence.equal_time import Cell
from sgd_core.evidence.verdicts import Verdict
from sgd_core.experiment.claims import CLAIMS
from sgd_core.runs.kept.store import PUBLISHED, Store
from sgd_core.ui.shell import kept
from sgd_core.ui.shell.shared import shared


def verdicts() -> list[Verdict]:
    """A verdict on every claim, from the published runs and this machine's, as the command `evidence` gives it."""
    return _verdicts(kept.stamp())


def runs() -> pd.DataFrame:
    """The runs that the verdicts stand on."""
    return _tables(kept.stamp()).runs


def curves(claim: str) -> pd.DataFrame:
    """The curves of the arms that a claim compares."""
    return _curves(claim, kept.stamp())


def settings(claim: str) -> pd.DataFrame:
    """One row an arm of a claim: how long it trains, at which noise, and how many seeds there are."""
    return _settings(claim, kept.stamp())


def without_twins() -> pd.DataFrame:
    """What leaving near-twins of training images out changes at the ends of runs (evidence.twins.differences)."""
    return _without_twins(kept.stamp())


def cells() -> list[Cell]:
    """The map of runs of equal training time."""
    return _cells(kept.stamp())


def beside_the_authors() -> pd.DataFrame:
    """The published runs of the paper beside the authors' finals."""
    return _beside(kept.stamp())


@st.cache_resource(max_entries=2, show_spinner=False)
def _tables(stamp: kept.Stamp) -> Tables:
    return report.tables(Store())


@shared
def _without_twins(stamp: kept.Stamp) -> pd.DataFrame:
    return twins.differences(twins.finals(_tables(stamp)))


@st.cache_resource(max_entries=2, show_spinner=False)
def _verdicts(stamp: kept.Stamp) -> list[Verdict]:
    return evidence.verdicts(_tables(stamp))


@shared
def _cells(stamp: kept.Stamp) -> list[Cell]:
    return equal_time.cells(_tables(stamp))


@shared
def _curves(claim: str, stamp: kept.Stamp) -> pd.DataFrame:
    compared = arms.compared(CLAIMS[claim])
    return arms.curves(compared, arms.measure_of(CLAIMS[claim]), _tables(stamp))


@shared
def _settings(claim: str, stamp: kept.Stamp) -> pd.DataFrame:
    return arms.table(CLAIMS[claim], _tables(stamp))


@shared
def _beside(stamp: kept.Stamp) -> pd.DataFrame:
    runs = kept.all_runs()
    return ordering.side_by_side(runs[runs["source"] == PUBLISHED])
