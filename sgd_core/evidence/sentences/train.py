"""The sentences of the Train page: where a reader's runs stand, beside which others, and how a run under way goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import pandas as pd

from sgd_core.evidence.sentences.figures import TIED
from sgd_core.evidence.sentences.figures import Along as AlongFigures
from sgd_core.evidence.sentences.words import are, counted, duration, plain
from sgd_core.runs.queue.engine import ALREADY_KEPT
from sgd_core.runs.queue.jobs import Job


class Along(AlongFigures, Protocol):
    """What a sentence needs of an axis, here a place on it too."""

    @property
    def place(self) -> str: ...


LONGEST = 30
"""Characters of a value in a link that are repeated to the reader."""


def not_offered(key: str, asked: str, used: object) -> str:
    """What a link asks of a control that does not offer it."""
    return f"{key}={plain(asked[:LONGEST])} is not offered; {used} is used."


def takeaway(
    own: Mapping[str, pd.DataFrame],
    other: tuple[str, pd.DataFrame] | None,
    column: str,
    axis: Along,
    live: bool,
) -> str:
    """Where the reader's runs (`own`, name -> epochs) stand, and where the other was there; '' before any epoch.

    The epochs hold `column` (an accuracy, or train_loss) and the axis. Ends closer than TIED are not ranked.
    """
    loss = column == "train_loss"
    begun = {name: known for name, epochs in own.items() if len(known := epochs[epochs[column].notna()])}
    if not begun:
        return ""
    ends = {name: float(epochs[column].iloc[-1]) for name, epochs in begun.items()}
    if len(ends) > 1:
        return _ranked(ends, "So far" if live else "At the end", loss)
    ((name, epochs),) = begun.items()
    place = float(epochs[axis.column].iloc[-1])
    said = f"At {axis.place} {axis.text(place)} {name} is at {_text(ends[name], loss)}"
    beside = "" if other is None else _there(other[0], other[1][other[1][column].notna()], column, axis, place)
    return f"{said}{beside}."


def beside(published: bool, chosen: bool, own: bool) -> str:
    """What the dashed curves are, and what colour says; `own` where curves of the reader's are drawn too."""
    what = "published runs" if published else "runs of this machine"
    why = "you have chosen" if chosen else "are nearest to these settings"
    drawn = "Thick: yours. Dashed" if own else "Dashed"
    return f"{drawn}: the {what} that {why}. Colour is the mean noise scale μ/B, cold for little noise."


def described(metric: str, axis: Along, own: Sequence[str], others: Sequence[str]) -> str:
    """The chart in words, for those who do not see it; names of the runs in it."""
    over = f", over {', '.join(others)}." if others else "."
    return f"{metric} along {axis.noun} of {', '.join(own) or 'no run of yours'}{over}"


def before_start(wanted: int, there: int, waiting: int) -> str:
    """Of how many runs there is something already: `there` are kept, `waiting` wait or train; '' for none."""
    if waiting and there + waiting >= wanted:
        return "This run is under way." if wanted == 1 else "All of them are under way or there already."
    if there and there == wanted:
        return "All of them are there already; the Runs page lays them over each other."
    if there:
        return f"{there} of them {are(there)} there already and will be shown at once."
    return ""


def progress(job: Job, before: int, left: float | None, ready: bool) -> str:
    """Where a job under way stands: with so many runs `before` it, and so many seconds `left` (None: not known).

    `ready`: the training process is there already.
    """
    total = job.spec.epochs
    if job.state == "queued":
        waits = ("it begins now." if ready else "the training process is starting.") if before == 0 else ""
        return waits or f"waiting, {counted(before)} {are(before)} before it."
    if job.cancelling:
        return f"stopping; its curve is kept ({job.epochs_done} of {total} epochs)."
    said = f"{job.epochs_done} of {total} epochs done"
    if left is not None:
        said += f", about {duration(left)} left"
    if job.features is not None:
        done, of = job.features
        said += f"; preparing images (once): {done:,} of {of:,}"
    return said + (f"; on {job.device}." if job.device else ".")


def ended(name: str, job: Job) -> str:
    """How a job has ended; `name` and the job's message are a reader's text, and come out plain."""
    named, epochs = plain(name), job.epochs_done
    after = f" after {counted(epochs, 'epoch')}" if epochs else ""
    more = f" {plain(job.message)}" if job.message and job.message != ALREADY_KEPT else ""
    if job.state == "done":
        said = f"**{named}** {'was trained before' if job.message == ALREADY_KEPT else 'is trained'}."
    elif job.state == "diverged":
        said = f"{named} diverged{after}: its loss is no number any more. A smaller μ₀ or m would help."
    elif job.state == "failed to learn":
        said = f"{named} failed to learn{after}: it ends at chance, or with a loss that has exploded."
    elif job.state == "cancelled":
        said = f"{named} was cancelled{after}.{' Its curve so far is kept.' if epochs else ''}"
    elif job.state == "interrupted":
        said = f"{named} was interrupted{after}."
    else:
        said = f"{named} failed{after}."
    return said + more


def ended_of(ended: int, shown: int) -> str:
    """How many of the runs that were asked for together have ended; '' for one."""
    if shown == 1:
        return ""
    return f"All {shown} runs have ended." if ended == shown else f"{ended} of {shown} runs have ended."


def _ranked(ends: Mapping[str, float], when: str, loss: bool) -> str:
    high, low = max(ends, key=ends.__getitem__), min(ends, key=ends.__getitem__)
    if ends[high] - ends[low] < TIED:
        return f"{when} the {len(ends)} runs are level at {_text(ends[high], loss)}."
    return f"{when} {high} is highest at {_text(ends[high], loss)}, {low} lowest at {_text(ends[low], loss)}."


def _there(name: str, epochs: pd.DataFrame, column: str, axis: Along, place: float) -> str:
    """Where another run was at a place of the axis, read between its epochs; '' where it was not measured."""
    if epochs.empty:
        return ""
    along, values = epochs[axis.column].astype(float), epochs[column].astype(float)
    if place > along.max():
        return f"; {name} ended at {axis.place} {axis.text(along.max())}"
    if place < along.min():
        return f"; {name} begins at {axis.place} {axis.text(along.min())}"
    return f"; {name} was at {_text(float(np.interp(place, along, values)), column == 'train_loss')} there"


def _text(value: float, loss: bool) -> str:
    return f"{value:.3f}" if loss else f"{value:.1%}"
