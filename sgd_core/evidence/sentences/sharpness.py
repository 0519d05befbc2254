"""What the page "Sharp or just unfinished?" says: who is sharper where, what rescaling leaves, how far the edge is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from sgd_core.evidence.sharper import Compared

ALIKE = 1.1
"""Values within this factor are not ranked."""
# Where runs are compared, within a sentence.
AT = {"trained": "equal epochs", "effective_time": "equal T_eff", "reported_loss": "equal training loss"}


def number(value: float) -> str:
    """Three digits, thousands apart: '75.5', '1,035', '0.694'."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def order(found: Compared | None) -> str:
    """The runs from the sharpest to the least sharp, ≈ between neighbours within ALIKE; '' for fewer than two."""
    if found is None or len(found.values) < 2:
        return ""
    ranked = sorted(found.values.items(), key=lambda each: -each[1])
    said = _named(*ranked[0])
    for (_, before), (run, value) in pairwise(ranked):
        said += f" {'≈' if before <= ALIKE * value else '>'} {_named(run, value)}"
    return said


def takeaway(measure: str, epochs: Compared | None, time: Compared | None, loss: Compared | None) -> str:
    """By how much the sharpest run is sharper than the least sharp at equal epochs, and what is left of that."""
    if epochs is None or len(epochs.values) < 2:
        return f"The {measure} is measured at equal epochs in fewer than two runs: there is no order to tell."
    values = epochs.values
    top, bottom = max(values, key=values.__getitem__), _least(values, time, loss)
    fold = values[top] / values[bottom]
    where = f"At equal epochs ({epochs.place:.0f})"
    if fold <= ALIKE:
        return f"{where} all {len(values)} runs have the same {measure} within 10%: there is no order to explain."
    said = f"{where} the {measure} of {top} is {fold:.2g} times that of {bottom}."
    one, other = _left(top, bottom, time), _left(top, bottom, loss)
    places = f"equal T_eff{_place(time)}", f"equal training loss{_place(loss)}"
    if one == other:
        return f"{said} At {places[0]} and at {places[1]} {one}."
    return f"{said} At {places[0]} {one}; at {places[1]} {other}."


def _least(values: Mapping[str, float], *others: Compared | None) -> str:
    """Of the runs within ALIKE of the least value the one that is measured at the most other places."""
    least = min(values.values())
    there = {run: sum(run in found.values for found in others if found is not None) for run in values}
    near = [run for run in sorted(values, key=values.__getitem__) if values[run] <= ALIKE * least]
    return max(near, key=there.__getitem__)


def _left(top: str, bottom: str, found: Compared | None) -> str:
    """What is left of a difference at another place."""
    if found is None or top not in found.values or bottom not in found.values:
        return "they are not both measured yet"
    ratio = found.values[top] / found.values[bottom]
    if ratio > ALIKE:
        return f"{ratio:.2g} times is left"
    if ratio < 1 / ALIKE:
        return f"the order is the reverse, {1 / ratio:.2g} times"
    return "they are within 10% of each other, by means over few seeds (the card of claim 4 has the intervals)"


def _place(found: Compared | None) -> str:
    return "" if found is None else f" ({number(found.place)})"


def standing(found: Compared | None, place: str) -> str:
    """The order at one place with what it stands on: seeds, what was read between epochs, what is not there."""
    if found is None:
        return ""
    said = f"At {AT[place]} ({number(found.place)}): {order(found) or _alone(found)}."
    seeds = {reading.seeds for reading in found.readings.values()}
    if len(seeds) == 1:
        said += f" {_seeds(next(iter(seeds)))} each."
    elif seeds:
        said += " " + "; ".join(f"{run}: {_seeds(reading.seeds)}" for run, reading in found.readings.items()) + "."
    between = [run for run, reading in found.readings.items() if reading.between]
    if between:
        said += f" Read between two measured epochs: {' and '.join(between)}."
    if found.lacking:
        said += f" Not measured there: {' and '.join(found.lacking)}."
    return said


def command(*names: str) -> str:
    """How to measure these, the last first: '`python -m sgd_core measure ways`, then ...'."""
    first, *rest = reversed(names)
    return ", then ".join(
        [f"`python -m sgd_core measure {first}`", *(f"`measure {each}`" for each in rest), "`publish`"]
    )


def missing(lacking: Mapping[str, Sequence[int]]) -> str:
    """Which epochs of which runs are not measured yet; '' where none lacks."""
    if not lacking:
        return ""
    by_epochs: dict[str, list[str]] = {}
    for run, epochs in lacking.items():
        told = ", ".join("untrained" if epoch < 0 else str(epoch) for epoch in epochs)
        by_epochs.setdefault(told, []).append(run)
    parts = "; ".join(f"{' and '.join(runs)} ({told})" for told, runs in by_epochs.items())
    return f"Not all measured yet at seed 0 (after epochs in brackets): {parts}; {command('sharpness')}."


def share_of_edge(rows: pd.DataFrame) -> str:
    """The nearest that runs come to their edge 2(1+m)/mu; '' where no curvature is measured. Of edge.table's rows."""
    known = [row for row in rows.to_dict("records") if np.isfinite(row["relative"])]
    if not known:
        return ""
    most = max(known, key=lambda row: row["relative"])
    run = str(most["run"]).replace("mu=", "μ=")
    return (
        f"Of the paper's runs {run} comes nearest to its edge: a largest eigenvalue of "
        f"{number(most['curvature'])} after {_epochs(int(most['epoch']) + 1)}, {most['relative']:.2g} times "
        f"2(1+m)/μ = {number(most['limit'])}."
    )


def short_run(name: str, status: str, accuracy: float, shares: Sequence[float]) -> str:
    """What came of a short run, and the largest of its curvature's shares of the edge, the untrained head's first."""
    right = "" if np.isnan(accuracy) else f", {accuracy:.0%} of the training images right"
    words = {"done": f"trains{right}", "failed to learn": f"falls to chance{right}"}
    known = [share for share in shares if np.isfinite(share)]
    when = "before training" if known and shares[0] == max(known) else "on the way"
    most = f"; its largest eigenvalue is at most {max(known):.2g} times 2(1+m)/μ, {when}" if known else ""
    return f"{name}: {words.get(status, 'its loss explodes')}{most}"


def _alone(found: Compared) -> str:
    return "".join(f"only {_named(run, value)}" for run, value in found.values.items()) or "no run is measured there"


def _named(run: str, value: float) -> str:
    return f"{run} ({number(value)})"


def _seeds(seeds: Sequence[int]) -> str:
    return f"n = {len(seeds)} (seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))})"


def _epochs(trained: int) -> str:
    return "no training" if trained == 0 else f"{trained} epoch{'s' * (trained > 1)}"
