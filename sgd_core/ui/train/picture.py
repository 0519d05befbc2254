"""The picture of the Train page: the reader's runs, finished or growing, over finished ones, and where to play them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd
import streamlit as st

from sgd_core.charts import growing
from sgd_core.charts.axes import Axis
from sgd_core.charts.look import Look
from sgd_core.evidence import figures
from sgd_core.evidence.sentences import train as sentences
from sgd_core.evidence.sentences.words import plain
from sgd_core.experiment import paper
from sgd_core.experiment.datasets import training_images
from sgd_core.experiment.record import ANSWERS
from sgd_core.experiment.schedules import plan
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import sets
from sgd_core.runs import mode
from sgd_core.runs.kept import search, table
from sgd_core.runs.kept.store import IMPORTED, LOCAL, PUBLISHED
from sgd_core.runs.kept.table import spec_of
from sgd_core.runs.queue.jobs import Job
from sgd_core.ui.shell import controls, elsewhere, kept, lab, neighbours, page, replay, theme, words
from sgd_core.ui.shell.shared import shared
from sgd_core.ui.train.drawn import Drawn, Picture
from sgd_core.ui.train.reckoned import Reckoned, reckon

METRICS = [metric for metric, column in replay.METRICS.items() if column != "test_accuracy"]
"""A CPU looks at the test images in the last ten epochs only."""
SAMPLES = {"reported_accuracy": "reported_images", "val_accuracy": "val_images"}
"""Measure -> how many images a glimpse has scored for it."""
MOST_BESIDE = 12
DRAWN = ("key", "epoch", *figures.SCHEDULE_COLUMNS, *replay.METRICS.values())
"""Columns of the epochs table that are drawn and compared; half of it, and every column costs."""
RUNS_PAGE = page.file_of("Runs")


def show(spec: RunSpec, shown: list[Job], found: pd.DataFrame, live: bool) -> None:
    """Draw the runs under way (`shown`) and the run of the sliders (`found`, one row or none) over finished ones."""
    found = pd.concat([found, _stored(shown)])
    found = kept.same_images(found[~found["key"].isin([job.run_key for job in shown])], spec.dataset)
    nearest = neighbours.nearest(spec)
    nothing = nearest.empty and found.empty and not shown  # a run that was cancelled is no neighbour of any
    if nothing and mode.why_explore() is not None:
        st.info("No run on these images is finished yet, so there is no curve to show.")
        return
    place = st.container()
    metric, axis, beside = _controls(spec, nearest)
    keys = {*found["key"], *(job.run_key for job in shown), *(job.key for job in shown)}
    near = beside[~beside["key"].isin(keys)]
    column = replay.METRICS[metric]
    with place:
        if shown or nothing:
            # Of nothing axes alone, so that the curve of the first run begins in a chart that is there.
            jobs = shown or [Job("", spec, "", "")]
            own = [_of_job(job, column) for job in jobs] + [_of_row(row, column) for row in found.to_dict("records")]
            drawn = Picture(own, [_of_row(row, column) for row in near.to_dict("records")], column)
            reckoned = reckon(drawn, metric, axis, spec.dataset, lab.look())
        else:
            keys_drawn = tuple(found["key"]), tuple(near["key"])
            reckoned = _finished(*keys_drawn, metric, axis, spec.dataset, lab.look(), theme.dark(), kept.stamp())
        _draw(reckoned, axis)
    if nothing:
        words.caption("No run on these images is finished yet. Press Start for the first one.")
        return
    published = bool((near["source"] == PUBLISHED).all()) if len(near) else None
    words.caption(sentences.beside(published, bool(st.session_state.get("with")), reckoned.settings, reckoned.seeds))
    _as_map([job.spec for job in shown])
    if near.empty:
        return
    ended = [job.run_key or job.key for job in shown if job.state in (*ANSWERS, "cancelled")]
    _onward([*ended, *found["key"]], near)


@shared
def _finished(
    own: tuple[str, ...],
    beside: tuple[str, ...],
    metric: str,
    axis: Axis,
    images: str,
    look: Look,
    dark: bool,
    stamp: kept.Stamp,
) -> Reckoned:
    """The picture of finished runs, by their keys; made once for all visitors of one theme and size."""
    column = replay.METRICS[metric]
    both = [[_of_key(key, column, stamp) for key in keys] for keys in (own, beside)]
    return reckon(Picture(both[0], both[1], column), metric, axis, images, look)


def _draw(drawn: Reckoned, axis: Axis) -> None:
    """The chart and the sentence under it."""
    foreign, foreign_said, foreign_alt = elsewhere.over(growing.scale(drawn.curves, axis), drawn.measure)
    chart = drawn.chart
    if foreign is not None:
        chart = growing.chart(drawn.curves, drawn.measure, axis, drawn.lines, lab.look(), foreign)
    st.vega_lite_chart(drawn.rows, chart, width="stretch", key="growing", alt=drawn.alt + foreign_alt)
    if drawn.said:
        lab.takeaway(plain(drawn.said))
    if foreign_said:
        words.caption(foreign_said)


def _controls(spec: RunSpec, nearest: pd.DataFrame) -> tuple[str, Axis, pd.DataFrame]:
    """Measure, axis and the runs beside."""
    options, titles = _offered(spec.dataset, spec.seed, kept.fingerprint(spec.dataset), kept.stamp())
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


@shared
def _offered(dataset: str, seed: int, data: str | None, stamp: kept.Stamp) -> tuple[pd.DataFrame, list[str]]:
    """The runs that can be laid beside one of this seed, and their titles; made once for all visitors."""
    runs = kept.on_images(dataset)
    ended = runs[runs["source"].isin((PUBLISHED, LOCAL)) & runs["status"].isin(ANSWERS)]
    options = neighbours.by_title(ended.tail(neighbours.MOST_COMPARED), seed)
    return options, list(dict.fromkeys(options.sort_index()["title"]))


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


def _as_map(specs: list[RunSpec]) -> None:
    """A link to the runs of a grid as one picture."""
    if len({spec.batch_size for spec in specs}) > 1 and len({spec.learning_rate for spec in specs}) > 1:
        query = {"find": search.naming(specs), "draw": controls.MAP}
        st.page_link(RUNS_PAGE, label="These as a map of B and μ₀", icon=":material/grid_view:", query_params=query)


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


@shared
def _of_key(key: str, column: str, stamp: kept.Stamp) -> Drawn:
    runs = kept.all_runs()
    return _of_row(runs[runs["key"] == key].iloc[0].to_dict(), column)


def _of_row(row: Mapping[Any, Any], column: str) -> Drawn:
    epochs = _counted(kept.epochs_of((str(row["key"]),)), row, column)
    name = kept.label_of(row) + (f" ({IMPORTED})" if row["source"] == IMPORTED else "")
    return Drawn(name, spec_of(row), int(row["train_images"]), epochs, row["status"] in ANSWERS)


def _counted(epochs: pd.DataFrame, images: Mapping[Any, Any], column: str) -> pd.DataFrame:
    """What is drawn and compared of the epochs, with `of`, the images that an accuracy is of."""
    of = table.ACCURACIES[column][1] if column in table.ACCURACIES else None
    return epochs[list(DRAWN)].assign(of=None if of is None else images[of], sampled=False).astype({"of": "Float64"})


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
