"""The table of runs: filtered, sorted, and ticked to be drawn.

The ticked runs stand in the URL (`run`, the first digits of their keys). The table shows SHOWN rows at most: 10,000
would be 3 MB for the browser, and nobody reads them; filter and sort work on all.
"""

from __future__ import annotations

import hashlib

import pandas as pd
import streamlit as st

from sgd_core.evidence.sentences import every_run as sentences
from sgd_core.runs.kept.store import IMPORTED, LOCAL, PUBLISHED
from sgd_core.runs.kept.table import FINALS
from sgd_core.ui.shell import kept

SHOWN = 200
MOST_CHOSEN = 16
"""Runs that can be drawn at once, those of a figure not counted."""
SORTS = {
    "newest": ("date", False), "validation": ("final_val_accuracy", False),
    "paper's accuracy": ("final_reported_accuracy", False), "B": ("batch_size", True), "μ₀": ("learning_rate", True),
    "seed": ("seed", True),
}  # fmt: skip
"""What stands first -> column, and whether ascending."""
CHOSEN = "run"
"""The URL's name for the ticked runs."""
_TABLES = "tables cleared"


def filtered(runs: pd.DataFrame) -> pd.DataFrame:
    """The rows that the controls ask for, in their order."""
    with st.container(key="controls"):
        words = st.text_input(
            "Find", key="find", bind="query-params", placeholder="for instance: B=16 step seed=0",
            help="Every word must occur in a run's settings, name, note or key: B=16, mu=1e-4, step, shapes, seed=2.",
        )  # fmt: skip
        with st.container(horizontal=True, gap="medium"):
            sources = [source for source in (PUBLISHED, LOCAL, IMPORTED) if (runs["source"] == source).any()]
            chosen = st.pills("From", sources, selection_mode="multi", key="source", bind="query-params")
            states = sorted(runs["status"].unique())
            ended = st.pills("Ended", states, selection_mode="multi", key="ended", bind="query-params")
        order = str(
            st.segmented_control(
                "Sort by", list(SORTS), default="newest", key="sort", required=True, bind="query-params",
                help="The newest or the best first; B, μ₀ and seed from small to large.",
            )
        )  # fmt: skip
    found = runs
    if chosen:
        found = found[found["source"].isin(chosen)]
    if ended:
        found = found[found["status"].isin(ended)]
    if words:
        texts = _texts(found)
        for word in words.lower().replace("μ", "mu").split():
            found = found[texts.loc[found.index].str.contains(word, regex=False)]
    column, ascending = SORTS[order]
    return found.sort_values(column, ascending=ascending, kind="stable", na_position="last")


def show(found: pd.DataFrame) -> None:
    """Draw the table; ticking a row puts its run into the URL."""
    shown = found.head(SHOWN)
    rows = shown.to_dict("records")
    table = pd.DataFrame(
        {
            "run": [kept.label_of(row) for row in rows],
            "from": shown["source"].to_numpy(),
            "ended": shown["status"].to_numpy(),
            **{name: (shown[name] * 100).to_numpy() for name in FINALS},
            "note": shown["note"].fillna("").to_numpy(),
            "made": shown["date"].str[:16].str.replace("T", " ").to_numpy(),
            "key": shown["key"].str[: kept.SHORT].to_numpy(),
        }
    )
    percent = dict(zip(FINALS, ("paper's accuracy", "validation", "test"), strict=True))
    columns = {name: st.column_config.NumberColumn(title, format="%.1f%%") for name, title in percent.items()}
    keys = list(table["key"])
    wanted = in_link()
    state = f"{keys} {st.session_state.get(_TABLES, 0)}"
    key = f"table {hashlib.sha256(state.encode()).hexdigest()[:8]}"
    st.dataframe(
        table, hide_index=True, column_config={**columns, "run": st.column_config.TextColumn(width="large")},
        on_select=lambda: _choose(key, keys), selection_mode="multi-row", key=key,
        height=min(330, 38 + 35 * max(1, len(table))),
        selection_default={"selection": {"rows": [i for i, each in enumerate(keys) if each in wanted]}},
        alt="Every run that was found, with its final accuracies.",
    )  # fmt: skip
    st.caption(sentences.listed(len(found), SHOWN, MOST_CHOSEN))


def in_link() -> list[str]:
    """The short keys in the URL, each once."""
    keys = [key[: kept.SHORT] for key in st.query_params.get_all(CHOSEN) if len(key) >= kept.SHORT]
    return list(dict.fromkeys(keys))[:MOST_CHOSEN]


def choose_none() -> None:
    """Take every run out of the URL, and the ticks off the table."""
    st.query_params.pop(CHOSEN, None)
    st.session_state[_TABLES] = st.session_state.get(_TABLES, 0) + 1


def _choose(table: str, keys: list[str]) -> None:
    """What was chosen and is not in the table stays chosen."""
    ticked = [keys[row] for row in st.session_state[table]["selection"]["rows"] if row < len(keys)]
    elsewhere = [key for key in in_link() if key not in keys]
    st.query_params[CHOSEN] = [*elsewhere, *ticked][:MOST_CHOSEN]


def _texts(runs: pd.DataFrame) -> pd.Series:
    """What a run is found by, in lower case."""
    rate = runs["learning_rate"]
    parts = [
        "b=" + runs["batch_size"].astype(str), "mu=" + rate.map("{:g}".format), "mu=" + rate.map(_in_ten_thousandths),
        "seed=" + runs["seed"].astype(str), runs["schedule"], runs["dataset"], runs["features"], runs["source"],
        runs["name"].fillna(""), runs["note"].fillna(""), runs["key"],
    ]  # fmt: skip
    texts = parts[0].astype(object)
    for part in parts[1:]:
        texts = texts + " " + part.astype(object)
    return texts.astype(str).str.lower() + " "


def _in_ten_thousandths(rate: float) -> str:
    return f"{rate * 1e4:.6g}e-4"
