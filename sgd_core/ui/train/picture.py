"""The picture of the Train page: the reader's runs, finished or growing, over finished ones, and where to play them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import pandas as pd
import streamlit as st

from sgd_core.charts import growing
from sgd_core.charts.axes import Axis
from sgd_core.charts.curves import Measure
from sgd_core.charts.growing import Curve
from sgd_core.evidence import figures
from sgd_core.evidence.sentences import train as sentences
from sgd_core.evidence.sentences.words import plain
from sgd_core.experiment import paper
from sgd_core.experiment.datasets import training_images
from sgd_core.experiment.record import ANSWERS
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import sets
from sgd_core.runs import mode
from sgd_core.runs.kept import table
from sgd_core.runs.kept.store import IMPORTED, LOCAL, PUBLISHED
from sgd_core.runs.kept.table import spec_of
from sgd_core.runs.queue.jobs import Job
from sgd_core.ui.shell import controls, kept, lab, neighbours, page, replay, theme, words

METRICS = [metric for metric, column in replay.METRICS.items() if column != "test_accuracy"]
"""A CPU looks at the test images in the last ten epochs only."""
MOST_BESIDE = 12
RUNS_PAGE = page.file_of("Runs")


def show(spec: RunSpec, shown: list[Job], found: pd.DataFrame, live: bool) -> None:
    """Draw the runs under way (`shown`) and the run of the sliders (`found`, one row or none) over finished ones."""
    found = pd.concat([found, _stored(shown)])
    found = kept.same_images(found[~found["key"].isin([job.run_key for job in shown])], spec.dataset)
    runs = kept.same_images(kept.all_runs(), spec.dataset)
    same = runs[runs["source"].isin((PUBLISHED, LOCAL))]
    nearest = neighbours.nearest(spec)
    if nearest.empty and found.empty and not shown:  # a run that was cancelled is no neighbour of any
        more = "" if mode.why_explore() is not None else " Press Start for the first one."
        st.info(f"No run on these images is finished yet, so there is no curve to show.{more}")
        return
    metric, axis, beside = _controls(spec, same, nearest)
    own = [_of_job(job) for job in shown] + [_of_row(row, own=True) for row in found.to_dict("records")]
    keys = {*found["key"], *(job.run_key for job in shown), *(job.key for job in shown)}
    near = beside[~beside["key"].isin(keys)]
    curves = [*own, *(_of_row(row, own=False) for row in near.to_dict("records"))]
    _draw(curves, metric, axis, live, spec.dataset)
    if near.empty:
        return
    published = bool((near["source"] == PUBLISHED).all())
    words.caption(sentences.beside(published, chosen=bool(st.session_state.get("with")), own=bool(own)))
    ended = [job.run_key or job.key for job in shown if job.state in (*ANSWERS, "cancelled")]
    _onward([*ended, *found["key"]], near)


def _draw(curves: list[Curve], metric: str, axis: Axis, live: bool, images: str) -> None:
    """The chart and the sentence under it; while `live`, the y axis shows all that can still come."""
    column, name, data = replay.METRICS[metric], replay.called(metric, [images]), sets.known(images)
    classes = data.classes if data is not None else 10
    curves = [replace(curve, epochs=figures.mid_epoch(curve.epochs, column)) for curve in curves]
    rows = growing.frame(curves, column)
    rows["y"] = rows["y"].clip(lower=growing.LEAST_LOSS) if column == "train_loss" else rows["y"]
    colours = theme.by_noise(curve.noise() for curve in curves)
    own, others = ([curve for curve in curves if curve.own is mine] for mine in (True, False))
    names = [[curve.name for curve in each] for each in (own, others)]
    chart = growing.chart(curves, _measure(metric, name, rows, live, classes), axis, colours, lab.look())
    st.vega_lite_chart(rows, chart, width="stretch", key="growing", alt=sentences.described(name, axis, *names))
    first = (others[0].name, others[0].epochs) if others else None
    said = sentences.takeaway({curve.name: curve.epochs for curve in own}, first, column, axis, live)
    if said:
        lab.takeaway(plain(said))


def _measure(metric: str, name: str, rows: pd.DataFrame, live: bool, classes: int) -> Measure:
    if replay.METRICS[metric] == "train_loss":
        return Measure(name.lower(), growing.losses(classes), loss=True)
    if live or rows.empty:
        return Measure(name.lower(), (0.0, 1.0))
    return replay.accuracy(name, rows["y"], rows)


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


def _of_job(job: Job) -> Curve:
    if job.records:
        images = {**dict.fromkeys(table.IMAGE_COLUMNS), **job.images}
        rows = pd.DataFrame([asdict(record) for record in job.records])
        rows = table.with_accuracies(rows.assign(key=job.key), pd.DataFrame([{"key": job.key, **images}]))
        epochs = rows[rows["epoch"] >= 0]
    else:
        epochs = kept.epochs_of((job.run_key,))
    return Curve(name_of(job), job.spec, images_of(job), epochs, own=True)


def _of_row(row: Mapping[Any, Any], own: bool) -> Curve:
    epochs = kept.epochs_of((str(row["key"]),))
    name = kept.label_of(row) + (f" ({IMPORTED})" if row["source"] == IMPORTED else "")
    return Curve(name, spec_of(row), int(row["train_images"]), epochs, own)


def images_of(job: Job) -> int:
    """Its training images, as the worker has counted them, or as they are expected; 1 of a set that was never here."""
    data = sets.known(job.spec.dataset)
    return job.images.get("train_images") or (1 if data is None else training_images(job.spec, data))


def name_of(job: Job) -> str:
    """A job as a reader tells it from others."""
    return f"{kept.title_of(job.spec)}, seed {job.spec.seed}"
