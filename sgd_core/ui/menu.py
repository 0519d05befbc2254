"""The menu of the app: every page once, in the order in which a newcomer would take them."""

from __future__ import annotations

import streamlit as st

MENU: dict[str, dict[str, str]] = {
    "": {"app.py": "Start"},
    "The paper's figures": {
        "pages/1_Figure_1_Batch_size.py": "1 · Batch size",
        "pages/2_Figure_2_Learning_rate.py": "2 · Learning rate",
        "pages/3_Figure_3_Decay.py": "3 · Decaying learning rates",
        "pages/4_Figure_4_Growing_batch.py": "4 · Growing batch",
    },
    "Why μ/B: the noise lab": {
        "pages/8_Noise_lab_Real_network.py": "On the real network",
    },
}


def show() -> None:
    """Draw the menu in the sidebar."""
    with st.sidebar:
        for title, pages in MENU.items():
            if title:
                st.caption(title)
            for path, label in pages.items():
                st.page_link(path, label=label)
