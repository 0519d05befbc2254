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
        "pages/5_Noise_lab_Batch_gradient.py": "A guess",
        "pages/6_Noise_lab_Motion.py": "Motion",
        "pages/7_Noise_lab_Valleys.py": "Valleys",
        "pages/8_Noise_lab_Real_network.py": "On the real network",
        "pages/9_Noise_lab_Limits.py": "Where it ends",
    },
    "Plan a run, and train it": {
        "pages/10_Schedule_workbench.py": "The schedule workbench",
        "pages/11_Train.py": "Train a run",
        "pages/12_Runs.py": "Every run",
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
