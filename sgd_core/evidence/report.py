"""What command and page stand on alike: the runs that test the claims, and a verdict as an object for JSON."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from sgd_core.evidence.ends import Tables
from sgd_core.evidence.sentences import verdicts as sentences
from sgd_core.evidence.verdicts import Finding, Verdict
from sgd_core.experiment.claims import MEASURES, is_arm
from sgd_core.experiment.measurements import is_measured
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs.kept.store import IMPORTED, Store
from sgd_core.runs.kept.table import spec_of


def tables(store: Store) -> Tables:
    """Every arm of a claim that there is, but imported runs, which answer no question."""
    return _tables(store, is_arm)


def measured(store: Store) -> Tables:
    """Every run along which something is to be measured, but imported ones."""
    return _tables(store, is_measured)


def _tables(store: Store, wanted: Callable[[RunSpec], bool]) -> Tables:
    runs = store.runs()
    runs = runs[runs["source"] != IMPORTED]
    runs = runs[np.array([wanted(spec_of(row)) for row in runs.to_dict("records")], dtype=bool)]
    return Tables(runs, store.epochs(runs), store.measurements(runs))


def as_json(found: Verdict) -> dict[str, Any]:
    """One verdict as an object: differences are log ratios or percentage points, as `unit` says; null where unknown."""
    return {
        "claim": found.claim.name,
        "title": found.claim.title,
        "statement": found.claim.statement,
        "verdict": found.outcome,
        **_numbers(found.primary),
        "planned_seeds": found.claim.seeds,
        "detectable": _or_none(found.detectable),
        "control": " ".join(sentences.control(*each, found) for each in found.controls),
        "controls": [
            {"words": control.comparison.words, "outcome": result.outcome, **_numbers(result)}
            for control, result in found.controls
        ],
        "secondary": [{"outcome": result.outcome, **_numbers(result)} for result in found.secondary],
        "sentence": sentences.verdict(found),
        "caveat": found.claim.caveat,
        "settings": found.claim.settings,
    }


def _numbers(found: Finding) -> dict[str, Any]:
    low, high = found.paired.interval()
    measure = MEASURES[found.comparison.measure]
    values = {"difference": found.paired.mean, "low": low, "high": high, "margin": measure.margin}
    return {
        "measure": found.comparison.measure,
        "unit": "log ratio" if measure.scale == "log" else "points",
        "first": found.comparison.first,
        "second": found.comparison.second,
        "n": found.paired.n,
        "seeds": list(found.seeds),
        **{name: _or_none(value) for name, value in values.items()},
    }


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
