"""What a run would be, before anything is trained: its schedule, its length, and whether it is risky.

Minutes come from steps that this machine has taken, the warning from runs that went wrong or from measured curvature;
where there are none, the page says "unknown", and nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from sgd_core.charts import strips
from sgd_core.evidence import divergence
from sgd_core.evidence.sentences import forecast as sentences
from sgd_core.evidence.sentences.words import plain
from sgd_core.experiment.schedules import plan
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import sets
from sgd_core.runs import pace
from sgd_core.runs.kept.store import LOCAL, PUBLISHED
from sgd_core.runs.kept.table import spec_of
from sgd_core.ui.shell import kept, lab, words
from sgd_core.ui.shell.shared import shared


def show(spec: RunSpec, near: pd.DataFrame) -> None:
    """Say the totals and the warning, draw the schedule where it changes, and name the nearest published runs."""
    images = sets.images_of(spec)
    epochs = plan(spec, images)
    words.say(
        sentences.totals(epochs, images, expected([spec], spec.dataset, kept.all_runs())),
        help="T is the sum of μ over all updates: how long the run follows the gradient. The time is reckoned from "
        "updates that this machine has timed; making features comes on top, once.",
    )
    warning = _warning(spec)
    if warning:
        st.warning(warning, icon=":material/trending_up:")
    if sentences.changes(epochs):
        rows, chart = strips.of_run(epochs, lab.look())
        st.vega_lite_chart(rows, chart, width="stretch", key="schedule strips", alt=sentences.described(epochs))
    published = near[near["source"] == PUBLISHED]
    named = sentences.nearest(
        dict(zip(published["title"], _finals(published, tuple(published["key"]), kept.stamp()), strict=True)),
        spec.dataset == sets.PAPERS,
    )
    if named:
        with st.container(key="controls-nearest"):
            words.caption(named)


def expected(specs: Sequence[RunSpec], dataset: str, runs: pd.DataFrame) -> float | None:
    """Seconds that these runs on a set of images take here in all, by the newest of this machine's on it, if any."""
    timed = runs[(runs["source"] == LOCAL) & (runs["dataset"] == dataset) & runs["unit_seconds"].notna()]
    if timed.empty:
        return None
    unit = float(timed.sort_values("date")["unit_seconds"].iloc[-1])
    return sum(pace.expected(spec, sets.images_of(spec), unit) for spec in specs)


def _warning(spec: RunSpec) -> str:
    return _warned(spec, kept.fingerprint(spec.dataset), kept.stamp())


@shared
def _warned(spec: RunSpec, data: str | None, stamp: kept.Stamp) -> str:
    runs = kept.on_images(spec.dataset)
    found = divergence.found(spec, runs, kept.measurements())
    if found is None or not found.key:
        return sentences.warning(found, spec)
    row = runs[runs["key"] == found.key].iloc[0].to_dict()
    return sentences.warning(found, spec, plain(kept.label_of(row)), str(row["source"]))


@shared
def _finals(_runs: pd.DataFrame, keys: tuple[str, ...], stamp: kept.Stamp) -> list[tuple[float | None, int]]:
    """The final of each run, and how many epochs it has."""
    return [
        (None if pd.isna(row["final_reported_accuracy"]) else float(row["final_reported_accuracy"]),
         len(plan(spec_of(row), int(row["train_images"]))))
        for row in _runs.to_dict("records")
    ]  # fmt: skip
