"""What Streamlit leaves to the browser: history, the menu on a phone, a theme that changes, a wish for less motion.

browser.js stands on every page, with the Play buttons of charts.player, and does what Streamlit 1.67 does not:

- The browser's Back brings back a page with its controls. Streamlit drops them from the address as it leaves a page,
  and takes none from the address as it comes back; so the next page's address is set first, and Back is a reload.
- The menu of a phone closes when a page was chosen in it.
- When the theme changes, by the system or by the menu, the page runs again: colours of charts are set where it runs.
- A reader who asked the system for less motion is known as `still`.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from sgd_core.charts import player
from sgd_core.ui.shell.streamlit_private import style

STILL = "still"
_KEPT = "reader is still"
_SCRIPT = style(Path(__file__).with_suffix(".js").read_text(encoding="utf-8"))
_listen = st.components.v2.component("sgd_lab_browser", js=_SCRIPT + player.SCRIPT)


def listen() -> None:
    """Put browser.js on the page."""
    with st.container(key="browser"):
        told = _listen(
            key="browser of the reader", data={STILL: still()}, on_still_change=_nothing, on_repainted_change=_nothing
        )
    if told.get(STILL) is not None:
        st.session_state[_KEPT] = told[STILL]


def still() -> bool:
    """Whether the reader asked the system for less motion; not known in a tab's very first run."""
    return bool(st.session_state.get(_KEPT, False))


def _nothing() -> None:
    """The page that runs again is what a message is for."""
