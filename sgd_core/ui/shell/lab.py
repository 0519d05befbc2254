"""What the pages of the noise lab share: the seed, the badge that says what it cannot see, and the charts' type.

Every simulation is kept by its arguments for all visitors (`remembered`), so that a slider moved back, or a control
that does not concern a simulation, costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import altair as alt
import pandas as pd
import streamlit as st

from sgd_core import settings
from sgd_core.noise.agreement import Agreement
from sgd_core.ui.shell import badge, page, theme

Spec = dict[str, Any]
P = ParamSpec("P")
R = TypeVar("R")

WORTH_SEEING = 0.05
"""A formula off by this much must show in a badge; where it would not, the page says so."""

FRAME_MS = 60


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Keep the last 64 answers of a simulation; nobody may change them in place."""
    kept: Callable[P, R] = st.cache_resource(max_entries=64, show_spinner=False)(function)
    return kept


def seed() -> int:
    """The seed of the page's random numbers, in the URL; its place is at the end, as it changes no lesson."""
    with st.container(key="controls-seed"):
        return int(
            st.number_input(
                "Seed", 0, 9999, 0, key="seed", bind="query-params", width=110,
                help="The same seed gives the same random numbers; another seed draws everything anew.",
            )
        )  # fmt: skip


def set_controls(values: dict[str, Any]) -> None:
    """Set controls by key; for the `on_click` of a button."""
    st.session_state.update(values)


def show_badge(what: str, agreement: Agreement) -> None:
    """The badge, and what it is blind to where its samples are too few to see 5%."""
    badge.show(what, agreement)
    if agreement.resolution > WORTH_SEEING:
        st.caption(
            f"These samples cannot tell a formula that is off by less than {agreement.resolution:.0%} from a true one."
            if agreement.resolution < 1
            else "These samples say next to nothing about the formula: the error is as large as the value."
        )


def config(**more: Any) -> Spec:
    """The `config` of a chart: type sizes, and no frame."""
    size = 17 if page.presenting() else 12
    return {
        "axis": {"labelFontSize": size - 1, "titleFontSize": size, "grid": False},
        "legend": {"labelFontSize": size, "labelLimit": 0, "title": None, "orient": "top"},
        "text": {"fontSize": size, "fill": theme.colour("textColor")},
        "view": {"stroke": None},
        **more,
    }


def precomputed_table() -> pd.DataFrame | None:
    """The table of `noise.precomputed`, or None, said on the page, where it has not been computed."""
    path = settings.published_dir() / "noise.parquet"
    if not path.is_file():
        st.info("Not computed yet: `python -m sgd_core noise`.")
        return None
    return _table(path, path.stat().st_mtime)


@remembered
def _table(path: Path, stamp: float) -> pd.DataFrame:
    return pd.read_parquet(path)


def player(name: str, frames: int, value: float, step: float = 1.0) -> list[Spec]:
    """Signals `play` and `clock` (0 to `frames`, and some rest at the end), moved by a timer in the browser."""
    rest = 15 * step
    return [
        {"name": "play", "value": False, "bind": {"input": "checkbox", "name": "Play"}},
        {
            "name": "clock",
            "value": value,
            "bind": {"input": "range", "min": 0, "max": frames, "step": step, "name": name},
            "on": [
                {
                    "events": {"type": "timer", "throttle": FRAME_MS},
                    "update": f"play ? (clock >= {frames + rest} ? 0 : clock + {step}) : min(clock, {frames})",
                }
            ],
        },
        {"name": "now", "update": f"min(clock, {frames})"},
    ]


PADDING = {"left": 5, "top": 5, "right": 5, "bottom": 5}
"""Streamlit leaves 20 below a chart."""


def draw(chart: Spec | alt.LayerChart | alt.Chart | alt.FacetChart, height: int, said: str) -> None:
    """Show a chart whose plot is `height` high; `said` is its text for those who cannot see it.

    Not `st.altair_chart`, which validates every chart at every rerun: about half of a rerun. A Vega-Lite description of
    one's own is faster still: 3 ms where Altair takes 12.
    """
    spec = chart if isinstance(chart, dict) else chart.to_dict(validate=False)
    spec |= {
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": PADDING,
        "config": config(),
    }
    st.vega_lite_chart(None, spec, width="stretch", alt=said)


def takeaway(sentence: str) -> None:
    """The one sentence under a picture."""
    st.markdown(f"**{sentence}**")
