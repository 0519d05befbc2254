"""The sentences of the Train page: where a reader's runs stand, beside which others, and how a run under way goes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import pandas as pd

from sgd_core.evidence.sentences.figures import Along as AlongFigures
from sgd_core.evidence.sentences.figures import clear, gap
from sgd_core.evidence.sentences.words import are, counted, duration, plain
from sgd_core.evidence.under_way import Standing, chance
from sgd_core.runs.queue.engine import ALREADY_KEPT
from sgd_core.runs.queue.jobs import Job


class Along(AlongFigures, Protocol):
    """What a sentence needs of an axis, here a place on it too."""

    @property
    def place(self) -> str: ...


MOST_NAMED = 4
"""Of more settings than this only the first and the last are named."""
LONGEST = 30
"""Characters that are repeated of what a cluster calls a GPU."""


def takeaway(own: tuple[str, pd.DataFrame], other: tuple[str, pd.DataFrame] | None, column: str, axis: Along) -> str:
    """Where the reader's run (name, epochs) stands, and where the other was there; '' before any epoch.

    The epochs hold `column` (an accuracy, or train_loss) and the axis.
    """
    loss = column == "train_loss"
    name, epochs = own[0], own[1][own[1][column].notna()]
    if epochs.empty:
        return ""
    place, value = float(epochs[axis.column].iloc[-1]), float(epochs[column].iloc[-1])
    said = f"At {axis.place} {axis.text(place)} {name} is at {_text(value, loss)}"
    beside = "" if other is None else _there(other[0], other[1][other[1][column].notna()], column, axis, place)
    return f"{said}{beside}."


def seeds(name: str, mean: pd.DataFrame, n: int, column: str, axis: Along) -> str:
    """Where the mean over n seeds of one setting stands, with its interval; '' before two of them have ended."""
    if mean.empty:
        return ""
    end, loss = mean.iloc[-1], column == "train_loss"
    low, high = (_text(float(end[name]), loss) for name in ("low", "high"))
    return (
        f"At {axis.place} {axis.text(float(end[axis.column]))} the mean of {n} seeds of {name} is at "
        f"{_text(float(end[column]), loss)}, 95% interval {low} to {high}."
    )


def compared(found: Standing, axis: Along, loss: bool) -> str:
    """Where several settings stand at one place of the axis, and whether chance may explain what parts them."""
    ranked = sorted(found.values, key=found.values.__getitem__, reverse=not loss)
    where = f"At equal {axis.noun} ({axis.place} {axis.text(found.at)})"
    shown = ranked if len(ranked) <= MOST_NAMED else [ranked[0], ranked[-1]]
    each = ", ".join(f"{name} is at {_text(found.values[name], loss)}" for name in shown)
    between = f" and {len(ranked) - 2} are between" if shown is not ranked else ""
    return f"{where} {each}{between}: {_verdict(found, ranked, loss)}"


def _verdict(found: Standing, ranked: Sequence[str], loss: bool) -> str:
    first, last = found.values[ranked[0]], found.values[ranked[-1]]
    apart = gap(first, last, loss)
    if found.paired is not None and found.paired.n > 1:
        low, high = sorted(abs(end) for end in found.paired.interval())
        told = f"over {found.paired.n} seeds in both, 95% interval"
        if math.prod(found.paired.interval()) > 0:
            return f"{apart} apart ({told} {gap(low, 0, loss)} to {gap(high, 0, loss)})."
        return f"a difference that chance may explain ({told} with zero in it)."
    if abs(first - last) <= found.step:
        return f"not ranked, as from one point to the next a curve alone changes by {gap(found.step, 0, loss)}."
    within = not clear(first, last, loss) or (
        not loss and not math.isnan(found.images) and abs(first - last) < chance(first, last, found.images)
    )
    if within:
        return "too close to rank: the images alone may explain it."
    if len(ranked) > 2:
        return f"first and last are {apart} apart. They were picked after looking, and nothing is tested."
    return f"{apart} apart, with one seed each: more seeds say how much of it is chance."


def told_apart(titles: Sequence[str]) -> list[str]:
    """The titles without what all of them say, 'B=16' and 'B=256' of two that differ in B alone.

    Two that are the same stay as they are, and so does what is left with nothing.
    """
    parts = [title.split(", ") for title in titles]
    common = set(parts[0]).intersection(*parts[1:]) if len(set(titles)) > 1 else set()
    return [", ".join(part for part in each if part not in common) or ", ".join(each) for each in parts]


def beside(published: bool | None, chosen: bool, settings: int, several_seeds: bool) -> str:
    """What the curves are; `published` None where there are none beside the reader's, `settings` of which there are."""
    said = []
    if settings:
        colour = ", a colour for each setting" if settings > 1 else ""
        mean = " Thin: a seed each, told apart by dashes; thick: the mean of those that have ended, with its 95% band."
        said.append(f"Thick: yours{colour}." if not several_seeds else f"In colour: yours{colour}.{mean}")
    if published is not None:
        what = "published runs" if published else "runs of this machine"
        why = "you have chosen" if chosen else "are nearest to these settings"
        said.append(f"Thin and dashed: the {what} that {why}.")
    return " ".join(said)


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


def several(wanted: int, most: int, seconds: float | None) -> str:
    """What runs that are asked for in one go cost: how many, and how long on this machine (None: not known)."""
    if wanted > most:
        return f"These are {counted(wanted)}, and at most {most} may be asked for in one go: leave some values out."
    if not wanted:
        return "Choose a value of each."
    if seconds is None:
        return f"{counted(wanted)}; how long they take is not known here before the first has ended."
    return f"{counted(wanted)}, about {duration(seconds)} in all, features made."


def no_images(name: str) -> str:
    """Why nothing can be trained on images that are not here; `name` is a reader's text, and comes out plain."""
    return f"Start is off: the images of {plain(name)} are not here."


BEFORE_ANY = " before its first epoch has ended; nothing of it is kept"


def progress(
    job: Job, total: int, before: int, left: float | None, ready: bool, preparing: tuple[int, int] | None = None
) -> str:
    """Where a job of `total` epochs stands: so many runs `before` it, so many seconds `left` (None: not known).

    `ready`: the training process is there already. `preparing`: images whose features are being made for it, before it
    begins, and in all.
    """
    if job.state == "queued":
        if before:
            return f"waiting, {counted(before)} {are(before)} before it."
        if not ready:
            return "the training process is starting."
        return f"{_images(*preparing)}." if preparing is not None and preparing[1] else "it begins now."
    if job.cancelling:
        kept = f"its curve is kept ({job.epochs_done} of {total} epochs)"
        return f"stopping{f'; {kept}' if job.epochs_done else BEFORE_ANY}."
    said = f"{job.epochs_done} of {total} epochs done"
    if job.place is not None and job.place.gone:
        return f"{said}; worker {job.place.worker} of {job.place.machine} is gone, and it waits for another."
    if left is not None:
        said += f", about {duration(left)} left"
    if job.features is not None:
        said += f"; {_images(*job.features)}"
    return said + _where(job)


def _where(job: Job) -> str:
    """The end of a sentence: on which device a job trains, and in a cluster by which worker of which machine."""
    on = f"; on {job.device}" if job.device else ""
    if job.place is None:
        return f"{on}."
    gpu = f" (GPU {job.place.gpu[:LONGEST]})" if job.place.gpu and job.device.startswith("cuda") else ""
    return f"{on}{gpu}{',' if on else ';'} worker {job.place.worker} of {job.place.machine}."


def crew(workers: int, training: int) -> str:
    """How many workers the cluster has, and how many of them train for this server."""
    if not workers:
        return "The cluster has no worker now; what waits begins when one comes."
    if workers == 1:
        who = "it trains" if training else "it does not train"
    elif training in (0, workers):
        who = "all of them train" if training else "none of them trains"
    else:
        who = f"{training} of them {'train' if training > 1 else 'trains'}"
    return f"The cluster has {counted(workers, 'worker')}; {who} for this server now."


def what_happens(cluster: bool) -> str:
    """What Start does; `cluster`: the workers are those of a cluster that SGD_SCHEDULER names."""
    who = (
        "The workers of a cluster train, each on its GPU where it has one, and one run each at a time; the others "
        "wait. The features of the images are made once on each machine and kept. "
        if cluster
        else "A process of its own trains, at low priority and leaving a core free, so that other pages stay quick; it "
        "uses a GPU where there is one. One run is trained at a time, the others wait. The features of the images are "
        "made once and kept. "
    )
    return (
        f"A run that was trained once, here or for this app, is shown at once. {who}The link of this page finds the "
        "run again, from any browser on this server; if the app stops, the run is listed here as interrupted and goes "
        "on from its last checkpoint. The same run from a command line:"
    )


def _images(done: int, of: int) -> str:
    return f"preparing images (once): {done:,} of {of:,}"


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
        said = f"{named} was cancelled{after or BEFORE_ANY}.{' Its curve so far is kept.' if epochs else ''}"
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
