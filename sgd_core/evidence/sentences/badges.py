"""What a badge says: whether measurement and formula differ by more than chance, both numbers, what it cannot see."""

from __future__ import annotations

import math

from sgd_core.noise.agreement import LARGEST_Z, Agreement

WORTH_SEEING = 0.05
"""A formula off by this much must show in a badge; where it would not, the badge says so."""


def compared(agreement: Agreement) -> str:
    """Both numbers and their difference, in one line."""
    measured, error = _number(agreement.measured, 4), _number(agreement.standard_error, 2)
    both = f"measured {measured} ± {error}, predicted {_number(agreement.predicted, 4)}"
    both = both.replace("-", "−").replace("e−", "e-")
    if not math.isfinite(agreement.z):
        return f"{both}."
    return f"{both} ({agreement.relative_difference:+.1%}).".replace("-0.0%", "+0.0%").replace("(-", "(−")


def _number(value: float, digits: int) -> str:
    return f"{float(f'{value:.{digits}g}'):,.10g}"


def verdict(agreement: Agreement) -> str:
    """Whether measurement and formula agree, and how many standard errors they differ by."""
    agrees = "agrees with theory" if agreement.within_error else "differs from theory"
    return f"{agrees}, z = {abs(agreement.z):.1f}" if math.isfinite(agreement.z) else agrees


def meaning() -> str:
    """What z is, for whoever asks."""
    return (
        f"z is the difference in standard errors of the measurement. Up to {LARGEST_Z:g} are compatible with chance: a "
        "true formula is beyond that once in 370 badges."
    )


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
