"""The second schedule of the workbench: the reader's own, or the first's noise mu_k/B_k another way.

Where the first goes in steps, s and s_B trade places at the same s/s_B; where it decays in every epoch, the batch grows
in every epoch by what mu loses. Batches are meant as real numbers, beyond N too, and cut only where they are drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from sgd_core.evidence.sentences import workbench as sentences
from sgd_core.experiment import equivalence
from sgd_core.experiment.schedules import SCHEDULES, Epoch, epochs_of, learning_rates, plan, steps_per_epoch
from sgd_core.experiment.spec import RunSpec
from sgd_core.ui.shell import words

NONE, OWN, SAME = "none", "my own", "same noise, other way"


@dataclass(frozen=True)
class Second:
    """The schedule laid over the first, and where its mu/B is the first's."""

    epochs: list[Epoch]
    sentence: str
    agreeing: list[int]
    """Epochs."""


def choose(first: RunSpec, images: int, own: Callable[[], RunSpec]) -> Second | None:
    """Draw the choice and its controls, and return what is chosen; `own` draws the controls of the reader's own."""
    chosen = st.segmented_control(
        "Second schedule", [NONE, OWN, SAME], default=NONE, key="second", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    if chosen == OWN:
        spec = own()
        stretches = equivalence.agreeing_epochs(first, spec, images)
        return Second(plan(spec, images), sentences.agreement(stretches, first.epochs), _within(stretches))
    if chosen == SAME:
        return _in_steps(first, images) if SCHEDULES[first.schedule].in_steps else _in_every_epoch(first, images)
    words.caption("Choose one to lay it over the first.")
    return None


def _in_every_epoch(first: RunSpec, images: int) -> Second:
    words.say(sentences.grows_instead(first.learning_rate))
    wanted = equivalence.growing_batches(first)
    passed = equivalence.first_above(wanted, images)
    said = f"{sentences.would_need(first.epochs - 1, wanted[-1])} {sentences.end(_batches(first), wanted, images)}"
    agreeing = list(range(first.epochs if passed is None else passed))
    return Second(_epochs([first.learning_rate] * first.epochs, wanted, images, first.momentum), said, agreeing)


def _in_steps(first: RunSpec, images: int) -> Second:
    growth = st.slider(
        "s_B of the second", 1.0, 4.0, 2.0, 0.25, key="growth", bind="query-params",
        help="How much the batch grows at every step. The learning rate then falls by what is left to fall.",
    )  # fmt: skip
    falls = first.step_decay if first.schedule == "step" else 1.0
    if st.toggle("B does all of it: μ stays constant", key="all", bind="query-params"):
        growth = first.batch_growth / falls
    spec = equivalence.with_batch_growth(first, growth)
    left = spec.step_decay if spec.schedule == "step" else 1.0
    words.say(sentences.ratio(falls, first.batch_growth, left, growth))
    stretches = equivalence.agreeing_epochs(first, spec, images)
    end = "" if growth == first.batch_growth else sentences.end(_batches(first), _batches(spec), images)
    said = f"{sentences.agreement(stretches, first.epochs)} {end}"
    return Second(plan(spec, images), said, _within(stretches))


def _batches(spec: RunSpec) -> list[float]:
    """B_k as the schedule means it, beyond N too."""
    wanted, rates = equivalence.growing_batches(spec), learning_rates(spec)
    return [batch * rate / spec.learning_rate if rate > 0 else batch for batch, rate in zip(wanted, rates, strict=True)]


def _within(stretches: list[tuple[int, int]]) -> list[int]:
    return [k for begin, end in stretches for k in range(begin, end + 1)]


def _epochs(rates: list[float], wanted: list[float], images: int, momentum: float) -> list[Epoch]:
    """The plan of batches that are not whole yet: cut to whole images, at most N."""
    whole = [min(int(min(batch * (1 + equivalence.SAME), images)), images) for batch in wanted]
    return epochs_of(rates, whole, [steps_per_epoch(batch, images) for batch in whole], momentum)
