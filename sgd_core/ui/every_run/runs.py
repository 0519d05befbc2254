"""The page of every run there is: published, this machine's and imported."""

from __future__ import annotations

import streamlit as st

from sgd_core.evidence.sentences import every_run as sentences
from sgd_core.ui.every_run import gallery, grid, keeping, listing, overlay, scatter
from sgd_core.ui.shell import controls, elsewhere, kept, lab, page, words

CURVES, SCATTER, MULTIPLES = "Curves", "Scatter", "Small charts"

PAGE = page.Page(
    slug="Runs",
    section=page.PLAN,
    label="Every run",
    title="Every run there is",
    question="What has been tried, and what came of it?",
    intro="The published runs, those of this machine, and imported ones. Tick rows to lay their curves over each "
    "other, or draw one number of all of them against another.",
    next="Words",
    tab="Every run",
)


def show() -> None:
    """Draw the page below its title."""
    runs = kept.all_runs()
    if runs.empty:
        st.info("There is no run here yet: none published, none trained, none imported.")
        st.page_link(keeping.TRAIN_PAGE, label="Train the first one", icon=":material/play_arrow:")
        keeping.bring()
        return
    found = listing.filtered(runs)
    rows, by, grouped = listing.ordered(found)
    with st.container(key="controls-table"):
        listing.show(rows, len(found), by, grouped)
    wanted = listing.in_link()
    chosen = kept.by_short_key(wanted)
    missing = sentences.not_here(len(wanted) - len(chosen))
    if missing:
        words.caption(missing)
    draw = lab.pick(
        "Draw", [CURVES, SCATTER, controls.MAP, MULTIPLES], "draw",
        "The curves of ticked runs; or every run in the table: a dot each, or as a grid over B and μ₀.",
    )  # fmt: skip
    if draw == CURVES:
        overlay.show(chosen, grouped)
    elif draw == SCATTER:
        scatter.show(rows, wanted, grouped)
    elif draw == controls.MAP:
        grid.show_map(found)
    else:
        grid.show_multiples(found)
    with st.container(key="details"):
        gallery.show()
        keeping.show(chosen, found)
        keeping.bring()
        elsewhere.bring()
