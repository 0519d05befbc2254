"""What is said of a curve from elsewhere: whose it is, what it counts in (nothing), and why it is not drawn."""

from __future__ import annotations

from sgd_core.evidence.sentences.figures import Along
from sgd_core.evidence.sentences.words import listed, plain
from sgd_core.runs.foreign import Curve

BADGE = "from elsewhere"
COUNTS = {"epoch": "epochs", "updates": "updates", "training_time": "T"}
"""What steps may count, in words."""


def about(explore: bool) -> str:
    """What may be brought, above its place."""
    how = "No files are taken here, so paste" if explore else "Choose"
    return (
        f"{how} a CSV with a column of steps (step, epoch, updates or T) and one of values (value, an accuracy or a "
        "loss), as Weights & Biases, TensorBoard and spreadsheets write it; columns B and μ may be there. The curve is "
        "laid over the charts of runs, dashed, and answers no question. It stays in this tab, on every page, until you "
        "reload it; a link does not carry it."
    )


def laid(curve: Curve) -> str:
    """Under a chart: whose curve is dashed, what is known of it, and that it answers nothing."""
    told = [f"column {plain(curve.column)}, {len(curve.y):,} values"]
    if curve.percent:
        told.append("read as percent")
    if curve.taken:
        told.append(f"its steps taken as {COUNTS[curve.taken]}")
    told.append("B unknown" if curve.batch_size is None else f"B = {curve.batch_size}")
    told.append(_rate(curve))
    return (
        f":gray-badge[{BADGE}] Dashed: {plain(curve.label)} ({', '.join(told)}). No sentence, rank, mean or table here "
        "knows of it."
    )


def place(curve: Curve, axis: Along, loss: bool, points: int, outside: int, every: int) -> str:
    """Where it is not drawn, or not all of it, and why; '' where all is. `points` have a place along the axis."""
    if curve.loss != loss:
        kinds = ("a loss", "an accuracy")
        own, other = kinds if curve.loss else kinds[::-1]
        return f"It is not drawn here: it is {own}, and this chart shows {other}."
    if axis.column not in curve.along:
        return f"It is not drawn along {axis.noun}: {_lacking(curve, axis)}."
    if outside == points:
        return "All of it lies beyond the axes of this chart."
    beyond = f"{outside:,} of its {points:,} points lie{'s' * (outside == 1)} beyond the axes." if outside else ""
    thinned = f"One point in {every} of it is drawn." if every > 1 else ""
    return " ".join(filter(None, (beyond, thinned)))


def described(curve: Curve) -> str:
    """In the words for those who cannot see the chart."""
    return f"Dashed, {BADGE}: {curve.label}, which ends at {curve.y[-1]:.3f}."


def _rate(curve: Curve) -> str:
    if curve.learning_rate is not None:
        return f"μ = {curve.learning_rate:g}"
    return "μ changes" if curve.changing else "μ unknown"


def _lacking(curve: Curve, axis: Along) -> str:
    counts = f"its file counts {listed([COUNTS[each] for each in curve.along])}"
    if axis.column == "training_time" and "updates" in curve.along:
        return f"T is μ times updates while μ stays, and its μ {'changes' if curve.changing else 'is not known'}"
    if axis.column == "effective_time":
        return f"{counts}, and its momentum is not known"
    return counts
