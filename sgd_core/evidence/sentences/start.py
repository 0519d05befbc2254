"""What the first page says of the runs there are: pure functions from values to text (Markdown)."""

from __future__ import annotations

from collections.abc import Collection

from sgd_core.evidence.alignment import Spread
from sgd_core.evidence.sentences.figures import gap


def takeaway(ends: Collection[float], equal: Spread | None) -> str:
    """How far apart the runs' accuracies are at the end and at equal training time, where they all have one."""
    said = f"At equal epochs the runs end {gap(max(ends), min(ends), loss=False)} apart"
    if equal is None:
        return said
    return (
        f"{said}; at equal training time (T = {equal.at:.2g}, the most that all of them reach) "
        f"{gap(equal.best_value, equal.worst_value, loss=False)}"
    )


def published(found: int, of: int, arms: int) -> str:
    """How many of the paper's runs there are, and how many more that test its claims."""
    more = f", and {arms} more that test{'s' * (arms == 1)} its claims" if arms else ""
    return f"{found} of the paper's {of} runs are published here, each at one seed or more{more}"
