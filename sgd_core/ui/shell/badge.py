"""The badge beside a simulation: measured, predicted, and whether they differ by more than Monte Carlo error."""

from __future__ import annotations

from sgd_core.evidence.sentences import badges
from sgd_core.noise.agreement import Agreement
from sgd_core.ui.shell import words


def show(what: str, agreement: Agreement, slope: bool = False) -> None:
    """Draw the badge for one measured quantity, which `what` names, and what it is blind to where its samples are few.

    `slope` tells that in the slope's own units.
    """
    colour, icon = ("green", "check") if agreement.within_error else ("red", "close")
    verdict = f":{colour}-badge[:material/{icon}: {badges.verdict(agreement)}]"
    words.say(f"{verdict} {what}: {badges.compared(agreement)}", help=badges.meaning())
    if blind := badges.blind_to(agreement, slope):
        words.caption(blind)
