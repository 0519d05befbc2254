"""Good and bad settings, each with a comment and a link that draws them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from sgd_core.evidence.sentences.gallery import EXAMPLES, Example
from sgd_core.experiment.spec import RunSpec
from sgd_core.ui.every_run import listing
from sgd_core.ui.shell import kept, page

CONTROLS = {"x": "T_eff", "metric": "Validation accuracy"}


def show() -> None:
    """Draw the examples whose runs are here."""
    found = [(example, rows) for example in EXAMPLES if (rows := _rows(example))]
    if not found:
        return
    st.markdown("##### Worth seeing, good and bad")
    for example, rows in found:
        first, *beside = rows
        keys = [str(row["key"])[: kept.SHORT] for row in rows]
        page.link(example.title, "Runs", {**CONTROLS, listing.CHOSEN: keys})
        st.caption(example.says(first, beside))


def _rows(example: Example) -> list[dict[str, Any]]:
    """The rows of its runs, its own first; none where one is not here."""
    rows = [_row(spec) for spec in (example.spec, *example.beside)]
    return [row for row in rows if row is not None] if None not in rows else []


def _row(spec: RunSpec) -> dict[str, Any] | None:
    found = kept.answer(spec)
    return None if found.empty else {str(name): value for name, value in found.iloc[0].to_dict().items()}
