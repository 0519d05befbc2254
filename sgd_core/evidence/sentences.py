"""The sentences that state a verdict: pure functions from what was found to text."""

from __future__ import annotations

import math

from sgd_core.evidence.verdicts import Finding, Verdict
from sgd_core.experiment.claims import MEASURES, Control, Measure

SAME = "the same"


def amount(measure: Measure, difference: float) -> str:
    """A difference as a reader says it: '12% lower', '0.3 points higher', 'the same'.

    `difference` is how much more the first arm has, in the measure's units; the text is of the measured number itself.
    """
    raw = measure.sign * difference
    size = 100 * math.expm1(raw) if measure.scale == "log" else raw
    shown = f"{abs(size):.0f}%" if measure.scale == "log" else f"{abs(size):.1f} points"
    if shown in ("0%", "0.0 points"):
        return SAME
    return f"{shown} {'higher' if raw > 0 else 'lower'}"


def margin(measure: Measure) -> str:
    """The margin: '10%' or '0.5 points'."""
    return f"{100 * math.expm1(measure.margin):.0f}%" if measure.scale == "log" else f"{measure.margin:g} points"


def finding(found: Finding) -> str:
    """'at equal epochs B=16 has a test loss 71% lower than B=512 (95% interval 74% lower to 68% lower), n = 5'."""
    comparison, paired, measure = found.comparison, found.paired, MEASURES[found.comparison.measure]
    where = f"{comparison.words} " if comparison.words else ""
    if paired.n == 0:
        return f"{where}no seed of both {comparison.first} and {comparison.second} is there yet"
    change = amount(measure, paired.mean)
    than = f"as {comparison.second} has" if change == SAME else f"than {comparison.second}"
    said = f"{where}{comparison.first} has {measure.words} {change} {than}"
    if paired.n == 1:
        return f"{said}, n = 1 (one seed has no interval)"
    ends = sorted(paired.interval(), key=lambda end: measure.sign * end)
    low, high = (amount(measure, end) for end in ends)
    return f"{said} (95% interval {low} to {high}), n = {paired.n}"


def verdict(found: Verdict) -> str:
    """The whole sentence of a verdict: what, by how much, how sure, and what the controls make of it."""
    told = [f"{found.outcome[:1].upper()}{found.outcome[1:]}: {finding(found.primary)}.", _why(found)]
    return " ".join([*told, *(control(each, result) for each, result in found.controls)])


def control(control: Control, found: Finding) -> str:
    """What a control showed and what it means for the claim's reason."""
    meaning = {
        "supported": f", so {control.if_so}",
        "not supported": f", so {control.if_not}",
        "cannot tell yet": ", which does not tell yet",
    }[found.outcome]
    return f"Control: {finding(found)}{meaning}."


def _why(found: Verdict) -> str:
    primary, measure = found.primary, MEASURES[found.primary.comparison.measure]
    margin_said = margin(measure)
    if primary.paired.n < 2:
        return "An interval takes two seeds."
    if found.outcome == "cannot tell yet":
        if found.alone:
            return f"By itself it would be {primary.outcome}, but not after Holm's correction over all claims."
        more = primary.seeds_needed
        needed = f"About {more} seeds would tell" if more is not None else "More than 200 seeds would be needed"
        return f"The interval reaches past the margin of {margin_said}. {needed}, if it stays like this."
    if primary.comparison.kind == "more":
        if found.outcome == "supported":
            return f"That is beyond the margin of {margin_said}."
        if primary.paired.interval()[1] < 0:
            return "It lies on the other side of what is claimed."
        return (
            f"That is less than the margin of {margin_said}; a true difference of "
            f"{_found(primary)} would have been found 8 times in 10."
        )
    if found.outcome == "supported":
        return (
            f"That is within the margin of {margin_said} either way; a true difference of "
            f"{_found(primary)} would have been found 8 times in 10."
        )
    return f"That is beyond the margin of {margin_said}, so they are not the same."


def _found(primary: Finding) -> str:
    """The smallest difference that would have been found, in the direction that the claim is about."""
    measure = MEASURES[primary.comparison.measure]
    return amount(measure, primary.paired.detectable())
