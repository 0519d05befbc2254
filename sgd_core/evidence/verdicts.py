"""Verdicts on the paper's claims: supported, not supported or cannot tell yet, from paired differences over seeds.

A claim that the first arm has *more* is supported where the difference lies beyond the margin (95% interval), and not
supported where it lies within the margin or on the other side (90% interval). A claim that both are the *same* is
supported where the difference lies within the margin on both sides (90%), and not supported where it lies beyond it on
either side (95%). Holm's correction is over all claims that have two seeds or more, for each kind of verdict; controls
are told as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sgd_core.evidence.ends import Tables, difference, pairs
from sgd_core.evidence.paired import BEYOND, WITHIN, Paired, holm, seeds_that_would_tell
from sgd_core.experiment.claims import CLAIMS, MEASURES, Claim, Comparison, Control, Kind

Outcome = Literal["supported", "not supported", "cannot tell yet"]


@dataclass(frozen=True)
class Finding:
    """What one comparison showed."""

    comparison: Comparison
    paired: Paired
    seeds: tuple[int, ...]
    outcome: Outcome
    """By itself, without Holm's correction."""

    @property
    def seeds_needed(self) -> int | None:
        """How many seeds would tell if mean and spread stay as they are; None: too many, or too few to say."""
        return seeds_that_would_tell(self.paired)


@dataclass(frozen=True)
class Verdict:
    """What is known of a claim."""

    claim: Claim
    outcome: Outcome
    """After Holm's correction over all claims."""
    primary: Finding
    secondary: tuple[Finding, ...]
    controls: tuple[tuple[Control, Finding], ...]

    @property
    def alone(self) -> bool:
        """Whether the claim would be decided if it were the only one."""
        return self.outcome != self.primary.outcome


def ratios(paired: Paired, kind: Kind) -> tuple[float, float]:
    """p-value over level of 'supported' and of 'not supported'; at most 1 where that is the outcome by itself."""
    margin = paired.margin
    if kind == "more":
        return paired.p_above(margin) / BEYOND, paired.p_below(margin) / WITHIN
    within = max(paired.p_above(-margin), paired.p_below(margin))
    return within / WITHIN, min(paired.p_above(margin), paired.p_below(-margin)) / BEYOND


def outcome(supported: bool, not_supported: bool) -> Outcome:
    """The outcome of two tests of which at most one can hold."""
    return "supported" if supported else "not supported" if not_supported else "cannot tell yet"


def finding(claim: Claim, comparison: Comparison, tables: Tables) -> Finding:
    """What the runs in these tables show of a comparison."""
    values = pairs(claim, comparison, tables)
    differences = tuple(difference(comparison.measure, *each) for each in values.values())
    paired = Paired(differences, MEASURES[comparison.measure].margin)
    for_it, against = ratios(paired, comparison.kind)
    return Finding(comparison, paired, tuple(values), outcome(for_it <= 1, against <= 1))


def verdicts(tables: Tables, claims: Mapping[str, Claim] = CLAIMS) -> list[Verdict]:
    """One verdict a claim, in their order."""
    primary = {name: finding(claim, claim.primary, tables) for name, claim in claims.items()}
    tested = [name for name, found in primary.items() if found.paired.n >= 2]
    both = [ratios(primary[name].paired, claims[name].primary.kind) for name in tested]
    supported = dict(zip(tested, holm([each[0] for each in both]), strict=True))
    against = dict(zip(tested, holm([each[1] for each in both]), strict=True))
    return [
        Verdict(
            claim,
            outcome(supported.get(name, False), against.get(name, False)),
            primary[name],
            tuple(finding(claim, comparison, tables) for comparison in claim.secondary),
            tuple((control, finding(claim, control.comparison, tables)) for control in claim.controls),
        )
        for name, claim in claims.items()
    ]
