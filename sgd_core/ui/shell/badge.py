"""The badge beside a simulation: measured, predicted, and whether they differ by more than Monte Carlo error."""

from __future__ import annotations

import math

import streamlit as st

from sgd_core.noise.agreement import LARGEST_Z, Agreement


def show(what: str, agreement: Agreement) -> None:
    """Draw the badge for one measured quantity; `what` names it."""
    verdict = (
        ":green-badge[:material/check: agrees with theory]"
        if agreement.within_error
        else ":red-badge[:material/close: differs from theory]"
    )
    st.markdown(f"{verdict} {what}: {sentence(agreement)}")


def sentence(agreement: Agreement) -> str:
    """Both numbers, their difference and what it means, in one line."""
    both = f"measured {agreement.measured:.4g} ± {agreement.standard_error:.2g}, predicted {agreement.predicted:.4g}"
    both = both.replace("-", "−").replace("e−", "e-")
    if not math.isfinite(agreement.z):
        return f"{both}."
    side = "within" if agreement.within_error else "beyond"
    apart = f"{agreement.relative_difference:+.1%}".replace("-0.0%", "+0.0%").replace("-", "−")
    return (
        f"{both}: {apart}, {side} Monte Carlo error ({abs(agreement.z):.1f} standard errors; up to {LARGEST_Z:g} are "
        "chance)."
    )
