"""The picture of the Train page: the reader's runs, finished or growing, over finished ones, and where to play them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd
import streamlit as st

from sgd_core.charts import growing
from sgd_core.charts.axes import Axis
from sgd_core.charts.curves import Measure
from sgd_core.evidence.sentences import train as sentences
from sgd_core.evidence.sentences.words import plain
from sgd_core.experiment import paper
from sgd_core.experiment.datasets import training_images
from sgd_core.experiment.record import ANSWERS
from sgd_core.experiment.schedules import plan
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import sets
from sgd_core.runs import mode
from sgd_core.runs.kept import table
from sgd_core.runs.kept.store import IMPORTED, LOCAL, PUBLISHED
from sgd_core.runs.kept.table import spec_of
from sgd_core.runs.queue.jobs import Job
from sgd_core.ui.shell import controls, kept, lab, neighbours, page, replay, words
from sgd_core.ui.train.drawn import Drawn, Picture

METRICS = [metric for metric, column in replay.METRICS.items() if column != "test_accuracy"]
"""A CPU looks at the test images in the last ten epochs only."""
SAMPLES = {"reported_accuracy": "reported_images", "val_accuracy": "val_images"}
"""Measure -> how many images a glimpse has scored for it."""
MOST_BESIDE = 12
RUNS_PAGE = page.file_of("Runs")


def show(spec: RunSpec, shown: list[Job], found: pd.DataFrame, live: bool) -> None:
    """Draw the runs under way (`shown`) and the run of the sliders (`found`, one row or none) over finished ones."""
    found = pd.concat([found, _stored(shown)])
    found = kept.same_images(found[~found["key"].isin([job.run_key for job in shown])], spec.dataset)
    runs = kept.same_images(kept.all_runs(), spec.dataset)
    same = runs[runs["source"].isin((PUBLISHED, LOCAL))]
    nearest = neighbours.nearest(spec)
    nothing = nearest.empty and found.empty and not shown  # a run that was cancelled is no neighbour of any
    if nothing and mode.why_explore() is not None:
        st.info("No run on these images is finished yet, so there is no curve to show.")
        return
    place = st.container()
    metric, axis, beside = _controls(spec, same, nearest)
    keys = {*found["key"], *(job.run_key for job in shown), *(job.key for job in shown)}
    near = beside[~beside["key"].isin(keys)]
    column = replay.METRICS[metric]
    own = [_of_job(job, column) for job in shown] + [_of_row(row, column) for row in found.to_dict("records")]
    if nothing:  # axes alone, so that the curve of the first run begins in a chart that is there
        own = [_of_job(Job("", spec, "", ""), column)]
    drawn = Picture(own, [_of_row(row, column) for row in near.to_dict("records")], column)
    with place:
        _draw(drawn, metric, axis, spec.dataset)
    if nothing:
        words.caption("No run on these images is finished yet. Press Start for the first one.")
        return
    published = bool((near["source"] == PUBLISHED).all()) if len(near) else None
    seeds = max(map(len, drawn.settings.values()), default=0) > 1
    words.caption(sentences.beside(published, bool(st.session_state.get("with")), len(drawn.settings), seeds))
    if near.empty:
        return
    ended = [job.run_key or job.key for job in shown if job.state in (*ANSWERS, "cancelled")]
    _onward([*ended, *found["key"]], near)


def _draw(drawn: Picture, metric: str, axis: Axis, images: str) -> None:
    """The chart and the sentence under it."""
    name, data = replay.called(metric, [images]), sets.known(images)
    rows = growing.frame(drawn.curves, drawn.column)
    rows["y"] = rows["y"].clip(lower=growing.LEAST_LOSS) if drawn.column == "train_loss" else rows["y"]
    measure = _measure(metric, name, data.classes if data is not None else 10)
    chart = growing.chart(drawn.curves, measure, axis, drawn.lines(lab.look().ink), lab.look())
    names = [[run.name for run in runs] for runs in (drawn.own, drawn.others)]
    st.vega_lite_chart(rows, chart, width="stretch", key="growing", alt=sentences.described(name, axis, *names))
    said = drawn.takeaway(axis)
    if said:
        lab.takeaway(plain(said))


def _measure(metric: str, name: str, classes: int) -> Measure:
    """The axis of the measure: all of it, so that no curve is cropped and none moves when a run ends."""
    if replay.METRICS[metric] == "train_loss":
        return Measure(f"{name.lower()} (log axis)", growing.losses(classes), loss=True)
    return Measure(name.lower(), (0.0, 1.0))


def _controls(spec: RunSpec, same: pd.DataFrame, nearest: pd.DataFrame) -> tuple[str, Axis, pd.DataFrame]:
    """Measure, axis and the runs beside."""
    ended = same[same["status"].isin(ANSWERS)]
    options = neighbours.by_title(ended.tail(neighbours.MOST_COMPARED), spec.seed)
    titles = list(dict.fromkeys(options.sort_index()["title"]))
    with st.container(key="controls-picture"):
        metric = controls.metric(METRICS, [spec.dataset])
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            axis = controls.axis()
            chosen = st.multiselect(
                "Beside it", titles, key="with", bind="query-params", placeholder="the nearest runs", width="stretch",
                max_selections=MOST_BESIDE,
            )  # fmt: skip
    beside = options[options["title"].isin(chosen)] if chosen else nearest
    return metric, axis, beside


def _onward(keys: list[str], near: pd.DataFrame) -> None:
    """Links to the replay of these runs, over those beside them and over a whole figure of the paper."""
    if not keys:
        return
    with st.container(horizontal=True):
        st.page_link(
            RUNS_PAGE, label="Play it over these runs", icon=":material/play_circle:",
            query_params={"run": [key[: kept.SHORT] for key in (*keys, *near["key"])]},
        )  # fmt: skip
        run = next((run for row in near.to_dict("records") if (run := paper.find(spec_of(row))) is not None), None)
        for figure in run.figures if run is not None else ():
            st.page_link(
                RUNS_PAGE, label=f"Play it over Figure {figure}", icon=":material/play_circle:",
                query_params={"run": [key[: kept.SHORT] for key in keys], "figure": str(figure)},
            )  # fmt: skip


def _stored(shown: list[Job]) -> pd.DataFrame:
    """Runs that the link names and no job knows (any more)."""
    known = {job.key[: kept.SHORT] for job in shown}
    named = [key for key in st.query_params.get_all("job") if key[: kept.SHORT] not in known]
    rows = kept.by_short_key(named)
    if len(rows) < len(named):
        more = "" if mode.why_explore() is not None else " Start trains the run of the controls, not that one."
        st.info(f"The run in this link is neither under way nor kept here.{more}")
    return rows


def _of_job(job: Job, column: str) -> Drawn:
    images = {**dict.fromkeys(table.IMAGE_COLUMNS), **job.images}
    if job.records:
        rows = pd.DataFrame([asdict(record) for record in job.records])
        epochs = table.with_accuracies(rows.assign(key=job.key), pd.DataFrame([{"key": job.key, **images}]))
    else:
        epochs = kept.epochs_of((job.run_key,))
    early = job.active or bool(job.glimpses)
    epochs = _counted(epochs if early else epochs[epochs["epoch"] >= 0], images, column)
    if job.glimpses:
        epochs = pd.concat([epochs, _glimpses(job, column)]).sort_values("epoch", kind="stable")
    epochs = epochs.astype(dict.fromkeys(["of", *replay.METRICS.values()], "Float64"))  # of None and numbers: objects
    return Drawn(name_of(job), job.spec, images_of(job), epochs, job.state in ANSWERS, early)


def _glimpses(job: Job, column: str) -> pd.DataFrame:
    """What was seen of the first epochs on their way, as rows of `sampled` points."""
    rows = pd.DataFrame([asdict(glimpse) for glimpse in job.glimpses])
    of = SAMPLES.get(column)
    return rows.assign(
        reported_accuracy=rows["reported_correct"] / rows["reported_images"],
        val_accuracy=rows["val_correct"] / rows["val_images"], test_accuracy=None,
        images_seen=(rows["epoch"] + 1) * images_of(job), of=None if of is None else rows[of], sampled=True,
    ).drop(columns=list(SAMPLES.values()))  # fmt: skip


def _of_row(row: Mapping[Any, Any], column: str) -> Drawn:
    epochs = _counted(kept.epochs_of((str(row["key"]),)), row, column)
    name = kept.label_of(row) + (f" ({IMPORTED})" if row["source"] == IMPORTED else "")
    return Drawn(name, spec_of(row), int(row["train_images"]), epochs, row["status"] in ANSWERS)


def _counted(epochs: pd.DataFrame, images: Mapping[Any, Any], column: str) -> pd.DataFrame:
    """The epochs with `of`, the images that an accuracy is of."""
    of = table.ACCURACIES[column][1] if column in table.ACCURACIES else None
    return epochs.assign(of=None if of is None else images[of], sampled=False).astype({"of": "Float64"})


def images_of(job: Job) -> int:
    """Its training images, as the worker has counted them, or as they are expected; 1 of a set that was never here."""
    data = sets.known(job.spec.dataset)
    return job.images.get("train_images") or (1 if data is None else training_images(job.spec, data))


def name_of(job: Job) -> str:
    """A job as a reader tells it from others."""
    return f"{kept.title_of(job.spec)}, seed {job.spec.seed}"


def epochs_of(job: Job) -> int:
    """How many epochs it has: those of its settings, or as many as its updates take."""
    return len(plan(job.spec, images_of(job)))
