"""Duels for a class: a button each, and the question to ask while one is on."""

from __future__ import annotations

import streamlit as st

from sgd_core.charts.axes import AXES
from sgd_core.evidence.sentences.words import plain
from sgd_core.experiment import duels
from sgd_core.experiment.duels import Duel
from sgd_core.experiment.schedules import plan
from sgd_core.images import sets
from sgd_core.runs.queue.engine import engine
from sgd_core.ui.shell import kept, lab, words
from sgd_core.ui.shell.run_controls import controls_of
from sgd_core.ui.train import underway, visitor


def show() -> None:
    """Draw the buttons, and what to ask the class of the duel that the link shows."""
    with st.container(key="duels", gap="xxsmall"):
        on = _on()
        if on is not None:
            words.say(f"**Ask the class:** {on.question}")
            words.caption(on.after)
        words.caption("Duels for a class, on the shapes, ready within a minute:")
        for place, duel in enumerate(duels.DUELS):
            st.button(
                plain(duel.name), key=f"duel {place}", type="tertiary", icon=":material/swords:",
                on_click=underway.act, args=(_begin, duel),
            )  # fmt: skip


def _begin(duel: Duel) -> None:
    underway.follow(engine().start(duel.runs, visitor.name()))
    first = duel.runs[0]
    epochs = len(plan(first, sets.images_of(first)))  # of a run that counts updates too
    lab.set_controls(controls_of(first) | {"epochs": epochs, "x": AXES[duel.axis].short})


def _on() -> Duel | None:
    """The duel whose two runs are those of the link."""
    named = [key[: kept.SHORT] for key in st.query_params.get_all("job")]
    if len(named) != 2:
        return None
    jobs = {job.key[: kept.SHORT]: job.spec for job in engine().jobs()}
    return duels.of(jobs[key] for key in named if key in jobs)
