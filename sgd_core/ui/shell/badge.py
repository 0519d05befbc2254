"""The badge beside a simulation: measured, predicted, and whether they differ by more than Monte Carlo error."""

from __future__ import annotations

import streamlit as st

from sgd_core.evidence.sentences import badges
from sgd_core.noise.agreement import Agreement


def show(what: str, agreement: Agreement, slope: bool = False) -> None:
    """Draw the badge for one measured quantity, which `what` names, and what it is blind to where its samples are few.

    `slope` tells that in the slope's own units.
    """
    colour, icon = ("green", "check") if agreement.within_error else ("red", "close")
    verdict = f":{colour}-badge[:material/{icon}: {badges.verdict(agreement)}]"
    st.markdown(f"{verdict} {what}: {badges.compared(agreement)}", help=badges.meaning())
    if blind := badges.blind_to(agreement, slope):
        st.caption(blind)
