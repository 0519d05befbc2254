"""What a reader can take along: the numbers on screen, the settings behind them, and where every run comes from."""

from __future__ import annotations

import json
from collections.abc import Callable

import pandas as pd
import streamlit as st

from sgd_core.charts.curves import Spec
from sgd_core.runs.kept.table import PROVENANCE_COLUMNS, spec_of
from sgd_core.ui.shell import library, words
from sgd_core.ui.shell.shared import shared

SHOWN = ["run", "seed", "views", "status", "device", "threads", "torch", "commit", "date", "command", "key"]


def buttons(
    name: str,
    shown: Callable[[], pd.DataFrame],
    picture: Callable[[], Spec],
    page: Callable[[], str],
    rows: pd.DataFrame,
) -> None:
    """What is shown as CSV, SVG and as a page that plays, the runs' settings as JSON; each is made when asked for."""
    with st.container(horizontal=True):
        st.download_button(
            "Numbers on screen (CSV)", lambda: shown().to_csv(index=False).encode(), f"{name}.csv", "text/csv",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "Chart (SVG)", lambda: svg(picture()).encode(), f"{name}.svg", "image/svg+xml",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "Chart that plays (HTML)", lambda: page().encode(), f"{name}.html", "text/html",
            on_click="ignore", icon=":material/download:",
            help="One file that works in any browser, without this app and without a network.",
        )  # fmt: skip
        st.download_button(
            "Settings of these runs (JSON)", lambda: settings_json(rows).encode(), f"{name}-settings.json",
            "application/json", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
    words.caption("The chart as PNG: the download button that appears at its upper right corner.")


def svg(picture: Spec) -> str:
    """A Vega-Lite description with its data inside, drawn as SVG text."""
    import vl_convert  # 100 MB once loaded, so only when somebody asks for a file

    drawn: str = vl_convert.vegalite_to_svg(picture)
    return drawn


def settings_json(rows: pd.DataFrame) -> str:
    """Every run's settings, key and the command line that makes it again."""
    runs = [
        {"run": row["run"], "key": row["key"], "command": spec_of(row).command(), "settings": spec_of(row).model_dump()}
        for row in rows.to_dict("records")
    ]
    return json.dumps(runs, indent=2)


def commands(rows: pd.DataFrame) -> None:
    """The command lines that make these runs again."""
    with st.expander("Make these runs again"):
        words.say("Each line trains one run, or says that it is there already.")
        st.code(_lines(rows, tuple(rows["key"])), language="bash", wrap_lines=True)


@shared
def _lines(_rows: pd.DataFrame, keys: tuple[str, ...]) -> str:
    return "\n".join(spec_of(row).command() for row in _rows.to_dict("records"))


def provenance(rows: pd.DataFrame) -> None:
    """Data, weights, hardware, versions, seeds and date of every run shown."""
    with st.expander("Where these numbers come from"):
        for line in library.provenance(rows):
            words.say(line)
        st.dataframe(
            rows[[c for c in SHOWN if c in ("run", "seed", *PROVENANCE_COLUMNS, "views", "status", "key")]],
            hide_index=True,
        )
