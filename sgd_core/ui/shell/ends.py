"""A click on the end of a run in a chart of curves, told to the page; ends.js is what listens in the browser."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from sgd_core.charts.standing import POINTS, VALUES
from sgd_core.ui.shell.streamlit_private import style

_SCRIPT = style(Path(__file__).with_suffix(".js").read_text(encoding="utf-8"), VALUES=VALUES, POINTS=POINTS)
_listen = st.components.v2.component("sgd_lab_ends", js=_SCRIPT)
_COMPONENT = "ends of the curves"


def listen(key: str) -> None:
    """Put the run whose end is clicked into the control of this key, or nothing where it is there already."""

    def chosen() -> None:
        run = st.session_state[_COMPONENT].get("run")
        st.session_state[key] = None if st.session_state.get(key) == run else run

    with st.container(key="ends"):
        _listen(key=_COMPONENT, on_run_change=chosen)
