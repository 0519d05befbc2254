"""Verdicts on the paper's claims: supported, not supported or cannot tell yet, from paired differences over seeds.

A claim that the first arm has *more* is supported where the difference lies beyond the margin (95% interval), and not
supported where it lies within the margin or on the other side (90% interval). A claim that both are the *same* is
supported where the difference lies within the margin on both sides (90%), and not supported where it lies beyond it on
either side (95%).

A claim is decided once, by the first so many seeds as it plans: looking again with every new seed would double the
levels. Holm's correction is over all claims, decided or not, for each kind of verdict. Controls and other comparisons
are told as they are, by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from sgd_core.evidence.ends import Pair, Tables, difference, pairs
from sgd_core.evidence.paired import BEYOND, WITHIN, Paired, holm
from sgd_core.experiment.claims import CLAIMS, MEASURES, Claim, Comparison, Control, Kind

Outcome = Literal["supported", "not supported", "cannot tell yet"]
MOST_SEEDS = 200
"""Further than this nobody plans."""


@dataclass(frozen=True)
class Finding:
    """What one comparison showed."""

    comparison: Comparison
    paired: Paired
    pairs: Mapping[int, Pair]
    """Seed -> the values of both arms."""
    outcome: Outcome
    """By itself, without Holm's correction."""
    dropped: int = 0
    """Seeds of which both arms have ended, but one has no value: it never got there, or was not measured."""

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(self.pairs)

    @property
    def mixes_crops(self) -> bool:
        """Whether seeds differ in how many sets of random crops their runs had."""
        return len({pair.views for pair in self.pairs.values()}) > 1


@dataclass(frozen=True)
class Verdict:
    """What is known of a claim."""

    claim: Claim
    outcome: Outcome
    """Once all planned seeds are there, and after Holm's correction over all claims."""
    primary: Finding
    secondary: tuple[Finding, ...]
    controls: tuple[tuple[Control, Finding], ...]
    family: int = 1
    """How many claims Holm's correction is over."""

    @property
    def complete(self) -> bool:
        """Whether all planned seeds are there."""
        return self.primary.paired.n >= self.claim.seeds

    @property
    def detectable(self) -> float:
        """The smallest true difference that would have been found 8 times in 10, beside all other claims."""
        margin = MEASURES[self.primary.comparison.measure].margin
        return self.primary.paired.detectable(margin, BEYOND / self.family)

    @property
    def seeds_needed(self) -> int | None:
        """How many seeds would tell if mean and spread stay as they are; None: too many, or too few to say."""
        return seeds_that_would_tell(self.primary, self.family)


def ratios(paired: Paired, kind: Kind, margin: float) -> tuple[float, float]:
    """p-value over level of 'supported' and of 'not supported'; at most 1 where that is the outcome by itself."""
    if kind == "more":
        return paired.p_above(margin) / BEYOND, paired.p_below(margin) / WITHIN
    within = max(paired.p_above(-margin), paired.p_below(margin))
    return within / WITHIN, min(paired.p_above(margin), paired.p_below(-margin)) / BEYOND


def outcome(supported: bool, not_supported: bool) -> Outcome:
    """The outcome of two tests of which at most one can hold."""
    return "supported" if supported else "not supported" if not_supported else "cannot tell yet"


def seeds_that_would_tell(found: Finding, family: int = 1) -> int | None:
    """How many seeds would decide, at Holm's first step, if mean and spread stay as they are; None: too many to say."""
    paired, measure = found.paired, MEASURES[found.comparison.measure]
    if paired.n < 2:
        return None
    for n in range(paired.n + 1, MOST_SEEDS + 1):
        if min(ratios(replace(paired, n=n), found.comparison.kind, measure.margin)) <= 1 / family:
            return n
    return None


def finding(claim: Claim, comparison: Comparison, tables: Tables) -> Finding:
    """What the runs in these tables show of a comparison: the first so many seeds as the claim plans."""
    there = pairs(claim, comparison, tables)
    valid = {seed: pair for seed, pair in there.items() if not math.isnan(pair.first + pair.second)}
    first = dict(list(valid.items())[: claim.seeds])
    measure = MEASURES[comparison.measure]
    differences = [difference(comparison.measure, pair.first, pair.second) for pair in first.values()]
    paired = Paired.of(differences, measure.resolution)
    for_it, against = ratios(paired, comparison.kind, measure.margin)
    return Finding(comparison, paired, first, outcome(for_it <= 1, against <= 1), len(there) - len(valid))


def verdicts(tables: Tables, claims: Mapping[str, Claim] = CLAIMS) -> list[Verdict]:
    """One verdict a claim, in their order."""
    primary = {name: finding(claim, claim.primary, tables) for name, claim in claims.items()}
    both = [
        ratios(found.paired, found.comparison.kind, MEASURES[found.comparison.measure].margin)
        if found.paired.n >= claims[name].seeds else (math.inf, math.inf)
        for name, found in primary.items()
    ]  # fmt: skip
    supported, against = (holm([each[side] for each in both]) for side in (0, 1))
    return [
        Verdict(
            claim,
            outcome(supported[place], against[place]),
            primary[name],
            tuple(finding(claim, comparison, tables) for comparison in claim.secondary),
            tuple((control, finding(claim, control.comparison, tables)) for control in claim.controls),
            len(claims),
        )
        for place, (name, claim) in enumerate(claims.items())
    ]
