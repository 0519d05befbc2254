"""The page on which a run is asked for, watched and found again: controls, forecast, Start, what is under way."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from sgd_core import settings
from sgd_core.evidence.sentences import train as sentences
from sgd_core.evidence.sentences.words import counted
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import sets
from sgd_core.runs import mode
from sgd_core.runs.queue.engine import engine
from sgd_core.ui.shell import elsewhere, kept, neighbours, page, words
from sgd_core.ui.train import ask, duels, forecast, picture, underway, visitor

PAGE = page.Page(
    slug="Train",
    section=page.PLAN,
    label="Train a run",
    title="Train a run of your own",
    question="What would SGD find with other settings?",
    intro="Train it and see.",
    next="Runs",
    tab="Train a run",
)


def show() -> None:
    """Draw the page below its title."""
    why = mode.why_explore()
    if why is not None:
        st.info(
            f"{why} The sliders still show what a run would be, and the published runs nearest to it. To train, "
            "install the app on your own machine with requirements.txt and start it without SGD_MODE.",
            icon=":material/school:",
        )
    live, asked = st.columns([7, 5], gap="medium")  # on a phone the first comes first: Start before the controls
    with asked:
        spec, wanted = ask.run(lambda spec: _beside(spec, why is None))
    with live:
        found = kept.answer(spec)
        if why is None:
            if sets.at_hand(spec.dataset):
                engine().prepare(spec)
            _start(spec, wanted, found)
            underway.show(spec, found)
        else:
            _say_kept(spec, found)
            picture.show(spec, [], found, live=False)
    with st.container(key="details"):
        if why is None:
            _how(spec)
        elsewhere.bring()


def _beside(spec: RunSpec, lab: bool) -> None:
    """What stands under B and μ₀: what they come to, and what a class may be shown."""
    forecast.show(spec, neighbours.nearest(spec))
    if lab:
        duels.show()


def _say_kept(spec: RunSpec, found: pd.DataFrame) -> None:
    if not found.empty:
        source = found.iloc[0]["source"]
        words.say(f":material/check: **This run is there already** ({source}, seed {spec.seed}).")


def _start(spec: RunSpec, wanted: list[RunSpec], found: pd.DataFrame) -> None:
    label = f"Start {counted(len(wanted))}" if len(wanted) > 1 else "Start"
    if wanted == [spec] and not found.empty:
        other = _another_seed(spec)
        label, wanted = f"Train seed {other.seed}", [other]
    questions = _under_way()
    there = sum(not kept.answer(each).empty for each in wanted)
    waiting = sum(each.question() in questions for each in wanted)
    lacking = not sets.at_hand(spec.dataset)
    said = sentences.no_images(spec.dataset) if lacking else sentences.before_start(len(wanted), there, waiting)
    with st.container(key="start-row", horizontal=True, vertical_alignment="center"):
        st.button(
            label, key="start", type="primary", icon=":material/play_arrow:", on_click=underway.act,
            args=(_begin, wanted), disabled=lacking or there + waiting >= len(wanted),
        )  # fmt: skip
        with st.container(width="stretch"):
            _say_kept(spec, found)
            if said:
                words.caption(said)


def _begin(wanted: list[RunSpec]) -> None:
    jobs = engine().start(wanted, visitor.name())
    underway.follow(jobs)
    if len(wanted) == 1:
        st.session_state["seed"] = wanted[0].seed


def _another_seed(spec: RunSpec) -> RunSpec:
    """The first seed from this one on that is neither kept nor asked for."""
    taken = {*kept.all_runs()["question"], *_under_way()}
    seed = spec.seed
    while spec.model_copy(update={"seed": seed}).question() in taken:
        seed += 1
    return spec.model_copy(update={"seed": seed})


def _under_way() -> set[str]:
    """The questions of the runs that wait or train."""
    return {job.spec.question() for job in engine().jobs() if job.active}


def _how(spec: RunSpec) -> None:
    with st.expander("What happens when you press Start"):
        words.say(sentences.what_happens(settings.scheduler() is not None))
        st.code(spec.command(), language="bash", wrap_lines=True)
