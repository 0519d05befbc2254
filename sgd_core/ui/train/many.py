"""All runs that are to be queued in one go: one, several that differ in one setting, or a grid of two settings."""

from __future__ import annotations

import streamlit as st

from sgd_core.errors import UserError
from sgd_core.evidence.sentences import train as sentences
from sgd_core.experiment import grid
from sgd_core.experiment.spec import RunSpec
from sgd_core.images import sets
from sgd_core.runs.queue.engine import PER_VISITOR
from sgd_core.ui.shell import kept, run_controls, words
from sgd_core.ui.shell.run_controls import SEVERAL
from sgd_core.ui.train import forecast

ONE, SEEDS, GRID = "this run", "seeds", "B and μ₀"
GRID_OF = ("batch_size", "learning_rate")


def runs(spec: RunSpec) -> list[RunSpec]:
    """Draw the choice and say what the runs cost; `spec` alone, or runs like it. None where they cannot be."""
    names = {SEVERAL[field].name: field for field in SEVERAL if field in spec.settings()}
    what = st.segmented_control(
        "Train one run, or several at once", [ONE, SEEDS, GRID, *names], default=ONE, key="several", required=True,
        bind="query-params",
        help="Several seeds show how much is chance. Several values of a setting show what it does, of both B and μ₀ "
        "whether μ/B decides.",
    )  # fmt: skip
    if what == ONE:
        return [spec]
    try:
        wanted = _grid(spec) if what == GRID else _seeds(spec) if what == SEEDS else _values(spec, names[what])
    except UserError as error:
        st.error(str(error))
        return []
    seconds = forecast.expected(wanted, spec.dataset, kept.all_runs())
    words.caption(sentences.several(len(wanted), PER_VISITOR, seconds))
    return wanted if len(wanted) <= PER_VISITOR else []


def _seeds(spec: RunSpec) -> list[RunSpec]:
    count = st.slider(
        "Number of seeds, from this one on", 2, PER_VISITOR, 3, key="count", width=260, bind="query-params"
    )
    return [spec.model_copy(update={"seed": spec.seed + i}) for i in range(count)]


def _values(spec: RunSpec, field: str) -> list[RunSpec]:
    return run_controls.varied(spec, field, _chosen(field))


def _grid(spec: RunSpec) -> list[RunSpec]:
    """The grid as its controls ask for it; raises UserError where its runs cannot be."""
    batch_sizes, rates = ([SEVERAL[field].values[text] for text in _chosen(field)] for field in GRID_OF)
    seeds = st.slider("Seeds of each, from this one on", 1, 4, 1, key="each", width=260, bind="query-params")
    stop = st.segmented_control(
        "All stop after equal", grid.STOPS, default=grid.EQUAL_EPOCHS, key="stop", required=True, bind="query-params",
        help="As many epochs or updates, or as much training time, as the run above has. At equal training time only "
        "the noise differs.",
    )  # fmt: skip
    numbers = range(spec.seed, spec.seed + seeds)
    return grid.around(spec, [int(each) for each in batch_sizes], rates, numbers, stop, sets.images_of(spec))


def _chosen(field: str) -> list[str]:
    offered = SEVERAL[field]
    return st.multiselect(
        f"Values of {offered.name}", list(offered.values), list(offered.first), key=f"values_{field}", width=420,
        max_selections=PER_VISITOR, bind="query-params",
    )  # fmt: skip
