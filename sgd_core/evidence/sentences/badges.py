"""What a badge says: measured, predicted, whether they differ by more than chance, and what it could not have seen."""

from __future__ import annotations

import math

from sgd_core.noise.agreement import LARGEST_Z, Agreement

WORTH_SEEING = 0.05
"""A formula off by this much must show in a badge; where it would not, the badge says so."""


def compared(agreement: Agreement) -> str:
    """Both numbers, their difference and what it means, in one line."""
    both = f"measured {agreement.measured:.4g} ± {agreement.standard_error:.2g}, predicted {agreement.predicted:.4g}"
    both = both.replace("-", "−").replace("e−", "e-")
    if not math.isfinite(agreement.z):
        return f"{both}."
    side = "within" if agreement.within_error else "beyond"
    apart = f"{agreement.relative_difference:+.1%}".replace("-0.0%", "+0.0%").replace("-", "−")
    return (
        f"{both}: {apart}, {side} Monte Carlo error ({abs(agreement.z):.1f} standard errors; up to {LARGEST_Z:g} are "
        "compatible with chance)."
    )


def verdict(agreement: Agreement) -> str:
    """Whether measurement and formula agree."""
    return "agrees with theory" if agreement.within_error else "differs from theory"


def blind_to(agreement: Agreement, slope: bool = False) -> str:
    """What the badge would not see; '' where it would see a formula that is off by WORTH_SEEING.

    A slope is told in its own units, anything else as a share of what is predicted.
    """
    least = agreement.resolution
    if not least > WORTH_SEEING:
        return ""
    if least >= 1:
        return (
            "These samples say next to nothing about the formula: they would hardly tell it from one that gives zero."
        )
    by = f"{least * abs(agreement.predicted):.2f}" if slope else f"{least:.0%}"
    return (
        f"So few samples find a wrong formula 95 times in 100 only where it is off by {by} or more; smaller mistakes "
        "may go unseen."
    )
