"""Runs under way: progress, time left, the growing curves, cancel and resume, and what else waits.

A run lives in the engine and is named by the link (`job`, the first digits of its key, once for each run that was asked
for together), so a refresh, another tab or another visitor finds it. This part of the page draws itself anew once a
second, and only while something waits or trains.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from sgd_core.errors import UserError
from sgd_core.experiment.spec import RunSpec
from sgd_core.runs import pace
from sgd_core.runs.queue.engine import ALREADY_KEPT, Engine, engine
from sgd_core.runs.queue.jobs import RESUMABLE, Job
from sgd_core.ui.shell import kept, page
from sgd_core.ui.train import picture, visitor
from sgd_core.ui.train.forecast import duration

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
    st.fragment(_live, run_every=REFRESH_SECONDS if active else None)(spec, found, active)


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
            _queue(machine, shown if len(shown) > 1 else [], "These runs")
            others = [job for job in jobs if job not in shown and (job.active or job.state in RESUMABLE)]
            _queue(machine, others, "Other runs on this server")


def _summary(machine: Engine, shown: list[Job]) -> None:
    if not shown:
        return
    first = next((job for job in shown if job.state == "running"), None)
    first = first or next((job for job in shown if job.active), shown[0])
    ended = sum(not job.active for job in shown)
    count = f"{ended} of {len(shown)} runs have ended. " if len(shown) > 1 else ""
    if first.active:
        share, said = _progress(machine, first)
        st.progress(share, f"{count}**{kept.plain(picture.name_of(first))}**: {kept.plain(said)}")
    elif len(shown) == 1:
        _ended(first)
    else:
        st.markdown(f":material/check: All {len(shown)} runs have ended.")
    with st.container(horizontal=True):
        if len(shown) == 1:
            _buttons(machine, first)
        elif first.active:
            st.button(
                f"Cancel {kept.counted(len(shown) - ended)}", key="cancel all", icon=":material/stop:", on_click=act,
                args=(_cancel_all, machine, [job.key for job in shown]),
            )  # fmt: skip
        if not first.active:
            st.button("Hide this curve", icon=":material/close:", on_click=_follow_none)


def _progress(machine: Engine, job: Job) -> tuple[float, str]:
    """Which share of a job is done, and where it stands, in words."""
    total = job.spec.epochs
    if job.state == "queued":
        before = machine.position(job.key)
        waits = "it is the next one; the training process is starting." if before == 0 else ""
        return 0.0, waits or f"waiting, {before} {'run is' if before == 1 else 'runs are'} before it."
    share = min(1.0, job.epochs_done / total)
    if job.cancelling:
        return share, f"stopping; its curve is kept ({job.epochs_done} of {total} epochs)."
    said = f"{job.epochs_done} of {total} epochs done"
    left = pace.left(job.spec, picture.images_of(job), job.records)
    if left is not None:
        said += f", about {duration(left)} left"
    if job.features is not None:
        done, of = job.features
        sets = min(job.spec.views, total + 1)
        said += f"; preparing images (once): {done:,} of {of:,}, in each of {sets} sets of random crops"
    return share, said + (f"; on {job.device}." if job.device else ".")


def _ended(job: Job) -> None:
    name, epochs = kept.plain(picture.name_of(job)), job.epochs_done
    after = f" after {kept.counted(epochs, 'epoch')}" if epochs else ""
    more = f" {kept.plain(job.message)}" if job.message and job.message != ALREADY_KEPT else ""
    if job.state == "done":
        said = "was trained before" if job.message == ALREADY_KEPT else "is trained"
        st.markdown(f":material/check: **{name}** {said}.{more}")
    elif job.state == "diverged":
        st.warning(
            f"{name} diverged{after}: its loss is no number any more. A smaller μ₀ or m would help.{more}",
            icon=":material/trending_up:",
        )
    elif job.state == "failed to learn":
        st.warning(
            f"{name} failed to learn{after}: it ends at chance, or with a loss that has exploded.{more}",
            icon=":material/trending_flat:",
        )
    elif job.state == "cancelled":
        st.info(f"{name} was cancelled{after}.{' Its curve so far is kept.' if epochs else ''}{more}", icon=_PAUSED)
    elif job.state == "interrupted":
        st.warning(f"{name} was interrupted{after}.{more}", icon=_PAUSED)
    else:
        st.error(f"{name} failed{after}.{more}", icon=":material/error:")


_PAUSED = ":material/pause:"


def _buttons(machine: Engine, job: Job) -> None:
    if job.active:
        st.button(
            "Cancel", key=f"cancel {job.key}", on_click=act, args=(machine.cancel, job.key), icon=":material/stop:",
            disabled=job.cancelling, help="It stops within an epoch; its curve so far is kept.",
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


def _queue(machine: Engine, jobs: list[Job], title: str) -> None:
    if not jobs:
        return
    st.markdown(f"##### {title}")
    for job in jobs:
        with st.container(horizontal=True, vertical_alignment="center", key=f"row {job.key[: kept.SHORT]}"):
            st.button(
                kept.plain(picture.name_of(job)), key=f"show {job.key}", type="tertiary", on_click=follow,
                args=([job],), help="Show this run alone.",
            )  # fmt: skip
            where = _progress(machine, job)[1] if job.active else f"{job.state}. {job.message}"
            st.caption(kept.plain(where))
            _buttons(machine, job)
