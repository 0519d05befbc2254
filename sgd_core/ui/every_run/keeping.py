"""Keeping runs in order: vary, rename, annotate, delete, export and import.

What changes anything is refused by the core where this is no lab; here it is not offered either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from sgd_core.evidence.sentences import every_run as sentences
from sgd_core.runs import mode
from sgd_core.runs.kept import exchange, incoming
from sgd_core.runs.kept.local import LONGEST_NAME, LONGEST_NOTE
from sgd_core.runs.kept.store import LOCAL, PUBLISHED, Store
from sgd_core.runs.kept.table import PROVENANCE_COLUMNS, spec_of
from sgd_core.runs.queue.engine import engine
from sgd_core.ui.every_run import listing
from sgd_core.ui.shell import kept, page, words
from sgd_core.ui.shell.run_controls import link_of

TRAIN_PAGE = page.file_of("Train")
TOLD = "told"
"""Where in the session what an import or a deletion did waits until it is shown."""


def show(chosen: pd.DataFrame, found: pd.DataFrame) -> None:
    """Draw what can be done with the chosen runs, or with all that were found where none is chosen."""
    if st.session_state.get(TOLD):
        st.success(st.session_state.pop(TOLD), icon=":material/check:")
    own = chosen[chosen["source"] != PUBLISHED]
    if len(chosen) == 1:
        row = chosen.iloc[0].to_dict()
        st.page_link(
            TRAIN_PAGE, label="Train a variation of this run", icon=":material/tune:",
            query_params=link_of(spec_of(row)),
        )  # fmt: skip
        if mode.why_explore() is None and not own.empty:
            _rename(row)
    if mode.why_explore() is None and not own.empty:
        _delete(own)
    if not chosen.empty:
        with st.expander("Where these numbers come from"):
            st.dataframe(chosen[["source", "key", "status", *PROVENANCE_COLUMNS]], hide_index=True)
    exported = chosen if not chosen.empty else found
    if not exported.empty:
        _export(exported)


def bring() -> None:
    """Draw the form by which runs come in."""
    why = mode.why_explore()
    if why is not None:
        words.caption(f"{why} Runs cannot be imported, renamed or deleted here.")
        return
    with st.form("import", border=True, clear_on_submit=True):
        file = st.file_uploader(
            "Import runs that this app has exported", ["parquet", "json"], max_upload_size=incoming.LARGEST // 2**20
        )
        if st.form_submit_button("Import", icon=":material/upload:") and file is not None:
            with page.plain_errors():
                _take(file.getvalue())


def _take(content: bytes) -> None:
    taken = exchange.take(Store(), content)
    st.session_state[TOLD] = sentences.imported(len(taken.kept), len(taken.there))
    if taken.kept:
        st.query_params[listing.CHOSEN] = [key[: kept.SHORT] for key in taken.kept[: listing.MOST_CHOSEN]]
    st.rerun()


def _rename(row: Mapping[Any, Any]) -> None:
    key = str(row["key"])
    with st.form(f"rename {key[: kept.SHORT]}", border=True):
        name, note = (str(row[what]) if pd.notna(row[what]) else "" for what in ("name", "note"))
        name = st.text_input("Name", name, max_chars=LONGEST_NAME, placeholder=kept.label_of({**row, "name": None}))
        note = st.text_area("Note", note, max_chars=LONGEST_NOTE, height=80)
        if st.form_submit_button("Keep name and note"):
            with page.plain_errors():
                Store().kept_in(str(row["source"])).annotate(key, name, note)
                st.rerun()


def _delete(own: pd.DataFrame) -> None:
    label, warning = sentences.to_delete(len(own))
    with st.popover(label, icon=":material/delete:"):
        words.say(warning)
        if st.button("Delete for good", type="primary"):
            with page.plain_errors():
                for source, rows in own.groupby("source"):
                    Store().kept_in(str(source)).delete(rows["key"])
                engine().forget(set(own.loc[own["source"] == LOCAL, "key"]))
                listing.choose_none()
                st.session_state[TOLD] = sentences.deleted(len(own))
                st.rerun()


def _export(runs: pd.DataFrame) -> None:
    runs = _within_limits(runs)
    words.say(sentences.export(len(runs)))
    with st.container(horizontal=True):
        st.download_button(
            "Parquet", lambda: exchange.to_parquet(Store(), runs), "runs.parquet", "application/vnd.apache.parquet",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "JSON", lambda: exchange.to_json(Store(), runs), "runs.json", "application/json",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip


def _within_limits(runs: pd.DataFrame) -> pd.DataFrame:
    """As many as an import takes: an epoch of JSON has about 430 bytes."""
    most = incoming.LARGEST // 450
    epochs = (runs["epochs"].to_numpy(dtype=int) + 1).cumsum()
    return runs.head(min(int((epochs <= most).sum()), incoming.MOST_RUNS))
