"""The sentences that state a verdict: pure functions from what was found to text."""

from __future__ import annotations

import math

from sgd_core.evidence.paired import WITHIN
from sgd_core.evidence.verdicts import MOST_SEEDS, Finding, Verdict
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


def interval(found: Finding) -> tuple[str, str]:
    """The ends of the 95% interval, the lower measured number first; '?' with fewer than two seeds."""
    measure = MEASURES[found.comparison.measure]
    if found.paired.n < 2:
        return "?", "?"
    low, high = sorted(found.paired.interval(), key=lambda end: measure.sign * end)
    return amount(measure, low), amount(measure, high)


def margin(measure: Measure) -> str:
    """The margin: 'a factor of 1.1' or '0.5 points'."""
    return f"a factor of {math.exp(measure.margin):g}" if measure.scale == "log" else f"{measure.margin:g} points"


def finding(found: Finding) -> str:
    """'at equal epochs B=16 has a test loss 71% lower than B=512 (95% interval 74% lower to 68% lower), n = 5'."""
    comparison, paired, measure = found.comparison, found.paired, MEASURES[found.comparison.measure]
    where = f"{comparison.words} " if comparison.words else ""
    if paired.n == 0:
        said = f"{where}no seed of both {comparison.first} and {comparison.second} is there yet"
        return said + _dropped(found)
    change = amount(measure, paired.mean)
    than = f"as {comparison.second} has" if change == SAME else f"than {comparison.second}"
    said = f"{where}{comparison.first} has {measure.words} {change} {than}"
    if paired.n == 1:
        return f"{said}, n = 1 (one seed has no interval)" + _dropped(found)
    said += " (95% interval {} to {}), n = {}".format(*interval(found), paired.n)
    return said + (", not all with as many random crops" if found.mixes_crops else "") + _dropped(found)


def verdict(found: Verdict) -> str:
    """The whole sentence of a verdict: what, by how much, how sure, and what the controls make of it."""
    told = [f"{found.outcome[:1].upper()}{found.outcome[1:]}: {finding(found.primary)}.", why(found)]
    return " ".join([*told, *(control(each, result, found) for each, result in found.controls)])


def control(control: Control, result: Finding, found: Verdict) -> str:
    """What a control showed and, where the claim itself is supported, what that means for its reason."""
    said = f"Control: {finding(result)}"
    if result.outcome == "cannot tell yet":
        return f"{said}, which does not tell yet."
    if found.outcome != "supported":
        return f"{said}."
    return f"{said}, so {control.if_so if result.outcome == 'supported' else control.if_not}."


def why(found: Verdict) -> str:
    """Why it came out like this: the margin, what is missing, what would have been found."""
    primary, measure = found.primary, MEASURES[found.primary.comparison.measure]
    bound = margin(measure)
    if not found.complete:
        return f"{primary.paired.n} of {found.claim.seeds} planned seeds are there; the claim is decided once, by all."
    if found.outcome == "cannot tell yet":
        if primary.outcome != "cannot tell yet":
            return f"By itself it would be {primary.outcome}, but not after Holm's correction over all claims."
        more = found.seeds_needed
        needed = f"About {more} seeds would tell" if more is not None else f"More than {MOST_SEEDS} would be needed"
        return f"The interval reaches past the margin of {bound}. {needed}, if it stays like this."
    would = f"a true difference of {amount(measure, found.detectable)} would have been found 8 times in 10."
    if primary.comparison.kind == "same":
        if found.outcome == "supported":
            return f"That is within the margin of {bound} either way; {would[:-1]}, and as large the other way."
        return f"That is beyond the margin of {bound}, so they are not the same."
    if found.outcome == "supported":
        return f"That is beyond the margin of {bound}."
    low, high = primary.paired.interval(WITHIN)
    if high < 0:
        return "It lies on the other side of what is claimed."
    if low > -measure.margin:
        return f"That is within the margin of {bound}; {would}"
    return f"It is not better by the margin of {bound}; {would}"


def _dropped(found: Finding) -> str:
    return f" ({found.dropped} more without a value)" if found.dropped else ""
