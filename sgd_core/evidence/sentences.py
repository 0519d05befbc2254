"""The sentences that state a verdict: pure functions from what was found to text."""

from __future__ import annotations

import math

from sgd_core.evidence.verdicts import Finding, Outcome, Verdict
from sgd_core.experiment.claims import MEASURES, Control, Measure


def amount(measure: Measure, difference: float) -> str:
    """A difference as a reader says it: '12% lower', '0.3 points higher', 'the same'.

    `difference` is how much more the first arm has, in the measure's units; the text is of the measured number itself.
    """
    raw = measure.sign * difference
    size = 100 * math.expm1(raw) if measure.scale == "log" else raw
    shown = f"{abs(size):.0f}%" if measure.scale == "log" else f"{abs(size):.1f} points"
    if float(shown.split("%")[0].split()[0]) == 0:
        return "the same"
    return f"{shown} {'higher' if raw > 0 else 'lower'}"


def margin(measure: Measure) -> str:
    """The margin: '10%' or '0.5 points'."""
    return f"{100 * math.expm1(measure.margin):.0f}%" if measure.scale == "log" else f"{measure.margin:g} points"


def finding(found: Finding) -> str:
    """'At equal epochs B=16 has a test loss 71% lower than B=512 (95%: 68 to 74% lower), n = 5'."""
    comparison, paired, measure = found.comparison, found.paired, MEASURES[found.comparison.measure]
    where = f"At {comparison.words}: " if comparison.words else ""
    if paired.n == 0:
        return f"{where}{comparison.first} and {comparison.second} have no seed in common yet"
    said = f"{where}{comparison.first} has {measure.words} {amount(measure, paired.mean)} {_than(measure, paired.mean)}"
    said += f" {comparison.second}"
    if paired.n == 1:
        return f"{said}, n = 1 (one seed has no interval)"
    low, high = paired.interval()
    ends = [amount(measure, end) for end in sorted((low, high), key=lambda end: measure.sign * end)]
    return f"{said} (95% interval {ends[0]} to {ends[1]}), n = {paired.n}"


def verdict(found: Verdict) -> str:
    """The whole sentence of a verdict: what, by how much, how sure, and what the controls make of it."""
    parts = [f"{_HEADS[found.outcome]}: {_lower(finding(found.primary))}."]
    parts.append(f"{_why(found)}")
    parts += [control(each, result) for each, result in found.controls]
    return " ".join(part for part in parts if part)


def control(control: Control, found: Finding) -> str:
    """What a control showed and what it means for the claim's reason."""
    meaning = {
        "supported": f", so {control.if_so}",
        "not supported": f", so {control.if_not}",
        "cannot tell yet": ", which cannot tell yet",
    }[found.outcome]
    return f"Control, {_lower(finding(found))}{meaning}."


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
        return f"The interval reaches both sides of the margin of {margin_said}. {needed}, if it stays like this."
    if primary.comparison.kind == "more":
        if found.outcome == "supported":
            return f"That is beyond the margin of {margin_said}."
        return (
            f"That is less than the margin of {margin_said}; a true difference of "
            f"{_size(measure, primary.paired.detectable())} would have been found 8 times in 10."
        )
    if found.outcome == "supported":
        return (
            f"That is within the margin of {margin_said} either way; a true difference of "
            f"{_size(measure, primary.paired.detectable())} would have been found 8 times in 10."
        )
    return f"That is beyond the margin of {margin_said}, so they are not the same."


def _size(measure: Measure, difference: float) -> str:
    return f"{100 * math.expm1(difference):.0f}%" if measure.scale == "log" else f"{difference:.1f} points"


def _than(measure: Measure, difference: float) -> str:
    return "as" if amount(measure, difference) == "the same" else "than"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


_HEADS: dict[Outcome, str] = {
    "supported": "Supported",
    "not supported": "Not supported",
    "cannot tell yet": "Cannot tell yet",
}
