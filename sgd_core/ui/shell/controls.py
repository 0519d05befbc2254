"""Controls that pages share, under the same names in the URL: what is drawn, along what, and runs as a map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from sgd_core.charts.axes import AXES, Axis
from sgd_core.ui.shell.replay import METRICS, PAPERS_ACCURACY, called

MAP = "Map of B and μ"
"""What the page of every run draws of a grid; a link there from the page that trains one says it too."""


def metric(offered: Sequence[str] = tuple(METRICS), images: Iterable[str] = ()) -> str:
    """Draw the choice of a measure, of runs on these sets of images, and return its name."""
    sets = list(images)
    chosen = st.segmented_control(
        "Measure", offered, default=PAPERS_ACCURACY, key="metric", bind="query-params", required=True,
        format_func=lambda metric: called(metric, sets),
    )  # fmt: skip
    return str(chosen or PAPERS_ACCURACY)  # None where the link's value is empty


def axis(help: str | None = None) -> Axis:
    """Draw the choice of an axis, and return it."""
    by_name = {each.short: each for each in AXES.values()}
    chosen = st.segmented_control(
        "Along", list(by_name), default="Epoch", key="x", bind="query-params", required=True, help=help
    )
    return by_name[str(chosen or "Epoch")]
