"""Runs under way: progress, time left, the growing curves, cancel and resume, and what else waits.

A run lives in the engine and is named by the link (`job`, the first digits of its key, once for each run that was asked
for together), so a refresh, another tab or another visitor finds it. This part of the page draws itself anew once a
second, and only while something waits or trains.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import streamlit as st

from sgd_core.errors import UserError
from sgd_core.evidence.sentences import train as sentences
from sgd_core.evidence.sentences.words import counted, plain
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs import pace
from sgd_core.runs.queue.engine import Engine, engine
from sgd_core.runs.queue.jobs import RESUMABLE, Job
from sgd_core.ui.shell import kept, page, words
from sgd_core.ui.train import picture, visitor

REFRESH_SECONDS = 1.0
FOLLOWED = "followed"
"""Where the session keeps the jobs of the link while other pages are read."""
REFUSED = "refused"
"""Where in the session a refusal waits until it is shown."""


def show(spec: RunSpec, found: pd.DataFrame) -> None:
    """Draw what is under way and the run of the sliders, if there is one (`found`, one row or none)."""
    if "job" in st.query_params:
        st.session_state[FOLLOWED] = st.query_params.get_all("job")
    elif st.session_state.get(FOLLOWED):  # back from another page: the menu's links know no jobs
        st.query_params["job"] = st.session_state[FOLLOWED]
    active = any(job.active for job in engine().jobs())
    words.fragment(_live, run_every=REFRESH_SECONDS if active else None)(spec, found, active)


def act(deed: Callable[..., object], *arguments: object) -> None:
    """Do what a button says; where that is refused, the page says why when it is drawn."""
    try:
        deed(*arguments)
    except UserError as error:
        st.session_state[REFUSED] = str(error)


def follow(jobs: list[Job]) -> None:
    """Put these jobs into the link."""
    st.query_params["job"] = [job.key[: kept.SHORT] for job in jobs]


def _live(spec: RunSpec, found: pd.DataFrame, was_active: bool) -> None:
    with page.plain_errors():
        machine = engine()
        jobs = machine.jobs()
        if was_active != any(job.active for job in jobs):
            st.rerun()  # the whole page, which then begins or ceases to ask
        named = [key for key in st.query_params.get_all("job") if len(key) >= kept.SHORT]
        shown = [job for key in named for job in jobs if job.key.startswith(key[: kept.SHORT])]
        if st.session_state.get(REFUSED):
            st.error(st.session_state.pop(REFUSED), icon=":material/error:")
        # In containers of their own, so that the chart keeps its place whatever is said above it.
        status, area, queue = st.container(), st.container(key="picture"), st.container()
        with status:
            _summary(machine, shown)
        with area:
            picture.show(shown[0].spec if shown else spec, shown, found, live=any(job.active for job in shown))
        with queue:
            _crew(machine, jobs)
            _queue(machine, shown if len(shown) > 1 else [], "These runs")
            others = [job for job in jobs if job not in shown and (job.active or job.state in RESUMABLE)]
            _queue(machine, others, "Other runs on this server")


def _summary(machine: Engine, shown: list[Job]) -> None:
    if not shown:
        return
    first = next((job for job in shown if job.state == "running"), None)
    first = first or next((job for job in shown if job.active), shown[0])
    ended = sum(not job.active for job in shown)
    count = sentences.ended_of(ended, len(shown))
    with st.container(horizontal=True, vertical_alignment="center", key="status"):
        if first.active:
            share = min(1.0, len(first.records) / (picture.epochs_of(first) + 1))
            brief = replace(first, device="", place=None) if page.presenting() else first  # a line less on a projector
            name = picture.name_of(first).removeprefix(f"{first.spec.dataset}, ")
            named = "" if count and page.presenting() else f"**{plain(name)}**: "  # the curve that grows is labelled
            said = f"{count} {named}{plain(_stands(machine, brief))}".lstrip()
            st.progress(share, said, width="stretch")
        elif len(shown) == 1:
            _ended(first)
        else:
            st.markdown(f":material/check: {count}", width="content")
        if len(shown) == 1:
            _buttons(machine, first)
        elif first.active:
            label = "Cancel" if page.presenting() else f"Cancel {counted(len(shown) - ended)}"
            st.button(
                label, key="cancel all", icon=":material/stop:", on_click=act,
                args=(_cancel_all, machine, [job.key for job in shown]),
            )  # fmt: skip
        if not first.active:
            st.button(
                "Hide this curve" if len(shown) == 1 else "Hide these curves",
                icon=":material/close:",
                on_click=_follow_none,
            )


def _stands(machine: Engine, job: Job) -> str:
    """Where a job under way stands, in words."""
    left = pace.left(job.spec, picture.images_of(job), job.records)
    return sentences.progress(
        job, picture.epochs_of(job), machine.position(job.key), left, machine.ready, machine.preparing
    )


def _ended(job: Job) -> None:
    said = sentences.ended(picture.name_of(job), job)
    if job.state == "done":
        with st.container(width="content"):
            words.say(f":material/check: {said}")
    elif job.state == "diverged":
        st.warning(said, icon=":material/trending_up:")
    elif job.state == "failed to learn":
        st.warning(said, icon=":material/trending_flat:")
    elif job.state == "cancelled":
        st.info(said, icon=_PAUSED)
    elif job.state == "interrupted":
        st.warning(said, icon=_PAUSED)
    else:
        st.error(said, icon=":material/error:")


_PAUSED = ":material/pause:"


def _buttons(machine: Engine, job: Job) -> None:
    if job.active:
        st.button(
            "Cancel", key=f"cancel {job.key}", on_click=act, args=(machine.cancel, job.key), icon=":material/stop:",
            disabled=job.cancelling, help="It stops within an epoch; the epochs that have ended are kept.",
        )  # fmt: skip
    if job.state in RESUMABLE:
        st.button(
            "Train it again" if job.state == "cancelled" else "Resume", key=f"resume {job.key}", on_click=act,
            args=(machine.resume, job.key, visitor.name()), icon=":material/play_arrow:",
        )  # fmt: skip
        st.button(
            "Remove from the list", key=f"dismiss {job.key}", on_click=act, args=(machine.dismiss, job.key),
            icon=":material/delete:", help="With its checkpoint; a curve that was kept stays.",
        )  # fmt: skip


def _cancel_all(machine: Engine, keys: list[str]) -> None:
    for key in reversed(keys):  # those that wait first, so that none of them starts meanwhile
        machine.cancel(key)


def _follow_none() -> None:
    st.query_params.pop("job", None)
    st.session_state.pop(FOLLOWED, None)


def _crew(machine: Engine, jobs: list[Job]) -> None:
    if machine.workers is not None and any(job.active for job in jobs):
        training = sum(job.state == "running" and not (job.place and job.place.gone) for job in jobs)
        words.caption(sentences.crew(machine.workers, min(training, machine.workers)))


def _queue(machine: Engine, jobs: list[Job], title: str) -> None:
    if not jobs:
        return
    st.markdown(f"##### {title}")
    for job in jobs:
        with st.container(horizontal=True, vertical_alignment="center", key=f"row {job.key[: kept.SHORT]}"):
            st.button(
                plain(picture.name_of(job)), key=f"show {job.key}", type="tertiary", on_click=follow,
                args=([job],), help="Show this run alone.",
            )  # fmt: skip
            where = _stands(machine, job) if job.active else f"{job.state}. {job.message}"
            words.caption(plain(where))
            _buttons(machine, job)
